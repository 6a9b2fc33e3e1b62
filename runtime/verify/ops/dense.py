"""Dense: x · w + b."""

from collections.abc import Mapping, Sequence
from typing import Any

from emit.ops.dense import Dense
from runtime.verify.arithmetic import Arithmetic, repeated
from runtime.verify.op import Definition, cases


def _output(at: Arithmetic, op: Any, inputs: Sequence[Any], tensors: Mapping[str, Any], training: bool) -> Any:
    y = at.product(inputs[0], tensors["weight"])
    return at.add(y, repeated(tensors["bias"], y))


DEFINITION = Definition(_output, cases((Dense(i, o), ((rows, i),)) for rows, i, o in ((1, 1, 1), (1, 5, 3), (4, 3, 7))))
