"""Batch norm with running statistics, in training and in evaluation."""

from collections.abc import Mapping, Sequence
from typing import Any

from emit.ops.fixed_batch_norm import FixedBatchNorm
from runtime.verify.arithmetic import Arithmetic
from runtime.verify.op import STAGED, WHOLE, Definition, in_lowerings
from runtime.verify.ops import batch_norm


def _output(at: Arithmetic, op: Any, inputs: Sequence[Any], tensors: Mapping[str, Any], training: bool) -> Any:
    return batch_norm.DEFINITION.output(at, op, inputs, tensors, False)


_OPS = (FixedBatchNorm(4), FixedBatchNorm(1, 1e-3), FixedBatchNorm(2, epsilon=1e-6))
_SIZED = [(op, (shape,)) for op, shape in zip(_OPS, ((2, 3, 5, 4), (1, 5, 7, 1), (3, 1, 1, 2)), strict=True)]
DEFINITION = Definition(_output, in_lowerings(_SIZED, {"whole sums": WHOLE, "staged sums": STAGED}))
