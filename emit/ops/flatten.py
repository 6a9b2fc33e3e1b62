"""Flatten: the numbers of an image as one vector, rows first."""

from dataclasses import dataclass
from math import prod

from emit import hlo
from emit.hlo import Value
from emit.op import Call, Cotangents, Op, Result, register
from netspec.layers import Shape


@register
@dataclass(frozen=True)
class Flatten(Op):
    """`[H, W, C]` → `[H·W·C]`."""

    kind = "flatten"

    def shape(self, *inputs: Shape) -> Shape:
        """`[H, W, C]` → `[H·W·C]`."""
        return (prod(inputs[0]),)

    def forward(self, call: Call) -> Result:
        """A reshape."""
        (x,) = call.inputs
        return Result(hlo.reshape(x, (x.shape[0], prod(x.shape[1:])), "flat"))

    def vjp(self, call: Call, result: Result, cotangent: Value, wanted: tuple[bool, ...]) -> Cotangents:
        """Each number of x is one number of y, so its cotangent is that number's: the reshape back."""
        (x,) = call.inputs
        return Cotangents((hlo.reshape(cotangent, x.shape, "dx") if wanted[0] else None,))

    def macs(self, *inputs: Shape) -> int:
        """None."""
        return 0
