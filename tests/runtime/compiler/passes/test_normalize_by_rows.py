"""Bytes become numbers in their place in the padded image, row by row, and every number is as it was."""

from pathlib import Path

import numpy as np
import pytest

from emit import hlo
from emit.hlo import Block, Value
from emit.program import Program, normalise
from runtime.compiler.passes.normalize_by_rows import with_images
from tests.runtime.compiler.passes.rewritten import found
from tests.runtime.compiler.programs import giving

PROGRAM = """\
module @f {
  flow.executable private @f_dispatch_0 {
    flow.executable.export public @f_dispatch_0_elementwise_6x3_i8xf32xf32xf32 workgroups() -> (index, index, index) {
    }
    builtin.module {
      func.func @f_dispatch_0_elementwise_6x3_i8xf32xf32xf32(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<6x3xi8>>, %arg1: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<6x3xf32>>) {
        %cst = arith.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0], sizes = [6, 3], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<6x3xi8>> -> tensor<6x3xi8>
        %1 = tensor.empty() : tensor<6x3xf32>
        %2 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%0, %cst : tensor<6x3xi8>, tensor<3xf32>) outs(%1 : tensor<6x3xf32>) {
        } -> tensor<6x3xf32>
        iree_tensor_ext.dispatch.tensor.store %2, %arg1, offsets = [0, 0], sizes = [6, 3], strides = [1, 1] : tensor<6x3xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<6x3xf32>>
      }
    }
  }
  flow.executable private @f_dispatch_1 {
    builtin.module {
      func.func @f_dispatch_1_slow_memcpy(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<3x2x3xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readwrite:tensor<5x4x3xf32>>) {
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0, 0], sizes = [3, 2, 3], strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<3x2x3xf32>> -> tensor<3x2x3xf32>
        iree_tensor_ext.dispatch.tensor.store %0, %arg1, offsets = [1, 1, 0], sizes = [3, 2, 3], strides = [1, 1, 1] : tensor<3x2x3xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<5x4x3xf32>>
      }
    }
  }
  util.func public @f(%arg0: tensor<6x3xi8>) {
    %4 = flow.dispatch @f_dispatch_0::@f_dispatch_0_elementwise_6x3_i8xf32xf32xf32(%3) : (tensor<6x3xi8>) -> tensor<6x3xf32> loc("f":3:1)
    %5 = flow.tensor.reshape %4 : tensor<6x3xf32> -> tensor<3x2x3xf32>
    %6 = flow.tensor.splat %zero : tensor<5x4x3xf32>
    %7 = flow.dispatch @f_dispatch_1::@f_dispatch_1_slow_memcpy(%5, %6) : (tensor<3x2x3xf32>, tensor<5x4x3xf32>) -> %6
    %8 = flow.dispatch @f_dispatch_2::@f_dispatch_2_conv(%7) : (tensor<5x4x3xf32>) -> tensor<3x2x8xf32>
  }
}
"""  # noqa: E501


def test_the_pass_goes_by_rows_and_writes_into_the_padded_image() -> None:
    text = with_images(PROGRAM)
    function = "@f_dispatch_0_elementwise_3x6_i8xf32xf32xf32"
    assert "dense<[1.0, 2.0, 3.0, 1.0, 2.0, 3.0]> : tensor<6xf32>" in text
    assert "affine_map<(d0, d1) -> (d1)>" in text
    assert f"func.func {function}(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<3x6xi8>>" in text
    assert (
        "store %2, %arg1, offsets = [1, 3], sizes = [3, 6], strides = [1, 1] : tensor<3x6xf32> -> "
        "!iree_tensor_ext.dispatch.tensor<readwrite:tensor<5x12xf32>>" in text
    )
    lines = [line.strip() for line in text[text.index("util.func") :].splitlines()[1:-2]]
    assert lines == [
        "%6 = flow.tensor.splat %zero : tensor<5x12xf32>",
        '%bytes_by_rows = flow.tensor.reshape %3 : tensor<6x3xi8> -> tensor<3x6xi8> loc("f":3:1)',
        f"%padded_by_rows = flow.dispatch @f_dispatch_0::{function}(%bytes_by_rows, %6) : "
        '(tensor<3x6xi8>, tensor<5x12xf32>) -> %6 loc("f":3:1)',
        '%7 = flow.tensor.reshape %padded_by_rows : tensor<5x12xf32> -> tensor<5x4x3xf32> loc("f":3:1)',
        "%8 = flow.dispatch @f_dispatch_2::@f_dispatch_2_conv(%7) : (tensor<5x4x3xf32>) -> tensor<3x2x8xf32>",
    ]


@pytest.mark.parametrize(
    ("before", "instead"),
    [
        ("_conv(%7)", "_conv(%7, %4)"),
        ("_conv(%7)", "_conv(%7, %5)"),
        ("_conv(%7)", "_conv(%7, %6)"),
        (
            "    %8 = ",
            "    %9 = flow.dispatch @f_dispatch_0::@f_dispatch_0_elementwise_6x3_i8xf32xf32xf32(%2)\n    %8 = ",
        ),
        ("tensor<5x4x3xf32>>", "tensor<5x4x4xf32>>"),
        ("store %0, %arg1", "store %1, %arg1"),
        ("affine_map<(d0, d1) -> (d1)>", "affine_map<(d0, d1) -> (d0)>"),
        ("dense<[1.0, 2.0, 3.0]>", "dense<1.0>"),
        ("%5 = flow.tensor.reshape %4", "%5 = flow.tensor.reshape %2"),
    ],
)
def test_other_passes_stay(before: str, instead: str) -> None:
    assert before in PROGRAM
    other = PROGRAM.replace(before, instead)
    assert with_images(other) == other


PADS = {"one": ((1, 1), (1, 1)), "behind": ((0, 0), (1, 1)), "wide": ((3, 3), (2, 4)), "more above": ((2, 1), (0, 1))}


def padded(size: tuple[int, int, int], pads: tuple[tuple[int, int], tuple[int, int]], again: bool) -> Program:
    block = Block()
    images = block.argument("images", (*size, 3), "ui8")
    normal = normalise(images)
    (above, left), (below, right) = pads
    results: tuple[Value, ...] = (hlo.pad(normal, (0, above, left, 0), (0, below, right, 0), fill=0.5),)
    return giving(block, "predict", (*results, normal) if again else results, images)


@pytest.mark.ordinary
@pytest.mark.parametrize("pads", PADS.values(), ids=PADS)
@pytest.mark.parametrize("size", [(1, 16, 32), (1, 7, 5), (3, 9, 64), (2, 20, 11)], ids=str)
def test_every_number_is_as_it_was(
    size: tuple[int, int, int], pads: tuple[tuple[int, int], tuple[int, int]], shared: Path
) -> None:
    program = padded(size, pads, again=False)
    by_pixels, (before,) = found(program, shared, without="with_images")
    by_rows, (after,) = found(program, shared)
    assert "slow_memcpy" in by_pixels
    assert "slow_memcpy" not in by_rows
    assert np.array_equal(before, after)


@pytest.mark.ordinary
def test_numbers_that_are_needed_twice_stay(shared: Path) -> None:
    program = padded((2, 8, 16), PADS["one"], again=True)
    before, after = found(program, shared, without="with_images"), found(program, shared)
    assert before[0] == after[0]
    for one, other in zip(before[1], after[1], strict=True):
        assert np.array_equal(one, other)
