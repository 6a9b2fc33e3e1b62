"""Windows over an image, written down a second time, by index; and the sizes in which their ops are tried."""

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any, get_args

import numpy as np

from emit.windows import Window
from netspec.windows import Padding
from runtime.verify.arithmetic import Arithmetic
from runtime.verify.op import Shape

# Sides that strides do and do not divide.
SIZES = ((1, 7, 9), (2, 9, 8), (3, 8, 7))


def windows(sizes: Sequence[int]) -> list[Window]:
    """Windows of some sizes with every stride up to 3 and every padding."""
    return [Window(*each) for each in product(sizes, (1, 2, 3), get_args(Padding))]


def dilated(sizes: Sequence[int]) -> list[tuple[Window, Shape]]:
    """Dilated windows of some sizes with every padding, each with an image `[N, H, W]` that one fits in at least."""
    found = [
        Window(size, 1, padding, dilation) for size, dilation, padding in product(sizes, (2, 3), get_args(Padding))
    ]
    return [(each, _around(each, i)) for i, each in enumerate(found)]


def _around(window: Window, turn: int) -> Shape:
    """An image of a few rows or columns more than a window spans; where it is padded, also of fewer."""
    span = 1 + (window.size - 1) * window.dilation
    more = (0, 1, 3) if window.padding == "valid" else (1, -2, 4)
    return 1 + turn % 2, max(span + more[turn % 3], 1), max(span + more[(turn + 1) % 3], 1)


def windowed(
    at: Arithmetic, x: Any, op: Any, start: Any, step: Callable[[Any, Any, int, int], Any], channels: int
) -> Any:
    """Go over the places of a window: `step(so far, what is seen there, i, j)`, on the windows that see an image."""
    rows, vertical = _read_by(x.shape[1], op.window)
    columns, horizontal = _read_by(x.shape[2], op.window)
    y = at.constant(start, (x.shape[0], rows, columns, channels))
    for i, (above, source_rows) in enumerate(vertical):
        for j, (beside, source_columns) in enumerate(horizontal):
            if above and beside:
                here = np.ix_(range(len(x)), above, beside, range(channels))
                there = np.ix_(range(len(x)), source_rows, source_columns, range(x.shape[3]))
                y[here] = step(y[here], x[there], i, j)
    return y


def _edge(size: int, window: Window) -> tuple[int, int]:
    """How many windows there are along an axis, and how many rows of padding stand before it."""
    stride, last = window.stride, (window.size - 1) * window.dilation  # last: of its rows, counted from 0
    if window.padding == "same":
        count = -(-size // stride)
        return count, max((count - 1) * stride + last + 1 - size, 0) // 2
    both = {"symmetric": last // 2 * 2, "even": max(last + 1 - stride, 0), "valid": 0}[window.padding]
    return (size + both - last - 1) // stride + 1, both // 2


def _read_by(size: int, window: Window) -> tuple[int, list[tuple[list[int], list[int]]]]:
    """The number of windows, and for each place i of the window: which windows o see a real row there, and which."""
    count, low = _edge(size, window)
    places = []
    for i in range(window.size):
        first = i * window.dilation - low
        pairs = [(o, o * window.stride + first) for o in range(count) if 0 <= o * window.stride + first < size]
        places.append(([o for o, _ in pairs], [r for _, r in pairs]))
    return count, places
