"""Tiles change speed and the order of a sum's additions alone."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from emit import hlo
from emit.hlo import Block
from emit.program import Program
from emit.sums import per_channel, summand
from runtime.compiler import job
from runtime.compiler.compile import compile_programs
from runtime.compiler.target import target
from runtime.compiler.tiling.rules import MOST_CHANNELS, RULES_AVX512, Tile, elementwise_tile, reduction_tile
from runtime.engine.iree import Device
from tests.runtime.compiler.programs import giving, quiet
from tests.runtime.sandbox import only_one

CPU = target("cpu")


def test_what_the_rules_do_not_fit_has_no_tile() -> None:
    assert elementwise_tile([64]) is elementwise_tile([8, 24]) is None
    assert elementwise_tile([9, 100_000, 64]) == Tile((1, 1000, 64), (1, 1, 64), 1)
    assert reduction_tile(24) is reduction_tile(MOST_CHANNELS + 16) is None


def sums(size: tuple[int, int, int, int]) -> Program:
    """Σ (x - k) and Σ y · (x - k) of each image's pixels."""
    block = Block()
    x, y, k = block.argument("x", size), block.argument("y", size), block.argument("k", size[3:])
    shift = per_channel(k, x)
    weighted = summand(y, hlo.subtract(shift, x), "weighted")
    return giving(block, "predict", hlo.sums((hlo.subtract(x, shift), weighted), (1, 2)), x, y, k)


def found(program: Program, ruled: bool, shared: Path) -> tuple[bytes, list[NDArray[np.float32]]]:
    """What it is compiled to, and what it gives for random numbers."""
    source = np.random.default_rng(0)
    numbers = [source.standard_normal(entry.shape).astype(np.float32) for entry in program.manifest.arguments]
    with pytest.MonkeyPatch.context() as patch, only_one(shared):
        patch.setenv("NETSPEC_CACHE", str(shared / "tiles"))
        patch.setattr(job, "rules_of", lambda target: RULES_AVX512 if ruled else None)
        (compiled,) = compile_programs([program], CPU, quiet(), tiles={})
    device = Device(CPU)
    results = device.load(compiled.program, "predict")([device.put(array, "f32") for array in numbers])
    return compiled.program, [device.read(buffer, "f32") for buffer in results]


@pytest.mark.ordinary
@pytest.mark.parametrize("size", [(3, 7, 9, 96), (2, 14, 14, 144), (2, 1, 3, 16)])
def test_sums_of_whole_pixels_are_the_same(size: tuple[int, int, int, int], shared: Path) -> None:
    program = sums(size)
    left, before = found(program, False, shared)
    right, after = found(program, True, shared)
    assert left != right
    for one, other in zip(before, after, strict=True):
        assert one.shape == other.shape == (size[0], size[3])
        assert np.abs(one - other).max() < 2e-6 * size[1] * size[2]
    source = np.random.default_rng(0)
    x, y, k = (source.standard_normal(shape).astype(np.float32).astype(np.float64) for shape in (size, size, size[3:]))
    for result, wanted in zip(after, ((x - k).sum((1, 2)), (y * (x - k)).sum((1, 2))), strict=True):
        assert np.abs(result - wanted).max() < 2e-6 * size[1] * size[2]


@pytest.mark.ordinary
@pytest.mark.parametrize("size", [(2, 5, 5, 144), (70, 9, 9, 16)])
def test_passes_give_the_same_bits(size: tuple[int, int, int, int], shared: Path) -> None:
    block = Block()
    x, y, k = block.argument("x", size), block.argument("y", size), block.argument("k", size[3:])
    padded = hlo.pad(hlo.add(hlo.multiply(x, per_channel(k, x)), y), (0, 1, 1, 0), (0, 0, 2, 0))
    program = giving(block, "predict", (padded,), x, y, k)
    left, (before,) = found(program, False, shared)
    right, (after,) = found(program, True, shared)
    assert left != right
    assert np.array_equal(before, after)
    assert np.any(after)
