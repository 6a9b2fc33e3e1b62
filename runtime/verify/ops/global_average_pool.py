"""Global average pool: the mean over the pixels."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from emit.ops.global_average_pool import GlobalAveragePool
from runtime.verify.arithmetic import Arithmetic, scaled
from runtime.verify.op import IMAGES, Definition, cases


def _output(at: Arithmetic, op: Any, inputs: Sequence[Any], tensors: Mapping[str, Any], training: bool) -> Any:
    (x,) = inputs
    mean = scaled(at, at.total(x, (1, 2)), Fraction(1, x.shape[1] * x.shape[2]))
    return mean.reshape(len(x), 1, 1, -1) if op.keeps_axes else mean


DEFINITION = Definition(
    _output, cases((GlobalAveragePool(keeps), (shape,)) for shape in IMAGES for keeps in (False, True))
)
