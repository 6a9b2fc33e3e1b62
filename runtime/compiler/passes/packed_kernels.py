"""Packed kernels: matmuls read packed weights, `[panels, inner, columns]`, as they are stored, one panel after another.

    %t = flow.dispatch @transpose(%k) : (tensor<2x8x16xf32>) -> tensor<8x2x16xf32>
    %m = flow.tensor.reshape %t : tensor<8x2x16xf32> -> tensor<8x32xf32>
    %y = flow.dispatch @matmul(%x, %m)              →   %y = flow.dispatch @matmul(%x, %k)

    within @matmul: tensor<64x32xf32>               →   tensor<64x2x16xf32>
    (d0, d2), (d2, d1) -> (d0, d1)                  →   (d0, d3), (d1, d3, d2) -> (d0, d1, d2)

Of a row-major matrix a matmul takes a few columns of every row: each row lies in another page of memory, and all of
them in a few sets of the nearest cache. A program whose weights are packed transposes them into a matrix, which IREE
does anew in each call. Here that is left out, and the matmul's columns axis becomes two: panels, and their columns.
"""

from collections.abc import Sequence, Set
from typing import Any, NamedTuple

from iree.compiler import ir
from iree.compiler.dialects import iree_codegen

from runtime.compiler.passes.ir import (
    LOAD,
    STORE,
    Kernel,
    Operation,
    Value,
    binding_of,
    binding_type,
    dispatches,
    erase,
    erase_undispatched,
    kernels,
    loops_of,
    maps_of,
    owner,
    reductions,
    shape_of,
    used_once,
    walk,
)
from runtime.compiler.passes.match import packed_weights, unpacks
from runtime.compiler.tiling.cpu import CpuTarget
from runtime.compiler.tiling.rules import largest_divisor

_SPLIT = {LOAD, STORE, "tensor.empty", "linalg.fill", "linalg.generic"}


class Packing(NamedTuple):
    """How a matmul's weights are packed, and which operand of its dispatch they are."""

    operand: int
    panels: int
    inner: int
    columns: int


def run(module: Operation, target: CpuTarget) -> int:
    """Have matmuls read packed weights of which each of their dispatches reads the matrix.

    A matmul stays that reads a part of its weights, stores a part of its columns, or counts them.
    """
    unpacking = {kernel.name for kernel in kernels(module) if unpacks(kernel)}
    packings: dict[str, set[Packing | None]] = {}
    for function, call in dispatches(module):
        packings.setdefault(function, set()).add(_packing_of(call, unpacking))
    operands: dict[str, int] = {}
    for kernel in kernels(module):
        packing, *others = packings.get(kernel.name, {None})
        if packing and not others and read_packed(kernel, packing):
            operands[kernel.name] = packing.operand
    for function, call in dispatches(module):
        if function in operands:
            matrix = call.operands[operands[function]]
            call.operands[operands[function]] = packed_weights(matrix, unpacking)
    _erase_unread(module, unpacking)
    return len(operands)


def _packing_of(call: Any, unpacking: set[str]) -> Packing | None:
    """The packing of the one operand of a dispatch that is unpacked, if it is one."""
    packed = [(number, packed_weights(value, unpacking)) for number, value in enumerate(call.operands)]
    packings = [Packing(number, *shape_of(weights)) for number, weights in packed if weights]
    return packings[0] if len(packings) == 1 else None


def _erase_unread(module: Operation, unpacking: Set[str]) -> None:
    """Erase what unpacks weights that nothing reads as a matrix, here or since another pass."""
    for function, call in dispatches(module):
        if function in unpacking:
            for reader in [use.owner for use in call.results[0].uses]:
                if reader.name == "flow.tensor.reshape" and not list(reader.results[0].uses):
                    erase(reader)
            if not list(call.results[0].uses):
                erase(call)
    erase_undispatched(module, unpacking)


class _Access(NamedTuple):
    """A load or a store: what is loaded or stored, and where."""

    op: Operation
    value: Value
    binding: Value


class _Matmul(NamedTuple):
    """A matmul and its epilogue, by what has the columns.

    Args:
        column: the loop of the columns, in all operations.
        weights: the matrix, and its binding.
        values: those whose last axis is the columns, the matrix among them.
        accesses: of those values.
    """

    column: int
    weights: tuple[Value, Value]
    values: set[Value]
    accesses: list[_Access]


def read_packed(kernel: Kernel, packing: Packing) -> bool:
    """Split the columns of a kernel's matmul into panels and their columns; False where it stays."""
    matmul = _matmul_of(kernel, kernel.body.arguments[packing.operand], packing.panels * packing.columns)
    if matmul is None:
        return False
    sizes = [packing.panels, packing.columns]
    for binding in {access.binding for access in matmul.accesses}:
        access, kind = binding_type(binding)
        kernel.retype(binding, binding_of(access, _split_type(kind, sizes, binding in matmul.weights)))
    for op, _, binding in matmul.accesses:
        for name, last in (("static_offsets", [0, 0]), ("static_sizes", sizes), ("static_strides", [1, 1])):
            numbers = _split(list(op.attributes[name]), last, binding in matmul.weights)
            op.attributes[name] = ir.DenseI64ArrayAttr.get(numbers)
    for op in walk(kernel.func, "linalg.generic"):
        _split_loop(op, matmul)
    for op in walk(kernel.func):
        _retile(op, matmul.column, packing)
    for value in matmul.values:
        value.set_type(_split_type(value.type, sizes, value in matmul.weights))
    return True


def _matmul_of(kernel: Kernel, weights: Value, columns: int) -> _Matmul | None:
    """A kernel's matmul by what a binding has, where all of the kernel is understood."""
    matmuls = [op for op in walk(kernel.func, "linalg.generic") if reductions(op)]
    if len(matmuls) != 1 or walk(kernel.func, "linalg.index"):
        return None
    (op,) = matmuls
    column = len(op.attributes["iterator_types"]) - 2
    places = [loops_of(place) or () for place in maps_of(op)]
    values = _values_of(kernel, column)
    if values is None or len(places) != 3 or places[1] != (column + 1, column) or column in places[0]:
        return None
    matrix = op.operands[1]
    loads = [_Access(load, load.results[0], load.operands[0]) for load in walk(kernel.func, LOAD)]
    stores = [_Access(store, store.operands[0], store.operands[1]) for store in walk(kernel.func, STORE)]
    accesses = [access for access in (*loads, *stores) if access.value in values]
    fits = (
        [access.binding for access in accesses if access.value == matrix] == [weights]
        and used_once(weights)
        and used_once(matrix)
        and list(binding_type(weights)[1].shape) == shape_of(matrix)
        and all(_has_all(access, columns) for access in accesses)
        and _is_known(values, accesses)
    )
    return _Matmul(column, (matrix, weights), values, accesses) if fits else None


def _values_of(kernel: Kernel, column: int) -> set[Value] | None:
    """The values whose last axis is the columns; None where another axis is, or that is not known of one."""
    values: set[Value] = set()
    others: set[Value] = set()
    for op in walk(kernel.func, "linalg.generic"):
        inputs = len(op.opview.inputs)
        for number, (value, place) in enumerate(zip(op.operands, maps_of(op), strict=True)):
            loops = loops_of(place)
            if not loops or column in loops[:-1] or (number >= inputs and loops[-1] != column):
                return None
            (values if loops[-1] == column else others).add(value)
        values |= set(op.results)
    for fill in reversed(walk(kernel.func, "linalg.fill")):
        if fill.results[0] in values:
            values.add(fill.operands[1])
    encoded = any(ir.RankedTensorType(value.type).encoding for value in values)
    return None if values & others or encoded else values


def _has_all(access: _Access, columns: int) -> bool:
    """Whether all columns are loaded or stored, from or to where is known."""
    if len(access.op.operands) != (1 if access.op.name == LOAD else 2):
        return False
    shapes = (list(access.op.attributes["static_sizes"]), binding_type(access.binding)[1].shape)
    return all(shape[-1] == columns for shape in shapes)


def _is_known(values: set[Value], accesses: Sequence[_Access]) -> bool:
    """Whether all that compute or use values, or use their bindings, are operations that a split changes."""
    makers = [owner(value) for value in values]
    users = [use.owner.operation for value in values for use in value.uses]
    bindings = {access.binding for access in accesses}
    return (
        all(op is not None and op.name in _SPLIT for op in (*makers, *users))
        and all(isinstance(binding, ir.BlockArgument) for binding in bindings)
        and sum(len(list(binding.uses)) for binding in bindings) == len(accesses)
    )


def _split(axes: list[int], last: list[int], weights: bool) -> list[int]:
    """Axes with two in place of the last; of weights, the panels go before the rows."""
    axes = [*axes[:-1], *last]
    return [axes[1], axes[0], axes[2]] if weights else axes


def _split_type(kind: Any, last: list[int], weights: bool) -> Any:
    shape = _split(list(kind.shape), last, weights)
    return ir.RankedTensorType.get(shape, kind.element_type, loc=ir.Location.unknown(kind.context))


def _split_loop(op: Operation, matmul: _Matmul) -> None:
    """Give a `linalg.generic` a loop of panels before that of their columns."""
    column, maps = matmul.column, []
    for value, place in zip(op.operands, maps_of(op), strict=True):
        loops = [loop + (loop > column) for loop in loops_of(place) or ()]
        if value in matmul.values:
            loops = _split(loops, [column, column + 1], value in matmul.weights)
        dims = [ir.AffineDimExpr.get(loop) for loop in loops]
        maps.append(ir.AffineMapAttr.get(ir.AffineMap.get(place.n_dims + 1, 0, dims)))
    kinds = list(op.attributes["iterator_types"])
    op.attributes["indexing_maps"] = ir.ArrayAttr.get(maps)
    op.attributes["iterator_types"] = ir.ArrayAttr.get([kinds[column], *kinds])


def _retile(op: Operation, column: int, packing: Packing) -> None:
    """Have an annotated operation take panels, as many columns at a time as it took."""
    if "compilation_info" in op.attributes:
        info = op.attributes["compilation_info"]
        config = _retiled(info.lowering_config, column, packing)
        op.attributes["compilation_info"] = iree_codegen.CompilationInfoAttr.get(config, info.translation_info)
    if "lowering_config" in op.attributes:
        op.attributes["lowering_config"] = _retiled(op.attributes["lowering_config"], column, packing)


def _retiled(config: Any, column: int, packing: Packing) -> Any:
    """A `#iree_cpu.lowering_config`, for which the bindings have no class, with two tile sizes for the columns."""
    name, _, levels = str(config)[:-1].partition("<")
    split = []
    for level in ir.Attribute.parse(f"{{{levels}}}", config.context):
        sizes = [int(size) for size in level.attr]
        pair = _tile(level.name, sizes[column], packing)
        split.append(f"{level.name} = {[*sizes[:column], *pair, *sizes[column + 1 :]]}")
    return ir.Attribute.parse(f"{name}<{', '.join(split)}>", config.context)


def _tile(level: str, size: int, packing: Packing) -> list[int]:
    """How many panels, and columns of each, are taken at a time instead of a number of columns."""
    if level == "vector_reduction":
        return [0, 0]
    if size < packing.columns:
        return [1, packing.columns if level == "distribution" else size]
    return [largest_divisor(packing.panels, size // packing.columns, 1) or 1, packing.columns]
