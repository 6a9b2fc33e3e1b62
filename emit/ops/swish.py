"""Swish, or SiLU: y = x · σ(x), σ(x) = 1 / (1 + e⁻ˣ). Ramachandran et al. 2017, section 4; Elfwing et al. 2017."""

from dataclasses import dataclass

from emit import hlo
from emit.activation import Activation, logistic, logistic_slope
from emit.hlo import Value
from emit.op import Call, Cotangents, Result, register


@register
@dataclass(frozen=True)
class Swish(Activation):
    """x, times the share σ(x) of it."""

    kind = "swish"

    def forward(self, call: Call) -> Result:
        """By one exponential."""
        (x,) = call.inputs
        return Result(hlo.multiply(x, logistic(x), "out"))

    def vjp(self, call: Call, result: Result, cotangent: Value, wanted: tuple[bool, ...]) -> Cotangents:
        """dx = dy · (σ(x) + x · σ'(x)), with σ'(x) = σ(x) · (1 - σ(x))."""
        x = call.inputs[0] if call.rematerialized is None else call.rematerialized
        share = logistic(x)
        slope = hlo.add(share, hlo.multiply(x, logistic_slope(share), "through"), "slope")
        return Cotangents((hlo.multiply(cotangent, slope, "dx"),))
