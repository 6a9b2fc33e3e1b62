"""ReLU6: y = min(max(x, 0), 6). Krizhevsky 2010, "Convolutional deep belief networks on CIFAR-10"."""

from dataclasses import dataclass

from emit import hlo
from emit.activation import Activation
from emit.hlo import Value
from emit.op import Call, Cotangents, Result, register
from emit.sums import scalar


@register
@dataclass(frozen=True)
class Relu6(Activation):
    """min(max(x, 0), 6)."""

    kind = "relu6"

    def forward(self, call: Call) -> Result:
        """One maximum, one minimum."""
        (x,) = call.inputs
        return Result(hlo.minimum(hlo.maximum(x, scalar(0, x), "positive_part"), scalar(6, x), "out"))

    def vjp(self, call: Call, result: Result, cotangent: Value, wanted: tuple[bool, ...]) -> Cotangents:
        """dx = dy where 0 < x < 6, else 0; at the kinks x = 0 and x = 6 it is 0. 0 < y < 6 exactly where 0 < x < 6."""
        either = result.output if call.rematerialized is None else call.rematerialized
        passes = hlo.logical_and(
            hlo.compare(either, "GT", scalar(0, either), "positive"),
            hlo.compare(either, "LT", scalar(6, either), "small"),
            "passes",
        )
        return Cotangents((hlo.select(passes, cotangent, scalar(0, either), "dx"),))
