"""Activations: ReLU, max(x, 0), and ReLU6, min(max(x, 0), 6) (Krizhevsky 2010)."""

from dataclasses import dataclass

from emit import hlo
from emit.hlo import Value
from emit.op import Call, Cotangents, Op, Result, register
from emit.sums import scalar
from netspec.layers import Shape


@dataclass(frozen=True)
class _Pointwise(Op):
    """Number by number, on any shape.

    The derivative is that of the piece on which x lies, which the output tells as well as the input.
    """

    rereads = True

    def shape(self, *inputs: Shape) -> Shape:
        """Unchanged."""
        return inputs[0]

    def macs(self, *inputs: Shape) -> int:
        """None."""
        return 0


@register
@dataclass(frozen=True)
class Relu(_Pointwise):
    """max(x, 0)."""

    kind = "relu"

    def forward(self, call: Call) -> Result:
        """One maximum."""
        (x,) = call.inputs
        return Result(hlo.maximum(x, scalar(0, x), "out"))

    def vjp(self, call: Call, result: Result, cotangent: Value, wanted: tuple[bool, ...]) -> Cotangents:
        """dx = dy where x > 0, else 0; at the kink x = 0 it is 0. y > 0 exactly where x > 0."""
        y = result.output if call.again is None else call.again
        passes = hlo.compare(y, "GT", scalar(0, y), "passes")
        return Cotangents((hlo.select(passes, cotangent, scalar(0, y), "dx"),))


@register
@dataclass(frozen=True)
class Relu6(_Pointwise):
    """min(max(x, 0), 6)."""

    kind = "relu6"

    def forward(self, call: Call) -> Result:
        """One maximum, one minimum."""
        (x,) = call.inputs
        return Result(hlo.minimum(hlo.maximum(x, scalar(0, x), "positive_part"), scalar(6, x), "out"))

    def vjp(self, call: Call, result: Result, cotangent: Value, wanted: tuple[bool, ...]) -> Cotangents:
        """dx = dy where 0 < x < 6, else 0; at the kinks x = 0 and x = 6 it is 0. 0 < y < 6 exactly where 0 < x < 6."""
        y = result.output if call.again is None else call.again
        passes = hlo.logical_and(
            hlo.compare(y, "GT", scalar(0, y), "positive"), hlo.compare(y, "LT", scalar(6, y), "small"), "passes"
        )
        return Cotangents((hlo.select(passes, cotangent, scalar(0, y), "dx"),))
