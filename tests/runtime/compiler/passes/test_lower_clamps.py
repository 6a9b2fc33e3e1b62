"""Limits are kept by comparisons, for numbers, infinities and NaN alike."""

from pathlib import Path

import numpy as np
import pytest

from emit import hlo
from emit.hlo import Block
from runtime.compiler import compile as compilation
from runtime.compiler.compile import compile_programs
from runtime.compiler.passes.lower_clamps import with_limits
from runtime.compiler.target import target
from runtime.engine.iree import Device
from tests.runtime.compiler.programs import giving, quiet
from tests.runtime.sandbox import only_one

FLOW = """\
module @f {
  flow.executable private @f_dispatch_0 {
        %cst = arith.constant 0.000000e+00 : f32 loc("f":1:1)
        %cst_0 = arith.constant 0x7FC00000 : f32
          %7 = arith.maximumf %6, %cst : f32 loc("f":2:1)
          %8 = arith.minimumf %7, %5 : f32
          %9 = arith.maximumf %8, %cst_0 : f32
  }
  util.func public @f(%0: tensor<4xf32>) {
  }
}
"""


def test_only_known_limits_are_compared_with() -> None:
    changed = """\
          %beyond_7 = arith.cmpf ogt, %cst, %6 : f32
          %7 = arith.select %beyond_7, %cst, %6 : f32 loc("f":2:1)
"""
    assert with_limits(FLOW) == FLOW.replace('          %7 = arith.maximumf %6, %cst : f32 loc("f":2:1)\n', changed)


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
        monkeypatch.setattr(compilation, "with_limits", seen := Seen())
        (made,) = compile_programs([program], target("cpu"), quiet())
    device = Device(target("cpu"))
    results = device.load(made.program, "predict")([device.put(given, "f32")])
    expected = [np.minimum(np.maximum(given * given, -1.5), 6), np.maximum(given, -1.5), np.minimum(given, 6)]
    for one, other in zip(results, expected, strict=True):
        assert np.array_equal(device.read(one, "f32"), other.astype(np.float32), equal_nan=True)
    assert seen.changed


class Seen:
    """The step, and whether it did anything."""

    changed = False

    def __call__(self, text: str) -> str:
        limited = with_limits(text)
        self.changed = limited != text
        return limited
