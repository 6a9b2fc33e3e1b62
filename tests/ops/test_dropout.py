"""Dropout, against a mask drawn by JAX's own Threefry."""

from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from emit.hlo import ShapeError
from emit.ops.dropout import Dropout
from tests.masks import kept, words
from tests.ops.harness import NUMBER, SOURCES, Case, OpTests, Shape

_LOW, _HIGH = (int(word) for word in SOURCES["seed"])


def case(rate: float, shape: Shape) -> Case:
    share = 1 - Fraction(str(rate))
    drawn = words((_LOW, _HIGH), 5, 40, NUMBER, shape[0], int(np.prod(shape[1:])))
    mask = jnp.asarray(kept(drawn, share).reshape(shape))

    def dropout(x: jax.Array) -> jax.Array:
        return jnp.where(mask, x / float(share), 0.0) if rate else x

    return Case(Dropout(rate), (shape,), dropout, name=f"{rate}")


@pytest.mark.parametrize("rate", [-0.1, 1.0, 1.5])
def test_a_rate_that_drops_all_or_less_than_nothing_is_refused(rate: float) -> None:
    with pytest.raises(ShapeError, match=f"dropout: expected a rate from 0 to less than 1, received {rate}"):
        Dropout(rate).shape((3,))


class TestDropout(OpTests):
    op = Dropout
    numeric = [
        *(case(rate, shape) for rate in (0.5, 0.2, 0.9, 0.0) for shape in ((2, 3, 4, 5), (3, 7), (5, 1))),
        Case(Dropout(0.5), ((2, 3, 4, 5),), lambda x: x, training=False, name="in evaluation"),
    ]
    golden = case(0.2, (2, 3, 4, 5))
    invalid = {"a cotangent of another shape": {"dy": (2, 3, 4, 4)}}
    wrong = {
        "what is kept is not scaled": (
            'out = hlo.multiply(rows, factor, "out")',
            'out = hlo.multiply(rows, hlo.multiply(factor, factor.block.constant(self.keep, factor.shape)), "out")',
        ),
        "the cotangent is scaled twice": (
            'dx = hlo.multiply(_rows(cotangent), result.saved["factor"], "dx")',
            'dx = hlo.multiply(hlo.multiply(_rows(cotangent), result.saved["factor"]), result.saved["factor"], "dx")',
        ),
        "the cotangent passes everywhere": (
            'dx = hlo.multiply(_rows(cotangent), result.saved["factor"], "dx")',
            "dx = _rows(cotangent)",
        ),
        "another op's mask in the VJP": (
            'result.saved["factor"]',
            "self.factor(replace(call, random=replace(call.random, number=0)), *_rows(cotangent).shape)",
            "from dataclasses import dataclass",
            "from dataclasses import dataclass, replace",
        ),
        "another step's mask in the VJP": (
            'result.saved["factor"]',
            "self.factor(replace(call, random=replace(call.random, step=call.random.first_example)), "
            "*_rows(cotangent).shape)",
            "from dataclasses import dataclass",
            "from dataclasses import dataclass, replace",
        ),
        "one draw an example": (
            "factor = self.factor(call, *rows.shape)",
            'factor = hlo.broadcast(self.factor(call, rows.shape[0]), rows.shape, (0, 1), "each")',
        ),
        "all examples have the first one's mask": (
            "factor = self.factor(call, *rows.shape)",
            'factor = hlo.broadcast(self.factor(call, 1, rows.shape[1]), rows.shape, (0, 1), "each")',
        ),
        "examples and elements swapped": (
            "factor = self.factor(call, *rows.shape)",
            "factor = hlo.transpose(self.factor(call, *rows.shape[::-1]), (1, 0))",
        ),
    }
