"""Average pool: the mean of what each window sees, of the image alone or with its padding, which is zeros."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np

from emit.ops.average_pool import AveragePool
from emit.windows import Window
from runtime.verify.arithmetic import Arithmetic
from runtime.verify.op import Definition, Sized, cases
from runtime.verify.windows import SIZES, windowed, windows


def _output(at: Arithmetic, op: Any, inputs: Sequence[Any], tensors: Mapping[str, Any], training: bool) -> Any:
    (x,) = inputs
    total = windowed(at, x, op, 0, lambda y, seen, i, j: at.add(y, seen), x.shape[3])
    if op.counts_padding:
        return at.divide(total, at.constant(op.window.size**2, total.shape))
    ones = at.integers(np.ones(x.shape, np.int64))
    return at.divide(total, windowed(at, ones, op, 0, lambda y, seen, i, j: at.add(y, seen), x.shape[3]))


def _sized() -> list[Sized]:
    return [
        *(
            (AveragePool(window, counts), ((*SIZES[i % 3][:2], 6, 1 + i % 2),))
            for i, (window, counts) in enumerate(product(windows((1, 2, 3, 5)), (True, False)))
        ),
        # Padding along one axis alone.
        *((AveragePool(Window(2, 2, "same"), False), ((2, *size, 2),)) for size in ((4, 5), (5, 4))),
    ]


DEFINITION = Definition(_output, cases(_sized()))
