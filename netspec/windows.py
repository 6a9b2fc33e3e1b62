"""The arithmetic of sliding windows: output sizes and pads."""

from typing import Literal

Padding = Literal["same", "symmetric", "even", "valid"]


def extent(window: int, dilation: int = 1) -> int:
    """The rows from a window's first place to its last, both counted, where places are `dilation` rows apart."""
    return (window - 1) * dilation + 1


def output_size(size: int, window: int, stride: int, padding: Padding, dilation: int = 1) -> int:
    """The number of windows along one axis of `size` pixels; zero or less: none fits."""
    if padding == "same":
        return -(-size // stride)
    low, high = pads(size, window, stride, padding, dilation)
    return (size + low + high - extent(window, dilation)) // stride + 1


def pads(size: int, window: int, stride: int, padding: Padding, dilation: int = 1) -> tuple[int, int]:
    """The rows (or columns) added before and after one axis.

    * `"same"` is XLA's: as many windows as ceil(size / stride), the odd row at the high side.
    * `"symmetric"` is torch's `padding=dilation * (window - 1) // 2`: the same on both sides.
    * `"even"` is that of Keras' MobileNetV1: what `"same"` pads where the stride divides the size, whatever the size.
    * `"valid"`: none.
    """
    if padding == "valid":
        return 0, 0
    across = extent(window, dilation)
    if padding == "symmetric":
        return (across - 1) // 2, (across - 1) // 2
    windows = output_size(size, window, stride, "same")
    total = max((windows - 1) * stride + across - size if padding == "same" else across - stride, 0)
    return total // 2, total - total // 2
