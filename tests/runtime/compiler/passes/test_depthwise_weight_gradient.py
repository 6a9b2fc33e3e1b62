"""Depthwise weight gradients are summed at all places of the kernel at once, and every number is as it was."""

from pathlib import Path

import numpy as np
import pytest

from emit import hlo
from emit.hlo import Block
from emit.program import Program
from runtime.compiler import compile as compilation
from runtime.compiler.passes.depthwise_weight_gradient import with_gradients
from runtime.compiler.tiling.rules import RULES_AVX2, RULES_AVX512, Rules
from tests.runtime.compiler.passes.rewritten import found
from tests.runtime.compiler.programs import giving

PROGRAM = """\
module @f {
  flow.executable private @f_dispatch_0 {
    flow.executable.export public @f_dispatch_0_conv_2x2x64x5x14_f32 workgroups() -> (index, index, index) {
    }
    builtin.module {
      func.func @f_dispatch_0_conv_2x2x64x5x14_f32(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<9x15x1x64xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readonly:tensor<1x30x29x64xf32>>, %arg2: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<2x2x64xf32>>) {
        %cst = arith.constant 0.000000e+00 : f32 loc(unknown)
        %0 = tensor.empty() : tensor<2x2x64xf32>
        %1 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [3, 0, 0, 0], sizes = [5, 14, 1, 64], strides = [1, 1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<9x15x1x64xf32>> -> tensor<5x14x64xf32>
        %2 = iree_tensor_ext.dispatch.tensor.load %arg1, offsets = [0, 6, 0, 0], sizes = [1, 10, 28, 64], strides = [1, 1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<1x30x29x64xf32>> -> tensor<10x28x64xf32>
        %3 = linalg.fill ins(%cst : f32) outs(%0 : tensor<2x2x64xf32>) -> tensor<2x2x64xf32>
        %4 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3, d4) -> (d0 + d3 * 2, d1 + d4 * 2, d2)>, affine_map<(d0, d1, d2, d3, d4) -> (d3, d4, d2)>, affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]} ins(%2, %1 : tensor<10x28x64xf32>, tensor<5x14x64xf32>) outs(%3 : tensor<2x2x64xf32>) {
        ^bb0(%in: f32, %in_0: f32, %out: f32):
          %5 = arith.mulf %in, %in_0 : f32
          %6 = arith.addf %out, %5 : f32
          linalg.yield %6 : f32
        } -> tensor<2x2x64xf32>
        iree_tensor_ext.dispatch.tensor.store %4, %arg2, offsets = [0, 0, 0], sizes = [2, 2, 64], strides = [1, 1, 1] : tensor<2x2x64xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<2x2x64xf32>>
        return
      }
    }
  } loc("f":1:1)
  util.func public @f(%arg0: tensor<64x8xf32>) {
    %2 = flow.dispatch @f_dispatch_0::@f_dispatch_0_conv_2x2x64x5x14_f32(%0, %1) : (tensor<9x15x1x64xf32>, tensor<1x30x29x64xf32>) -> tensor<2x2x64xf32> loc("f":3:1)
  }
}
"""  # noqa: E501


def test_each_place_sees_the_image_from_its_own_row_and_column() -> None:
    text = with_gradients(PROGRAM, RULES_AVX512)
    assert "_conv_" not in text
    assert text.count("f_dispatch_0_places_2x2x64x5x14_f32") == 3  # the export, the function, the dispatch
    kind, piece = "!iree_tensor_ext.dispatch.tensor", "tensor<5x14x64xf32>"
    image = f"{kind}<readonly:tensor<1x30x29x64xf32>>"
    assert f"sizes = [5, 14, 1, 64], strides = [1, 1, 1, 1] : {kind}<readonly:tensor<9x15x1x64xf32>> -> {piece}" in text
    for at, (i, j) in enumerate([(0, 0), (0, 1), (1, 0), (1, 1)]):
        assert (
            f"%seen_{i}_{j} = iree_tensor_ext.dispatch.tensor.load %arg1, offsets = [0, {6 + i}, {j}, 0], "
            f"sizes = [1, 5, 14, 64], strides = [1, 2, 2, 1] : {image} -> {piece}\n"
        ) in text
        assert (
            f"iree_tensor_ext.dispatch.tensor.store %sums#{at}, %arg2, offsets = [{i}, {j}, 0], sizes = [1, 1, 64], "
        ) in text
    assert "vector_common_parallel = [32, 0, 0], vector_reduction = [0, 1, 1]" in text


@pytest.mark.parametrize(
    ("before", "instead"),
    [
        ("arith.constant 0.000000e+00", "arith.constant 1.000000e+00"),
        ("%6 = arith.addf %out, %5 : f32", "%6 = arith.addf %out, %5 : f32\n          %7 = arith.mulf %6, %6 : f32"),
        ("        return", "        iree_tensor_ext.dispatch.tensor.store %4, %arg2, offsets = [0], sizes = [9], "
         "strides = [1] : tensor<9xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<9xf32>>\n        return"),
        ("store %4, %arg2", "store %5, %arg2"),
        ("        iree_tensor_ext.dispatch.tensor.store", "        %7 = linalg.generic {} ins(%4) outs(%0)\n        "
         "iree_tensor_ext.dispatch.tensor.store"),
        ("writeonly:tensor<2x2x64xf32>", "writeonly:tensor<64x2x2xf32>"),
        ("sizes = [1, 10, 28, 64]", "sizes = [10, 1, 28, 64]"),
        ("sizes = [1, 10, 28, 64]", "sizes = [2, 5, 28, 64]"),
        ("d1 + d4 * 2", "d1 + d4"),
        ("(d0 + d3 * 2, d1 + d4 * 2, d2)", "(d0 * 2 + d3, d1 * 2 + d4, d2)"),
        ("-> (d3, d4, d2)", "-> (d4, d3, d2)"),
        ("offsets = [3, 0, 0, 0]", "offsets = [%begin, 0, 0, 0]"),
        ("readonly:tensor<1x30x29x64xf32>> ->", "readwrite:tensor<1x30x29x64xf32>> ->"),
        ("tensor<5x14x64xf32>) outs", "tensor<5x13x64xf32>) outs"),
        ("tensor<5x14x64xf32>) outs", "tensor<5x14x32xf32>) outs"),
        ("tensor<5x14x64xf32>) outs", "tensor<5x14x72xf32>) outs"),
        ("outs(%3 : tensor<2x2x64xf32>)", "outs(%3 : tensor<6x6x64xf32>)"),
        ("tensor<5x14x64xf32>) outs", "tensor<5x14x64xbf16>) outs"),
    ],
)  # fmt: skip
def test_others_stay(before: str, instead: str) -> None:
    assert before in PROGRAM
    other = PROGRAM.replace(before, instead)
    assert with_gradients(other, RULES_AVX512) == other


@pytest.mark.parametrize("rules", [None, RULES_AVX2])
def test_where_it_is_no_faster_nothing_is_changed(rules: Rules | None) -> None:
    assert with_gradients(PROGRAM, rules) == PROGRAM


@pytest.mark.parametrize(
    ("rules", "places", "channels", "columns"),
    [
        (RULES_AVX512, 9, 96, 32), (RULES_AVX512, 9, 144, 16), (RULES_AVX512, 9, 72, None),
        (RULES_AVX512, 25, 96, 16), (RULES_AVX512, 49, 96, None),
        (RULES_AVX2, 9, 96, None),
    ],
)  # fmt: skip
def test_as_many_channels_as_fit_into_registers(rules: Rules, places: int, channels: int, columns: int | None) -> None:
    assert rules.sums_at_once(places, channels) == columns


def weights(k: int, stride: int, wide: int, channels: int) -> Program:
    """The weight gradient of two images of three rows each, of which the second's begin at the fourth."""
    block, rows = Block(), -(-(k + 2 * stride) // stride)
    tall = rows * stride
    image = block.argument("x", (1, 2 * tall, (wide - 1) * stride + k, channels))
    cotangent = block.argument("dy", (2 * rows, wide + 1, 1, channels))
    results = []
    for first in range(2):
        seen = hlo.slice_(image, (0, first * tall, 0, 0), (1, (first + 1) * tall, image.shape[2], channels))
        count = (tall - k) // stride + 1
        kernel = hlo.slice_(cotangent, (first * rows, 1, 0, 0), (first * rows + count, wide + 1, 1, channels))
        spare = tall - ((count - 1) * stride + k)
        seen = hlo.slice_(seen, (0, 0, 0, 0), (1, tall - spare, image.shape[2], channels)) if spare else seen
        results.append(hlo.convolution(seen, kernel, kernel_dilation=(stride, stride), groups=channels))
    return giving(block, "predict", tuple(results), image, cotangent)


@pytest.mark.ordinary
def test_a_gradient_that_is_transposed_behind_stays_right(shared: Path) -> None:
    block = Block()
    image, cotangent = block.argument("x", (1, 17, 17, 80)), block.argument("dy", (15, 15, 1, 80))
    result = hlo.transpose(hlo.convolution(image, cotangent, groups=80), (0, 2, 1, 3))
    program = giving(block, "predict", (result,), image, cotangent)
    _, (before,) = found(program, shared, without="with_gradients")
    _, (after,) = found(program, shared)
    assert np.abs(before - after).max() < 1e-4


@pytest.mark.ordinary
@pytest.mark.parametrize(("k", "stride"), [(3, 1), (3, 2), (2, 1), (5, 2)])
def test_every_number_is_as_it_was(k: int, stride: int, shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compilation, "rules_of", lambda target: RULES_AVX512)
    program = weights(k, stride, 15, 80)
    apart, before = found(program, shared, without="with_gradients")
    text, after = found(program, shared)
    assert "_places_" not in apart
    assert "_places_" in text
    for one, other in zip(before, after, strict=True):
        assert one.shape == (1, k, k, 80)
        assert np.abs(one - other).max() < 1e-4
        assert np.abs(one).max() > 1
