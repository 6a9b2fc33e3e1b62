"""Windows over an image, written down a second time, by index; and the sizes in which their ops are tried."""

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any, get_args

import numpy as np

from emit.windows import Window
from netspec.windows import Padding
from runtime.verify.arithmetic import Arithmetic

# Sides that strides do and do not divide.
SIZES = ((1, 7, 9), (2, 9, 8), (3, 8, 7))


def windows(sizes: Sequence[int]) -> list[Window]:
    """Windows of some sizes with every stride up to 3 and every padding."""
    return [Window(*each) for each in product(sizes, (1, 2, 3), get_args(Padding))]


def windowed(
    at: Arithmetic, x: Any, op: Any, start: Any, step: Callable[[Any, Any, int, int], Any], channels: int
) -> Any:
    """Go over the places of a window: `step(so far, what is seen there, i, j)`, on the windows that see an image."""
    k, stride, padding = op.window.size, op.window.stride, op.window.padding
    rows, vertical = _read_by(x.shape[1], k, stride, padding)
    columns, horizontal = _read_by(x.shape[2], k, stride, padding)
    y = at.constant(start, (x.shape[0], rows, columns, channels))
    for i, (above, source_rows) in enumerate(vertical):
        for j, (beside, source_columns) in enumerate(horizontal):
            if above and beside:
                here = np.ix_(range(len(x)), above, beside, range(channels))
                there = np.ix_(range(len(x)), source_rows, source_columns, range(x.shape[3]))
                y[here] = step(y[here], x[there], i, j)
    return y


def _edge(size: int, k: int, stride: int, padding: str) -> tuple[int, int]:
    """How many windows there are along an axis, and how many rows of padding stand before it."""
    if padding == "same":
        count = -(-size // stride)
        return count, max((count - 1) * stride + k - size, 0) // 2
    low = (k - 1) // 2 if padding == "symmetric" else 0
    return (size + 2 * low - k) // stride + 1, low


def _read_by(size: int, k: int, stride: int, padding: str) -> tuple[int, list[tuple[list[int], list[int]]]]:
    """The number of windows, and for each place i of the window: which windows o see a real row there, and which."""
    count, low = _edge(size, k, stride, padding)
    places = []
    for i in range(k):
        pairs = [(o, o * stride + i - low) for o in range(count) if 0 <= o * stride + i - low < size]
        places.append(([o for o, _ in pairs], [r for _, r in pairs]))
    return count, places
