"""A matrix that a matmul reads along its rows is transposed once, before it, and results are unchanged."""

import re
from pathlib import Path

import numpy as np
import pytest

from emit import hlo
from emit.hlo import Block
from emit.program import Program
from tests.runtime.compiler.passes.rewritten import found
from tests.runtime.compiler.programs import giving


def transposed(rows: int, inner: int, columns: int, masked: bool) -> Program:
    """The cotangents of images that two kernels were multiplied with."""
    block = Block()
    x = block.argument("x", (rows, inner))
    kernels = [block.argument(f"kernel_{name}", (columns, inner)) for name in ("one", "other")]
    matmuls = [hlo.dot(x, kernel, (1, 1)) for kernel in kernels]
    if masked:
        positive = hlo.compare(matmuls[0], "GT", block.constant(0.5, matmuls[0].shape))
        matmuls[1] = hlo.select(positive, matmuls[1], block.constant(0, matmuls[1].shape))
    return giving(block, "predict", tuple(matmuls), x, *kernels)


def of_images(side: int, inner: int, columns: int) -> Program:
    """The same of images that get a border next, so that their rows stay three axes."""
    block = Block()
    x = block.argument("x", (2, side, side, inner))
    kernel = block.argument("kernel", (1, 1, columns, inner))
    y = hlo.convolution(x, hlo.transpose(kernel, (0, 1, 3, 2)))
    y = hlo.select(hlo.compare(y, "GT", block.constant(0.5, y.shape)), y, block.constant(0, y.shape))
    return giving(block, "predict", (hlo.pad(y, (0, 1, 1, 0), (0, 1, 1, 0)),), x, kernel)


@pytest.mark.ordinary
@pytest.mark.parametrize(("side", "turned"), [(9, 1), (5, 0)], ids=["162 rows", "50 rows"])
def test_the_rows_may_be_an_image_s(side: int, turned: int, shared: Path) -> None:
    program = of_images(side, 24, 144)
    plain, before = found(program, shared, without="pretranspose")
    text, after = found(program, shared)
    assert "matmul_like_2x" in plain
    assert len(re.findall(r"stream\.cmd\.dispatch @\w+::@turned_", text)) == turned
    for one, other in zip(before, after, strict=True):
        assert np.array_equal(one, other)


@pytest.mark.ordinary
@pytest.mark.parametrize(
    ("size", "masked"), [((200, 24, 144), False), ((77, 96, 10), True), ((64, 5, 1), True)], ids=str
)
def test_results_are_unchanged(size: tuple[int, int, int], masked: bool, shared: Path) -> None:
    program = transposed(*size, masked)
    plain, before = found(program, shared, without="pretranspose")
    text, after = found(program, shared)
    assert "@turned_" not in plain
    # A vector is transposed by giving it another shape.
    dispatched = re.findall(r"stream\.cmd\.dispatch @\w+::@turned_", text)
    assert len(dispatched) == (0 if 1 in size else 2)
    for one, other in zip(before, after, strict=True):
        assert np.array_equal(one, other)
