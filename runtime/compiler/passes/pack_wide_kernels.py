"""Pack wide kernels: large weights are packed once, and matmuls of many rows read them one panel after another.

    %y = flow.dispatch @matmul(%x, %k)   →   %p = flow.dispatch @panels_512x2048xf32(%k) : tensor<128x512x16xf32>
                                             %y = flow.dispatch @matmul(%x, %p)

    %t = flow.dispatch @turned_2048x512xf32(%k)
    %y = flow.dispatch @matmul(%x, %t)   →   %p = flow.dispatch @turned_panels_2048x512xf32(%k)
                                             %y = flow.dispatch @matmul(%x, %p)

A training step has its weights as rows, and a matmul takes a few columns of every row: rows are in different pages, and
in few sets of the caches, so that a large matrix comes from afar for every few rows of the image. `packed_kernels` says
what changes within the matmul. With less weight than the nearer caches hold, or few rows, packing costs what it gains.
"""

from math import prod
from typing import Any, NamedTuple

from iree.compiler import ir

from runtime.compiler.passes.ir import (
    LOAD,
    Kernel,
    Operation,
    Value,
    binding_of,
    binding_type,
    dispatch,
    dispatches,
    erase,
    erase_undispatched,
    executable_text,
    function_of,
    insert_executables,
    kernels,
    loop_sizes,
    owner,
    reductions,
    shape_of,
    walk,
)
from runtime.compiler.passes.packed_kernels import Packing, read_packed
from runtime.compiler.tiling.cpu import CpuTarget
from runtime.compiler.tiling.lowering import compilation_info
from runtime.compiler.tiling.rules import Tile, largest_divisor

_COLUMNS = 16
_LEAST_ROWS = 512
_LEAST_NUMBERS = 2**18
# A workgroup packs so many panels, of so many rows: lines of memory in a row, of few pages.
_PANELS, _ROWS = 8, 64
_TURNED = "turned_"  # by `pretranspose`


class _Source(NamedTuple):
    """What panels are made of: weights `[inner, columns]`, or turned ones, `[columns, inner]`."""

    value: Value
    turned: bool

    @property
    def name(self) -> str:
        rows, columns = shape_of(self.value)
        element = ir.RankedTensorType(self.value.type).element_type
        return f"{_TURNED * self.turned}panels_{rows}x{columns}x{element}"


def run(module: Operation, target: CpuTarget) -> int:
    """Have matmuls with a tile read large weights in panels. One stays that `packed_kernels` would leave as it is."""
    packings = {kernel.name: packing for kernel in kernels(module) if (packing := _packed(kernel))}
    texts: dict[str, str] = {}
    unread = set()
    for function, call in dispatches(module):
        if function in packings:
            packing = packings[function]
            source = _source(call.operands[packing.operand])
            shape = [packing.panels, packing.inner, packing.columns]
            element = ir.RankedTensorType(source.value.type).element_type
            with ir.InsertionPoint(call), call.location:
                result = ir.RankedTensorType.get(shape, element)
                texts[source.name] = _executable(source, result)
                panels = dispatch([result], source.name, [source.value]).results[0]
            turned = owner(call.operands[packing.operand])
            call.operands[packing.operand] = panels
            if source.turned and turned is not None and not list(turned.results[0].uses):
                unread.add(function_of(turned.opview))
                erase(turned)
    insert_executables(module, list(texts.values()))
    erase_undispatched(module, unread)
    return len(packings)


def _packed(kernel: Kernel) -> Packing | None:
    """The packing that a kernel's matmul reads now; None where it stays."""
    matmuls = [op for op in walk(kernel.func, "linalg.generic") if reductions(op)]
    load = owner(matmuls[0].operands[1], LOAD) if len(matmuls) == 1 and len(matmuls[0].operands) == 3 else None
    if load is None or "compilation_info" not in matmuls[0].attributes:
        return None
    binding = load.operands[0]
    shape = list(binding_type(binding)[1].shape)
    if len(shape) != 2 or shape[1] % _COLUMNS or shape[0] * shape[1] < _LEAST_NUMBERS:
        return None
    rows = prod(loop_sizes(matmuls[0])[:-2])
    packing = Packing(int(binding.arg_number), shape[1] // _COLUMNS, shape[0], _COLUMNS)
    return packing if rows >= _LEAST_ROWS and read_packed(kernel, packing) else None


def _source(weights: Value) -> _Source:
    made = owner(weights, "flow.dispatch")
    if made is not None and function_of(made.opview).startswith(_TURNED):
        return _Source(made.operands[0], True)
    return _Source(weights, False)


def _executable(source: _Source, result: Any) -> str:
    """What packs a matrix into `[panels, inner, columns]`."""
    panels, inner, columns = result.shape
    kind = source.value.type
    element = result.element_type
    if source.turned:
        split, shape, axes = "[[0, 1], [2]]", [panels, columns, inner], "(d0, d2, d1)"
    else:
        split, shape, axes = "[[0], [1, 2]]", [inner, panels, columns], "(d1, d0, d2)"
    parts = ir.RankedTensorType.get(shape, element)
    taken = (largest_divisor(panels, _PANELS, 1) or 1, largest_divisor(inner, _ROWS, 1) or 1, columns)
    in_registers = (1, largest_divisor(inner, columns if source.turned else 4, 1) or 1, columns)
    info = compilation_info(Tile(taken, in_registers, 1), 0)
    read, written = binding_of("readonly", kind), binding_of("writeonly", result)
    return executable_text(
        source.name,
        f"""\
    func.func @{source.name}(%source: {read}, %result: {written}) {{
      %matrix = iree_tensor_ext.dispatch.tensor.load %source, offsets = [0, 0], sizes = {shape_of(source.value)},
        strides = [1, 1] : {read} -> {kind}
      %parts = tensor.expand_shape %matrix {split} output_shape {shape} : {kind} into {parts}
      %empty = tensor.empty() : {result}
      %packed = linalg.generic {{
        indexing_maps = [affine_map<(d0, d1, d2) -> {axes}>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>],
        iterator_types = ["parallel", "parallel", "parallel"]
      }} ins(%parts : {parts}) outs(%empty : {result}) attrs = {{compilation_info = {info}}} {{
      ^bb0(%in: {element}, %out: {element}):
        linalg.yield %in : {element}
      }} -> {result}
      iree_tensor_ext.dispatch.tensor.store %packed, %result, offsets = [0, 0, 0], sizes = {list(result.shape)},
        strides = [1, 1, 1] : {result} -> {written}
      return
    }}
""",
    )
