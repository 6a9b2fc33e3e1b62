"""The logistic sigmoid: eˣ / (1 + eˣ)."""

from collections.abc import Mapping, Sequence
from typing import Any

from emit.ops.sigmoid import Sigmoid
from runtime.verify.arithmetic import Arithmetic
from runtime.verify.op import ANY_SHAPE, Definition, cases


def _output(at: Arithmetic, op: Any, inputs: Sequence[Any], tensors: Mapping[str, Any], training: bool) -> Any:
    (x,) = inputs
    power = at.unary("exponential", x)
    return at.divide(power, at.add(at.constant(1, x.shape), power))


DEFINITION = Definition(_output, cases((Sigmoid(), (shape,)) for shape in ANY_SHAPE))
