"""Checkpoints: one safetensors file with all state, and as JSON in its header what it belongs to.

Written under a temporary name and renamed, so that a checkpoint is complete or not there. It is validated when it is
read: names, shapes, types and values.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import safetensors
import safetensors.numpy
from numpy.typing import NDArray

from emit.manifest import Entry
from emit.programs.train_step import training_state
from emit.update import AVERAGE
from netspec.errors import InputError, SpecError
from netspec.fields import Between, annotations, problem
from netspec.language import NetSpec, TrainConfig
from netspec.plain import config_from_plain, config_to_plain, net_from_plain, net_to_plain
from netspec.text import shown
from runtime.system.files import errors_about, json_text, open_regular, parse_json, write_whole
from runtime.tensors import check_numbers, check_size, check_type, lacking

FORMAT = "netspec-checkpoint-1"
LONGEST_HEADER = 2**24  # bytes: 65536 classes of 80 letters and thousands of tensors take half of it
LONGEST_REASON = 500
SOURCE = "source"  # in `Checkpoint.origin`: the network has the conventions of its weights' source
LONGEST_CLASS = 255  # letters: as a folder's name


@dataclass(frozen=True)
class Position:
    """The position of a run. Random numbers are drawn from (seed, epoch, step), so this is the random state as well.

    Args:
        epoch: epochs completed.
        step: steps completed of the current epoch; all of them: validation is due.
        loss_sum: sum of the losses of those steps.
        best: the best validation accuracy so far, 0 to 1; -1 before the first.
        stale: epochs since it; 0 in checkpoints from before it was counted.
    """

    epoch: Annotated[int, Between(0)] = 0
    step: Annotated[int, Between(0)] = 0
    loss_sum: Annotated[float, Between(0, most=1e15)] = 0.0
    best: Annotated[float, Between(-1, most=1)] = -1.0
    stale: Annotated[int, Between(0)] = 0


@dataclass(frozen=True)
class Checkpoint:
    """Everything needed to resume a run, or to use its network.

    Args:
        classes: names, by label.
        images: fingerprint of the images trained on.
        tensors: state by name, as in the manifest.
        origin: of imported weights, and of what was trained from them: their file, its checksum, its source, whose
            conventions the network has, and the repository and commit on the hub if they come from there.
        whole_epochs: see `runtime.data.batches.steps_per_epoch`; false in runs older than that rule.
        teacher: of a run that learns from one: its checkpoint's file, the checksum of that, and its network's name.
    """

    net: NetSpec
    config: TrainConfig
    classes: tuple[str, ...]
    position: Position
    images: str
    tensors: Mapping[str, NDArray[Any]]
    whole_epochs: bool = True
    origin: Mapping[str, str] | None = None
    teacher: Mapping[str, str] | None = None


def save(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint, completely or not at all. Raises FileError."""
    header: dict[str, Any] = {
        "format": FORMAT,
        "net": net_to_plain(checkpoint.net),
        "config": config_to_plain(checkpoint.config),
        "classes": checkpoint.classes,
        # Older ones do not say how long ago the best epoch was.
        "position": {name: each for name, each in vars(checkpoint.position).items() if name != "stale" or each},
        "images": checkpoint.images,
    }
    if checkpoint.whole_epochs:
        header["whole_epochs"] = True
    if checkpoint.origin is not None:
        header["origin"] = dict(checkpoint.origin)
    if checkpoint.teacher is not None:
        header["teacher"] = dict(checkpoint.teacher)
    data = safetensors.numpy.save(dict(checkpoint.tensors), {"netspec": json_text(header)})
    write_whole(path, data)


def load(path: Path, *, to_train: bool = True) -> Checkpoint:
    """Read a checkpoint, and check all that is in it. Raises InputError when it is none, or damaged.

    Args:
        to_train: whether all of it is required, as it is to resume training; otherwise, parameters and statistics are
            their averages, where the recipe keeps those.
    """
    _check_file(path)
    with _read_errors(path), safetensors.safe_open(str(path), framework="numpy") as file:
        checkpoint = _described(path, file.metadata() or {})
        _check_size(path, checkpoint.net, len(file.keys()))
        entries = training_state(checkpoint.net, checkpoint.config)
        return replace(checkpoint, tensors=_tensors(path, file, entries, to_train))


def is_checkpoint(path: Path) -> bool:
    """Whether a file is a checkpoint of ours, by what its header says; weights of others are not."""
    return "netspec" in said_of_itself(path)


def said_of_itself(path: Path) -> dict[str, Any]:
    """The texts in a safetensors file's header; none where it cannot be read, as of another file."""
    try:
        with open_regular(path) as file:
            size = int.from_bytes(file.read(8), "little")
            texts = parse_json(file.read(min(size, LONGEST_HEADER))).get("__metadata__", {})
    except (InputError, OSError, ValueError, AttributeError, TypeError, RecursionError):
        return {}
    return texts if isinstance(texts, dict) else {}


def read_header(path: Path) -> Checkpoint:
    """A checkpoint without its tensors. Raises InputError."""
    _check_file(path)
    with _read_errors(path), safetensors.safe_open(str(path), framework="numpy") as file:
        return _described(path, file.metadata() or {})


def _check_file(path: Path) -> None:
    if path.exists() and not path.is_file():
        raise InputError(f"{shown(path)}: expected a .safetensors file that train wrote, found none; check the path.")
    if not path.is_file():
        raise InputError(f"{shown(path)}: there is no such checkpoint; expected a .safetensors file that train wrote.")
    with errors_about(path, "read"), path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
    if size > LONGEST_HEADER:
        raise InputError(
            f"{shown(path)}: not a readable safetensors file: expected a header of at most {LONGEST_HEADER} bytes, "
            f"found one of {size}; if it is of another framework, netspec import reads it."
        )


def _check_size(path: Path, net: NetSpec, tensors: int) -> None:
    """Raises InputError for a header whose network has far more blocks than the file has tensors: it would be huge."""
    blocks = sum(getattr(layer, "nBlocks", 0) for layer in net.layers)
    if blocks > max(tensors, 1000):
        raise InputError(
            f"{shown(path)}: holds {tensors} tensors, where its network has {blocks} blocks; is it of another network?"
        )


@contextmanager
def _read_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except (safetensors.SafetensorError, OSError, ValueError, TypeError, AttributeError) as wrong:
        raise InputError(f"{shown(path)}: not a readable safetensors file: {shown(wrong)}.") from None


def _tensors(path: Path, file: Any, entries: Sequence[Entry], to_train: bool) -> dict[str, NDArray[Any]]:
    """The tensors of an open checkpoint. Shapes are checked before anything is read: a header may claim any size."""
    stored = set(file.keys())
    if unknown := sorted(stored - {entry.name for entry in entries}):
        raise InputError(
            f"{shown(path)}: holds {len(unknown)} tensors that its network lacks, the first {shown(unknown[0])}; "
            "is it of another network?"
        )
    tensors: dict[str, NDArray[Any]] = {}
    for entry in entries:
        if entry.name not in stored and not to_train and entry.role not in ("parameter", "statistic"):
            continue
        if entry.name not in stored:
            raise InputError(lacking(entry, shown(path)))
        where = f"{shown(path)}: {entry.name}"
        described = file.get_slice(entry.name)
        dtype = {"F32": "float32", "I32": "int32"}.get(described.get_dtype(), described.get_dtype())
        check_type(entry, dtype, described.get_shape(), where)
        array = file.get_tensor(entry.name)
        check_numbers(entry, array, where)
        if not to_train:
            check_size(entry, array, where)
        tensors[entry.name] = array
    return tensors if to_train else _with_averages(entries, tensors, shown(path))


def _with_averages(
    entries: Sequence[Entry], tensors: Mapping[str, NDArray[Any]], source: str
) -> dict[str, NDArray[Any]]:
    """The tensors with averages in their parameters' and statistics' places: what a trained network is used with.

    Raises InputError, naming `source`, where some are missing and some are not.
    """
    averages = [entry for entry in entries if entry.role == "average"]
    if missing := [entry for entry in averages if entry.name not in tensors]:
        if len(missing) < len(averages):
            raise InputError(lacking(missing[0], source))
        averages = []  # of weights that were imported
    in_place = {entry.name.removesuffix(f"_{AVERAGE}"): tensors[entry.name] for entry in averages}
    names = {entry.name for entry in averages}
    return {name: array for name, array in tensors.items() if name not in names} | in_place


def _described(path: Path, metadata: Mapping[str, str]) -> Checkpoint:
    """A checkpoint from its header, without tensors. Raises InputError."""
    try:
        header = parse_json(metadata["netspec"])
        if header["format"] != FORMAT:
            raise InputError(
                f"{shown(path)}: expected a checkpoint of format {FORMAT}, found {shown(header['format'])}."
            )
        position = _position(header["position"])
        classes, images = _classes(header["classes"]), header["images"]
        if not isinstance(images, str):
            raise ValueError("images: expected a text")
        whole_epochs = header.get("whole_epochs", False)
        if not isinstance(whole_epochs, bool):
            raise ValueError("whole_epochs: expected true or false")
        origin, teacher = (_texts(name, header.get(name)) for name in ("origin", "teacher"))
        if teacher is not None and teacher.keys() != {"file", "sha256", "network"}:
            raise ValueError("teacher: expected file, sha256 and network")
        net, config = net_from_plain(header["net"]), config_from_plain(header["config"])
    except SpecError as wrong:
        raise InputError(f"{shown(path)}: {shown(wrong, LONGEST_REASON)}") from None
    except KeyError as missing:
        raise InputError(
            f"{shown(path)}: not a checkpoint of netspec (its header has no {shown(missing)}); if "
            "it is of another framework, netspec import reads it."
        ) from None
    except (TypeError, ValueError, RecursionError) as wrong:
        said = f"its header is malformed: {shown(wrong)}"
        raise InputError(f"{shown(path)}: not a checkpoint of netspec ({said}).") from None
    if len(classes) != net.classes:
        raise InputError(f"{shown(path)}: expected {net.classes} class names, found {len(classes)}.")
    return Checkpoint(net, config, classes, position, images, {}, whole_epochs, origin, teacher)


def _texts(name: str, stored: object) -> dict[str, str] | None:
    if stored is None:
        return None
    if not isinstance(stored, dict) or not all(isinstance(each, str) for pair in stored.items() for each in pair):
        raise ValueError(f"{name}: expected names and texts")
    return stored


def _classes(listed: object) -> tuple[str, ...]:
    if not isinstance(listed, list) or not all(isinstance(name, str) and name for name in listed):
        raise ValueError("classes: expected a list of names")
    if any(len(name) > LONGEST_CLASS for name in listed):
        raise ValueError(f"classes: expected names of at most {LONGEST_CLASS} letters")
    if len(set(listed)) != len(listed):
        raise ValueError("classes: expected different names, found one twice")
    return tuple(listed)


def _position(data: dict[str, Any]) -> Position:
    position = Position(**data)
    for name, annotation in annotations(Position).items():
        if wrong := problem(annotation, getattr(position, name)):
            raise ValueError(f"position.{name}: {wrong}")
    return position
