"""Concatenate: channel by channel, those of the first input first."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from emit.ops.concatenate import Concatenate
from runtime.verify.arithmetic import Arithmetic
from runtime.verify.op import Definition, cases


def _output(at: Arithmetic, op: Any, inputs: Sequence[Any], tensors: Mapping[str, Any], training: bool) -> Any:
    return np.stack([x[..., channel] for x in inputs for channel in range(x.shape[3])], -1)


DEFINITION = Definition(
    _output,
    cases(
        (Concatenate(), tuple((*size, channels) for channels in each))
        for size, each in (((2, 3, 5), (4, 1)), ((1, 2, 1), (1, 3, 2)), ((3, 1, 1), (2, 2)))
    ),
)
