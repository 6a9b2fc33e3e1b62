"""Hard-sigmoid: y = relu6(x + 3) / 6. Howard et al. 2019, "Searching for MobileNetV3", section 5.2."""

from dataclasses import dataclass
from fractions import Fraction

from emit import hlo
from emit.activation import Activation, hard_gate
from emit.hlo import Value
from emit.op import Call, Cotangents, Result, register
from emit.sums import scalar


@register
@dataclass(frozen=True)
class HSigmoid(Activation):
    """0 below -3, 1 above 3, and (x + 3) / 6 between."""

    kind = "hsigmoid"

    def forward(self, call: Call) -> Result:
        """relu6(x + 3), times a sixth."""
        (x,) = call.inputs
        return Result(hlo.multiply(hard_gate(x), scalar(Fraction(1, 6), x), "out"))

    def vjp(self, call: Call, result: Result, cotangent: Value, wanted: tuple[bool, ...]) -> Cotangents:
        """dx = dy / 6 where -3 < x < 3, else 0: at the kinks it is that of the outer pieces, as of relu6."""
        x = call.inputs[0] if call.rematerialized is None else call.rematerialized
        inside = hlo.logical_and(
            hlo.compare(x, "GT", scalar(-3, x), "above"), hlo.compare(x, "LT", scalar(3, x), "below"), "inside"
        )
        slope = hlo.select(inside, scalar(Fraction(1, 6), x), scalar(0, x), "slope")
        return Cotangents((hlo.multiply(cotangent, slope, "dx"),))
