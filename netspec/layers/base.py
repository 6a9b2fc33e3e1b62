"""What a layer is, and what layers have in common.

A layer is plain data. What is asked of it is its output's shape, `(height, width, channels)` for an image or
`(features,)` for a vector, without the batch. A block is a layer that is written as simpler layers.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import MISSING, dataclass, fields
from typing import Annotated, NamedTuple

from netspec.activations import Activation, written
from netspec.fields import Between
from netspec.windows import Padding, extent, output_size

Shape = tuple[int, ...]

Channels = Annotated[int, Between(1, 65536)]
Features = Annotated[int, Between(1, 2**24)]
Window = Annotated[int, Between(1, 64)]
NoWindow = Annotated[int, Between(0, 64)]  # 0: there is none
Stride = Annotated[int, Between(1, 64)]
Dilation = Annotated[int, Between(1, 64)]
Groups = Annotated[int, Between(1, 65536)]
Blocks = Annotated[int, Between(1, 256)]
Expansion = Annotated[int, Between(1, 64)]
Rate = Annotated[float, Between(0, below=1)]
Scale = Annotated[float, Between(0, above=0, most=1)]


class Conventions(NamedTuple):
    """Conventions that a network sets for all its layers; `None` where it does not."""

    activation: Activation | None
    padding: Padding | None


class LayerProblem(Exception):
    """A layer that does not fit its input; `netspec.check` adds which layer it is.

    `at_images`: the remedy where the input has the channels of the images themselves. `within`: which of a layer's
    own layers it is, outermost first.
    """

    def __init__(self, expected: str, received: str, remedy: str, at_images: str | None = None) -> None:
        super().__init__(expected, received, remedy)
        self.expected, self.received, self.remedy = expected, received, remedy
        self.at_images = at_images or remedy
        self.within: list[str] = []


@dataclass(frozen=True)
class Layer:
    """One line of a network."""

    def output(self, shape: Shape, conventions: Conventions) -> Shape:
        """The output shape for an input shape. Raises LayerProblem."""
        raise NotImplementedError(type(self).__name__)

    def inner(self) -> tuple["Layer", ...]:
        """The layers that are written inside it."""
        return ()

    def __str__(self) -> str:
        values = [(getattr(self, field.name), field.default) for field in fields(self)]
        while values and values[-1][1] is not MISSING and values[-1][0] == values[-1][1]:  # as it is written
            values.pop()
        return f"{type(self).__name__}({', '.join(_text_of(value) for value, _ in values)})"


@dataclass(frozen=True)
class Named(Layer):
    """Layers of a block with a name, which the names of their tensors begin with. No spec writes one."""

    name: str
    layers: tuple[Layer, ...]

    def output(self, shape: Shape, conventions: Conventions) -> Shape:
        """That of the last."""
        return through(self.layers, shape, conventions)

    def inner(self) -> tuple[Layer, ...]:
        """Its layers."""
        return self.layers


def named(name: str, *layers: Layer) -> Named:
    """Layers of a block with a name."""
    return Named(name, layers)


@dataclass(frozen=True)
class Block(Layer):
    """A layer that is written as simpler layers. It has the field `ic`, and `act` where it has activations."""

    def layers(self, conventions: Conventions) -> Sequence[Layer]:
        """The simpler layers, first to last, with names. It is called where `output` found nothing wrong."""
        raise NotImplementedError(type(self).__name__)

    def check(self, conventions: Conventions) -> None:
        """Raises LayerProblem where its fields contradict one another."""

    def output(self, shape: Shape, conventions: Conventions) -> Shape:
        """`[H, W, ic]` → `[H', W', oc]`."""
        activation_of(self, conventions)
        image_of(shape, getattr(self, "ic", None))
        if padding_of(conventions) == "valid":
            raise LayerProblem(
                'padding "same" or "symmetric", so that a block keeps its size for the residual add',
                '"valid"',
                "change the network's padding",
            )
        self.check(conventions)
        try:
            return through(self.layers(conventions), shape, conventions)
        except LayerProblem as wrong:
            wrong.within.clear()  # its layers are not written in the spec
            raise


def nested(layers: Iterable[Layer]) -> Iterator[Layer]:
    """Layers and all that are written inside them, in the order in which they are written."""
    for layer in layers:
        yield layer
        yield from nested(layer.inner())


def through(layers: Iterable[Layer], shape: Shape, conventions: Conventions) -> Shape:
    """The output shape of layers in a row. Raises LayerProblem."""
    for index, layer in enumerate(layers):
        try:
            shape = layer.output(shape, conventions)
        except LayerProblem as wrong:
            wrong.within.insert(0, f"layer {index} in it, {layer}")
            raise
    return shape


def image_of(shape: Shape, channels: int | None) -> tuple[int, int, int]:
    """A shape as height, width and channels. Raises LayerProblem where it is another, or has other channels."""
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
            _at_images(received, channels),
        )
    return height, width, received


def _at_images(received: int, channels: int) -> str | None:
    """The remedy where a layer that says `ic=channels` reads images, by their channels."""
    if received == 1:
        return "write ic=1 here: images are read as gray, as the NetSpec says imageC=1"
    if received == 3:
        read = "write ic=3 here: images are read as RGB, gray ones with three equal channels"
        return f"{read}; or add imageC=1 to the NetSpec" if channels == 1 else read
    return None


def windowed(
    image: tuple[int, int, int], window: int, stride: int, padding: Padding, channels: int, dilation: int = 1
) -> Shape:
    """The output shape of a sliding window. Raises LayerProblem where none fits."""
    height, width, _ = image
    if dilation > 1 and (stride > 1 or window == 1):
        raise LayerProblem(
            "a dilation of 1 where there is a stride, or a single place",
            f"dilation={dilation}",
            "write stride 1 and kSize above 1, or leave the dilation out",
        )
    sizes = tuple(output_size(size, window, stride, padding, dilation) for size in (height, width))
    if min(sizes) < 1:
        across = extent(window, dilation)
        raise LayerProblem(
            f"an image of at least {across} pixels a side for a {across}×{across} window without padding"
            if padding == "valid"
            else f"an image that a {across}×{across} window fits in",
            f"{height}×{width}",
            "use a larger image, fewer strides before it, or more padding",
        )
    return (*sizes, channels)


def padding_of(conventions: Conventions) -> Padding:
    """The network's padding. Raises LayerProblem where it has none."""
    if conventions.padding is None:
        raise LayerProblem(
            "the network to say its padding",
            "none",
            'add padding="same" (XLA\'s) or padding="symmetric" (torch\'s) to the NetSpec',
        )
    return conventions.padding


def activation_of(layer: Layer, conventions: Conventions) -> Activation:
    """A layer's own activation, or else the network's. Raises LayerProblem where there is neither."""
    if not hasattr(layer, "act"):
        return "identity"
    activation: Activation | None = layer.act or conventions.activation
    if activation is None:
        raise LayerProblem(
            "the network to say its activation",
            "none",
            f"add {written()} to the NetSpec, or act= to the layer",
        )
    return activation


def size_text(shape: Shape) -> str:
    """`7×7×320`."""
    return "×".join(map(str, shape))


def _text_of(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_text_of, value))}]"
    return json.dumps(value) if isinstance(value, str) else str(value)
