"""Flatten."""

import jax

from emit.ops.flatten import Flatten
from tests.ops.harness import Case, OpTests


def flatten(x: jax.Array) -> jax.Array:
    return x.reshape(len(x), -1)


class TestFlatten(OpTests):
    op = Flatten
    numeric = [Case(Flatten(), (shape,), flatten) for shape in ((2, 3, 5, 4), (1, 1, 1, 2))]
    golden = numeric[0]
    invalid = {"a cotangent of other features": {"dy": (2, 59)}}
    wrong = {
        "rows from bottom to top": (
            'hlo.reshape(x, (x.shape[0], prod(x.shape[1:])), "flat")',
            'hlo.reshape(hlo.reverse(x, (1,)), (x.shape[0], prod(x.shape[1:])), "flat")',
        ),
        "columns from right to left, forward and back": (
            'hlo.reshape(x, (x.shape[0], prod(x.shape[1:])), "flat")',
            'hlo.reshape(hlo.reverse(x, (2,)), (x.shape[0], prod(x.shape[1:])), "flat")',
            'hlo.reshape(cotangent, x.shape, "dx")',
            'hlo.reverse(hlo.reshape(cotangent, x.shape), (2,), "dx")',
        ),
        "dx with its channels turned round": (
            'hlo.reshape(cotangent, x.shape, "dx")',
            'hlo.reverse(hlo.reshape(cotangent, x.shape), (3,), "dx")',
        ),
    }
