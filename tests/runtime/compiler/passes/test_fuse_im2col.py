"""A kernel's gradient of few channels reads the image itself, and every number is as it was."""

from pathlib import Path

import numpy as np
import pytest

from emit import hlo
from emit.hlo import Block
from emit.op import Call
from emit.ops.convolution import Convolution
from emit.program import Program
from emit.targets import FORMS
from emit.windows import Window
from tests.runtime.compiler.passes.rewritten import found
from tests.runtime.compiler.programs import giving


def gradient(
    batch: int, height: int, width: int, channels: int, outputs: int, size: int, stride: int, again: bool = False
) -> Program:
    """The gradient of a convolution's kernel. `again`: of two cotangents, so that the patches are read twice."""
    block = Block()
    op = Convolution(channels, outputs, Window(size, stride, "same"))
    x = block.argument("x", (batch, height, width, channels))
    weight = block.argument("weight", (size, size, channels, outputs))
    call = Call((x,), {"weight": weight}, forms=FORMS["cpu"])
    rows, columns = op.window.outputs(height, width)
    shape = (batch, rows, columns, outputs)
    cotangents = [block.argument(f"dy{each}", shape) for each in range(1 + again)]
    results = [op.vjp(call, op.forward(call), each, (False,)).parameters["weight"] for each in cotangents]
    return giving(
        block,
        "predict",
        tuple(hlo.reshape(each, (size * size * channels, outputs)) for each in results),
        x,
        weight,
        *cotangents,
    )


CASES = {
    "a first convolution": (gradient(2, 64, 64, 3, 32, 3, 2), True),
    "lines that differ from columns": (gradient(3, 48, 64, 3, 32, 3, 2), True),
    "a wide window": (gradient(2, 64, 64, 3, 128, 5, 2), True),
    "no stride": (gradient(1, 32, 48, 4, 32, 3, 1), True),
    "patches that are the columns": (gradient(2, 64, 64, 3, 16, 3, 2), False),
    "outputs that fill no registers": (gradient(2, 64, 64, 3, 24, 3, 2), False),
    "patches that are read twice": (gradient(2, 64, 64, 3, 32, 3, 2, again=True), False),
}


@pytest.mark.ordinary
@pytest.mark.parametrize("name", list(CASES))
def test_the_image_is_read_itself(name: str, shared: Path) -> None:
    program, reads = CASES[name]
    text, after = found(program, shared)
    plain, before = found(program, shared, without="with_patches")
    assert ("_patches_" in plain, "_patches_" in text) == (False, reads)
    for one, other in zip(before, after, strict=True):
        assert np.allclose(one, other, rtol=0, atol=2e-5 * np.abs(one).max())
        assert np.ptp(one) > 1
