"""Hard-sigmoid: 0 up to -3, 1 from 3 on, and (x + 3) / 6 between."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from emit.ops.hsigmoid import HSigmoid
from runtime.verify.arithmetic import Arithmetic, scaled
from runtime.verify.op import ANY_SHAPE, Definition, cases


def _output(at: Arithmetic, op: Any, inputs: Sequence[Any], tensors: Mapping[str, Any], training: bool) -> Any:
    (x,) = inputs
    between = scaled(at, at.add(x, at.constant(3, x.shape)), Fraction(1, 6))
    return np.where(x >= 3, at.constant(1, x.shape), np.where(x > -3, between, at.constant(0, x.shape)))


DEFINITION = Definition(_output, cases((HSigmoid(), (shape,)) for shape in ANY_SHAPE), kinks={-3: 0, 3: 0})
