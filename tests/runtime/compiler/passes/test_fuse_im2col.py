"""A weight gradient of few channels reads the image itself, and its results are unchanged."""

from pathlib import Path

import numpy as np
import pytest
from iree.compiler import ir

from emit import hlo
from emit.hlo import Block
from emit.op import Call
from emit.ops.convolution import Convolution
from emit.program import Program
from emit.targets import LOWERINGS
from emit.windows import Window
from runtime.compiler.passes import fuse_im2col
from runtime.compiler.passes.ir import parse
from runtime.compiler.tiling.cpu import CpuTarget
from tests.runtime.compiler.passes.rewritten import found
from tests.runtime.compiler.passes.test_passes import cases
from tests.runtime.compiler.programs import giving


def gradient(batch: int, height: int, width: int, channels: int, outputs: int, size: int, stride: int) -> Program:
    """The gradient of a convolution's weights."""
    block = Block()
    op = Convolution(channels, outputs, Window(size, stride, "same"))
    x = block.argument("x", (batch, height, width, channels))
    weight = block.argument("weight", (size, size, channels, outputs))
    call = Call((x,), {"weight": weight}, lowerings=LOWERINGS["cpu"])
    rows, columns = op.window.outputs(height, width)
    cotangent = block.argument("dy", (batch, rows, columns, outputs))
    result = op.vjp(call, op.forward(call), cotangent, (False,)).parameters["weight"]
    matrix = hlo.reshape(result, (size * size * channels, outputs))
    return giving(block, "predict", (matrix,), x, weight, cotangent)


GRADIENTS = {
    "a first convolution, of several images whose lines differ from columns": gradient(3, 48, 64, 3, 32, 3, 2),
    "a wide window": gradient(2, 64, 64, 3, 128, 5, 2),
    "no stride": gradient(1, 32, 48, 4, 32, 3, 1),
}


@pytest.mark.ordinary
@pytest.mark.parametrize("name", list(GRADIENTS))
def test_the_image_itself_is_read(name: str, shared: Path) -> None:
    text, (after,) = found(GRADIENTS[name], shared)
    plain, (before,) = found(GRADIENTS[name], shared, without="fuse_im2col")
    assert ("_patches_" in plain, "_patches_" in text) == (False, True)
    assert np.allclose(before, after, rtol=0, atol=2e-5 * np.abs(before).max())
    assert np.ptp(before) > 1


def test_without_rules_all_stay() -> None:
    (case,) = (case for case in cases("fuse_im2col") if case.after is not None)
    with ir.Context():
        assert fuse_im2col.run(parse(case.before), CpuTarget()) == 0
