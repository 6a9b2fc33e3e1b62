"""Bytes become numbers in their place in the padded image, row by row, and results are unchanged."""

from pathlib import Path

import numpy as np
import pytest

from emit import hlo
from emit.hlo import Block
from emit.images import normalise
from emit.program import Program
from netspec.preprocessing import HOUSE
from tests.runtime.compiler.passes.rewritten import found
from tests.runtime.compiler.programs import giving

Pads = tuple[tuple[int, int], tuple[int, int]]


def padded(size: tuple[int, int, int], pads: Pads) -> Program:
    block = Block()
    images = block.argument("images", (*size, 3), "ui8")
    (above, left), (below, right) = pads
    result = hlo.pad(normalise(images, HOUSE), (0, above, left, 0), (0, below, right, 0), fill=0.5)
    return giving(block, "predict", (result,), images)


@pytest.mark.ordinary
@pytest.mark.parametrize(
    ("size", "pads"),
    [((1, 7, 5), ((3, 3), (2, 4))), ((1, 16, 32), ((0, 0), (1, 1))), ((3, 9, 64), ((2, 1), (0, 1)))],
    ids=str,
)
def test_results_are_unchanged(size: tuple[int, int, int], pads: Pads, shared: Path) -> None:
    program = padded(size, pads)
    by_pixels, (before,) = found(program, shared, without="normalize_by_rows")
    by_rows, (after,) = found(program, shared)
    assert "slow_memcpy" in by_pixels
    assert "slow_memcpy" not in by_rows
    assert np.array_equal(before, after)
