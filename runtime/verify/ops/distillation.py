"""Distillation: (1-α) parts of cross-entropy, and α·T² of the mean over the batch of Σ t·log t - Σ t·log s.

t are the teacher's probabilities to the power 1/T, divided by their sum; s are the powers of e of the logits over T,
divided by theirs.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from emit.losses.cross_entropy import CrossEntropy
from emit.losses.distillation import Distillation
from runtime.verify.arithmetic import Arithmetic, repeated, scaled
from runtime.verify.op import Definition, cases
from runtime.verify.ops import cross_entropy

_LEAST = Fraction(1, 2**126)  # the smallest normal number of f32


def _output(at: Arithmetic, op: Any, inputs: Sequence[Any], tensors: Mapping[str, Any], training: bool) -> Any:
    logits, *given, teacher = inputs
    rows = logits.shape[0]
    share, temperature = Fraction(repr(op.weight)), Fraction(repr(op.temperature))
    labels = cross_entropy.DEFINITION.output(at, op.labels, [logits, *given], tensors, training)
    least = at.constant(_LEAST, teacher.shape)
    teacher = at.select(at.compare("LT", teacher, least), least, teacher)
    t, log_t = _softened(at, at.unary("log", teacher), temperature)
    _, log_s = _softened(at, logits, temperature)
    apart = at.subtract(at.total(at.multiply(t, log_t), (0, 1)), at.total(at.multiply(t, log_s), (0, 1)))
    return at.add(scaled(at, labels, 1 - share), scaled(at, apart, share * temperature**2 / rows))


def _softened(at: Arithmetic, logits: Any, temperature: Fraction) -> tuple[Any, Any]:
    """The softmax of logits over T, and its logarithm."""
    powers = at.unary("exponential", scaled(at, logits, 1 / temperature))
    softmax = at.divide(powers, repeated(at.total(powers, (1,))[:, None], powers))
    return softmax, at.unary("log", softmax)


_SMOOTHED, _MIXED = CrossEntropy(0.1), CrossEntropy(0.1, True, cross_entropy.WEIGHTS)
DEFINITION = Definition(
    _output,
    [
        *cases(
            (Distillation(_SMOOTHED, weight, temperature), ((rows, classes), (rows,), (rows, classes)))
            for rows, classes, weight, temperature in (
                (1, 3, 0.3, 1.0),
                (5, 4, 0.9, 2.0),
                (2, 10, 0.5, 20.0),
                (3, 4, 1.0, 0.5),
            )
        ),
        *cases([(Distillation(_MIXED, 0.3, 3.0), ((3, 4), (3,), (3,), (3,), (3, 4)))]),
    ],
)
