"""Batch norm whose running statistics stay."""

import numpy as np

from emit.lowerings import Lowerings
from emit.ops.fixed_batch_norm import FixedBatchNorm
from tests.ops.harness import STAGED, WHOLE, Case, OpTests, Shape, numbers, run
from tests.ops.test_batch_norm import batch_norm_running


def case(shape: Shape, lowerings: Lowerings, *, training: bool = True) -> Case:
    name = f"{lowerings.channel_sum(shape)} {'training' if training else 'evaluation'}"
    return Case(
        FixedBatchNorm(shape[3]), (shape,), batch_norm_running, lowerings=lowerings, training=training, name=name
    )


def test_training_and_evaluation_give_the_same() -> None:
    trained, evaluated = (case((2, 3, 4, 2), WHOLE, training=training) for training in (True, False))
    (x,), parameters, statistics = numbers(trained)
    one = run(trained, x, *parameters, *statistics, np.ones_like(x))[0]
    other = run(evaluated, x, *parameters, *statistics)[0]
    np.testing.assert_array_equal(one, other)


class TestFixedBatchNorm(OpTests):
    op = FixedBatchNorm
    numeric = [
        case(shape, lowerings, training=training)
        for shape in ((2, 3, 4, 2), (1, 5, 7, 1), (2, 1, 1, 3))
        for lowerings in (WHOLE, STAGED)
        for training in (True, False)
    ]
    golden = case((2, 3, 4, 2), WHOLE)
    invalid = {
        "gamma of other channels": {"gamma": (3,)},
        "a running mean of other channels": {"running_mean": (3,)},
        "a cotangent of another shape": {"dy": (2, 3, 3, 2)},
    }
    wrong = {
        "the variance is the mean": (
            'self._inverse_deviation(call.statistics["running_variance"])',
            'self._inverse_deviation(call.statistics["running_mean"])',
        ),
        "the mean is the variance": (
            'mean, inverse = call.statistics["running_mean"], self',
            'mean, inverse = call.statistics["running_variance"], self',
        ),
        "what is emitted again is of another mean": (
            "self._rematerialized(call, mean, inverse)",
            "self._rematerialized(call, inverse, inverse)",
        ),
        "dγ of what is not centred": (
            'hlo.subtract(per_channel(mean, x), x, "centred_turned")',
            'hlo.subtract(hlo.subtract(x, x), x, "centred_turned")',
        ),
        "dγ without the deviation": ('hlo.multiply(weighted, inverse, "dgamma")', "weighted"),
        "dγ and dβ swapped": (
            '{"gamma": hlo.multiply(weighted, inverse, "dgamma"), "beta": dbeta}',
            '{"gamma": dbeta, "beta": hlo.multiply(weighted, inverse, "dgamma")}',
        ),
        "dx without γ": ('hlo.multiply(call.parameters["gamma"], inverse, "scale")', "inverse"),
        "dx without the deviation": (
            'hlo.multiply(call.parameters["gamma"], inverse, "scale")',
            'call.parameters["gamma"]',
        ),
        "dx is dy": ('hlo.multiply(cotangent, per_channel(scale, cotangent), "dx")', "cotangent"),
    }
