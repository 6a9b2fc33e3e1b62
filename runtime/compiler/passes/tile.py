"""Tile: annotate matmuls, convolutions, elementwise passes and sums over pixels with how IREE is to tile them.

    %y = linalg.generic {..} ins(%x, %k) outs(%0)   →   %y = linalg.generic {..} .. attrs = {compilation_info = ..}

Tiles of matmuls and convolutions come from a table, by the sizes of their loops, or from the target's rules; those of
the others from rules. Two are not tiled as IREE writes them and get another axis first: a convolution of one image,
whose batch IREE dropped (3.13.0 puts it back later than it reads tiles, and forgets them then), and a sum over pixels,
whose channels become rows and columns, so that pixels are read as they lie in memory.

IREE has tuning specifications for this. Each executable then reads the whole of one anew, which takes a fifth of the
compilation, and threads that read it may wait for each other for ever (3.13.0).
"""

from iree.compiler import ir
from iree.compiler.dialects import linalg

from runtime.compiler.passes.ir import (
    Kernel,
    Operation,
    kernels,
    loop_sizes,
    loops_of,
    maps_of,
    reductions,
    with_axes,
)
from runtime.compiler.tiling.cpu import CpuTarget
from runtime.compiler.tiling.lowering import compilation_info
from runtime.compiler.tiling.rules import Tile, elementwise_tile, is_convolution, reduction_tile, summed_axes


def run(module: Operation, target: CpuTarget) -> int:
    """Annotate what there is a tile for. A pool, whose window has no channels, stays: IREE would refuse it."""
    return sum(_tile_kernel(kernel, target) for kernel in kernels(module))


def _tile_kernel(kernel: Kernel, target: CpuTarget) -> int:
    generics = kernel.ops("linalg.generic")
    matmuls = [op for op in generics if linalg.isa_contraction_op(op) or linalg.isa_convolution_op(op)]
    # Tables and rules are of f32.
    count = sum(_tile_matmul(op, target) for op in matmuls if op.results[0].type.element_type == ir.F32Type.get())
    # IREE (3.13.0) refuses annotations on several operations; one without inputs, where a pool begins, counts as well.
    if target.rules and len(generics) == 1:
        (op,) = generics
        if kernel.kind == "elementwise":
            return count + _annotate(op, elementwise_tile(loop_sizes(op)))
        if kernel.kind == "reduction":
            return count + _tile_sum(op)
    return count


def _tile_matmul(op: Operation, target: CpuTarget) -> bool:
    sizes, summed = loop_sizes(op), reductions(op)
    batchless = summed > 1 and len(sizes) - summed == 3
    shape = "x".join(map(str, [1, *sizes] if batchless else sizes))
    kernel_axes = len(maps_of(op)[1].results)
    if len(sizes) < 3 or summed_axes(shape) != summed or (batchless and kernel_axes < 3):
        return False
    pixels = summed == 1 and len(sizes) > 3 and kernel_axes == 2
    tile = target.tiles.get(shape) or (target.rules.tile(shape, pixels) if target.rules else None)
    if tile is None:
        return False
    return _annotate(with_axes(op, 1, _with_batch) if batchless else op, tile, summed, is_convolution(shape))


def _with_batch(operand: int, axis: int, loop: int, size: int) -> list[tuple[int, int]]:
    """The image and the result get an axis of one in front."""
    return [(0, 1), (loop + 1, size)] if axis == 0 and operand != 1 else [(loop + 1, size)]


def _tile_sum(op: Operation) -> bool:
    sizes, summed, maps = loop_sizes(op), reductions(op), maps_of(op)
    places = [loops_of(operand_map) for operand_map in maps]
    if len(sizes) < 3 or sizes[0] == 1 or len(sizes) - summed != 2:
        return False
    tile = reduction_tile(sizes[1])
    if tile is None or None in places or places[0] != (0, *range(2, len(sizes)), 1):
        return False
    rows, columns = tile.outer[1:]

    def split(operand: int, axis: int, loop: int, size: int) -> list[tuple[int, int]]:
        return [(1, rows), (2, columns)] if loop == 1 else [(loop + (loop > 0), size)]

    return _annotate(with_axes(op, 1, split), tile, summed)


def _annotate(op: Operation, tile: Tile | None, summed: int = 0, image: bool = False) -> bool:
    if tile is None:
        return False
    op.attributes["compilation_info"] = ir.Attribute.parse(compilation_info(tile, summed, image), op.context)
    return True
