"""Add."""

import jax

from emit.ops.add import Add
from tests.ops.harness import Case, OpTests


def add(x: jax.Array, y: jax.Array) -> jax.Array:
    return x + y


class TestAdd(OpTests):
    op = Add
    numeric = [Case(Add(), (shape, shape), add) for shape in ((2, 3, 4, 5), (1, 1, 1, 1))]
    golden = numeric[0]
    invalid = {"inputs of two shapes": {"y": (2, 3, 4, 1)}}
    wrong = {
        "the first input twice": ('hlo.add(left, right, "residual")', 'hlo.add(left, left, "residual")'),
        "a product": ('hlo.add(left, right, "residual")', 'hlo.multiply(left, right, "residual")'),
        "a difference, forward and back": (
            'hlo.add(left, right, "residual")',
            'hlo.subtract(left, right, "residual")',
            "tuple(cotangent if want else None for want in wanted)",
            '(cotangent, hlo.subtract(scalar(0, cotangent), cotangent, "minus"))',
            "from netspec.layers import Shape",
            "from emit.sums import scalar\nfrom netspec.layers import Shape",
        ),
        "the second input gets no cotangent": (
            "tuple(cotangent if want else None for want in wanted)",
            "(cotangent, None)",
        ),
        "an input that wants no cotangent gets one": (
            "tuple(cotangent if want else None for want in wanted)",
            "(cotangent, cotangent)",
        ),
        "the first input's cotangent is doubled": (
            "tuple(cotangent if want else None for want in wanted)",
            '(hlo.add(cotangent, cotangent, "twice"), cotangent)',
        ),
    }
