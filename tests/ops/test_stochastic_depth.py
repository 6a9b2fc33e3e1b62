"""Stochastic depth, against draws by JAX's own Threefry."""

from fractions import Fraction

import jax
import jax.numpy as jnp

from emit.ops.stochastic_depth import StochasticDepth
from tests.masks import kept, words
from tests.ops.harness import NUMBER, SOURCES, Case, OpTests, Shape

_LOW, _HIGH = (int(word) for word in SOURCES["seed"])


def case(rate: float, shape: Shape) -> Case:
    share = 1 - Fraction(str(rate))
    keeps = jnp.asarray(kept(words((_LOW, _HIGH), 5, 40, NUMBER, shape[0], 1), share)).reshape(
        -1, *[1] * len(shape[1:])
    )

    def stochastic_depth(x: jax.Array) -> jax.Array:
        return jnp.where(keeps, x / float(share), 0.0) if rate else x

    return Case(StochasticDepth(rate), (shape,), stochastic_depth, name=f"{rate}")


class TestStochasticDepth(OpTests):
    op = StochasticDepth
    numeric = [
        *(case(rate, shape) for rate in (0.5, 0.2, 0.9, 0.0) for shape in ((9, 3, 2, 5), (12, 7), (1, 2, 2, 1))),
        Case(StochasticDepth(0.5), ((9, 3, 2, 5),), lambda x: x, training=False, name="in evaluation"),
    ]
    golden = case(0.2, (9, 3, 2, 5))
    invalid = {"a cotangent of another batch": {"dy": (8, 3, 2, 5)}}
    wrong = {
        "what is kept is not scaled": (
            'Result(_times(x, factor, "out"), {"factor": factor})',
            'Result(_times(x, hlo.multiply(factor, factor.block.constant(self.keep, factor.shape)), "out"), '
            '{"factor": factor})',
        ),
        "the cotangent passes everywhere": ('_times(cotangent, result.saved["factor"], "dx")', "cotangent"),
        "the cotangent is scaled twice": (
            '_times(cotangent, result.saved["factor"], "dx")',
            '_times(_times(cotangent, result.saved["factor"], "dx"), result.saved["factor"], "dx")',
        ),
        "another op's draws in the VJP": (
            'result.saved["factor"]',
            "hlo.reshape(self.factor(replace(call, random=replace(call.random, number=0)), cotangent.shape[0]), "
            "cotangent.shape[:1])",
            "from dataclasses import dataclass",
            "from dataclasses import dataclass, replace",
        ),
        "all examples are kept or dropped as one": (
            'factor = hlo.reshape(self.factor(call, examples), (examples,), "factor")',
            'factor = hlo.broadcast(hlo.reshape(self.factor(call, 1), (1,)), (examples,), (0,), "factor")',
        ),
        "a draw for each element of the first example": (
            'factor = hlo.reshape(self.factor(call, examples), (examples,), "factor")',
            'factor = hlo.reshape(self.factor(call, 1, examples), (examples,), "factor")',
        ),
    }
