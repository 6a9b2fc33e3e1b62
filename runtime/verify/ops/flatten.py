"""Flatten: rows first, then columns, then channels."""

from collections.abc import Mapping, Sequence
from typing import Any

from emit.ops.flatten import Flatten
from runtime.verify.arithmetic import Arithmetic
from runtime.verify.op import IMAGES, Definition, cases


def _output(at: Arithmetic, op: Any, inputs: Sequence[Any], tensors: Mapping[str, Any], training: bool) -> Any:
    return inputs[0].reshape(len(inputs[0]), -1)


DEFINITION = Definition(_output, cases((Flatten(), (shape,)) for shape in IMAGES))
