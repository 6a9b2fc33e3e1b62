"""ReLU6."""

import jax
import jax.numpy as jnp

from emit.ops.relu6 import Relu6
from tests.ops.harness import ActivationTests


def relu6(x: jax.Array) -> jax.Array:
    """min(max(x, 0), 6), its derivative 0 at 0 and at 6."""
    return jnp.where(x >= 6, 6.0, jnp.where(x > 0, x, 0.0))


class TestRelu6(ActivationTests):
    op = Relu6
    oracle = staticmethod(relu6)
    slopes = {0: 0, 6: 0}
    wrong = {
        "relu6 passes at 6, ≤ for <": ('"LT", scalar(6, either)', '"LE", scalar(6, either)'),
        "relu6 passes at 0, ≥ for >": (
            'hlo.compare(either, "GT", scalar(0, either), "positive")',
            'hlo.compare(either, "GE", scalar(0, either), "positive")',
        ),
        "relu6's derivative is 1 above 6": (
            'hlo.compare(either, "LT", scalar(6, either), "small")',
            'hlo.compare(either, "GT", scalar(0, either), "small")',
        ),
        "relu6 ends at 5, forward and back": ("scalar(6, x)", "scalar(5, x)", "scalar(6, either)", "scalar(5, either)"),
        "relu6 lets negative numbers through": (
            'hlo.maximum(x, scalar(0, x), "positive_part")',
            'hlo.maximum(x, scalar(-6, x), "positive_part")',
        ),
    }
