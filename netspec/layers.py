"""The layers of the language: the document's constructors, with its names and its argument order.

A layer is plain data. Its only method is `output`: its output shape, `(height, width, channels)` for an
image or `(features,)` for a vector, without the batch.
"""

import json
from dataclasses import dataclass, fields
from typing import Annotated, NamedTuple

from netspec.activations import Activation, written
from netspec.fields import Between
from netspec.windows import Padding, output_size

Shape = tuple[int, ...]

Channels = Annotated[int, Between(1, 65536)]
Window = Annotated[int, Between(1, 64)]
Stride = Annotated[int, Between(1, 64)]
Blocks = Annotated[int, Between(1, 256)]
Expansion = Annotated[int, Between(1, 64)]


class Conventions(NamedTuple):
    """Conventions that a network sets for all its layers; `None` where it does not."""

    activation: Activation | None
    padding: Padding | None


class LayerProblem(Exception):
    """A layer that does not fit its input; `netspec.check` adds which layer it is.

    `at_images`: the remedy where the input has the channels of the images themselves.
    """

    def __init__(self, expected: str, received: str, remedy: str, at_images: str | None = None) -> None:
        super().__init__(expected, received, remedy)
        self.expected, self.received, self.remedy = expected, received, remedy
        self.at_images = at_images or remedy


@dataclass(frozen=True)
class Layer:
    """One line of a network."""

    def output(self, shape: Shape, conventions: Conventions) -> Shape:
        """The output shape for an input shape. Raises LayerProblem."""
        raise NotImplementedError(type(self).__name__)

    def __str__(self) -> str:
        values = [getattr(self, field.name) for field in fields(self)]
        if values and values[-1] is None:  # as it is written
            values.pop()
        return f"{type(self).__name__}({', '.join(json.dumps(value, default=repr) for value in values)})"


@dataclass(frozen=True)
class conv2d(Layer):
    """A convolution with a bias and an activation, no batch norm. `[H, W, ic]` → `[H', W', oc]`."""

    ic: Channels
    oc: Channels
    kSize: Window
    pad: Padding
    act: Activation
    stride: Stride = 1

    def output(self, shape: Shape, conventions: Conventions) -> Shape:
        """`[H, W, ic]` → `[H', W', oc]`."""
        return _windowed(_image(shape, self.ic), self.kSize, self.stride, self.pad, self.oc)


@dataclass(frozen=True)
class convBn(Layer):
    """A convolution, batch norm, and an activation: `act`, or else the network's. `[H, W, ic]` → `[H', W', oc]`."""

    ic: Channels
    oc: Channels
    kSize: Window
    stride: Stride
    pad: Padding
    act: Activation | None = None

    def output(self, shape: Shape, conventions: Conventions) -> Shape:
        """`[H, W, ic]` → `[H', W', oc]`."""
        _check_activation(self.act or conventions.activation)
        return _windowed(_image(shape, self.ic), self.kSize, self.stride, self.pad, self.oc)


@dataclass(frozen=True)
class invertedResidual(Layer):
    """Inverted residual blocks (MobileNetV2, Sandler et al. 2018, section 3.3 and table 1).

    Each block: a 1×1 convolution to `ic * expandRatio` channels (none when the ratio is 1), a 3×3 depthwise
    convolution, a linear 1×1 projection; a residual add where shapes allow. The first block has the stride. Without
    `act` they have the network's activation.
    """

    ic: Channels
    oc: Channels
    expandRatio: Expansion
    stride: Stride
    nBlocks: Blocks
    act: Activation | None = None

    def output(self, shape: Shape, conventions: Conventions) -> Shape:
        """`[H, W, ic]` → `[H', W', oc]`."""
        _check_activation(self.act or conventions.activation)
        return _stacked(_image(shape, self.ic), self.stride, self.nBlocks, conventions, self.oc)


@dataclass(frozen=True)
class residualBlock(Layer):
    """Basic residual blocks (ResNet, He et al. 2015, figure 5 left): two 3×3 convolutions and a shortcut.

    Where the shape changes, the shortcut is a 1×1 convolution with batch norm (option B of section 4.1). Without `act`
    they have the network's activation.
    """

    ic: Channels
    oc: Channels
    nBlocks: Blocks
    firstStride: Stride
    act: Activation | None = None

    def output(self, shape: Shape, conventions: Conventions) -> Shape:
        """`[H, W, ic]` → `[H', W', oc]`."""
        _check_activation(self.act or conventions.activation)
        return _stacked(_image(shape, self.ic), self.firstStride, self.nBlocks, conventions, self.oc)


@dataclass(frozen=True)
class maxPool(Layer):
    """The largest value of each window, with the network's padding. `[H, W, C]` → `[H', W', C]`."""

    size: Window
    stride: Stride

    def output(self, shape: Shape, conventions: Conventions) -> Shape:
        """`[H, W, C]` → `[H', W', C]`."""
        height, width, channels = _image(shape, None)
        return _windowed((height, width, channels), self.size, self.stride, _padding(conventions), channels)


@dataclass(frozen=True)
class globalAvgPool(Layer):
    """The mean over height and width. `[H, W, C]` → `[C]`."""

    def output(self, shape: Shape, conventions: Conventions) -> Shape:
        """`[H, W, C]` → `[C]`."""
        return _image(shape, None)[2:]


@dataclass(frozen=True)
class flatten(Layer):
    """Rows, columns and channels as one vector. `[H, W, C]` → `[H·W·C]`."""

    def output(self, shape: Shape, conventions: Conventions) -> Shape:
        """`[H, W, C]` → `[H·W·C]`."""
        height, width, channels = _image(shape, None)
        return (height * width * channels,)


@dataclass(frozen=True)
class dense(Layer):
    """A matmul with a bias and an activation. `[fanIn]` → `[fanOut]`."""

    fanIn: Annotated[int, Between(1, 2**24)]
    fanOut: Channels
    act: Activation

    def output(self, shape: Shape, conventions: Conventions) -> Shape:
        """`[fanIn]` → `[fanOut]`."""
        if len(shape) != 1:
            raise LayerProblem(
                "a vector of features",
                f"an image {_text(shape)}",
                "put globalAvgPool() or flatten() before it",
            )
        if shape[0] != self.fanIn:
            raise LayerProblem(f"fanIn={shape[0]}", f"fanIn={self.fanIn}", f"write dense({shape[0]}, ...)")
        return (self.fanOut,)


LAYERS: dict[str, type[Layer]] = {
    cls.__name__: cls
    for cls in (
        conv2d,
        convBn,
        invertedResidual,
        residualBlock,
        maxPool,
        globalAvgPool,
        flatten,
        dense,
    )
}


def _image(shape: Shape, channels: int | None) -> tuple[int, int, int]:
    if len(shape) != 3:
        raise LayerProblem(
            "an image (height, width, channels)",
            f"a vector of {shape[0]} features",
            "move it before globalAvgPool() or flatten()",
        )
    height, width, received = shape
    if channels is not None and received != channels:
        raise LayerProblem(
            f"ic={received}, the channels that reach it",
            f"ic={channels}",
            f"write ic={received} here, or give {channels} channels before it",
            f"write ic={received} here: images are read as RGB, gray ones with three equal channels",
        )
    return height, width, received


def _windowed(image: tuple[int, int, int], window: int, stride: int, padding: Padding, channels: int) -> Shape:
    height, width, _ = image
    sizes = tuple(output_size(size, window, stride, padding) for size in (height, width))
    if min(sizes) < 1:
        raise LayerProblem(
            f"an image of at least {window} pixels a side for a {window}×{window} window without padding"
            if padding == "valid"
            else f"an image that a {window}×{window} window fits in",
            f"{height}×{width}",
            "use a larger image, fewer strides before it, or more padding",
        )
    return (*sizes, channels)


def _stacked(image: tuple[int, int, int], stride: int, blocks: int, conventions: Conventions, channels: int) -> Shape:
    """The output shape of blocks of 3×3 windows; the first block has the stride."""
    padding = _padding(conventions)
    shape = _windowed(image, 3, stride, padding, channels)
    if padding == "valid":
        raise LayerProblem(
            'padding "same" or "symmetric", so that a block keeps its size for the residual add',
            '"valid"',
            "change the network's padding",
        )
    return shape


def _padding(conventions: Conventions) -> Padding:
    if conventions.padding is None:
        raise LayerProblem(
            "the network to say its padding",
            "none",
            'add padding="same" (XLA\'s) or padding="symmetric" (torch\'s) to the NetSpec',
        )
    return conventions.padding


def _check_activation(activation: Activation | None) -> None:
    if activation is None:
        raise LayerProblem(
            "the network to say its activation",
            "none",
            f"add {written()} to the NetSpec, or act= to the layer",
        )


def _text(shape: Shape) -> str:
    return "×".join(map(str, shape))
