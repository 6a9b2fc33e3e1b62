"""Which library's names a file has, and whether it holds the tensors of a network, no more and no less."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from netspec.errors import InputError
from netspec.language import NetSpec, with_classes
from netspec.text import shown
from runtime.weights.formats.keras import KerasFile
from runtime.weights.formats.weight_file import WeightFile
from runtime.weights.layouts import layouts_for
from runtime.weights.layouts.layout import Layout
from runtime.weights.layouts.tensors import BATCHES, Array, Tensor
from runtime.weights.sources import TITLES, family_of

_HEAD = ("head_weight", "head_bias")
_MOST_CLASSES = 2**20


@dataclass(frozen=True)
class Matched:
    """A file's tensors, as those of a network.

    Attributes:
        layout: whose names they are.
        tensors: of the network; without the head where the file has none that fits.
        net: with as many classes as the file.
        names: the file's own, by the layout's.
        notes: sentences on what was taken for what, and what was left out.
        headless: whether the head is missing, or left out.
    """

    layout: Layout
    tensors: list[Tensor]
    net: NetSpec
    names: Mapping[str, str]
    notes: tuple[str, ...] = ()
    headless: bool = False


def matched(file: WeightFile, net: NetSpec, *, headless: bool = False) -> Matched:
    """Find a network's tensors in a file.

    Args:
        headless: whether the rest is taken where the file has no head, or one that cannot be used.

    Raises:
        InputError: it has other tensors.
    """
    found = _nearest(file, net)
    missing, surplus = _differences(found)
    other_head = _head(found) in missing and all(map(_is_of_head, missing))
    if other_head and (renamed := _only_dense(found, file, surplus)) is not None:
        found, other_head = renamed, False
    elif not missing and surplus:
        other_head = all(_module(name).startswith(f"{_module(_module(_head(found).theirs))}.") for name in surplus)
    outputs = None if other_head else _outputs(file, found)
    if other_head or outputs == 1:
        if not headless:
            raise InputError(_no_head(file, found, outputs, surplus))
        return _checked(file, _without_head(found, outputs, surplus))
    if outputs is not None and 2 <= outputs <= _MOST_CLASSES and outputs != net.classes:
        net = with_classes(net, outputs)
        found = replace(found, net=net, tensors=dict(layouts_for(net))[found.layout])
    return _checked(file, _flat(file, found))


def _nearest(file: WeightFile, net: NetSpec) -> Matched:
    """By the layout that has most of the file's names. Raises InputError where none has any."""
    candidates = layouts_for(net)
    if isinstance(file, KerasFile) and not any(layout.axes == "keras" for layout, _ in candidates):
        raise InputError(
            f"{shown(file.path)}: is a Keras file, and of Keras' networks MobileNetV1 to V3 alone are read, not "
            f"{TITLES.get(family_of(net) or '', shown(net.name))}."
        )
    for prefix in ("", _common_prefix(file.tensors)):
        held = {name.removeprefix(prefix): stored for name, stored in file.tensors.items()}
        notes = (f"all names in the file begin with {shown(prefix)}, which is left out",) if prefix else ()
        tried = []
        for layout, tensors in candidates:
            names = {mine: prefix + theirs for mine, theirs in layout.named(held).items() if not mine.endswith(BATCHES)}
            tried.append(Matched(layout, tensors, net, names, notes))
        best = max(tried, key=lambda each: len({tensor.theirs for tensor in each.tensors} & each.names.keys()))
        if any(tensor.theirs in best.names for tensor in best.tensors):
            return best
    libraries = ", ".join(sorted({layout.library for layout, _ in candidates}))
    raise InputError(
        f"{shown(file.path)}: expected the tensors of {shown(net.name)} by the names of {libraries}, found none of "
        f"them, but {len(file.tensors)} others, such as {shown(next(iter(file.tensors), 'none'))}; is it of another "
        "network?"
    )


def _common_prefix(names: Iterable[str]) -> str:
    """`net.` where every name begins so; empty where there is no such word."""
    words = {name.partition(".")[0] if "." in name else "" for name in names}
    return f"{words.pop()}." if len(words) == 1 and "" not in words else ""


def _differences(found: Matched) -> tuple[list[Tensor], list[str]]:
    """The network's tensors that a file lacks, and the names that the network has not."""
    wanted = {tensor.theirs for tensor in found.tensors}
    missing = [tensor for tensor in found.tensors if tensor.theirs not in found.names]
    return missing, [name for name in found.names if name not in wanted]


def _head(found: Matched) -> Tensor:
    return next(tensor for tensor in found.tensors if tensor.ours == _HEAD[0])


def _is_of_head(tensor: Tensor) -> bool:
    """Whether it is of the head, or of a dense layer before it."""
    return re.match(r"(head|dense\d+)_", tensor.ours) is not None


def _outputs(file: WeightFile, found: Matched) -> int | None:
    """How many outputs a file's head has."""
    head = _head(found)
    shape = file.tensors[found.names[head.theirs]].shape if head.theirs in found.names else ()
    if len(shape) not in (2, len(head.shape)):
        return None
    return shape[0 if found.layout.axes == "torch" else -1]


def _only_dense(found: Matched, file: WeightFile, surplus: list[str]) -> Matched | None:
    """A file whose only dense layer is under another name, as after `model.classifier = nn.Linear(1280, 5)`."""
    head = _head(found)
    shapes = {name: file.tensors[found.names[name]].shape for name in surplus}
    weights = [name for name, shape in shapes.items() if len(shape) == 2]
    if len(surplus) != 2 or len(weights) != 1 or any(tensor.ours not in _HEAD for tensor in _differences(found)[0]):
        return None
    (weight,) = weights
    (bias,) = set(surplus) - {weight}
    outputs, features = shapes[weight] if found.layout.axes == "torch" else shapes[weight][::-1]
    expected = head.shape[1] if found.layout.axes == "torch" else head.shape[-2]
    module = _module(weight)
    if module != _module(bias) or features != expected or shapes[bias] != (outputs,):
        return None
    names = dict(found.names)
    names |= {head.theirs: names.pop(weight), _module(head.theirs) + bias.removeprefix(module): names.pop(bias)}
    note = f"the head is {shown(module)} in the file, {_module(head.theirs)} in {found.layout.library}'s own"
    return replace(found, names=names, notes=(*found.notes, note))


def _flat(file: WeightFile, found: Matched) -> Matched:
    """With a head that is a matrix where the library's own has it as a convolution of 1×1."""
    head = _head(found)
    name = found.names.get(head.theirs)
    if len(head.shape) == 2 or name is None or len(file.tensors[name].shape) != 2:
        return found
    torch = found.layout.axes == "torch"
    shape = head.shape[:2] if torch else head.shape[2:]
    turned: Callable[[Array], Array] = (lambda x: x.T) if torch else (lambda x: x)
    flat = replace(head, shape=shape, to_ours=lambda x: np.ascontiguousarray(turned(x)), to_theirs=turned)
    return replace(found, tensors=[flat if tensor is head else tensor for tensor in found.tensors])


def _module(name: str) -> str:
    """`classifier.1` of `classifier.1.weight`, `predictions` of `predictions/kernel`."""
    return re.sub(r"[./][^./]*$", "", name)


def _modules(names: Iterable[str]) -> str:
    return shown(", ".join(dict.fromkeys(map(_module, names))))


def _no_head(file: WeightFile, found: Matched, outputs: int | None, surplus: list[str]) -> str:
    path, module = shown(file.path), _module(_head(found).theirs)
    if outputs == 1:
        what = "has one output, as for a sigmoid, where a head here has at least 2 classes"
    elif surplus:
        what = f"has another head than {shown(found.net.name)}: {_modules(surplus)} where {module} is expected"
    else:
        what = f"has no head ({module}), as Keras writes it with include_top=False"
    return f"{path}: {what}; netspec train --weights takes the rest of it, with a new head."


def _without_head(found: Matched, outputs: int | None, surplus: list[str]) -> Matched:
    """The rest of a file."""
    if outputs == 1:
        note = "the file's head has one output: it is left out"
    elif surplus:
        note = f"the file has another head, which is left out: {_modules(surplus)}"
    else:
        note = "the file has no head"
    tensors = [tensor for tensor in found.tensors if tensor.ours not in _HEAD and tensor.theirs in found.names]
    wanted = {tensor.theirs for tensor in tensors}
    names = {mine: theirs for mine, theirs in found.names.items() if mine in wanted}
    return replace(found, tensors=tensors, names=names, notes=(*found.notes, note), headless=True)


def _checked(file: WeightFile, found: Matched) -> Matched:
    """The same. Raises InputError for the first tensor that is missing, left over, or of another shape."""
    path, name = shown(file.path), shown(found.net.name)
    missing, surplus = _differences(found)
    if missing or surplus:
        lacks = f"lacks {len(missing)} tensors of it, the first {missing[0].theirs}" if missing else ""
        has = f"has {len(surplus)} that it has not, the first {shown(surplus[0])}" if surplus else ""
        raise InputError(
            f"{path}: expected the tensors of {name}: the file {' and '.join(filter(None, (lacks, has)))}; is it of "
            "another network or size?"
        )
    for tensor in found.tensors:
        shape = tuple(file.tensors[found.names[tensor.theirs]].shape)
        if shape == tensor.shape:
            continue
        permuted = sorted(shape) == sorted(tensor.shape)
        remedy = "are its axes in another order?" if permuted else "is it of another --width or network?"
        raise InputError(
            f"{path}: {tensor.theirs}: expected the shape {tensor.shape} of {name}, found {shape}; {remedy}"
        )
    return found
