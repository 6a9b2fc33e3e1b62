"""ReLU: y = max(x, 0). Nair and Hinton 2010."""

from dataclasses import dataclass

from emit import hlo
from emit.activation import Activation
from emit.hlo import Value
from emit.op import Call, Cotangents, Result, register
from emit.sums import scalar


@register
@dataclass(frozen=True)
class Relu(Activation):
    """max(x, 0)."""

    kind = "relu"

    def forward(self, call: Call) -> Result:
        """One maximum."""
        (x,) = call.inputs
        return Result(hlo.maximum(x, scalar(0, x), "out"))

    def vjp(self, call: Call, result: Result, cotangent: Value, wanted: tuple[bool, ...]) -> Cotangents:
        """dx = dy where x > 0, else 0; at the kink x = 0 it is 0. y > 0 exactly where x > 0."""
        either = result.output if call.rematerialized is None else call.rematerialized
        passes = hlo.compare(either, "GT", scalar(0, either), "passes")
        return Cotangents((hlo.select(passes, cotangent, scalar(0, either), "dx"),))
