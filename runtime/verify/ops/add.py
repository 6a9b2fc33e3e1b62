"""Add: a + b."""

from collections.abc import Mapping, Sequence
from typing import Any

from emit.ops.add import Add
from runtime.verify.arithmetic import Arithmetic
from runtime.verify.op import IMAGES, Definition, Theorem, cases


def _output(at: Arithmetic, op: Any, inputs: Sequence[Any], tensors: Mapping[str, Any], training: bool) -> Any:
    return at.add(*inputs)


DEFINITION = Definition(
    _output, cases((Add(), (shape, shape)) for shape in IMAGES), theorem=Theorem("additive fan-in", "biPath")
)
