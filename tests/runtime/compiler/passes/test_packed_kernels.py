"""Packed weights are multiplied with as they are stored, and results are unchanged."""

import re
from pathlib import Path

import numpy as np
import pytest

from emit import hlo
from emit.hlo import Block, Value
from emit.program import Program
from tests.runtime.compiler.passes.rewritten import found
from tests.runtime.compiler.programs import giving


def unpacked(weights: Value) -> Value:
    """Packed weights `[panels, inner, columns]` as a 1×1 kernel."""
    panels, inner, columns = weights.shape
    return hlo.reshape(hlo.transpose(weights, (1, 0, 2)), (1, 1, inner, panels * columns))


def convolved(
    image: tuple[int, int, int], packing: tuple[int, int, int], *, epilogue: str = "", kernels: int = 1
) -> Program:
    """Convolutions of an image with packed kernels, each with an epilogue, which may be padded for the next."""
    block = Block()
    x = block.argument("x", (1, *image))
    weights = [block.argument(f"k{number}", packing) for number in range(kernels)]
    results = []
    for kernel in map(unpacked, weights):
        y = hlo.convolution(x, kernel)
        bias = hlo.broadcast(block.vector([0.25] * y.shape[-1], "bias"), y.shape, (3,))
        y = hlo.maximum(hlo.add(y, bias), block.constant(0.0, y.shape))
        if epilogue == "residual":
            y = hlo.add(y, hlo.pad(x, (0,) * 4, (0, 0, 0, y.shape[-1] - x.shape[-1])))
        if epilogue == "padded":
            y = hlo.pad(y, (0, 1, 1, 0), (0, 1, 1, 0))
        results.append(y)
    return giving(block, "predict", tuple(results), x, *weights)


CASES = {
    "rows and columns fit registers": convolved((14, 14, 24), (4, 24, 16), epilogue="padded"),
    "odd sizes": convolved((5, 3, 7), (3, 7, 8)),
    "the image is added": convolved((8, 4, 16), (4, 16, 16), epilogue="residual"),
    "one executable for two kernels": convolved((4, 4, 8), (2, 8, 16), epilogue="padded", kernels=2),
}


def transposes(text: str) -> int:
    return len(re.findall(r"stream\.cmd\.dispatch @\w+::@\w+_transpose_", text))


@pytest.mark.ordinary
@pytest.mark.parametrize("program", CASES.values(), ids=CASES)
def test_results_are_unchanged(program: Program, shared: Path) -> None:
    kernels = sum(entry.name.startswith("k") for entry in program.manifest.arguments)
    plain, before = found(program, shared, without="packed_kernels")
    text, after = found(program, shared)
    assert (transposes(plain), transposes(text)) == (kernels, 0)
    for one, other in zip(before, after, strict=True):
        assert np.allclose(one, other, rtol=0, atol=1e-5 * np.abs(one).max())
        assert np.ptp(one) > 1
