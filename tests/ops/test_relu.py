"""ReLU."""

import jax
import jax.numpy as jnp

from emit.ops.relu import Relu
from tests.ops.harness import ActivationTests


def relu(x: jax.Array) -> jax.Array:
    """max(x, 0), its derivative 0 at 0."""
    return jnp.where(x > 0, x, 0.0)


class TestRelu(ActivationTests):
    op = Relu
    oracle = staticmethod(relu)
    slopes = {0: 0}
    wrong = {
        "relu passes at the kink, ≥ for >": (
            'passes = hlo.compare(either, "GT", scalar(0, either), "passes")',
            'passes = hlo.compare(either, "GE", scalar(0, either), "passes")',
        ),
        "relu by its rematerialized input with the sign turned": (
            "either = result.output if call.rematerialized is None else call.rematerialized",
            "either = result.output if call.rematerialized is None else "
            "hlo.subtract(scalar(0, call.rematerialized), call.rematerialized)",
        ),
        "relu passes where it should not, and the other way round": (
            'passes = hlo.compare(either, "GT", scalar(0, either), "passes")',
            'passes = hlo.compare(either, "LE", scalar(0, either), "passes")',
        ),
        "relu's derivative is 1 everywhere": (
            'return Cotangents((hlo.select(passes, cotangent, scalar(0, either), "dx"),))',
            "return Cotangents((cotangent,))",
        ),
        "relu bends at 1, forward and back": (
            'Result(hlo.maximum(x, scalar(0, x), "out"))',
            'Result(hlo.maximum(x, scalar(1, x), "out"))',
            'passes = hlo.compare(either, "GT", scalar(0, either), "passes")',
            'passes = hlo.compare(either, "GT", scalar(1, either), "passes")',
        ),
        "relu is a minimum": (
            'Result(hlo.maximum(x, scalar(0, x), "out"))',
            'Result(hlo.minimum(x, scalar(0, x), "out"))',
        ),
    }
