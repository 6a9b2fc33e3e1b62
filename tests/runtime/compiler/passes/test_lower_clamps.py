"""Limits are kept by comparisons, for numbers, infinities and NaN alike."""

from pathlib import Path

import numpy as np
import pytest

from emit import hlo
from emit.hlo import Block
from runtime.compiler.compile import compile_programs
from runtime.compiler.target import target
from runtime.engine.iree import Device
from tests.runtime.compiler.programs import giving, quiet
from tests.runtime.sandbox import only_one


@pytest.mark.ordinary
@pytest.mark.parametrize("size", [64, 3])
def test_numbers_are_kept_within_limits(size: int, shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    block = Block()
    x = block.argument("x", (size,))
    low, high = (block.constant(number, x.shape) for number in (-1.5, 6.0))
    limited = hlo.minimum(hlo.maximum(hlo.multiply(x, x), low), high)
    program = giving(block, "predict", (limited, hlo.maximum(x, low), hlo.minimum(x, high)), x)
    given = np.resize(np.array([0, -0.0, 1, -2, 7, np.inf, -np.inf, np.nan], np.float32), size)
    with only_one(shared):
        monkeypatch.setenv("NETSPEC_CACHE", str(shared / "limits"))
        (compiled,) = compile_programs([program], target("cpu"), quiet(), anew=True)
    device = Device(target("cpu"))
    results = device.load(compiled.program, "predict")([device.put(given, "f32")])
    expected = [np.minimum(np.maximum(given * given, -1.5), 6), np.maximum(given, -1.5), np.minimum(given, 6)]
    for one, other in zip(results, expected, strict=True):
        assert np.array_equal(device.read(one, "f32"), other.astype(np.float32), equal_nan=True)
    assert compiled.rewrites["lower_clamps"] == 4
