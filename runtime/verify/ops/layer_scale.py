"""Layer scale: each channel times γ."""

from collections.abc import Mapping, Sequence
from typing import Any

from emit.ops.layer_scale import LayerScale
from runtime.verify.arithmetic import Arithmetic, repeated
from runtime.verify.op import IMAGES, Definition, cases


def _output(at: Arithmetic, op: Any, inputs: Sequence[Any], tensors: Mapping[str, Any], training: bool) -> Any:
    (x,) = inputs
    return at.multiply(x, repeated(tensors["gamma"], x))


DEFINITION = Definition(_output, cases((LayerScale(shape[3], 1e-5), (shape,)) for shape in IMAGES))
