"""An inverted residual of one image is one dispatch, however many threads share it, and its results are unchanged."""

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from iree.compiler import ir

from emit import hlo
from emit.hlo import Block, Value
from emit.program import Program
from emit.windows import Window
from netspec.windows import Padding
from runtime.compiler import job
from runtime.compiler.passes import fuse_inverted_residual
from runtime.compiler.passes.inverted_residual_kernel import Plan, Shape, plan_of
from runtime.compiler.passes.ir import parse
from runtime.compiler.tiling.cpu import CpuTarget
from runtime.compiler.tiling.rules import RULES_AVX512
from tests.runtime.compiler.passes.rewritten import found
from tests.runtime.compiler.passes.test_passes import Case, cases
from tests.runtime.compiler.programs import giving


class Residual(NamedTuple):
    """An inverted residual. `packed`: its 1×1 weights are `[panels, inner, 16]`, where they have so many columns."""

    height: int
    width: int
    inner: int
    channels: int
    outputs: int
    stride: int = 1
    window: int = 3
    packed: bool = True
    bias: bool = True
    padding: Padding = "same"


def program(block: Residual) -> Program:
    here = Block()
    x = here.argument("x", (1, block.height, block.width, block.inner))
    weights: list[Value] = []

    def matrix(inner: int, outputs: int) -> Value:
        packed = block.packed and outputs % 16 == 0
        shape = (outputs // 16, inner, 16) if packed else (1, 1, inner, outputs)
        weights.append(here.argument(f"k{len(weights)}", shape))
        return hlo.reshape(hlo.transpose(weights[-1], (1, 0, 2)), (1, 1, inner, outputs)) if packed else weights[-1]

    def biased(y: Value, clamped: bool = True) -> Value:
        if not block.bias:
            return y
        weights.append(here.argument(f"b{len(weights)}", (y.shape[-1],)))
        y = hlo.add(y, hlo.broadcast(weights[-1], y.shape, (3,)))
        limits = (here.constant(number, y.shape) for number in (0.0, 6.0))
        return hlo.minimum(hlo.maximum(y, next(limits)), next(limits)) if clamped else y

    wide = biased(hlo.convolution(x, matrix(block.inner, block.channels)))
    window = Window(block.window, block.stride, block.padding)
    (top, bottom), (left, right) = window.pads(block.height, block.width)
    padded = hlo.pad(wide, (0, top, left, 0), (0, bottom, right, 0))
    weights.append(here.argument("taps", (block.window, block.window, 1, block.channels)))
    strides = (block.stride, block.stride)
    deep = biased(hlo.convolution(padded, weights[-1], strides=strides, groups=block.channels))
    y = biased(hlo.convolution(deep, matrix(block.channels, block.outputs)), clamped=False)
    y = hlo.add(y, x) if y.shape == x.shape else y
    return giving(here, "predict", (y,), x, *weights)


def blocks(text: str) -> int:
    return len(set(re.findall(r"@predict_dispatch_\d+_block\d+_[\dx]+(?=[\s(])", text)))


RESIDUALS = {
    "pieces of the rows, with the image added": (Residual(20, 20, 16, 48, 16), 2),
    "few columns, in parts of the channels": (Residual(7, 7, 24, 96, 24), 2),
    "more parts and pieces": (Residual(6, 10, 16, 64, 48), 8),
    "every second pixel of an odd image, half a register": (Residual(15, 13, 8, 32, 40, stride=2), 2),
    "a wide window, in pieces of the rows": (Residual(20, 18, 16, 32, 16, window=5), 4),
    "rows that no window reads, without epilogues": (
        Residual(12, 12, 16, 32, 16, stride=3, packed=False, bias=False, padding="symmetric"),
        2,
    ),
}


@pytest.mark.ordinary
@pytest.mark.parametrize("name", list(RESIDUALS))
def test_an_inverted_residual_is_one_dispatch(name: str, shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    block, threads = RESIDUALS[name]
    monkeypatch.setattr(job, "usable_cpus", lambda: threads)
    text, after = found(program(block), shared)
    plain, before = found(program(block), shared, without="fuse_inverted_residual")
    assert (blocks(plain), blocks(text)) == (0, 1)
    for one, other in zip(before, after, strict=True):
        assert np.allclose(one, other, rtol=0, atol=2e-5 * np.abs(one).max())
        assert np.ptp(one) > 1


CHANGED = [case for case in cases("fuse_inverted_residual") if case.after is not None]


@pytest.mark.parametrize("case", CHANGED, ids=str)
@pytest.mark.parametrize(
    "target", [CpuTarget(), CpuTarget(rules=RULES_AVX512, threads=64)], ids=["no rules", "too many threads"]
)
def test_without_rules_or_with_too_many_threads_all_stay(case: Case, target: CpuTarget) -> None:
    with ir.Context():
        assert fuse_inverted_residual.run(parse(case.before), target) == 0


def shape(height: int, width: int, channels: int = 32, window: int = 3) -> Shape:
    """Of an image whose padded one has a border of one pixel."""
    rows, columns = height + 3 - window, width + 3 - window
    return Shape(height, width, 16, channels, 16, window, 1, 1, 1, height + 2, width + 2, rows, columns)


PLANS = {
    "one thread": (shape(7, 7), 1, Plan(1, 1, 32)),
    "a small image: threads share the channels": (shape(14, 14), 2, Plan(1, 2, 16)),
    "a large one: they share the rows": (shape(20, 20), 2, Plan(2, 1, 32)),
    "both": (shape(6, 10, 64), 8, Plan(2, 4, 16)),
    "three threads, of which one has no channels": (shape(6, 10), 3, Plan(2, 2, 16)),
    "rows that no number of threads divides": (shape(17, 16), 2, Plan(17, 1, 32)),
    "fewer rows than threads": (shape(3, 100), 4, None),
    "a row that is too much for a cache": (shape(4, 1500), 2, None),
}


@pytest.mark.parametrize("name", list(PLANS))
def test_threads_share_rows_and_of_small_images_channels(name: str) -> None:
    block, threads, plan = PLANS[name]
    assert RULES_AVX512.blocks
    assert plan_of(block, RULES_AVX512.blocks, threads) == plan
