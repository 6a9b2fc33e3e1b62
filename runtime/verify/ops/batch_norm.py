"""Batch norm: γ · (x - μ) / √(σ² + ε) + β, of the batch in training, with running statistics in evaluation."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from emit.ops.batch_norm import BatchNorm
from runtime.verify.arithmetic import Arithmetic, repeated, scaled
from runtime.verify.op import STAGED, WHOLE, Case, Definition, Theorem, in_lowerings


def _output(at: Arithmetic, op: Any, inputs: Sequence[Any], tensors: Mapping[str, Any], training: bool) -> Any:
    (x,) = inputs
    mean, variance = _moments(at, x)[:2] if training else (tensors["running_mean"], tensors["running_variance"])
    deviation = at.unary("sqrt", at.add(variance, at.constant(Fraction(repr(op.epsilon)), variance.shape)))
    hat = at.divide(at.subtract(x, repeated(mean, x)), repeated(deviation, x))
    return at.add(at.multiply(hat, repeated(tensors["gamma"], x)), repeated(tensors["beta"], x))


def moved_statistics(at: Arithmetic, op: Any, x: Any, tensors: Mapping[str, Any]) -> dict[str, Any]:
    """Running statistics after a batch: by the momentum's share at its mean and at its unbiased variance."""
    share = Fraction(repr(op.momentum))
    mean, variance, count = _moments(at, x)
    unbiased = scaled(at, variance, Fraction(count, count - 1))
    found = {"running_mean": mean, "running_variance": unbiased}
    return {
        name: at.add(scaled(at, tensors[name], 1 - share), scaled(at, batch, share)) for name, batch in found.items()
    }


def _moments(at: Arithmetic, x: Any) -> tuple[Any, Any, int]:
    """Mean and biased variance of each channel, and of how many numbers."""
    count = x.size // x.shape[3]
    mean = scaled(at, at.total(x, (0, 1, 2)), Fraction(1, count))
    away = at.subtract(x, repeated(mean, x))
    return mean, scaled(at, at.total(at.multiply(away, away), (0, 1, 2)), Fraction(1, count)), count


def _cases() -> list[Case]:
    ops = (BatchNorm(4), BatchNorm(1, 1e-3, 0.01), BatchNorm(2, epsilon=1e-6, momentum=0.05))
    sized = [(op, (shape,)) for op, shape in zip(ops, ((2, 3, 5, 4), (1, 5, 7, 1), (3, 1, 1, 2)), strict=True)]
    running = [Case(op, inputs, WHOLE, "running statistics", training=False) for op, inputs in sized]
    return [*in_lowerings(sized, {"whole sums": WHOLE, "staged sums": STAGED}), *running]


DEFINITION = Definition(_output, _cases(), theorem=Theorem("theorem 34"))
