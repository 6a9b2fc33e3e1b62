"""What each op means, written down a second time, straight from its formula; one file an op, found by its name.

Emitted forward operations are held against it.
"""

from collections.abc import Mapping, Sequence
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from emit.op import Op
from runtime.verify.arithmetic import Arithmetic
from runtime.verify.op import Definition

_KINDS = sorted(module.name for module in iter_modules(__path__))
DEFINITIONS: dict[str, Definition] = {kind: import_module(f"{__name__}.{kind}").DEFINITION for kind in _KINDS}


def definition_of(op: Op) -> Definition:
    """An op's own. Raises LookupError where nobody has written it."""
    if op.kind not in DEFINITIONS:
        raise LookupError(f"{op.kind} has no second definition: runtime/verify/ops/{op.kind}.py")
    return DEFINITIONS[op.kind]


def output(at: Arithmetic, op: Op, inputs: Sequence[Any], tensors: Mapping[str, Any], *, training: bool = True) -> Any:
    """What an op gives, by definition.

    `tensors` are its parameters and running statistics by their short names, and of one that draws, in training, its
    `Draws` as `random`.
    """
    return definition_of(op).output(at, op, inputs, tensors, training)
