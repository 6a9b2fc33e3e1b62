"""GELU in its tanh form."""

import math

import jax
import jax.numpy as jnp

from emit.ops.gelu_tanh import TWICE_ROOT, GeluTanh
from tests.ops.harness import ActivationTests


def gelu_tanh(x: jax.Array) -> jax.Array:
    """As the paper has it."""
    return 0.5 * x * (1 + jnp.tanh(jnp.sqrt(2 / jnp.pi) * (x + 0.044715 * x**3)))


class TestGeluTanh(ActivationTests):
    op = GeluTanh
    oracle = staticmethod(gelu_tanh)
    slopes = {}
    wrong = {
        "no cubic term, forward and back": (
            'CUBIC = Fraction("0.044715")',
            "CUBIC = Fraction(0)",
        ),
        "another cubic term, forward and back": (
            'CUBIC = Fraction("0.044715")',
            'CUBIC = Fraction("0.0447")',
        ),
        "half the slope of u": (
            'Fraction("1.5957691216057308")',
            'Fraction("0.7978845608028654")',
        ),
        "sigmoid's approximation, x · σ(1.702·x)": (
            'TWICE_ROOT = Fraction("1.5957691216057308")',
            'TWICE_ROOT = Fraction("1.702")',
        ),
        "the derivative of x is lost": (
            'hlo.add(share, through, "slope")',
            "through",
        ),
        "the derivative of σ is lost": (
            'hlo.add(share, through, "slope")',
            "share",
        ),
        "the derivative of the cube is x²": (
            "3 * CUBIC * TWICE_ROOT",
            "CUBIC * TWICE_ROOT",
        ),
        "the derivative is read off the output": (
            "x = call.inputs[0] if call.rematerialized is None else call.rematerialized",
            "x = result.output",
        ),
    }

    def test_the_constant_is_twice_the_root_of_two_over_pi_to_all_digits_of_f64(self) -> None:
        assert float(TWICE_ROOT) == 2 * math.sqrt(2 / math.pi)
