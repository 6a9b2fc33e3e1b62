"""Weights that Keras wrote: `.h5` of a model or of its weights, `.weights.h5` and `.keras` of Keras 3.

In the older files (`.h5`) lists of names say which layers and weights there are, in the model's order. A `.weights.h5`
has numbers in place of weights' names, and groups that are called as the layers' classes are; only newer ones have the
layers' own names as well. A `.keras` is an archive of one and a description, which is not read. No code is run.
"""

import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from netspec.text import shown
from runtime.system.files import errors_about
from runtime.weights.formats.hdf5 import SIGNATURE, Contents, contents
from runtime.weights.formats.keras_model import LONGEST, described
from runtime.weights.formats.untrusted import UnreadableError, UntrustedFile, said_of
from runtime.weights.formats.weight_file import Stored, WeightFile
from runtime.weights.formats.zipped import Member, members, pieces, unpacked

FORMAT = "a Keras file"
MEMBER, DESCRIPTION = "model.weights.h5", "config.json"  # of a `.keras`
_SPARE = 2**20  # bytes that a compressed member may have beside twice the archive's size
_ZIP = b"PK"
_MODEL, _OWN = "model_weights", "top_level_model_weights"
_VARIABLES = "vars"
_AGAIN = "save the weights with Keras's save_weights"
_CONTAINERS = ("layers", "_layer_checkpoint_dependencies")


class KerasFile(WeightFile):
    """An open file of Keras weights, by name: `Conv1/kernel`, or `Conv1/0` where the file has numbers only.

    Kernels are `[H, W, I, O]`, depthwise ones `[H, W, C, 1]`, dense ones `[I, O]`.

    Attributes:
        layers: the layers that have weights, each with its class as far as the file tells: `conv2d`, `dense`,
            `batch_normalization`, `depthwise_conv2d`, ... in a `.weights.h5`, otherwise empty.
        model: what the model's description says, if the file has one.
    """

    format = FORMAT

    def __init__(self, path: Path, held: Contents, named: "_Named", description: str) -> None:
        self.path, self._held, self._paths = path, held, named.paths
        self.model = described(description)
        self.layers, self.notes = named.layers, _notes(held)
        self.tensors: Mapping[str, Stored] = {name: held.tensors[where] for name, where in named.paths.items()}

    def read(self, name: str) -> NDArray[np.float32]:
        """One weight as f32, in Keras's layout. Raises InputError."""
        with said_of(self.path, FORMAT):
            if name not in self._paths:
                raise UnreadableError(f"none with a weight {shown(name)}", "check its name")
            return self._held.read(self._paths[name])

    def close(self) -> None:
        """Close the file."""
        self._held.data.close()


def opened(path: Path) -> KerasFile:
    """Open a file of Keras weights, and check all of it but the numbers. Raises InputError, also without h5py."""
    with said_of(path, FORMAT), UntrustedFile(path) as file:
        held = _held(file)
        try:
            return KerasFile(path, held, _named(held), _description(file, held))
        except BaseException:
            held.data.close()
            raise


def _held(file: UntrustedFile) -> Contents:
    member = _member(file)
    if member is None:
        return contents(file, 0, file.size)
    if not member.deflated:
        return contents(file, member.start, member.size)
    with _unpacked(file, member) as whole:
        return contents(whole, 0, whole.size)


def _description(file: UntrustedFile, held: Contents) -> str:
    """The model's description, as JSON; empty where there is none that can be read."""
    if "model_config" in held.groups.get("", {}):
        return "".join(held.groups[""]["model_config"])
    try:
        if (found := members(file).get(DESCRIPTION)) is None or found.size > LONGEST:
            return ""
        return unpacked(file, found, LONGEST).decode("utf-8", "replace")
    except UnreadableError:
        return ""


def _member(file: UntrustedFile) -> Member | None:
    """The HDF5 file within an archive; None where the file is one itself."""
    start = file.read(0, min(len(SIGNATURE), file.size))
    if start == SIGNATURE:
        return None
    if not start.startswith(_ZIP):
        raise UnreadableError("other bytes at its start", "check the path")
    found = members(file).get(MEMBER)
    if found is None:
        raise UnreadableError(
            f"a zip file without {MEMBER}", "save the model as one .keras file, or its weights as .h5"
        )
    if not found.deflated and file.read(found.start, min(len(SIGNATURE), found.size)) != SIGNATURE:
        raise UnreadableError(f"a zip file whose {MEMBER} is no HDF5 file")
    return found


def _unpacked(file: UntrustedFile, member: Member) -> UntrustedFile:
    """A compressed member as a temporary file."""
    with errors_about(Path(tempfile.gettempdir()), "written"):
        output = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the result
    try:
        for piece in pieces(file, member, 2 * file.size + _SPARE):
            with errors_about(Path(tempfile.gettempdir()), "written"):
                output.write(piece)
        output.flush()
    except BaseException:
        output.close()
        raise
    return UntrustedFile(file.path, output)


@dataclass(frozen=True)
class _Named:
    """Names given out: of each weight its path in the file, of each layer its class or nothing."""

    paths: dict[str, str]
    layers: dict[str, str]

    def add(self, layer: str, weight: str, path: str, kind: str = "") -> None:
        """A weight, under a name that no other has."""
        name = f"{layer}/{weight}"
        while name in self.paths:
            name = f"{name}#{len(self.paths)}"
        self.paths[name] = path
        self.layers.setdefault(layer, kind)


def _named(held: Contents) -> _Named:
    for base in ("", _MODEL):
        if "layer_names" in held.groups.get(base, {}):
            return _listed(held, base)
    if any(_VARIABLES in path.split("/") for path in held.tensors):
        return _numbered(held)
    there = ", ".join(sorted({path.split("/")[0] for path in held.tensors})) or "nothing"
    raise UnreadableError(f"an HDF5 file without lists of layers (it holds {shown(there)})", _AGAIN)


def _listed(held: Contents, base: str) -> _Named:
    """Of the older files: by the lists of layers' and weights' names."""
    named = _Named({}, {})
    for layer in dict.fromkeys((*held.groups[base]["layer_names"], _OWN)):
        group = _joined(base, layer)
        if "weight_names" not in held.groups.get(group, {}):
            if layer == _OWN:  # which older releases do not write
                continue
            raise UnreadableError(f"the layer {shown(layer)} without a list of its weights", _AGAIN)
        weights = held.groups[group]["weight_names"]
        # The weights of a model within the model stand under its own layers' names.
        nested = len({_scope(weight) for weight in weights}) > 1
        for weight in weights:
            path = _joined(group, weight)
            if path in held.skipped:
                continue
            if path not in held.tensors:
                raise UnreadableError(f"the layer {shown(layer)} without its weight {shown(weight)}")
            owner = _scope(weight) if nested else layer
            named.add(owner or layer, _last(weight), path)
    return named


def _scope(weight: str) -> str:
    """`Conv1` of `Conv1/kernel:0`."""
    return weight.rpartition("/")[0]


def _last(weight: str) -> str:
    """`kernel` of `Conv1/kernel:0`."""
    last = weight.rpartition("/")[2]
    return last.partition(":")[0] or last


def _joined(*names: str) -> str:
    """A path within the file; names may be paths themselves."""
    return "/".join(part for name in names for part in name.split("/") if part not in ("", "."))


def _numbered(held: Contents) -> _Named:
    """Of a `.weights.h5`: by the layers' own names where the file has them, otherwise by their groups'."""
    variables: dict[str, list[str]] = {}
    for path in held.tensors:
        group, _, _ = path.rpartition("/")
        if group.split("/")[-1] == _VARIABLES:
            variables.setdefault(group, []).append(path)
    named = _Named({}, {})
    for group in _in_order(variables):
        own = held.groups.get(group, {}).get("name", ())
        layer = next(name for name in (*own, _path_of_layers(group), group) if name and name not in named.layers)
        for path in sorted(variables[group], key=_number):
            named.add(layer, path.rpartition("/")[2], path, _class(group))
    return named


def _in_order(groups: Iterable[str]) -> Iterator[str]:
    """Groups in the model's order, as far as the file has it.

    Layers of one class are numbered in that order. Among classes the order of writing is nearly that: now and then one
    was written to a gap between earlier ones.
    """
    listed = list(groups)
    classes: dict[str, list[str]] = {}
    for group in listed:
        classes.setdefault(_without_number(group), []).append(group)
    turns = {name: iter(sorted(same, key=_length_and_text)) for name, same in classes.items()}
    return (next(turns[_without_number(group)]) for group in listed)


def _without_number(group: str) -> str:
    """`layers/conv2d` of `layers/conv2d_1/vars`."""
    return re.sub(r"_\d+$", "", group.rpartition("/")[0])


def _path_of_layers(group: str) -> str:
    """`functional/conv2d_1` of `layers/functional/layers/conv2d_1/vars`."""
    return "/".join(part for part in group.split("/")[:-1] if part not in _CONTAINERS)


def _class(group: str) -> str:
    """`conv2d` of `layers/conv2d_1/vars`; empty where the group is not one of a list of layers."""
    container, _, name = _without_number(group).rpartition("/")
    return name if container.rpartition("/")[2] in _CONTAINERS else ""


def _number(path: str) -> tuple[int, str]:
    """What sorts a layer's weights."""
    return _length_and_text(path.rpartition("/")[2])


def _length_and_text(text: str) -> tuple[int, str]:
    """What sorts numbers behind the same word: 10 after 9."""
    return len(text), text


def _notes(held: Contents) -> tuple[str, ...]:
    optimizer = [path for path in held.skipped if "/" not in path]
    integers = len(held.skipped) - len(optimizer)
    notes = []
    if optimizer:
        notes.append("The optimizer's state is left out.")
    if integers:
        notes.append(f"Arrays of integers that are left out (counters, random states): {integers}.")
    return tuple(notes)
