"""ReLU: x where it is positive, else 0."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from emit.ops.relu import Relu
from runtime.verify.arithmetic import Arithmetic
from runtime.verify.op import ANY_SHAPE, Definition, cases


def _output(at: Arithmetic, op: Any, inputs: Sequence[Any], tensors: Mapping[str, Any], training: bool) -> Any:
    (x,) = inputs
    return np.where(x > 0, x, at.constant(0, x.shape))


DEFINITION = Definition(_output, cases((Relu(), (shape,)) for shape in ANY_SHAPE), kinks={0: 0})
