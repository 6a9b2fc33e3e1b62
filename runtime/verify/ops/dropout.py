"""Dropout: in training every number is kept, and divided by keep, or is 0; in evaluation nothing happens."""

from collections.abc import Mapping, Sequence
from typing import Any

from emit.ops.dropout import Dropout
from runtime.verify.arithmetic import Arithmetic
from runtime.verify.dropping import dropped
from runtime.verify.op import ANY_SHAPE, Case, Definition


def _output(at: Arithmetic, op: Any, inputs: Sequence[Any], tensors: Mapping[str, Any], training: bool) -> Any:
    (x,) = inputs
    return dropped(at, op, x, tensors, x[0].size) if training and op.rate else x


def _cases() -> list[Case]:
    rates = (0.5, 0.2, 0.9)
    sized = [(Dropout(rate), (shape,)) for rate in rates for shape in ANY_SHAPE]
    still = [Case(Dropout(0.5), (shape,), training=False) for shape in ANY_SHAPE]
    return [*(Case(*each) for each in sized), Case(Dropout(0.0), ANY_SHAPE[:1]), *still]


DEFINITION = Definition(_output, _cases())
