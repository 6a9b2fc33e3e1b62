"""Swish."""

import jax
import jax.numpy as jnp

from emit.ops.swish import Swish
from tests.ops.harness import ActivationTests


def swish(x: jax.Array) -> jax.Array:
    """x · σ(x), with σ by tanh."""
    return x * 0.5 * (jnp.tanh(0.5 * x) + 1)


class TestSwish(ActivationTests):
    op = Swish
    oracle = staticmethod(swish)
    slopes = {}
    wrong = {
        "the derivative of x is lost": (
            'hlo.add(share, hlo.multiply(x, logistic_slope(share), "through"), "slope")',
            'hlo.multiply(x, logistic_slope(share), "through")',
        ),
        "the derivative of σ is lost": (
            'hlo.add(share, hlo.multiply(x, logistic_slope(share), "through"), "slope")',
            "share",
        ),
        "the derivative of σ is not weighted by x": (
            'hlo.multiply(x, logistic_slope(share), "through")',
            "logistic_slope(share)",
        ),
        "the derivative is read off the output": (
            "x = call.inputs[0] if call.rematerialized is None else call.rematerialized",
            "x = result.output",
        ),
        "the sum is a difference": (
            "slope = hlo.add(share,",
            "slope = hlo.subtract(share,",
        ),
        "σ alone, forward": (
            'hlo.multiply(x, logistic(x), "out")',
            "logistic(x)",
        ),
        "x twice, forward": (
            'hlo.multiply(x, logistic(x), "out")',
            'hlo.multiply(x, hlo.multiply(x, logistic(x)), "out")',
        ),
    }
