"""Softmax cross-entropy: the mean over the batch of (1-ε)·(-log p[label]) + ε·(the mean over classes of -log p)."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from emit.losses.cross_entropy import CrossEntropy
from runtime.verify.arithmetic import Arithmetic, repeated, scaled
from runtime.verify.op import Definition, cases


def _output(at: Arithmetic, op: Any, inputs: Sequence[Any], tensors: Mapping[str, Any], training: bool) -> Any:
    logits, labels = inputs
    rows, classes = logits.shape
    share = Fraction(repr(op.smoothing))
    powers = at.unary("exponential", logits)
    log_p = at.subtract(logits, repeated(at.unary("log", at.total(powers, (1,)))[:, None], logits))
    picked = at.total(log_p[np.arange(rows), labels], (0,))
    spread = at.total(log_p, (0, 1))
    return at.add(scaled(at, picked, (share - 1) / rows), scaled(at, spread, -share / (rows * classes)))


DEFINITION = Definition(
    _output,
    cases(
        (CrossEntropy(smoothing), ((rows, classes), (rows,)))
        for rows, classes, smoothing in ((1, 3, 0.0), (5, 4, 0.1), (2, 10, 0.3))
    ),
)
