"""Softmax cross-entropy: the mean over the batch of (1-ε)·(-log p[label]) + ε·(the mean over classes of -log p)."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from emit.losses.cross_entropy import CrossEntropy
from runtime.verify.arithmetic import Arithmetic, repeated, scaled
from runtime.verify.op import Definition, cases


def _output(at: Arithmetic, op: Any, inputs: Sequence[Any], tensors: Mapping[str, Any], training: bool) -> Any:
    logits, *given = inputs
    rows, classes = logits.shape
    smooth = Fraction(repr(op.smoothing))
    powers = at.unary("exponential", logits)
    log_p = at.subtract(logits, repeated(at.unary("log", at.total(powers, (1,)))[:, None], logits))
    if op.weights:
        log_p = at.multiply(log_p, repeated(at.vector([Fraction(repr(each)) for each in op.weights]), log_p))
    picked = log_p[np.arange(rows), given[0]]
    if op.mixed:
        _, others, share = given
        rest = at.subtract(at.constant(1, share.shape), share)
        picked = at.add(at.multiply(share, picked), at.multiply(rest, log_p[np.arange(rows), others]))
    spread = at.total(log_p, (0, 1))
    return at.add(
        scaled(at, at.total(picked, (0,)), (smooth - 1) / rows), scaled(at, spread, -smooth / (rows * classes))
    )


WEIGHTS = (0.5, 2.0, 0.75, 1.25)
DEFINITION = Definition(
    _output,
    [
        *cases(
            (CrossEntropy(smoothing), ((rows, classes), (rows,)))
            for rows, classes, smoothing in ((1, 3, 0.0), (5, 4, 0.1), (2, 10, 0.3))
        ),
        *cases((CrossEntropy(smoothing, weights=WEIGHTS), ((3, 4), (3,))) for smoothing in (0.0, 0.1)),
        *cases(
            (CrossEntropy(smoothing, True, weights), ((3, 4), (3,), (3,), (3,)))
            for smoothing, weights in ((0.0, ()), (0.1, ()), (0.1, WEIGHTS))
        ),
    ],
)
