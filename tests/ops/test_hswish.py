"""Hard-swish."""

import jax
import jax.numpy as jnp

from emit.ops.hswish import HSwish
from tests.ops.harness import ActivationTests


def hswish(x: jax.Array) -> jax.Array:
    """x · relu6(x + 3) / 6 piece by piece, its derivative 0 at -3 and 1 at 3."""
    return jnp.where(x >= 3, x, jnp.where(x > -3, x * (x + 3) / 6, 0.0))


class TestHSwish(ActivationTests):
    op = HSwish
    oracle = staticmethod(hswish)
    slopes = {-3: 0, 3: 1}
    wrong = {
        "the derivative at -3 is that of the middle": (
            'hlo.compare(x, "GT", scalar(-3, x), "above")',
            'hlo.compare(x, "GE", scalar(-3, x), "above")',
        ),
        "the derivative at 3 is that of the middle": (
            'hlo.compare(x, "LT", scalar(3, x), "below")',
            'hlo.compare(x, "LE", scalar(3, x), "below")',
        ),
        "the derivative is 0 above 3": (
            'slope, scalar(1, x), "slope")',
            'slope, scalar(0, x), "slope")',
        ),
        "the derivative goes on below -3": (
            'hlo.select(hlo.compare(x, "GT", scalar(-3, x), "above"), slope, scalar(0, x), "slope")',
            'hlo.add(slope, scalar(0, x), "slope")',
        ),
        "the derivative goes on above 3": (
            'hlo.select(hlo.compare(x, "LT", scalar(3, x), "below"), slope, scalar(1, x), "slope")',
            'hlo.add(slope, scalar(0, x), "slope")',
        ),
        "the derivative of the gate is lost: (x + 3) / 6": (
            'scalar(Fraction(1, 3), x), "third")',
            'scalar(Fraction(1, 6), x), "third")',
        ),
        "the derivative of x is lost: x / 6": (
            'slope = hlo.add(hlo.multiply(x, scalar(Fraction(1, 3), x), "third"), scalar(Fraction(1, 2), x), "inside")',
            'slope = hlo.multiply(x, scalar(Fraction(1, 6), x), "inside")',
        ),
        "the derivative is read off the output": (
            "x = call.inputs[0] if call.rematerialized is None else call.rematerialized",
            "x = result.output",
        ),
        "the derivative at the rematerialized input with the sign turned": (
            "x = call.inputs[0] if call.rematerialized is None else call.rematerialized",
            "x = call.inputs[0] if call.rematerialized is None else "
            "hlo.subtract(scalar(0, call.rematerialized), call.rematerialized)",
        ),
        "the derivative is 1 everywhere": (
            'hlo.multiply(cotangent, slope, "dx")',
            "cotangent",
        ),
        "hard-sigmoid, forward": (
            'hlo.multiply(x, hard_gate(x), "gated")',
            "hard_gate(x)",
        ),
        "not divided by 6, forward and back": (
            "scalar(Fraction(1, 6), x)",
            "scalar(1, x)",
            "scalar(Fraction(1, 3), x)",
            "scalar(2, x)",
            "scalar(Fraction(1, 2), x)",
            "scalar(3, x)",
        ),
    }
