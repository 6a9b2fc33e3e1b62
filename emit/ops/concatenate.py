"""Concatenate: the channels of several images, one behind another: y = [x₁, x₂, ...].

Szegedy et al. 2015, "Going deeper with convolutions", section 4; Huang et al. 2017, "Densely connected convolutional
networks", section 3.
"""

from dataclasses import dataclass

from emit import hlo
from emit.hlo import ShapeError, Value
from emit.op import Call, Cotangents, Op, Result, register
from netspec.layers import Shape


@register
@dataclass(frozen=True)
class Concatenate(Op):
    """Two or more inputs `[H, W, Cᵢ]` of one height and width."""

    kind = "concatenate"

    def shape(self, *inputs: Shape) -> Shape:
        """`[H, W, C₁]`, `[H, W, C₂]`, ... → `[H, W, C₁ + C₂ + ...]`."""
        if len(inputs) < 2 or any(len(each) != 3 or each[:2] != inputs[0][:2] for each in inputs):
            raise ShapeError(
                f"concatenate: expected two or more inputs of one height and width, received {_listed(inputs)}"
            )
        return (*inputs[0][:2], sum(each[2] for each in inputs))

    def forward(self, call: Call) -> Result:
        """A concatenation."""
        return Result(hlo.concatenate(call.inputs, 3))

    def vjp(self, call: Call, result: Result, cotangent: Value, wanted: tuple[bool, ...]) -> Cotangents:
        """Each number of an input is one number of y, so its cotangent is that number's: a slice of the channels.

        dxᵢ[n, h, w, c] = dy[n, h, w, C₁ + ... + Cᵢ₋₁ + c]
        """
        y = result.output
        if cotangent.type != y.type:
            raise y.block.wrong(f"the cotangent of {y.type} is {cotangent.type}")
        first = 0
        cotangents: list[Value | None] = []
        for x, want in zip(call.inputs, wanted, strict=True):
            last = first + x.shape[3]
            dx = hlo.slice_(cotangent, (0, 0, 0, first), (*y.shape[:3], last), "dx") if want else None
            cotangents.append(dx)
            first = last
        return Cotangents(tuple(cotangents))

    def macs(self, *inputs: Shape) -> int:
        """None."""
        return 0


def _listed(shapes: tuple[Shape, ...]) -> str:
    return " and ".join(map(str, shapes)) or "none"
