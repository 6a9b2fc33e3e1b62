"""An inverted residual of one image is one dispatch, however many share it, and its numbers are as they were."""

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from emit import hlo
from emit.hlo import Block, Value
from emit.program import Program
from emit.windows import Window
from netspec.windows import Padding
from runtime.compiler import compile as compilation
from tests.runtime.compiler.passes.rewritten import found
from tests.runtime.compiler.passes.test_packed_kernels import unfolded
from tests.runtime.compiler.programs import giving


class Residual(NamedTuple):
    """An inverted residual. `again`: which of its images is a result too."""

    height: int
    width: int
    inner: int
    channels: int
    outputs: int
    stride: int = 1
    window: int = 3
    panels: bool = True
    bias: bool = True
    border: float = 0.0
    again: str = ""
    padding: Padding = "same"


def program(block: Residual) -> Program:
    here = Block()
    x = here.argument("x", (1, block.height, block.width, block.inner))
    kernels: list[Value] = []

    def kernel(inner: int, outputs: int) -> Value:
        panels = block.panels and outputs % 16 == 0
        shape = (outputs // 16, inner, 16) if panels else (1, 1, inner, outputs)
        kernels.append(here.argument(f"k{len(kernels)}", shape))
        return unfolded(kernels[-1]) if panels else kernels[-1]

    def biased(y: Value, clamped: bool = True) -> Value:
        if not block.bias:
            return y
        kernels.append(here.argument(f"b{len(kernels)}", (y.shape[-1],)))
        y = hlo.add(y, hlo.broadcast(kernels[-1], y.shape, (3,)))
        limits = (here.constant(number, y.shape) for number in (0.0, 6.0))
        return hlo.minimum(hlo.maximum(y, next(limits)), next(limits)) if clamped else y

    wide = biased(hlo.convolution(x, kernel(block.inner, block.channels)))
    window = Window(block.window, block.stride, block.padding)
    (top, bottom), (left, right) = window.pads(block.height, block.width)
    padded = hlo.pad(wide, (0, top, left, 0), (0, bottom, right, 0), fill=block.border)
    kernels.append(here.argument("taps", (block.window, block.window, 1, block.channels)))
    strides = (block.stride, block.stride)
    deep = biased(hlo.convolution(padded, kernels[-1], strides=strides, groups=block.channels))
    y = biased(hlo.convolution(deep, kernel(block.channels, block.outputs)), clamped=False)
    y = hlo.add(y, x) if y.shape == x.shape else y
    more = {"wide": (wide,), "deep": (deep,), "": ()}[block.again]
    return giving(here, "predict", (y, *more), x, *kernels)


def blocks(text: str) -> int:
    return len(set(re.findall(r"@predict_dispatch_\d+_block\d+_[\dx]+(?=[\s(])", text)))


CASES = {
    "rows of an image, with its image added": (Residual(20, 20, 16, 48, 16), 2),
    "parts of the channels": (Residual(14, 14, 32, 96, 32), 2),
    "more parts and pieces": (Residual(6, 10, 16, 64, 48), 8),
    "as many as fit": (Residual(5, 9, 8, 48, 16), 7),
    "one worker": (Residual(7, 7, 16, 32, 32), 1),
    "few columns, in parts": (Residual(7, 7, 24, 96, 24), 2),
    "few columns, in rows": (Residual(18, 18, 24, 96, 24), 3),
    "columns that fill half a register": (Residual(8, 6, 12, 32, 40), 2),
    "every second pixel, in parts": (Residual(14, 14, 16, 64, 32, stride=2), 2),
    "every second pixel, in rows": (Residual(36, 40, 8, 32, 24, stride=2), 2),
    "every second pixel of an odd image": (Residual(15, 13, 8, 32, 16, stride=2), 2),
    "rows that no window sees": (Residual(12, 12, 16, 32, 16, stride=3, padding="symmetric"), 2),
    "a wide window": (Residual(12, 12, 16, 32, 16, window=5), 2),
    "a wide window, in rows": (Residual(20, 18, 16, 32, 16, window=5), 4),
    "kernels as they are": (Residual(12, 11, 16, 32, 16, panels=False), 2),
    "nothing done behind": (Residual(14, 14, 16, 32, 32, bias=False), 2),
    "an odd number of rows": (Residual(17, 16, 16, 32, 16), 2),
}


@pytest.mark.ordinary
@pytest.mark.parametrize("name", list(CASES))
def test_an_inverted_residual_is_one_dispatch(name: str, shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    block, workers = CASES[name]
    monkeypatch.setattr(compilation, "usable_cpus", lambda: workers)
    text, after = found(program(block), shared)
    plain, before = found(program(block), shared, without="with_fused")
    assert (blocks(plain), blocks(text)) == (0, 1)
    for one, other in zip(before, after, strict=True):
        assert np.allclose(one, other, rtol=0, atol=2e-5 * np.abs(one).max())
        assert np.ptp(one) > 1


OTHERS = {
    "the image before is read elsewhere": Residual(14, 14, 16, 32, 16, again="wide"),
    "the image behind is read elsewhere": Residual(14, 14, 16, 32, 16, again="deep"),
    "channels that fill no registers": Residual(14, 14, 16, 24, 16),
    "columns that fill no registers": Residual(14, 14, 16, 32, 12),
    "a border that is not zero": Residual(14, 14, 16, 32, 16, border=1.0),
    "a window too wide": Residual(14, 14, 16, 32, 16, window=7),
    "a line too wide": Residual(4, 1500, 16, 32, 16),
}


@pytest.mark.ordinary
@pytest.mark.parametrize("name", list(OTHERS))
def test_others_stay(name: str, shared: Path) -> None:
    assert blocks(found(program(OTHERS[name]), shared)[0]) == 0
