"""Add: y = a + b, the residual connection of He et al. 2015, section 3.2."""

from dataclasses import dataclass

from emit import hlo
from emit.hlo import ShapeError, Value
from emit.op import Call, Cotangents, Op, Result, register
from netspec.layers import Shape


@register
@dataclass(frozen=True)
class Add(Op):
    """Two inputs of one shape."""

    kind = "add"

    def shape(self, *inputs: Shape) -> Shape:
        """Unchanged."""
        if inputs[0] != inputs[1]:
            raise ShapeError(f"add: expected two inputs of one shape, received {inputs[0]} and {inputs[1]}")
        return inputs[0]

    def forward(self, call: Call) -> Result:
        """One addition."""
        left, right = call.inputs
        return Result(hlo.add(left, right, "residual"))

    def vjp(self, call: Call, result: Result, cotangent: Value, wanted: tuple[bool, ...]) -> Cotangents:
        """y moves as a moves and as b moves, so da = db = dy: the cotangent goes both ways.

        Where two ways meet again, the reverse walk adds them.
        """
        return Cotangents(tuple(cotangent if want else None for want in wanted))

    def macs(self, *inputs: Shape) -> int:
        """None."""
        return 0
