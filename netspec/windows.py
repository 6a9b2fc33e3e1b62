"""The arithmetic of sliding windows: output sizes and pads."""

from typing import Literal

Padding = Literal["same", "symmetric", "valid"]


def output_size(size: int, window: int, stride: int, padding: Padding) -> int:
    """The number of windows along one axis of `size` pixels; zero or less: none fits."""
    if padding == "same":
        return -(-size // stride)
    low, high = pads(size, window, stride, padding)
    return (size + low + high - window) // stride + 1


def pads(size: int, window: int, stride: int, padding: Padding) -> tuple[int, int]:
    """The rows (or columns) added before and after one axis.

    * `"same"` is XLA's: as many windows as ceil(size / stride), the odd row at the high side.
    * `"symmetric"` is torch's `padding=(window - 1) // 2`: the same on both sides.
    * `"valid"`: none.
    """
    if padding == "same":
        total = max((output_size(size, window, stride, "same") - 1) * stride + window - size, 0)
        return total // 2, total - total // 2
    if padding == "symmetric":
        return (window - 1) // 2, (window - 1) // 2
    return 0, 0
