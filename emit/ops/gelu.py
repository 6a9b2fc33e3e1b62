"""GELU: y = x · Φ(x), with Φ(x) = (1 + erf(x/√2)) / 2, the normal distribution function.

Hendrycks and Gimpel 2016, "Gaussian error linear units", section 2. StableHLO has no erf. With z = |x|,

    Φ(-z) = e^(-z²/2) · A(z) / B(z)

where A and B are the polynomials of degree 6 and 7 of Hart et al. 1968, "Computer approximations", index 5666, with
the digits that West 2005, "Better approximations to cumulative normal functions", Wilmott magazine, figure 2 has of
them. West leaves it at z = 7.07 for a continued fraction; here it goes on, for A/B goes to 1/(√(2π)·z) as it should.
Measured beside long decimals: Φ and y are off by less than 1e-16 for all x, and the derivative of that y by less than
4e-16. For x > 0, Φ(x) = 1 - Φ(-x), so for any sign y = max(x, 0) - z · Φ(-z): no difference of near numbers is taken.
"""

from dataclasses import dataclass
from fractions import Fraction

from emit import hlo
from emit.activation import Activation
from emit.hlo import Value
from emit.op import Call, Cotangents, Result, register
from emit.sums import scalar

# From the highest power down.
NUMERATOR = (
    "0.0352624965998911",
    "0.700383064443688",
    "6.37396220353165",
    "33.912866078383",
    "112.079291497871",
    "221.213596169931",
    "220.206867912376",
)
DENOMINATOR = (
    "0.0883883476483184",
    "1.75566716318264",
    "16.064177579207",
    "86.7807322029461",
    "296.564248779674",
    "637.333633378831",
    "793.826512519948",
    "440.413735824752",
)
DENSITY_AT_0 = Fraction("0.39894228040143268")  # 1/√(2π), to as many digits as f64 has
FARTHEST = 40  # e^(-z²/2) is 0 there, in f64 too; and A and B are numbers still in f32


@register
@dataclass(frozen=True)
class Gelu(Activation):
    """x, times the share Φ(x) of it."""

    kind = "gelu"

    def forward(self, call: Call) -> Result:
        """By one exponential and one division."""
        (x,) = call.inputs
        distance = _distance(x)
        below = hlo.multiply(distance, _tail(distance, _power(distance)), "below")
        return Result(hlo.subtract(hlo.maximum(x, scalar(0, x), "positive_part"), below, "out"))

    def vjp(self, call: Call, result: Result, cotangent: Value, wanted: tuple[bool, ...]) -> Cotangents:
        """dx = dy · (Φ(x) + x · φ(x)), with the density φ(x) = Φ'(x) = e^(-x²/2) / √(2π).

        It is the derivative of the exact function, in which Φ is the approximation of the forward pass.
        """
        x = call.inputs[0] if call.rematerialized is None else call.rematerialized
        distance = _distance(x)
        power = _power(distance)
        tail = _tail(distance, power)
        above = hlo.subtract(scalar(1, x), tail, "rest")
        share = hlo.select(hlo.compare(x, "GT", scalar(0, x), "above"), above, tail, "share")
        density = hlo.multiply(power, scalar(DENSITY_AT_0, x), "density")
        slope = hlo.add(share, hlo.multiply(x, density, "through"), "slope")
        return Cotangents((hlo.multiply(cotangent, slope, "dx"),))


def _distance(x: Value) -> Value:
    """z = |x|, `FARTHEST` at most."""
    size = hlo.maximum(x, hlo.subtract(scalar(0, x), x, "negative"), "size")
    return hlo.minimum(size, scalar(FARTHEST, x), "distance")


def _power(distance: Value) -> Value:
    """e^(-z²/2)."""
    square = hlo.multiply(distance, distance, "square")
    return hlo.exponential(hlo.multiply(square, scalar(Fraction(-1, 2), distance), "exponent"), "power")


def _tail(distance: Value, power: Value) -> Value:
    """Φ(-z)."""
    above = hlo.multiply(power, _polynomial(NUMERATOR, distance, "numerator"), "weighted")
    return hlo.divide(above, _polynomial(DENOMINATOR, distance, "denominator"), "tail")


def _polynomial(coefficients: tuple[str, ...], z: Value, name: str) -> Value:
    """By Horner's rule."""
    total = scalar(Fraction(coefficients[0]), z)
    for coefficient in coefficients[1:]:
        total = hlo.add(hlo.multiply(total, z, f"{name}_scaled"), scalar(Fraction(coefficient), z), name)
    return total
