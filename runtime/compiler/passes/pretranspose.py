"""Pretranspose: transpose a matrix once, in a dispatch of its own, not in registers within the matmul that reads it.

    %y = flow.dispatch @matmul(%x, %k) : (.., tensor<24x8xf32>)   →   %t = flow.dispatch @turned_24x8xf32(%k)
                                                                      %y = flow.dispatch @matmul(%x, %t)
    within @matmul: (d0, d1, d2) -> (d1, d2)                      →   (d0, d1, d2) -> (d2, d1)

The backward pass multiplies an image by a kernel's transpose, which IREE folds into the matmul: it reads the kernel as
it is stored, and each tile of it is transposed in registers, anew for every few rows of the image.
"""

from math import prod
from typing import Any

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
    executable_text,
    insert_executables,
    kernels,
    loops_of,
    maps_of,
    owner,
    shape_of,
    used_once,
)
from runtime.compiler.tiling.cpu import CpuTarget

_LEAST_ROWS = 64  # of the image: with fewer there is little to save


def run(module: Operation, target: CpuTarget) -> int:
    """Pretranspose the second matrix of matmuls that read it along its rows.

    A matmul stays whose matrix is computed in the same dispatch, or read there once more.
    """
    transposed = {kernel.name: number for kernel in kernels(module) if (number := _transpose(kernel)) is not None}
    texts: dict[str, str] = {}
    for function, call in dispatches(module):
        if function in transposed:
            number = transposed[function]
            name, result = _name_and_result(call.operands[number])
            texts[name] = _executable(name, call.operands[number].type, result)
            with ir.InsertionPoint(call), call.location:
                call.operands[number] = dispatch([result], name, [call.operands[number]]).results[0]
    insert_executables(module, list(texts.values()))
    return len(transposed)


def _name_and_result(matrix: Value) -> tuple[str, Any]:
    """What a matrix's transpose is computed by, and its type."""
    rows, columns = shape_of(matrix)
    element = ir.RankedTensorType(matrix.type).element_type
    return f"turned_{rows}x{columns}x{element}", ir.RankedTensorType.get([columns, rows], element, loc=matrix.location)


def _transpose(kernel: Kernel) -> int | None:
    """Have a matmul read its second matrix transposed. The number of the binding, or None where it stays."""
    matmuls = [(op, rows) for op in kernel.ops("linalg.generic") if (rows := _rows(op))]
    if not matmuls:
        return None
    matmul, rows = matmuls[0]
    matrix = matmul.operands[1]
    if prod(shape_of(matmul.operands[0])[:rows]) < _LEAST_ROWS:
        return None
    load = owner(matrix)
    if load is None or load.name != LOAD or not used_once(matrix):
        return None
    binding, shape = load.operands[0], shape_of(matrix)
    access, kind = binding_type(binding)
    if not used_once(binding) or list(kind.shape) != shape:
        return None
    transposed = ir.RankedTensorType.get(shape[::-1], kind.element_type, loc=load.location)
    kernel.retype(binding, binding_of(access, transposed))
    load.attributes["static_sizes"] = ir.DenseI64ArrayAttr.get(shape[::-1])
    matrix.set_type(transposed)
    maps = list(matmul.attributes["indexing_maps"])
    turned = [ir.AffineDimExpr.get(rows + 1), ir.AffineDimExpr.get(rows)]
    maps[1] = ir.AffineMapAttr.get(ir.AffineMap.get(rows + 2, 0, turned))
    matmul.attributes["indexing_maps"] = ir.ArrayAttr.get(maps)
    return int(binding.arg_number)


def _rows(op: Operation) -> int:
    """How many axes the rows of a matmul's first matrix are, of which the second is transposed: else 0."""
    loops = [loops_of(place) for place in maps_of(op)]
    rows = len(loops[-1] or ()) - 1
    first = tuple(range(rows))
    return rows if loops == [(*first, rows + 1), (rows, rows + 1), (*first, rows)] else 0


def _executable(name: str, source: Any, result: Any) -> str:
    """What transposes a matrix, `[rows, columns]`."""
    read, written = binding_of("readonly", source), binding_of("writeonly", result)
    return executable_text(
        name,
        f"""\
    func.func @{name}(%source: {read}, %result: {written}) {{
      %matrix = iree_tensor_ext.dispatch.tensor.load %source, offsets = [0, 0], sizes = {source.shape}, strides = [1, 1]
        : {read} -> {source}
      %empty = tensor.empty() : {result}
      %transposed = linalg.generic {{
        indexing_maps = [affine_map<(d0, d1) -> (d1, d0)>, affine_map<(d0, d1) -> (d0, d1)>],
        iterator_types = ["parallel", "parallel"]
      }} ins(%matrix : {source}) outs(%empty : {result}) {{
      ^bb0(%in: {source.element_type}, %out: {source.element_type}):
        linalg.yield %in : {source.element_type}
      }} -> {result}
      iree_tensor_ext.dispatch.tensor.store %transposed, %result, offsets = [0, 0], sizes = {result.shape},
        strides = [1, 1] : {result} -> {written}
      return
    }}
""",
    )
