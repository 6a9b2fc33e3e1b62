"""The logistic sigmoid."""

import jax
import jax.numpy as jnp

from emit.ops.sigmoid import Sigmoid
from tests.ops.harness import ActivationTests


def sigmoid(x: jax.Array) -> jax.Array:
    """As one over one and a power, which no form of the op divides by."""
    return 0.5 * (jnp.tanh(0.5 * x) + 1)


class TestSigmoid(ActivationTests):
    op = Sigmoid
    oracle = staticmethod(sigmoid)
    slopes = {}
    wrong = {
        "the slope is 1 - y": (
            "logistic_slope(y)",
            "hlo.divide(logistic_slope(y), y)",
        ),
        "the slope is y": (
            "logistic_slope(y)",
            "y",
        ),
        "the slope is everywhere the largest": (
            'hlo.multiply(cotangent, logistic_slope(y), "dx")',
            "cotangent",
        ),
        "the slope at the output": (
            "y = result.output if call.rematerialized is None",
            "y = logistic(result.output) if call.rematerialized is None",
        ),
        "of the rematerialized input the slope at the input itself": (
            "else logistic(call.rematerialized)",
            "else call.rematerialized",
        ),
        "the sign of the input turned, forward": (
            "logistic(call.inputs[0])",
            "logistic(hlo.subtract(hlo.subtract(call.inputs[0], call.inputs[0]), call.inputs[0]))",
        ),
    }
