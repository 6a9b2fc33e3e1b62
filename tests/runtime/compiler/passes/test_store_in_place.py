"""What goes into a padded image is computed in its place, and every number is as it was."""

from pathlib import Path

import numpy as np
import pytest

from emit import hlo
from emit.hlo import Block
from emit.program import Program
from runtime.compiler.passes.store_in_place import with_placed
from tests.runtime.compiler.passes.rewritten import found
from tests.runtime.compiler.programs import giving

PROGRAM = """\
module @f {
  flow.executable private @f_dispatch_0 {
    builtin.module {
      func.func @f_dispatch_0_conv(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<9x9x4xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readwrite:tensor<11x11x4xf32>>) {
        %3 = tensor.empty() : tensor<9x9x4xf32> loc("f":2:1)
        %6 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel", "parallel"]} ins(%5 : tensor<9x9x4xf32>) outs(%3 : tensor<9x9x4xf32>) {
        ^bb0(%in: f32, %out: f32):
          linalg.yield %in : f32
        } -> tensor<9x9x4xf32>
        iree_tensor_ext.dispatch.tensor.store %6, %arg1, offsets = [1, 1, 0], sizes = [9, 9, 4], strides = [1, 1, 1] : tensor<9x9x4xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<11x11x4xf32>> loc("f":3:1)
        return
      }
    }
  }
}
"""  # noqa: E501


def test_the_place_of_a_result_is_where_it_is_stored() -> None:
    before, after = PROGRAM.splitlines(), with_placed(PROGRAM).splitlines()
    load, generic = [line for line in after if line not in before]
    assert load.strip() == (
        "%place = iree_tensor_ext.dispatch.tensor.load %arg1, offsets = [1, 1, 0], sizes = [9, 9, 4], "
        "strides = [1, 1, 1] : !iree_tensor_ext.dispatch.tensor<readwrite:tensor<11x11x4xf32>> -> tensor<9x9x4xf32>"
    )
    assert generic.strip() == before[5].strip().replace("outs(%3 ", "outs(%place ")
    assert after.index(generic) == after.index(load) + 1


@pytest.mark.parametrize(
    ("before", "instead"),
    [
        ("readwrite", "writeonly"),
        ("%3 = tensor.empty()", "%3 = linalg.fill ins(%zero : f32) outs(%2 : tensor<9x9x4xf32>)"),
        ("store %6,", "store %6#0,"),
        ("        return", "        iree_tensor_ext.dispatch.tensor.store %6, %arg1, offsets = [0], sizes = [9], "
         "strides = [1] : tensor<9xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<11xf32>>\n        return"),
        ("%6 = linalg.generic", "%6 = linalg.add"),
        ('"parallel", "parallel", "parallel"]', '"parallel", "parallel", "parallel", "reduction"]'),
    ],
)  # fmt: skip
def test_other_results_stay(before: str, instead: str) -> None:
    assert before in PROGRAM
    other = PROGRAM.replace(before, instead)
    assert with_placed(other) == other


def convolved(size: tuple[int, int, int, int], columns: int, stride: int, rectified: bool) -> Program:
    """A convolution, padded for the next."""
    block = Block()
    x, kernel = block.argument("x", size), block.argument("kernel", (3, 3, size[3], columns))
    image = hlo.convolution(x, kernel, pads=((1, 1), (1, 1)), strides=(stride, stride))
    if rectified:
        image = hlo.maximum(image, block.constant(0, image.shape))
    return giving(block, "predict", (hlo.pad(image, (0, 1, 1, 0), (0, 1, 1, 0)),), x, kernel)


@pytest.mark.ordinary
@pytest.mark.parametrize("rectified", [False, True], ids=["bare", "rectified"])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("size", [(1, 14, 14, 3), (1, 18, 14, 8), (3, 16, 16, 4)], ids=str)
def test_every_number_is_as_it_was(size: tuple[int, int, int, int], stride: int, rectified: bool, shared: Path) -> None:
    program = convolved(size, 32, stride, rectified)
    aside, (before,) = found(program, shared, without="with_placed")
    text, (after,) = found(program, shared)
    assert (text != aside) == rectified
    assert np.any(after)
    assert np.array_equal(before, after)
