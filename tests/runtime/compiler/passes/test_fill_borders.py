"""Of a padded image the border alone is filled, and results are unchanged."""

from math import prod
from pathlib import Path

import numpy as np
import pytest

from emit import hlo
from emit.hlo import Block, Value
from emit.program import Program
from runtime.compiler.passes.fill_borders import Interior
from tests.runtime.compiler.passes.rewritten import found
from tests.runtime.compiler.programs import giving

PADS = {
    "around": ((0, 1, 1, 0), (0, 1, 1, 0)),
    "after": ((0, 0, 0, 0), (0, 2, 1, 0)),
    "before": ((0, 2, 3, 0), (0, 0, 0, 0)),
    "above": ((0, 1, 0, 0), (0, 0, 0, 0)),
    "right": ((0, 0, 0, 0), (0, 0, 1, 0)),
    "channels": ((0, 0, 0, 3), (0, 0, 0, 0)),
    "columns and channels": ((0, 0, 1, 1), (0, 0, 1, 0)),
    "images": ((1, 0, 0, 0), (2, 0, 0, 0)),
    "images and rows": ((0, 1, 0, 0), (1, 0, 0, 0)),
}
SIZES = ((1, 5, 7, 16), (3, 4, 6, 32), (2, 1, 5, 24), (2, 6, 1, 5), (1, 3, 3, 1))

Pads = tuple[tuple[int, ...], tuple[int, ...]]


@pytest.mark.parametrize("pads", PADS.values(), ids=PADS)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_a_border_is_each_number_once_that_the_image_leaves(size: tuple[int, ...], pads: Pads) -> None:
    before, after = pads
    shape = tuple(size[axis] + before[axis] + after[axis] for axis in range(4))
    box = Interior(shape, before, size, "f32")
    assert box.fits
    matrices = np.zeros(shape, int).reshape(prod(shape[: box.rows]), -1)
    for run in box.border():
        for place in range(run.repeats):
            start = run.start + place * run.stride
            matrices[:, start : start + run.length] += 1
    left = np.ones(shape, int)
    left[tuple(slice(start, start + length) for start, length in zip(before, size, strict=True))] = 0
    assert np.array_equal(matrices.reshape(shape), left)


def padding(size: tuple[int, int, int, int], pads: Pads, fill: float) -> Program:
    """Two padded images, one of a convolution and one of an elementwise op."""
    block = Block()
    x, kernel = block.argument("x", size), block.argument("kernel", (1, 1, size[3], size[3]))
    convolved = hlo.convolution(x, kernel, pads=((0, 0), (0, 0)), strides=(1, 1))

    def padded(value: Value) -> Value:
        return hlo.pad(hlo.maximum(value, block.constant(0.5, size)), *pads, fill=fill)

    return giving(block, "predict", (padded(convolved), padded(hlo.maximum(x, hlo.add(x, x)))), x, kernel)


@pytest.mark.ordinary
@pytest.mark.parametrize(
    ("size", "pads"),
    [
        ((3, 4, 6, 32), "around"),
        ((1, 3, 3, 1), "after"),
        ((1, 5, 7, 16), "columns and channels"),
        ((2, 6, 1, 5), "images and rows"),
    ],
    ids=str,
)
def test_results_are_unchanged(size: tuple[int, int, int, int], pads: str, shared: Path) -> None:
    program = padding(size, PADS[pads], fill=-0.25)
    plain, before = found(program, shared, without="fill_borders")
    text, after = found(program, shared)
    assert text.count("stream.cmd.fill") == 0 < plain.count("stream.cmd.fill")
    for one, other in zip(before, after, strict=True):
        assert np.array_equal(one, other)
