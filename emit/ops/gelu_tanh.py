"""GELU in its tanh form: y = x/2 · (1 + tanh u), u = √(2/π) · (x + 0.044715·x³).

Hendrycks and Gimpel 2016, "Gaussian error linear units", section 2. As (1 + tanh u)/2 = σ(2u), y = x · σ(2u).
"""

from dataclasses import dataclass
from fractions import Fraction

from emit import hlo
from emit.activation import Activation, logistic, logistic_slope
from emit.hlo import Value
from emit.op import Call, Cotangents, Result, register
from emit.sums import scalar

CUBIC = Fraction("0.044715")
TWICE_ROOT = Fraction("1.5957691216057308")  # 2 · √(2/π), to as many digits as f64 has


@register
@dataclass(frozen=True)
class GeluTanh(Activation):
    """x, times the share σ(2u) of it."""

    kind = "gelu_tanh"

    def forward(self, call: Call) -> Result:
        """By one exponential."""
        (x,) = call.inputs
        return Result(hlo.multiply(x, logistic(_twice(x)), "out"))

    def vjp(self, call: Call, result: Result, cotangent: Value, wanted: tuple[bool, ...]) -> Cotangents:
        """dx = dy · (s + x · s · (1 - s) · 2u'), with s = σ(2u) and 2u' = 2·√(2/π) · (1 + 3 · 0.044715 · x²)."""
        x = call.inputs[0] if call.rematerialized is None else call.rematerialized
        share = logistic(_twice(x))
        square = hlo.multiply(x, x, "square")
        growth = hlo.multiply(square, scalar(3 * CUBIC * TWICE_ROOT, x), "growth")
        rate = hlo.add(growth, scalar(TWICE_ROOT, x), "rate")
        through = hlo.multiply(hlo.multiply(x, rate, "weighted"), logistic_slope(share), "through")
        return Cotangents((hlo.multiply(cotangent, hlo.add(share, through, "slope"), "dx"),))


def _twice(x: Value) -> Value:
    """2u."""
    square = hlo.multiply(x, x, "square")
    factor = hlo.add(hlo.multiply(square, scalar(CUBIC * TWICE_ROOT, x), "cubic"), scalar(TWICE_ROOT, x), "factor")
    return hlo.multiply(x, factor, "twice")
