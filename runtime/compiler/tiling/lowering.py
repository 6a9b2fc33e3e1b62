"""A tile as the attributes that IREE's CPU compiler reads."""

from runtime.compiler.tiling.rules import Tile

_PIPELINES = {True: "ConvTileAndDecomposeExpert", False: "DoubleTilingExpert"}  # those that obey a tile


def compilation_info(tile: Tile, summed: int, convolution: bool = False) -> str:
    """The attribute of a dispatch's root operation: its tile, and the pipeline that compiles the dispatch.

    Args:
        summed: how many loops are reductions.
        convolution: whether it is a convolution.
    """
    pipeline = f"#iree_cpu.pipeline<{_PIPELINES[convolution]}>{', {enable_loop_peeling}' * tile.peeled}"
    return (
        f"#iree_codegen.compilation_info<lowering_config = {lowering_config(tile, summed)}, "
        f"translation_info = #iree_codegen.translation_info<pipeline = {pipeline}>>"
    )


def lowering_config(tile: Tile, summed: int) -> str:
    """The attribute of the other operations of a dispatch whose root carries `compilation_info`: their tile alone."""
    outer, vector = ([*part, *[0] * summed] for part in (tile.outer, tile.vector))
    unrolled = [*(0 for _ in tile.vector), *(1 for _ in range(summed - 1)), tile.inner]
    inner = f", vector_reduction = {unrolled}" if summed else ""
    return f"#iree_cpu.lowering_config<distribution = {outer}, vector_common_parallel = {vector}{inner}>"
