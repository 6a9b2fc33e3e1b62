"""Multi-query attention: each head's queries with the one key, softmax over the key's pixels, and the one value."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import sqrt
from typing import Any

import numpy as np

from emit.ops.attention import Attention
from runtime.verify.arithmetic import Arithmetic, scaled
from runtime.verify.op import Definition, cases


def _output(at: Arithmetic, op: Any, inputs: Sequence[Any], tensors: Mapping[str, Any], training: bool) -> Any:
    queries, keys, values = inputs
    images, height, width, _ = queries.shape
    y = at.constant(0, (images, height, width, op.heads * values.shape[3]))
    for n in range(images):
        for h in range(op.heads):
            q = queries[n, :, :, h * op.key_width : (h + 1) * op.key_width].reshape(height * width, -1)
            k, v = (each[n].reshape(-1, each.shape[3]) for each in (keys, values))
            # The square root has as many digits as the program writes: those of f64.
            powers = at.unary("exponential", scaled(at, at.product(q, k.T), Fraction(1 / sqrt(op.key_width))))
            totals = at.total(powers, (1,))[:, None]
            softmax = at.divide(powers, np.broadcast_to(totals, powers.shape))
            head = at.product(softmax, v).reshape(height, width, -1)
            y[n, :, :, h * values.shape[3] : (h + 1) * values.shape[3]] = head
    return y


DEFINITION = Definition(
    _output,
    cases(
        (Attention(heads, d), ((n, *queries, heads * d), (n, *keys, d), (n, *keys, dv)))
        for heads, d, dv, n, queries, keys in (
            (1, 1, 1, 1, (1, 1), (1, 1)),
            (2, 3, 2, 2, (2, 3), (2, 2)),
            (3, 2, 4, 1, (3, 1), (1, 5)),
            (4, 4, 4, 2, (2, 2), (2, 2)),
        )
    ),
)
