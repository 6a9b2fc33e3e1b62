"""What is written into IREE's executables, and that it changes speed and the order of a sum's additions alone."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from emit import hlo
from emit.hlo import Block
from emit.program import Program
from emit.sums import per_channel, summand
from runtime.compiler import compile as compilation
from runtime.compiler.compile import compile_programs
from runtime.compiler.passes.tile import cut
from runtime.compiler.target import target
from runtime.compiler.tiling.rules import (
    MOST_CHANNELS,
    RULES_AVX2,
    RULES_AVX512,
    Rules,
    Tile,
    pass_by_rule,
    sum_by_rule,
)
from runtime.engine.iree import Device
from tests.runtime.compiler.programs import giving, quiet
from tests.runtime.sandbox import only_one

CPU = target("cpu")

EXECUTABLES = """
  flow.executable private @f_dispatch_0 {
      flow.executable.export public @f_dispatch_0_matmul_like_8x16x4_f32 ordinal(0) layout(#hal.pipeline.layout<>) {
          %3 = linalg.generic {indexing_maps = [#map], iterator_types = ["parallel", "parallel", "reduction"]} ins(%1, %2 : tensor<8x4xf32>, tensor<4x16xf32>) outs(%0 : tensor<8x16xf32>) {
          %4 = linalg.generic {indexing_maps = [#map], iterator_types = ["parallel", "parallel"]} ins(%3 : tensor<8x16xf32>) outs(%0 : tensor<8x16xf32>) {
  flow.executable private @f_dispatch_1 {
      flow.executable.export public @f_dispatch_1_conv_2x7x7x16x3x3x4_f32 ordinal(0) layout(#hal.pipeline.layout<>) {
          %3 = linalg.generic {indexing_maps = [#map], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]} ins(%1, %2 : tensor<2x9x9x4xf32>, tensor<3x3x4x16xf32>) outs(%0 : tensor<2x7x7x16xf32>) attrs =  {memoized = [#map]} {
  flow.executable private @f_dispatch_3 {
      flow.executable.export public @f_dispatch_3_conv_3x3x32x9x7_f32 ordinal(0) layout(#hal.pipeline.layout<>) {
          %3 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3, d4) -> (d0 + d3 * 2, d1 + d4 * 2, d2)>, affine_map<(d0, d1, d2, d3, d4) -> (d3, d4, d2)>, affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]} ins(%1, %2 : tensor<19x15x32xf32>, tensor<9x7x32xf32>) outs(%0 : tensor<3x3x32xf32>) {
          ^bb0(%in: f32, %in_0: f32, %out: f32):
            linalg.yield %5 : f32
          } -> tensor<3x3x32xf32>
  flow.executable private @f_dispatch_2 {
      flow.executable.export public @f_dispatch_2_reduction_8x96x49_f32 ordinal(0) layout(#hal.pipeline.layout<>) {
          %3:2 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2, d1)>, affine_map<(d0, d1, d2) -> (d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%1, %2 : tensor<8x49x96xf32>, tensor<96xf32>) outs(%0, %0 : tensor<8x96xf32>, tensor<8x96xf32>) {
          ^bb0(%in: f32, %in_0: f32, %out: f32, %out_1: f32):
            linalg.yield %5, %6 : f32, f32
          } -> (tensor<8x96xf32>, tensor<8x96xf32>)
          iree_tensor_ext.dispatch.tensor.store %3#0, %7 : tensor<8x96xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<8x96xf32>>
          iree_tensor_ext.dispatch.tensor.store %3#1, %8 : tensor<8x96xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<8x96xf32>>
  flow.executable private @f_dispatch_4 {
      flow.executable.export public @f_dispatch_4_elementwise_9x56x56x144_f32 ordinal(0) layout(#hal.pipeline.layout<>) {
          %3 = linalg.generic {indexing_maps = [#map], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%1 : tensor<9x56x56x144xf32>) outs(%0 : tensor<9x56x56x144xf32>) {
"""  # noqa: E501

_AT = EXECUTABLES.index("  flow.executable private @f_dispatch_2")
PRODUCTS, PASSES = EXECUTABLES[:_AT], EXECUTABLES[_AT:]


def test_only_products_and_convolutions_of_the_table_are_told_how_they_are_cut() -> None:
    tiles = {"8x16x4": Tile((8, 16), (7, 16), 4), "2x7x7x16x3x3x4": Tile((1, 7, 7, 16), (1, 1, 7, 16), 4)}
    told = cut(EXECUTABLES, tiles, rules=None).splitlines()
    changed = [line for line, before in zip(told, EXECUTABLES.splitlines(), strict=True) if line != before]
    assert len(changed) == 2
    product, image = changed
    assert product.endswith(
        " outs(%0 : tensor<8x16xf32>) attrs = {compilation_info = #iree_codegen.compilation_info<lowering_config = "
        "#iree_cpu.lowering_config<distribution = [8, 16, 0], vector_common_parallel = [7, 16, 0], vector_reduction = "
        "[0, 0, 4]>, translation_info = #iree_codegen.translation_info<pipeline = "
        "#iree_cpu.pipeline<DoubleTilingExpert>>>} {"
    )
    assert "attrs =  {compilation_info = " in image
    assert "vector_reduction = [0, 0, 0, 0, 1, 1, 4]" in image
    assert image.endswith("ConvTileAndDecomposeExpert>>>, memoized = [#map]} {")
    assert cut(EXECUTABLES, {}, rules=None) == EXECUTABLES
    peeled = cut(EXECUTABLES, {"8x16x4": Tile((8, 16), (7, 16), 4, peeled=True)}, rules=None)
    assert peeled.count("<pipeline = #iree_cpu.pipeline<DoubleTilingExpert>, {enable_loop_peeling}>>} {") == 1


def test_a_depthwise_convolution_of_one_image_is_cut_with_the_axis_that_was_left_out() -> None:
    told = cut(EXECUTABLES, {"1x3x3x32x9x7": Tile((1, 1, 3, 32), (1, 1, 3, 32), 2)}, rules=None)
    before, after = EXECUTABLES.splitlines(), told.splitlines()
    image, out, operation, *rest = [line.strip() for line in after if line not in before]
    assert image == (
        "%operand0_3 = tensor.expand_shape %1 [[0, 1], [2], [3]] output_shape [1, 19, 15, 32] : "
        "tensor<19x15x32xf32> into tensor<1x19x15x32xf32>"
    )
    assert out.startswith("%operand2_3 = tensor.expand_shape %0 ")
    assert operation.startswith(
        "%whole_3 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3, d4, d5) -> "
        "(d0, d1 + d4 * 2, d2 + d5 * 2, d3)>, affine_map<(d0, d1, d2, d3, d4, d5) -> (d4, d5, d3)>, "
    )
    assert "vector_common_parallel = [1, 1, 3, 32, 0, 0], vector_reduction = [0, 0, 0, 0, 1, 2]>" in operation
    assert operation.endswith("pipeline = #iree_cpu.pipeline<ConvTileAndDecomposeExpert>>>} {")
    assert rest == [
        "} -> tensor<1x3x3x32xf32>",
        "%3 = tensor.collapse_shape %whole_3 [[0, 1], [2], [3]] : tensor<1x3x3x32xf32> into tensor<3x3x32xf32>",
    ]
    gone = [line for line in before if line not in after]
    assert gone == [line for line in before if "tensor<3x3x32xf32>" in line]


def test_a_pool_of_one_image_stays() -> None:
    pool = EXECUTABLES.replace(
        "affine_map<(d0, d1, d2, d3, d4) -> (d3, d4, d2)>", "affine_map<(d0, d1, d2, d3, d4) -> (d3, d4)>"
    )
    assert pool != EXECUTABLES
    assert cut(pool, {"1x3x3x32x9x7": Tile((1, 1, 3, 32), (1, 1, 3, 32), 2)}, rules=None) == pool


def test_by_rule_what_the_table_does_not_know_is_cut_too() -> None:
    shapes = ("8x16x4", "2x7x7x16x3x3x4", "1x3x3x32x9x7")
    ruled = {shape: tile for shape in shapes if (tile := RULES_AVX512.tile(shape))}
    assert set(ruled) == set(shapes)
    assert cut(PRODUCTS, {}, rules=RULES_AVX512) == cut(PRODUCTS, ruled, rules=None) != PRODUCTS
    mine = {"8x16x4": Tile((4, 16), (4, 16), 2)}
    assert cut(PRODUCTS, mine, rules=RULES_AVX512) == cut(PRODUCTS, ruled | mine, rules=None)


@pytest.mark.parametrize(("places", "pixels"), [("d3, d2", True), ("d0, d3, d2", False)])
def test_a_product_over_an_image_s_pixels_is_none_of_a_stack(places: str, pixels: bool) -> None:
    def place(names: str) -> str:
        return f"affine_map<(d0, d1, d2, d3) -> ({names})>"

    text = f"""
  flow.executable private @f_dispatch_0 {{
      flow.executable.export public @f_dispatch_0_matmul_like_14x14x576x96_f32 ordinal(0) layout(#hal.pipeline.layout<>) {{
          %3 = linalg.generic {{indexing_maps = [{place("d0, d1, d3")}, {place(places)}, {place("d0, d1, d2")}], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}} ins(%1, %2 : tensor<14x14x96xf32>, tensor<96x576xf32>) outs(%0 : tensor<14x14x576xf32>) {{
"""  # noqa: E501
    tile = RULES_AVX512.tile("14x14x576x96", pixels)
    assert tile
    assert tile != RULES_AVX512.tile("14x14x576x96", not pixels)
    assert cut(text, {}, rules=RULES_AVX512) == cut(text, {"14x14x576x96": tile}, rules=None)


@pytest.mark.parametrize("rules", [RULES_AVX512, RULES_AVX2])
@pytest.mark.parametrize("shape", ["14x14x32x3x3x16", "14x14x32x16x16x8"])
def test_a_convolution_of_one_image_without_its_batch_is_no_depthwise_one(shape: str, rules: Rules) -> None:
    axes = ", ".join(['"parallel"'] * 3 + ['"reduction"'] * 3)
    loops = ", ".join(f"d{axis}" for axis in range(6))
    maps = ", ".join(
        f"affine_map<({loops}) -> ({place})>" for place in ("d0 + d3, d1 + d4, d5", "d3, d4, d5, d2", "d0, d1, d2")
    )
    text = f"""
  flow.executable private @f_dispatch_0 {{
      flow.executable.export public @f_dispatch_0_conv_{shape}_f32 ordinal(0) layout(#hal.pipeline.layout<>) {{
          %3 = linalg.generic {{indexing_maps = [{maps}], iterator_types = [{axes}]}} ins(%1, %2 : tensor<16x16x16xf32>, tensor<3x3x16x32xf32>) outs(%0 : tensor<14x14x32xf32>) {{
          ^bb0(%in: f32, %in_0: f32, %out: f32):
            linalg.yield %5 : f32
          }} -> tensor<14x14x32xf32>
"""  # noqa: E501
    tile = rules.tile(f"1x{shape}")
    assert tile
    told = cut(text, {}, rules=rules)
    assert f"distribution = {[*tile.outer, 0, 0, 0]}, vector_common_parallel = {[*tile.vector, 0, 0, 0]}" in told
    assert "tensor<16x16x16xf32> into tensor<1x16x16x16xf32>" in told
    assert "(d1 + d4, d2 + d5, d6)" not in told
    assert "-> (d0, d1 + d4, d2 + d5, d6)>" in told
    assert "-> (d4, d5, d6, d3)>" in told
    assert cut(text, {f"1x{shape}": tile}, rules=None) == told
    assert cut(text, {shape: tile}, rules=None) == text


def test_by_rule_a_pass_takes_stretches_of_memory_and_a_sum_whole_pixels() -> None:
    before, after = PASSES.splitlines(), cut(PASSES, {}, rules=RULES_AVX512).splitlines()
    image, vector, one, other, operation, *rest = [line.strip() for line in after if line not in before]
    assert image == (
        "%operand0_3 = tensor.expand_shape %1 [[0], [1], [2, 3]] output_shape [8, 49, 3, 32] : "
        "tensor<8x49x96xf32> into tensor<8x49x3x32xf32>"
    )
    assert vector.startswith("%operand1_3 = tensor.expand_shape %2 [[0, 1]] output_shape [3, 32] : ")
    assert one.startswith("%operand2_3 = tensor.expand_shape %0 [[0], [1, 2]]")
    assert other.startswith("%operand3_3 = tensor.expand_shape %0 [[0], [1, 2]]")
    assert operation.startswith(
        "%whole_3:2 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d3, d1, d2)>, "
        "affine_map<(d0, d1, d2, d3) -> (d1, d2)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>, "
    )
    assert "distribution = [1, 3, 32, 0], vector_common_parallel = [1, 3, 32, 0], vector_reduction = [0, 0, 0, 1]>" in (
        operation
    )
    end, first, second, stored, stored_too, told = rest
    assert end == "} -> (tensor<8x3x32xf32>, tensor<8x3x32xf32>)"
    assert first == (
        "%result0_3 = tensor.collapse_shape %whole_3#0 [[0], [1, 2]] : tensor<8x3x32xf32> into tensor<8x96xf32>"
    )
    assert second.startswith("%result1_3 = tensor.collapse_shape %whole_3#1 ")
    assert "store %result0_3, %7 : " in stored
    assert "store %result1_3, %8 : " in stored_too
    assert "distribution = [1, 8, 56, 144], vector_common_parallel = [1, 1, 1, 48]>" in told


def test_a_pass_of_two_operations_is_left_alone() -> None:
    line = next(line for line in EXECUTABLES.splitlines(keepends=True) if "tensor<9x56x56x144xf32>" in line)
    twice = EXECUTABLES.replace(line, line + line.replace("%3", "%4"))
    assert "9x56x56x144" in twice
    assert "[1, 8, 56, 144]" not in cut(twice, {}, rules=RULES_AVX512)


def test_what_the_rules_do_not_fit_is_left_to_the_compiler() -> None:
    assert pass_by_rule([64]) is pass_by_rule([8, 24]) is None
    assert pass_by_rule([9, 100_000, 64]) == Tile((1, 1000, 64), (1, 1, 64), 1)
    assert sum_by_rule(24) is sum_by_rule(MOST_CHANNELS + 16) is None
    for before, instead in (
        ("reduction_8x96x49", "reduction_1x96x49"),
        ("reduction_8x96x49", "reduction_8x96x7x7"),
        ("reduction_8x96x49", "reduction_8x40x49"),
        ("(d0, d2, d1)>", "(d0, d1, d2)>"),
        ("-> (d1)>", "-> (d1 * 2)>"),
    ):
        other = PASSES.replace(before, instead)
        assert "%whole" not in cut(other, {}, rules=RULES_AVX512)


def sums(size: tuple[int, int, int, int]) -> Program:
    """Σ (x - k) and Σ y · (x - k) of each image's pixels."""
    block = Block()
    x, y, k = block.argument("x", size), block.argument("y", size), block.argument("k", size[3:])
    each = per_channel(k, x)
    weighted = summand(y, hlo.subtract(each, x), "weighted")
    return giving(block, "predict", hlo.sums((hlo.subtract(x, each), weighted), (1, 2)), x, y, k)


def found(program: Program, ruled: bool, shared: Path) -> tuple[bytes, list[NDArray[np.float32]]]:
    """What it is compiled to, and what it gives for random numbers."""
    source = np.random.default_rng(0)
    numbers = [source.standard_normal(entry.shape).astype(np.float32) for entry in program.manifest.arguments]
    with pytest.MonkeyPatch.context() as patch, only_one(shared):
        patch.setenv("NETSPEC_CACHE", str(shared / "tiles"))
        patch.setattr(compilation, "rules_of", lambda target: RULES_AVX512 if ruled else None)
        (made,) = compile_programs([program], CPU, quiet(), tiles={})
    device = Device(CPU)
    results = device.load(made.program, "predict")([device.put(each, "f32") for each in numbers])
    return made.program, [device.read(each, "f32") for each in results]


@pytest.mark.ordinary
@pytest.mark.parametrize(
    "size", [(3, 7, 9, 96), (2, 14, 14, 144), (5, 4, 4, 64), (2, 1, 3, 16), (3, 5, 5, 192), (4, 3, 3, 160)]
)
def test_sums_of_whole_pixels_are_the_same(size: tuple[int, int, int, int], shared: Path) -> None:
    program = sums(size)
    left, before = found(program, False, shared)
    right, after = found(program, True, shared)
    assert left != right
    for one, other in zip(before, after, strict=True):
        assert one.shape == other.shape == (size[0], size[3])
        assert np.abs(one - other).max() < 2e-6 * size[1] * size[2]
    source = np.random.default_rng(0)
    x, y, k = (source.standard_normal(each).astype(np.float32).astype(np.float64) for each in (size, size, size[3:]))
    for each, wanted in zip(after, ((x - k).sum((1, 2)), (y * (x - k)).sum((1, 2))), strict=True):
        assert np.abs(each - wanted).max() < 2e-6 * size[1] * size[2]


@pytest.mark.ordinary
@pytest.mark.parametrize("size", [(3, 7, 9, 96), (2, 5, 5, 144), (70, 9, 9, 16)])
def test_passes_give_the_same_bits(size: tuple[int, int, int, int], shared: Path) -> None:
    block = Block()
    x, y, k = block.argument("x", size), block.argument("y", size), block.argument("k", size[3:])
    padded = hlo.pad(hlo.add(hlo.multiply(x, per_channel(k, x)), y), (0, 1, 1, 0), (0, 0, 2, 0))
    program = giving(block, "predict", (padded,), x, y, k)
    left, (before,) = found(program, False, shared)
    right, (after,) = found(program, True, shared)
    assert left != right
    assert np.array_equal(before, after)
    assert np.any(after)


@pytest.mark.ordinary
@pytest.mark.parametrize("size", [(1, 7, 9, 96), (2, 5, 5, 24), (2, 5, 5, 208)])
def test_other_sums_are_compiled_as_before(size: tuple[int, int, int, int], shared: Path) -> None:
    program = sums(size)
    assert found(program, False, shared)[0] == found(program, True, shared)[0]
