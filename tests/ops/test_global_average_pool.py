"""Global average pool."""

import jax

from emit.ops.global_average_pool import GlobalAveragePool
from tests.ops.harness import Case, OpTests


def mean(x: jax.Array) -> jax.Array:
    return x.mean(axis=(1, 2))


class TestGlobalAveragePool(OpTests):
    op = GlobalAveragePool
    numeric = [Case(GlobalAveragePool(), (shape,), mean) for shape in ((2, 3, 5, 4), (1, 1, 1, 2))]
    golden = numeric[0]
    invalid = {"a cotangent of other channels": {"dy": (2, 5)}}
    wrong = {
        "the sum": ('hlo.divide(total, scalar(x.shape[1] * x.shape[2], total), "mean")', "total"),
        "dx without the factor 1/(H·W)": (
            'hlo.divide(cotangent, scalar(x.shape[1] * x.shape[2], cotangent), "share")',
            "cotangent",
        ),
        "divided by the rows alone, forward and back": (
            "scalar(x.shape[1] * x.shape[2], total)",
            "scalar(x.shape[1], total)",
            "scalar(x.shape[1] * x.shape[2], cotangent)",
            "scalar(x.shape[1], cotangent)",
        ),
        "divided by H·H, forward and back": (
            "scalar(x.shape[1] * x.shape[2], total)",
            "scalar(x.shape[1] * x.shape[1], total)",
            "scalar(x.shape[1] * x.shape[2], cotangent)",
            "scalar(x.shape[1] * x.shape[1], cotangent)",
        ),
    }
