"""Concatenate in place: what is a part of a concatenation is computed where it belongs, and not copied there.

    %y = flow.dispatch @conv(%x)                           %both = flow.tensor.empty : tensor<8x6xf32>
    %z = flow.dispatch @gemm(%x)                       →   %one = flow.dispatch @conv(%x, %both) -> %both
    %both = flow.tensor.empty : tensor<8x6xf32>            %two = flow.dispatch @gemm(%x, %one) -> %one
    %one = flow.dispatch @copy_0(%y, %both) -> %both
    %two = flow.dispatch @copy_1(%z, %one) -> %one

The parts lie side by side along the last axis. One that something else reads too is copied, as is one whose kernel
writes more than once, or into something that is there already; and a convolution of one image with a window, of which
IREE (3.13.0) would keep a copy on the stack: twice as slow.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from iree.compiler import ir
from iree.compiler.dialects import flow

from runtime.compiler.passes.ir import (
    LOAD,
    STORE,
    Box,
    Kernel,
    Operation,
    Value,
    binding_of,
    binding_type,
    box_of,
    dispatch,
    dispatches,
    erase,
    erase_undispatched,
    function_of,
    functions_of,
    kernels,
    owner,
    redirect,
    replace,
    set_box,
    shape_of,
    tied_operand,
    used_once,
)
from runtime.compiler.tiling.cpu import CpuTarget

_ONE_IMAGE = 3  # axes of an image without a batch


class Part(NamedTuple):
    """A copy into a concatenation, and what makes it.

    Args:
        copy: the dispatch that copies.
        first: where along the last axis it is.
        maker: the dispatch whose result is copied.
        reshape: the operation in between, if there is one.
    """

    copy: Any
    first: int
    maker: Any
    reshape: Operation | None


def run(module: Operation, target: CpuTarget) -> int:
    """Have dispatches write into the concatenations that their results are parts of."""
    known = {kernel.name: kernel for kernel in kernels(module)}
    calls = dispatches(module)
    order = {call.operation: place for place, (_, call) in enumerate(calls)}
    users = Counter(name for name, _ in calls)
    replaced: set[str] = set()
    count = 0
    for chain in _chains(calls, known):
        found = (_part(copy, known) for copy in chain)
        parts = [part for part in found if part and order[part.maker.operation] < order[chain[0].operation]]
        parts.sort(key=lambda part: order[part.maker.operation])
        if parts:
            makers = [known[function_of(part.maker)] for part in parts]
            replaced |= {name for part in parts for name in (function_of(part.copy), function_of(part.maker))}
            written = [
                _copy_of(kernel, f"part_{number}_{kernel.name}") if users[kernel.name] > 1 else kernel
                for number, kernel in enumerate(makers, count)
            ]
            _write(chain, parts, written)
            count += len(parts)
    erase_undispatched(module, replaced)
    return count


def _chains(calls: list[tuple[str, Any]], known: dict[str, Kernel]) -> list[list[Any]]:
    """The copies into each tensor that is empty at first, in order: each writes into what the one before gave."""
    chains: dict[Value, list[Any]] = {}
    for name, call in calls:
        into = tied_operand(call)
        if into is None or not used_once(into) or name not in known or _first(known[name]) is None:
            continue
        if owner(into, "flow.tensor.empty") is not None:
            chains[call.results[0]] = [call]
        elif into in chains:
            chains[call.results[0]] = [*chains.pop(into), call]
    return list(chains.values())


def _first(copy: Kernel) -> int | None:
    """Where along the last axis a kernel puts its first binding into its second, if it copies and does nothing else."""
    loads, stores = copy.ops(LOAD), copy.ops(STORE)
    if len(loads) != 1 or len(stores) != 1 or len(copy.body.arguments) != 2:
        return None
    (source, into), box = copy.body.arguments, box_of(stores[0])
    if loads[0].operands[0] != source or list(stores[0].operands)[:2] != [loads[0].results[0], into] or box is None:
        return None
    (_, part), (_, whole) = binding_type(source), binding_type(into)
    all_of_it = shape_of(loads[0].results[0]) == list(part.shape) and box.sizes[-1] == part.shape[-1]
    beside = box.sizes[:-1] == list(whole.shape[:-1]) and not any(box.offsets[:-1]) and set(box.strides) == {1}
    return box.offsets[-1] if all_of_it and beside else None


def _part(copy: Any, known: dict[str, Kernel]) -> Part | None:
    """What a copy copies, if its maker can write it where it belongs."""
    source = copy.operands[0]
    reshape = owner(source, "flow.tensor.reshape") if used_once(source) else None
    made = source if reshape is None else reshape.operands[0]
    maker = owner(made, "flow.dispatch")
    if maker is None or not used_once(made) or len(maker.results) != 1 or shape_of(made)[-1:] != shape_of(source)[-1:]:
        return None
    kernel = known.get(function_of(maker.opview))
    first = _first(known[function_of(copy)])
    if kernel is None or first is None or tied_operand(maker.opview) is not None or not _writes_once(kernel):
        return None
    return Part(copy, first, maker.opview, reshape)


def _writes_once(kernel: Kernel) -> bool:
    """Whether it stores all of its last binding at once, and does nothing else with it."""
    stores, binding = kernel.ops(STORE), kernel.body.arguments[-1]
    if len(stores) != 1 or stores[0].operands[1] != binding or not used_once(binding):
        return False
    access, kind = binding_type(binding)
    box, rank = box_of(stores[0]), len(kind.shape)
    of_one_image = kernel.kind == "conv" and rank == _ONE_IMAGE
    return access == "writeonly" and not of_one_image and box == Box([0] * rank, list(kind.shape), [1] * rank)


def _write(chain: Sequence[Any], parts: Sequence[Part], written: Sequence[Kernel]) -> None:
    """Have makers write into the whole one after the other, and then those that are copied still."""
    old = tied_operand(chain[0])
    assert old is not None
    with ir.InsertionPoint(parts[0].maker), parts[0].maker.location:
        whole = flow.TensorEmptyOp(old.type, []).result
    for part, kernel in zip(parts, written, strict=True):
        whole = _into(whole, part, kernel)
        replace(part.copy, [part.copy.operands[1]])
        if part.reshape is not None:
            erase(part.reshape)
        erase(part.maker)
    replace(owner(old), [whole])


def _into(whole: Value, part: Part, kernel: Kernel) -> Value:
    """The whole after a maker has written its part."""
    (store,), binding = kernel.ops(STORE), kernel.body.arguments[-1]
    _, kind = binding_type(binding)
    *above, size = kind.shape
    maker = part.maker
    with ir.InsertionPoint(maker), maker.location:
        view = ir.RankedTensorType.get([*above, shape_of(whole)[-1]], kind.element_type)
        kernel.retype(binding, binding_of("readwrite", view))
        set_box(store, Box([0] * len(above) + [part.first], [*above, size], [1] * len(kind.shape)))
        seen = whole if view == whole.type else flow.TensorReshapeOp(view, whole, [], []).result
        call = dispatch([view], kernel.executable_name, [*maker.operands, seen], tied=len(maker.operands))
        redirect(call, kernel.executable_name, kernel.name)
        result = call.results[0]
        return result if view == whole.type else flow.TensorReshapeOp(whole.type, result, [], []).result


def _copy_of(kernel: Kernel, name: str) -> Kernel:
    """A kernel of its own, under another name."""
    place = ir.InsertionPoint(kernel.executable)
    executable = kernel.executable.clone(place)
    own = Kernel(executable, functions_of(executable)[0])
    own.rename(name)
    own.executable.attributes["sym_name"] = ir.StringAttr.get(name)
    return own
