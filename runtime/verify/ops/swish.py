"""Swish: x · eˣ / (1 + eˣ)."""

from collections.abc import Mapping, Sequence
from typing import Any

from emit.ops.swish import Swish
from runtime.verify.arithmetic import Arithmetic
from runtime.verify.op import ANY_SHAPE, Definition, cases


def _output(at: Arithmetic, op: Any, inputs: Sequence[Any], tensors: Mapping[str, Any], training: bool) -> Any:
    (x,) = inputs
    power = at.unary("exponential", x)
    return at.divide(at.multiply(x, power), at.add(at.constant(1, x.shape), power))


DEFINITION = Definition(_output, cases((Swish(), (shape,)) for shape in ANY_SHAPE))
