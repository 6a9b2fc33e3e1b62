"""Hard-sigmoid."""

import jax
import jax.numpy as jnp

from emit.ops.hsigmoid import HSigmoid
from tests.ops.harness import ActivationTests


def hsigmoid(x: jax.Array) -> jax.Array:
    """(x + 3) / 6 between -3 and 3, its derivative 0 at both."""
    return jnp.where(x >= 3, 1.0, jnp.where(x > -3, (x + 3) / 6, 0.0))


class TestHSigmoid(ActivationTests):
    op = HSigmoid
    oracle = staticmethod(hsigmoid)
    slopes = {-3: 0, 3: 0}
    wrong = {
        "a third, forward": ("hard_gate(x), scalar(Fraction(1, 6), x)", "hard_gate(x), scalar(Fraction(1, 3), x)"),
        "the derivative at -3 is that of the middle": (
            'hlo.compare(x, "GT", scalar(-3, x), "above")',
            'hlo.compare(x, "GE", scalar(-3, x), "above")',
        ),
        "the derivative at 3 is that of the middle": (
            'hlo.compare(x, "LT", scalar(3, x), "below")',
            'hlo.compare(x, "LE", scalar(3, x), "below")',
        ),
        "the derivative is 1 between": (
            "inside, scalar(Fraction(1, 6), x)",
            "inside, scalar(1, x)",
        ),
        "the derivative is read off the output": (
            "x = call.inputs[0] if call.rematerialized is None else call.rematerialized",
            "x = result.output",
        ),
        "the derivative goes on above 3": (
            'hlo.compare(x, "LT", scalar(3, x), "below")',
            'hlo.compare(x, "GT", scalar(-4, x), "below")',
        ),
    }
