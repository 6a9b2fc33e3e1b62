"""Layers of vectors, and of vectors and images alike."""

from dataclasses import dataclass

from netspec.activations import Activation
from netspec.layers.base import Channels, Conventions, Features, Layer, LayerProblem, Rate, Shape, image_of, size_text


@dataclass(frozen=True)
class flatten(Layer):
    """Rows, columns and channels as one vector. `[H, W, C]` → `[H·W·C]`."""

    def output(self, shape: Shape, conventions: Conventions) -> Shape:
        """`[H, W, C]` → `[H·W·C]`."""
        height, width, channels = image_of(shape, None)
        return (height * width * channels,)


@dataclass(frozen=True)
class dense(Layer):
    """A matmul with a bias and an activation. `[fanIn]` → `[fanOut]`."""

    fanIn: Features
    fanOut: Channels
    act: Activation

    def output(self, shape: Shape, conventions: Conventions) -> Shape:
        """`[fanIn]` → `[fanOut]`."""
        if len(shape) != 1:
            raise LayerProblem(
                "a vector of features",
                f"an image {size_text(shape)}",
                "put globalAvgPool() or flatten() before it",
            )
        if shape[0] != self.fanIn:
            raise LayerProblem(f"fanIn={shape[0]}", f"fanIn={self.fanIn}", f"write dense({shape[0]}, ...)")
        return (self.fanOut,)


@dataclass(frozen=True)
class dropout(Layer):
    """In training each number is 0 with the probability `rate`, and others are divided by 1 - `rate`.

    Srivastava et al. 2014, "Dropout". Evaluation and `predict` are without it.
    """

    rate: Rate

    def output(self, shape: Shape, conventions: Conventions) -> Shape:
        """Unchanged."""
        return shape
