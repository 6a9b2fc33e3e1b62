"""What goes into a padded image is computed in its place, and results are unchanged."""

from pathlib import Path

import numpy as np
import pytest

from emit import hlo
from emit.hlo import Block
from emit.program import Program
from tests.runtime.compiler.passes.rewritten import found
from tests.runtime.compiler.programs import giving


def convolved(size: tuple[int, int, int, int], columns: int, stride: int) -> Program:
    """A convolution and its positive part, padded for the next."""
    block = Block()
    x, kernel = block.argument("x", size), block.argument("kernel", (3, 3, size[3], columns))
    image = hlo.convolution(x, kernel, pads=((1, 1), (1, 1)), strides=(stride, stride))
    image = hlo.maximum(image, block.constant(0, image.shape))
    return giving(block, "predict", (hlo.pad(image, (0, 1, 1, 0), (0, 1, 1, 0)),), x, kernel)


@pytest.mark.ordinary
@pytest.mark.parametrize(("size", "stride"), [((1, 14, 14, 3), 2), ((3, 16, 16, 4), 1)], ids=str)
def test_results_are_unchanged(size: tuple[int, int, int, int], stride: int, shared: Path) -> None:
    program = convolved(size, 32, stride)
    copied, (before,) = found(program, shared, without="store_in_place")
    text, (after,) = found(program, shared)
    assert text != copied
    assert np.any(after)
    assert np.array_equal(before, after)
