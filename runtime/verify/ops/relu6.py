"""ReLU6: x between 0 and 6, and the nearer of the two outside."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from emit.ops.relu6 import Relu6
from runtime.verify.arithmetic import Arithmetic
from runtime.verify.op import ANY_SHAPE, Definition, cases


def _output(at: Arithmetic, op: Any, inputs: Sequence[Any], tensors: Mapping[str, Any], training: bool) -> Any:
    (x,) = inputs
    y = np.where(x > 0, x, at.constant(0, x.shape))
    return np.where(y < 6, y, at.constant(6, y.shape))


DEFINITION = Definition(_output, cases((Relu6(), (shape,)) for shape in ANY_SHAPE), kinks={0: 0, 6: 0})
