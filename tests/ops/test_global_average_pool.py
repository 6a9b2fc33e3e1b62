"""Global average pool."""

import jax

from emit.ops.global_average_pool import GlobalAveragePool
from tests.ops.harness import Case, OpTests


def mean(x: jax.Array) -> jax.Array:
    return x.mean(axis=(1, 2))


def mean_image(x: jax.Array) -> jax.Array:
    return x.mean(axis=(1, 2), keepdims=True)


class TestGlobalAveragePool(OpTests):
    op = GlobalAveragePool
    numeric = [
        Case(op, (shape,), oracle)
        for shape in ((2, 3, 5, 4), (1, 1, 1, 2))
        for op, oracle in ((GlobalAveragePool(), mean), (GlobalAveragePool(keeps_axes=True), mean_image))
    ]
    golden = numeric[0]
    invalid = {"a cotangent of other channels": {"dy": (2, 5)}}
    wrong = {
        "the sum": ('hlo.divide(total, scalar(x.shape[1] * x.shape[2], total), "mean")', "total"),
        "dx without the factor 1/(H·W)": (
            'hlo.divide(vector, scalar(x.shape[1] * x.shape[2], vector), "share")',
            "vector",
        ),
        "divided by the rows alone, forward and back": (
            "scalar(x.shape[1] * x.shape[2], total)",
            "scalar(x.shape[1], total)",
            "scalar(x.shape[1] * x.shape[2], vector)",
            "scalar(x.shape[1], vector)",
        ),
        "divided by H·H, forward and back": (
            "scalar(x.shape[1] * x.shape[2], total)",
            "scalar(x.shape[1] * x.shape[1], total)",
            "scalar(x.shape[1] * x.shape[2], vector)",
            "scalar(x.shape[1] * x.shape[1], vector)",
        ),
    }
