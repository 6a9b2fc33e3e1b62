"""Hard-swish: y = x · relu6(x + 3) / 6. Howard et al. 2019, "Searching for MobileNetV3", section 5.2."""

from dataclasses import dataclass
from fractions import Fraction

from emit import hlo
from emit.activation import Activation, hard_gate
from emit.hlo import Value
from emit.op import Call, Cotangents, Result, register
from emit.sums import scalar


@register
@dataclass(frozen=True)
class HSwish(Activation):
    """0 below -3, x above 3, and x · (x + 3) / 6 between."""

    kind = "hswish"

    def forward(self, call: Call) -> Result:
        """The gate relu6(x + 3), times x, times a sixth."""
        (x,) = call.inputs
        gated = hlo.multiply(x, hard_gate(x), "gated")
        return Result(hlo.multiply(gated, scalar(Fraction(1, 6), x), "out"))

    def vjp(self, call: Call, result: Result, cotangent: Value, wanted: tuple[bool, ...]) -> Cotangents:
        """dx = dy · f'(x), with the derivative of the piece on which x lies:

        f'(x) = 0             where x <= -3
                (2x + 3) / 6  where -3 < x < 3: d/dx of (x² + 3x) / 6
                1             where x >= 3
        At the kinks x = -3 and x = 3 it is that of the outer piece, as of relu6.
        """
        x = call.inputs[0] if call.rematerialized is None else call.rematerialized
        slope = hlo.add(hlo.multiply(x, scalar(Fraction(1, 3), x), "third"), scalar(Fraction(1, 2), x), "inside")
        slope = hlo.select(hlo.compare(x, "LT", scalar(3, x), "below"), slope, scalar(1, x), "slope")
        slope = hlo.select(hlo.compare(x, "GT", scalar(-3, x), "above"), slope, scalar(0, x), "slope")
        return Cotangents((hlo.multiply(cotangent, slope, "dx"),))
