"""Pools."""

from dataclasses import dataclass

from netspec.layers.base import Conventions, Layer, Shape, Stride, Window, image_of, padding_of, windowed


@dataclass(frozen=True)
class maxPool(Layer):
    """The largest value of each window, with the network's padding. `[H, W, C]` → `[H', W', C]`."""

    size: Window
    stride: Stride

    def output(self, shape: Shape, conventions: Conventions) -> Shape:
        """`[H, W, C]` → `[H', W', C]`."""
        image = image_of(shape, None)
        return windowed(image, self.size, self.stride, padding_of(conventions), image[2])


@dataclass(frozen=True)
class avgPool(Layer):
    """The mean of each window, with the network's padding. `[H, W, C]` → `[H', W', C]`.

    Pixels of the padding count as zeros with padding `"symmetric"`, as torch counts them, and with no other.
    """

    size: Window
    stride: Stride

    def output(self, shape: Shape, conventions: Conventions) -> Shape:
        """`[H, W, C]` → `[H', W', C]`."""
        image = image_of(shape, None)
        return windowed(image, self.size, self.stride, padding_of(conventions), image[2])


@dataclass(frozen=True)
class globalAvgPool(Layer):
    """The mean over height and width. `[H, W, C]` → `[C]`, or with `keepDims` `[1, 1, C]`."""

    keepDims: bool = False

    def output(self, shape: Shape, conventions: Conventions) -> Shape:
        """`[H, W, C]` → `[C]` or `[1, 1, C]`."""
        channels = image_of(shape, None)[2:]
        return (1, 1, *channels) if self.keepDims else channels
