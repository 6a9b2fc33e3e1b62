"""Max-pool: the largest of each window; padding is minus infinity."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from emit.ops.max_pool import MaxPool
from emit.windows import Window
from runtime.verify.arithmetic import Arithmetic, Decimals
from runtime.verify.op import Case, Definition, Pull, Wrong, cases
from runtime.verify.windows import SIZES, windowed, windows


def _output(at: Arithmetic, op: Any, inputs: Sequence[Any], tensors: Mapping[str, Any], training: bool) -> Any:
    (x,) = inputs
    return windowed(at, x, op, float("-inf"), lambda y, seen, i, j: np.where(seen > y, seen, y), x.shape[3])


def _ties(case: Case, pull: Pull) -> None:
    """Of equal numbers in a window the first, row by row, takes the whole cotangent."""
    assert isinstance(case.op, MaxPool)
    k = case.op.window.size
    dx, dy = pull(replace(case, op=MaxPool(Window(k, k, "valid"))), Decimals().constant(3, (1, k, k, 1)))
    if dx[0, 0, 0, 0] != dy[0, 0, 0, 0] or np.count_nonzero(dx) != 1:
        raise Wrong("of equal numbers in a window not the first alone takes the cotangent, as by convention it does")
    # Zeros beside padding that is as large: the image keeps all of the cotangent.
    dx, dy = pull(case, Decimals().constant(0, case.inputs[0]))
    if np.sum(dx) != np.sum(dy):
        raise Wrong("where the largest number of a window is 0, padding takes its cotangent")


DEFINITION = Definition(
    _output,
    cases((MaxPool(window), ((*SIZES[i % 3][:2], 6, 1 + i % 2),)) for i, window in enumerate(windows((1, 2, 3, 5)))),
    ties=_ties,
    tied="of equals, the first",
)
