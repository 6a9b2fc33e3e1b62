"""Stochastic depth: in training every example is kept, and divided by keep, or is 0; in evaluation nothing happens."""

from collections.abc import Mapping, Sequence
from typing import Any

from emit.ops.stochastic_depth import StochasticDepth
from runtime.verify.arithmetic import Arithmetic
from runtime.verify.dropping import dropped
from runtime.verify.op import Case, Definition


def _output(at: Arithmetic, op: Any, inputs: Sequence[Any], tensors: Mapping[str, Any], training: bool) -> Any:
    (x,) = inputs
    return dropped(at, op, x, tensors, 1) if training and op.rate else x


def _cases() -> list[Case]:
    shapes = ((20, 3, 2, 4), (48, 3))  # of examples enough that hardly two draws of all of them agree
    sized = [(StochasticDepth(rate), (shape,)) for rate in (0.5, 0.2, 0.75) for shape in shapes]
    still = [Case(StochasticDepth(0.5), (shape,), training=False) for shape in shapes]
    return [*(Case(*each) for each in sized), Case(StochasticDepth(0.0), shapes[:1]), *still]


DEFINITION = Definition(_output, _cases())
