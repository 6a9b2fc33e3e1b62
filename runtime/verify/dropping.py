"""What dropout and stochastic depth mean, for arithmetic of any kind: kept numbers over keep, zeros elsewhere."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.verify.arithmetic import Arithmetic
from runtime.verify.random import Draws


def dropped(at: Arithmetic, op: Any, x: Any, tensors: Mapping[str, Any], elements: int) -> Any:
    """An example's numbers in `elements` runs of equal length, each of which is kept or dropped as one.

    `tensors` holds the op's draws as `random`.
    """
    draws: Draws = tensors["random"]
    keep = 1 - Fraction(repr(op.rate))
    runs = draws.keeps(keep, x.shape[0], elements)
    kept: NDArray[np.bool_] = np.repeat(runs, x[0].size // elements, axis=1).reshape(x.shape)
    return np.where(kept, at.divide(x, at.constant(keep, x.shape)), at.constant(0, x.shape))
