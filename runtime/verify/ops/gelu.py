"""GELU: x · (1 + erf(x/√2)) / 2. What is emitted is an approximation, to some 15 digits."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from emit.ops.gelu import Gelu
from runtime.verify.arithmetic import Arithmetic, scaled
from runtime.verify.op import ANY_SHAPE, Definition, cases


def _output(at: Arithmetic, op: Any, inputs: Sequence[Any], tensors: Mapping[str, Any], training: bool) -> Any:
    (x,) = inputs
    share = at.unary("erf", at.multiply(x, at.unary("rsqrt", at.constant(2, x.shape))))
    return scaled(at, at.multiply(x, at.add(at.constant(1, x.shape), share)), Fraction(1, 2))


DEFINITION = Definition(_output, cases((Gelu(), (shape,)) for shape in ANY_SHAPE), digits=14)
