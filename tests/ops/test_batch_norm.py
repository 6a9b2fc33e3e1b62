"""Batch norm, and by hand its running statistics."""

from dataclasses import replace
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from emit.lowerings import Lowerings
from emit.ops.batch_norm import BatchNorm
from tests.ops.harness import STAGED, WHOLE, Case, Numbers, OpTests, Shape, compare, numbers, run

MOMENTUM = 0.1
EPSILON = 1e-5


def batch_norm(x: jax.Array, gamma: jax.Array, beta: jax.Array, epsilon: float = EPSILON) -> jax.Array:
    """Of the batch: the biased variance normalises (Ioffe and Szegedy 2015, algorithm 1)."""
    mean = jnp.mean(x, axis=(0, 1, 2))
    variance = jnp.mean((x - mean) ** 2, axis=(0, 1, 2))
    return gamma * (x - mean) / jnp.sqrt(variance + epsilon) + beta


def batch_norm_running(
    x: jax.Array, gamma: jax.Array, beta: jax.Array, mean: jax.Array, var: jax.Array, epsilon: float = EPSILON
) -> jax.Array:
    """With running statistics."""
    return gamma * (x - mean) / jnp.sqrt(var + epsilon) + beta


def moved_statistics(
    x: jax.Array, mean: jax.Array, variance: jax.Array, momentum: float = MOMENTUM
) -> tuple[jax.Array, jax.Array]:
    """Running statistics after a batch; the variance that is kept is the unbiased one, as torch does."""
    rows = x.reshape(-1, x.shape[-1])
    keep, take = 1 - momentum, momentum
    return keep * mean + take * jnp.mean(rows, axis=0), keep * variance + take * jnp.var(rows, axis=0, ddof=1)


def case(shape: Shape, lowerings: Lowerings, *, training: bool = True, epsilon: float = EPSILON) -> Case:
    other = "" if epsilon == EPSILON else f" {epsilon:g}"
    name = f"{lowerings.channel_sum(shape)} {'training' if training else 'evaluation'}{other}"
    expected = partial(batch_norm if training else batch_norm_running, epsilon=epsilon)
    op = BatchNorm(shape[3], epsilon, MOMENTUM if epsilon == EPSILON else 0.01)
    return Case(op, (shape,), expected, lowerings=lowerings, training=training, name=name)


def far_from_zero(source: np.random.Generator, shape: Shape) -> Numbers:
    """A mean a thousand deviations from 0, where E[x²] - E[x]² loses what it should keep."""
    return 1000.0 + source.standard_normal(shape)


def test_running_statistics_move_by_a_tenth_towards_the_mean_and_the_unbiased_variance() -> None:
    x = np.array([1.0, 2.0, 3.0, 6.0]).reshape(2, 2, 1, 1)
    _, mean, variance, *_ = run(case(x.shape, WHOLE), x, [1.0], [1.0], [10.0], [1.0], np.zeros_like(x))
    # The mean is 3; the squares of what is left are 4 + 1 + 0 + 9 = 14, over 3.
    assert mean.item() == pytest.approx(0.9 * 10 + 0.1 * 3)
    assert variance.item() == pytest.approx(0.9 * 1 + 0.1 * 14 / 3)


class TestBatchNorm(OpTests):
    op = BatchNorm
    numeric = [
        *(
            case(shape, lowerings, training=training)
            for shape in ((2, 3, 4, 2), (1, 5, 7, 1), (2, 1, 1, 3), (4, 2, 3, 5))
            for lowerings in (WHOLE, STAGED)
            for training in (True, False)
        ),
        *(case((2, 3, 4, 2), WHOLE, training=training, epsilon=1e-3) for training in (True, False)),
        replace(case((3, 4, 5, 2), WHOLE), draw=far_from_zero, name="far from zero"),
    ]
    golden = case((2, 3, 4, 2), WHOLE)
    invalid = {
        "gamma of other channels": {"gamma": (3,)},
        "a running mean of other channels": {"running_mean": (3,)},
        "a cotangent of another shape": {"dy": (2, 3, 3, 2)},
    }

    def test_the_running_statistics_are_the_oracle_s(self, case: Case) -> None:
        if not case.training:
            return
        (x,), parameters, statistics = numbers(case)
        _, mean, variance, *_ = run(case, x, *parameters, *statistics, np.ones_like(x))
        assert isinstance(case.op, BatchNorm)
        before, spread = map(jnp.asarray, statistics)
        expected = moved_statistics(jnp.asarray(x), before, spread, case.op.momentum)
        compare(mean, expected[0], "the running mean")
        compare(variance, expected[1], "the running variance")

    wrong = {
        "what is emitted again lacks the mean": (
            "hlo.subtract(beta, hlo.multiply(hlo.multiply(mean, inverse), gamma), ",
            "hlo.subtract(beta, hlo.multiply(inverse, gamma), ",
        ),
        "what is emitted again lacks γ": (
            'per_channel(gamma, x), "again_scaled")',
            'per_channel(inverse, x), "again_scaled")',
        ),
        "what is emitted again is x": (
            'return hlo.add(scaled, per_channel(shift, x), "again")',
            "return x",
        ),
        "another ε": ("scalar(written(self.epsilon), variance)", "scalar(written(10 * self.epsilon), variance)"),
        "the running variance does not come back": (
            '                "running_variance": self._moved(call.statistics["running_variance"], unbiased),\n',
            "",
        ),
        "no ε": ('hlo.add(variance, scalar(written(self.epsilon), variance), "above_zero")', "variance"),
        "ε outside the root": (
            'hlo.add(variance, scalar(written(self.epsilon), variance), "above_zero")\n'
            '        return hlo.rsqrt(above, "inverse")',
            'hlo.rsqrt(variance)\n        return hlo.add(above, scalar(written(self.epsilon), variance), "inverse")',
        ),
        "another momentum": ("share = written(self.momentum)", "share = written(self.momentum) / 10"),
        "the momentum's two shares swapped": (
            "scalar(1 - share, running)",
            "scalar(share, running)",
            "scalar(share, batch)",
            "scalar(1 - share, batch)",
        ),
        "the running statistics are the batch's": (
            'return hlo.add(kept, hlo.multiply(batch, scalar(share, batch), "running_fresh"), "running_new")',
            "return batch",
        ),
        "the running variance moves to the biased one": (
            'self._moved(call.statistics["running_variance"], unbiased)',
            'self._moved(call.statistics["running_variance"], variance)',
        ),
        "the running variance moves to the mean": (
            'self._moved(call.statistics["running_variance"], unbiased)',
            'self._moved(call.statistics["running_variance"], mean)',
        ),
        "the running variance is stale": (
            '"running_variance": self._moved(call.statistics["running_variance"], unbiased)',
            '"running_variance": call.statistics["running_variance"]',
        ),
        "the running mean is stale": (
            '"running_mean": self._moved(call.statistics["running_mean"], mean)',
            '"running_mean": call.statistics["running_mean"]',
        ),
        "the running mean starts from the running variance": (
            'self._moved(call.statistics["running_mean"], mean)',
            'self._moved(call.statistics["running_variance"], mean)',
        ),
        "training divides by the unbiased deviation": (
            "inverse = self._inverse_deviation(variance)\n        return Result(",
            "inverse = self._inverse_deviation(unbiased)\n        return Result(",
        ),
        "the mean square is divided by one less": (
            'squares = hlo.divide(squares, scalar(count, squares), "mean_square")',
            'squares = hlo.divide(squares, scalar(count - 1, squares), "mean_square")',
        ),
        "the variance is about the first image's mean": (
            'hlo.subtract(squares, hlo.multiply(further, further), "variance")',
            'hlo.add(squares, scalar(0, squares), "variance")',
        ),
        "the mean is the first image's": (
            'mean = hlo.add(near, further, "mean")',
            'mean = hlo.add(near, scalar(0, near), "mean")',
        ),
        "the mean is divided by one less": (
            'further = hlo.divide(total, scalar(count, total), "further")',
            'further = hlo.divide(total, scalar(count - 1, total), "further")',
        ),
        "the unbiased variance is larger twice": (
            "Fraction(count, count - 1), variance)",
            "Fraction(count, count - 1) ** 2, variance)",
        ),
        "evaluation takes the batch's statistics": ("if not call.training:", "if False:"),
        "evaluation swaps mean and variance": (
            'mean, variance = call.statistics["running_mean"], call.statistics["running_variance"]',
            'variance, mean = call.statistics["running_mean"], call.statistics["running_variance"]',
        ),
        "the mean is added, not taken off": (
            'hlo.subtract(call.parameters["beta"], hlo.multiply(mean, scale, "mean_scaled"), "shift")',
            'hlo.add(call.parameters["beta"], hlo.multiply(mean, scale, "mean_scaled"), "shift")',
        ),
        "no β": (
            'hlo.subtract(call.parameters["beta"], hlo.multiply(mean, scale, "mean_scaled"), "shift")',
            'hlo.multiply(hlo.multiply(mean, scale), scalar(-1, mean), "shift")',
        ),
        "γ doubled, forward and back": (
            'hlo.multiply(call.parameters["gamma"], inverse, "scale")\n        shift',
            'hlo.multiply(hlo.add(call.parameters["gamma"], call.parameters["gamma"]), inverse, "scale")\n'
            "        shift",
            'hlo.multiply(weighted, inverse, "dgamma")\n        gradients = {"gamma": dgamma,',
            'hlo.multiply(weighted, inverse, "dgamma")\n        gradients = {"gamma": hlo.add(dgamma, dgamma),',
            "AffineCotangent(cotangent, scale, x, slope, shift)",
            "AffineCotangent(cotangent, "
            "*(hlo.add(each, each) if each is not x else x for each in (scale, x, slope, shift)))",
        ),
        "dγ without the deviation": (
            'dgamma = hlo.multiply(weighted, inverse, "dgamma")\n        gradients = {"gamma": dgamma,',
            'dgamma = hlo.multiply(weighted, inverse, "dgamma")\n        gradients = {"gamma": weighted,',
        ),
        "dγ of x that is not centred": (
            'hlo.subtract(per_channel(mean, x), x, "centred_turned")',
            "hlo.subtract(scalar(0, x), x)",
        ),
        "dγ of x centred, not turned": (
            'hlo.subtract(per_channel(mean, x), x, "centred_turned")',
            "hlo.subtract(x, per_channel(mean, x))",
        ),
        "squares of x itself": (
            'summand(apart, hlo.subtract(per_channel(near, x), x, "apart_turned"), "square")',
            'hlo.multiply(x, x, "square")',
        ),
        "dγ and dβ swapped": ('{"gamma": dgamma, "beta": dbeta}', '{"gamma": dbeta, "beta": dgamma}'),
        "dx with one deviation too few in its slope": (
            "slope = hlo.multiply(hlo.multiply(dgamma, inverse), scale)",
            "slope = hlo.multiply(dgamma, scale)",
        ),
        "dx with the slope's sign turned": ("scalar(-count, slope)", "scalar(count, slope)"),
        "dx without the slope's factor 1/M": ("scalar(-count, slope)", "scalar(-1, slope)"),
        "dx with the level's sign turned": ("scalar(-count, dbeta)", "scalar(count, dbeta)"),
        "dx without the level's factor 1/M": ("scalar(-count, dbeta)", "scalar(-1, dbeta)"),
        "dx without the way through μ": ('hlo.subtract(level, hlo.multiply(slope, mean), "dshift")', "level"),
        "dx with the shift's sign turned": (
            'hlo.subtract(level, hlo.multiply(slope, mean), "dshift")',
            'hlo.add(level, hlo.multiply(slope, mean), "dshift")',
        ),
        "dx without the way through σ²": (
            "AffineCotangent(cotangent, scale, x, slope, shift)",
            "AffineCotangent(cotangent, scale, x, scalar(0, slope), shift)",
        ),
        "dx as if μ and σ² were constants": (
            "AffineCotangent(cotangent, scale, x, slope, shift)",
            "AffineCotangent(cotangent, scale, x, scalar(0, slope), scalar(0, shift))",
        ),
        "dx without γ": (
            'scale = hlo.multiply(call.parameters["gamma"], inverse, "scale")\n        slope',
            "scale = inverse\n        slope",
        ),
        "M counts one image, not the batch": (
            "count = x.type.elements // self.channels\n        product",
            "count = x.shape[1] * x.shape[2]\n        product",
        ),
        "M counts the channels too": (
            "count = x.type.elements // self.channels\n        product",
            "count = x.type.elements\n        product",
        ),
        "β decays": ('Tensor("beta", (self.channels,), ZEROS)', 'Tensor("beta", (self.channels,), ZEROS, True)'),
    }
