"""Which library's names a file has, and whether it holds the tensors of a network, no more and no less."""

from collections.abc import Sequence

from netspec.errors import InputError
from netspec.language import NetSpec, with_classes
from netspec.text import shown
from runtime.weights.formats.weight_file import Stored, WeightFile
from runtime.weights.layouts import layouts_for
from runtime.weights.layouts.layout import Layout
from runtime.weights.layouts.tensors import BATCHES, Tensor


def matched(file: WeightFile, net: NetSpec) -> tuple[Layout, list[Tensor], NetSpec]:
    """The layout that a file has, its tensors, and the network with as many classes as it has. Raises InputError."""
    candidates = layouts_for(net)
    layout, tensors = max(
        candidates, key=lambda each: len({tensor.theirs for tensor in each[1]} & _held(file, each[0]).keys())
    )
    held = _held(file, layout)
    if not held.keys() & {tensor.theirs for tensor in tensors}:
        libraries = ", ".join(sorted({candidate.library for candidate, _ in candidates}))
        raise InputError(
            f"{shown(file.path)}: expected the tensors of {shown(net.name)} by the names of {libraries}, found none of "
            f"them, but {len(held)} others, such as {shown(next(iter(held), 'none'))}; is it of another network?"
        )
    head = next(tensor for tensor in tensors if tensor.ours == "head_weight")
    if head.theirs in held and len(found := held[head.theirs].shape) == len(head.shape):
        classes = found[0 if layout.axes == "torch" else -1]
        if 2 <= classes <= 2**20 and classes != net.classes:
            net = with_classes(net, classes)
            tensors = dict(layouts_for(net))[layout]
    _check_tensors(file, held, tensors, net)
    return layout, tensors, net


def _held(file: WeightFile, layout: Layout) -> dict[str, Stored]:
    """A file's tensors by a layout's names, without what counts batches."""
    named = layout.named(file.tensors)
    return {name: file.tensors[theirs] for name, theirs in named.items() if not name.endswith(BATCHES)}


def _check_tensors(file: WeightFile, held: dict[str, Stored], tensors: Sequence[Tensor], net: NetSpec) -> None:
    """Raises InputError for the first tensor that is missing, left over, or of another shape."""
    path, name = shown(file.path), shown(net.name)
    wanted = {tensor.theirs for tensor in tensors}
    missing = [tensor.theirs for tensor in tensors if tensor.theirs not in held]
    surplus = [each for each in held if each not in wanted]
    if missing or surplus:
        lacks = f"lacks {len(missing)} tensors of it, the first {missing[0]}" if missing else ""
        has = f"has {len(surplus)} that it has not, the first {shown(surplus[0])}" if surplus else ""
        raise InputError(
            f"{path}: expected the tensors of {name}: the file {' and '.join(filter(None, (lacks, has)))}; is it of "
            "another network or size?"
        )
    for tensor in tensors:
        found = tuple(held[tensor.theirs].shape)
        if found == tensor.shape:
            continue
        permuted = sorted(found) == sorted(tensor.shape)
        remedy = "are its axes in another order?" if permuted else "is it of another --width or network?"
        raise InputError(
            f"{path}: {tensor.theirs}: expected the shape {tensor.shape} of {name}, found {found}; {remedy}"
        )
