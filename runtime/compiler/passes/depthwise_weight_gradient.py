"""Depthwise weight gradient: sum it at all places of the kernel in one loop nest, which reads the images once.

    %y = linalg.generic {..} ins(%image, %cotangent : tensor<16x16x32xf32>, tensor<14x14x32xf32>)
        outs(%zeros : tensor<3x3x32xf32>)
    dispatch.tensor.store %y, %arg2, offsets = [0, 0, 0], sizes = [3, 3, 32], ..
 →
    %image_i_j = dispatch.tensor.load %arg1, offsets = [.., i, j, 0], sizes = [.., 14, 14, 32], ..
    %sums:9 = linalg.generic {..} ins(%cotangent, %image_0_0, .., %image_2_2 : tensor<14x14x32xf32>, ..)
        outs(%zeros, .. : tensor<32xf32>, ..)
    dispatch.tensor.store %sums#(3 * i + j), %arg2, offsets = [i, j, 0], sizes = [1, 1, 32], ..

IREE goes through the images anew for each row of the kernel. Here each number of the cotangent is multiplied by the
image's under every place of the kernel, and the sums stay in registers, some channels at a time.
"""

from itertools import product
from typing import NamedTuple

from iree.compiler import ir
from iree.compiler.dialects import arith, linalg, tensor

from runtime.compiler.passes.ir import (
    LOAD,
    STORE,
    Box,
    Kernel,
    Operation,
    Value,
    binding_type,
    box_of,
    dispatches,
    erase,
    kernels,
    load,
    maps_of,
    owner,
    redirect,
    shape_of,
    store,
    walk,
)
from runtime.compiler.tiling.cpu import CpuTarget
from runtime.compiler.tiling.lowering import compilation_info
from runtime.compiler.tiling.rules import Rules, Tile

_ARITHMETIC = ["arith.constant", "arith.mulf", "arith.addf"]  # of a convolution without an epilogue
_ENOUGH_WIDE, _ENOUGH_CHANNELS = 14, 64  # of the cotangent: with fewer there is little to save


class _Gradient(NamedTuple):
    """A kernel that computes a depthwise weight gradient.

    Args:
        op: the convolution of an image `[rows, columns, channels]` with a cotangent that has the same axes, to
            `[kernel rows, kernel columns, channels]`.
        bindings: of image, cotangent and result.
        boxes: of image and cotangent, where they are loaded from.
        stride: the forward convolution's, by which the cotangent is dilated here.
    """

    op: Operation
    bindings: list[Value]
    boxes: list[Box]
    stride: int

    @property
    def places(self) -> list[tuple[int, int]]:
        """The kernel's, row by row."""
        rows, columns, _ = shape_of(self.op.results[0])
        return list(product(range(rows), range(columns)))


def run(module: Operation, target: CpuTarget) -> int:
    """Sum depthwise weight gradients at all places of the kernel at once.

    One stays that has an epilogue, or whose kernel has more places than registers have room for.
    """
    renamed = {}
    for kernel in kernels(module):
        gradient = _gradient_of(kernel)
        columns = gradient and target.rules and _columns(gradient, target.rules)
        if gradient and columns:
            _sum_at_once(kernel, gradient, columns)
            renamed[kernel.name] = kernel
            kernel.rename(kernel.name.replace("_conv_", "_places_"))
    for name, dispatch in dispatches(module):
        if name in renamed:
            redirect(dispatch, renamed[name].executable_name, renamed[name].name)
    return len(renamed)


def _gradient_of(kernel: Kernel) -> _Gradient | None:
    """What a kernel computes, if that is a depthwise weight gradient and nothing else."""
    generics, stores = kernel.ops("linalg.generic"), kernel.ops(STORE)
    arithmetic = [op for op in walk(kernel.func) if op.name.startswith("arith.")]
    if len(generics) != 1 or len(stores) != 1 or [op.name for op in arithmetic] != _ARITHMETIC:
        return None
    (op,), (stored,), zero = generics, stores, arithmetic[0].attributes["value"]
    stride, loads = _stride(op), [load for value in op.opview.inputs if (load := owner(value, LOAD))]
    if stride is None or not isinstance(zero, ir.FloatAttr) or zero.value or zero.type != ir.F32Type.get():
        return None
    boxes = [box for load in loads if (box := box_of(load)) and set(box.strides) == {1}]
    if len(boxes) != 2 or boxes[0].sizes != [1] * (len(boxes[0].sizes) - 3) + shape_of(op.operands[0]):
        return None
    bindings = [loads[0].operands[0], loads[1].operands[0], stored.operands[1]]
    if stored.operands[0] != op.results[0] or binding_type(bindings[2]) != ("writeonly", op.results[0].type):
        return None
    return _Gradient(op, bindings, boxes, stride)


def _stride(op: Operation) -> int | None:
    """The stride, if an operation is a depthwise weight gradient."""
    if not linalg.isa_convolution_op(op):
        return None
    stride = linalg.infer_convolution_dimensions(op).dilations[0]
    i, j, channel, row, column = (ir.AffineDimExpr.get(loop) for loop in range(5))
    places = [i + row * stride, j + column * stride, channel], [row, column, channel], [i, j, channel]
    return int(stride) if maps_of(op) == [ir.AffineMap.get(5, 0, place) for place in places] else None


def _columns(gradient: _Gradient, rules: Rules) -> int | None:
    """How many channels are summed at once; None: the convolution stays."""
    _, wide, channels = shape_of(gradient.op.operands[1])
    if wide < _ENOUGH_WIDE or channels < _ENOUGH_CHANNELS:
        return None
    return rules.sums_at_once(len(gradient.places), channels)


def _sum_at_once(kernel: Kernel, gradient: _Gradient, columns: int) -> None:
    """Exchange what is in a kernel for one loop nest."""
    image, cotangent, result = gradient.bindings
    (offsets, _, ones), stride, kind = gradient.boxes[0], gradient.stride, gradient.op.operands[1].type
    *above, row, column, channel = offsets
    sizes, strides = [*ones[3:], *kind.shape], [*ones[3:], stride, stride, 1]
    old = list(kernel.body.operations)[:-1]
    with ir.InsertionPoint.at_block_terminator(kernel.body), gradient.op.location:
        number = load(cotangent, gradient.boxes[1], kind)
        images = [
            load(image, Box([*above, row + i, column + j, channel], sizes, strides), kind) for i, j in gradient.places
        ]
        sums = _loop_nest(number, images, columns).results
        for (i, j), total in zip(gradient.places, sums, strict=True):
            store(total, result, Box([i, j, 0], [1, 1, kind.shape[2]], [1, 1, 1]))
    for op in reversed(old):
        erase(op)


def _loop_nest(cotangent: Value, images: list[Value], columns: int) -> Operation:
    """What multiplies a cotangent by images, and sums each.

    A product that goes straight into a sum would be a matmul's, so it is taken from zero (`emit.sums`, `summand`).
    """
    count, f32 = len(images), ir.F32Type.get()
    zero = arith.ConstantOp(f32, 0.0).result
    zeros = linalg.fill(zero, outs=[tensor.EmptyOp(shape_of(cotangent)[2:], f32).result])
    channel, row, column = (ir.AffineDimExpr.get(loop) for loop in range(3))
    read, summed = (ir.AffineMap.get(3, 0, place) for place in ([row, column, channel], [channel]))
    maps = [ir.AffineMapAttr.get(place) for place in [read] * (count + 1) + [summed] * count]
    loops = (f"#linalg.iterator_type<{kind}>" for kind in ("parallel", "reduction", "reduction"))
    attributes = {
        "indexing_maps": ir.ArrayAttr.get(maps),
        "iterator_types": ir.ArrayAttr.get([ir.Attribute.parse(loop) for loop in loops]),
        "operandSegmentSizes": ir.DenseI32ArrayAttr.get([count + 1, count]),
        "compilation_info": ir.Attribute.parse(compilation_info(Tile((columns,), (columns,), 1), 2)),
    }
    operands = [cotangent, *images, *[zeros] * count]
    op = ir.Operation.create("linalg.generic", [zeros.type] * count, operands, attributes, regions=1)
    body = op.regions[0].blocks.append(*[f32] * len(operands))
    number, *others = body.arguments
    with ir.InsertionPoint(body):
        negated, sums = arith.NegFOp(number).result, []
        for image, total in zip(others[:count], others[count:], strict=True):
            summand = arith.SubFOp(zero, arith.MulFOp(image, negated).result).result
            sums.append(arith.AddFOp(total, summand).result)
        linalg.YieldOp(sums)
    return op
