"""Layers made of layers: for what is no chain."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Annotated, Literal

from netspec.activations import Activation
from netspec.fields import Between
from netspec.layers.base import (
    Block,
    Channels,
    Conventions,
    Layer,
    LayerProblem,
    Rate,
    Shape,
    image_of,
    size_text,
    through,
)

Join = Literal["add", "concat"]


@dataclass(frozen=True)
class _Combinator(Layer):
    """Lists become tuples, so that it is frozen all through."""

    def __post_init__(self) -> None:
        for field in fields(self):
            object.__setattr__(self, field.name, _frozen(getattr(self, field.name)))

    def inner(self) -> tuple[Layer, ...]:
        """Every layer that is written inside it, in the order in which they are written."""
        return tuple(layer for field in fields(self) for layer in _layers_of(getattr(self, field.name)))


@dataclass(frozen=True)
class residual(_Combinator):
    """act(x + layers(x)), or act(shortcut(x) + layers(x)) (He et al. 2015, section 3.2).

    With `dropPath` in training, what the layers give is 0 for a whole image with that probability, and divided by
    1 - `dropPath` for the others (stochastic depth, Huang et al. 2016).
    """

    layers: Sequence[Layer]
    shortcut: Sequence[Layer] = ()
    act: Activation = "identity"
    dropPath: Rate = 0.0

    def output(self, shape: Shape, conventions: Conventions) -> Shape:
        """The layers' own, which the shortcut's is equal to."""
        if not self.layers:
            raise LayerProblem("at least one layer", "none", "write its layers, or remove it")
        body = through(self.layers, shape, conventions)
        added = through(self.shortcut, shape, conventions)
        if body != added:
            raise LayerProblem(
                f"its layers to give {size_text(added)}, as what they are added to",
                size_text(body),
                "give them as many channels, stride 1 and a padding that keeps the size, or give it a shortcut",
            )
        return body


@dataclass(frozen=True)
class parallel(_Combinator):
    """Branches that all read the same input, joined by adding them or by concatenating their channels.

    An empty branch is the input itself.
    """

    branches: Sequence[Sequence[Layer]]
    join: Join

    def output(self, shape: Shape, conventions: Conventions) -> Shape:
        """Of one shape to add; of one height and width to concatenate."""
        if len(self.branches) < 2:
            raise LayerProblem("at least two branches", str(len(self.branches)), "write its layers without parallel")
        shapes = [through(branch, shape, conventions) for branch in self.branches]
        if self.join == "add":
            same = len(set(shapes)) == 1
        else:
            same = all(len(each) == 3 for each in shapes) and len({each[:2] for each in shapes}) == 1
        if not same:
            raise LayerProblem(
                "branches that give one shape" if self.join == "add" else "branches that give one height and width",
                " and ".join(map(size_text, shapes)),
                "give them the same strides, and a padding that keeps the size",
            )
        if self.join == "add":
            return shapes[0]
        return (*shapes[0][:2], sum(each[2] for each in shapes))


@dataclass(frozen=True)
class attention(_Combinator):
    """Softmax attention over pixels, all heads with the same keys and values (Shazeer 2019).

    `query` gives `[H, W, heads·keyDim]`, `key` `[H', W', keyDim]` and `value` `[H', W', D]`, each from the input; the
    output is `[H, W, heads·D]`.
    """

    heads: Annotated[int, Between(1, 1024)]
    keyDim: Channels
    query: Sequence[Layer]
    key: Sequence[Layer]
    value: Sequence[Layer]

    def output(self, shape: Shape, conventions: Conventions) -> Shape:
        """`[H, W, heads·D]`."""
        query, key, value = (
            image_of(through(layers, shape, conventions), None) for layers in (self.query, self.key, self.value)
        )
        if query[2] != self.heads * self.keyDim:
            raise LayerProblem(
                f"a query of heads·keyDim={self.heads * self.keyDim} channels",
                str(query[2]),
                "change the last layer of query",
            )
        if key[2] != self.keyDim:
            raise LayerProblem(f"a key of keyDim={self.keyDim} channels", str(key[2]), "change the last layer of key")
        if key[:2] != value[:2]:
            raise LayerProblem(
                "a key and a value of one height and width",
                f"{size_text(key)} and {size_text(value)}",
                "give both the same strides and paddings",
            )
        return (*query[:2], self.heads * value[2])


@dataclass(frozen=True)
class featureMap(Layer):
    """A name for the image at this place, by which other heads find it. It changes nothing."""

    name: str

    def output(self, shape: Shape, conventions: Conventions) -> Shape:
        """Unchanged."""
        image_of(shape, None)
        if not self.name.isidentifier() or self.name == "logits":
            raise LayerProblem('a name of letters, digits and _, other than "logits"', repr(self.name), "rename it")
        return shape


def residuals(layers: Iterable[Layer], conventions: Conventions) -> int:
    """How many residuals there are, also inside blocks and beside other layers."""
    return sum(
        isinstance(layer, residual)
        + residuals(layer.layers(conventions) if isinstance(layer, Block) else layer.inner(), conventions)
        for layer in layers
    )


def _frozen(value: object) -> object:
    return tuple(_frozen(each) for each in value) if isinstance(value, (list, tuple)) else value


def _layers_of(value: object) -> list[Layer]:
    if isinstance(value, Layer):
        return [value]
    return [layer for each in value for layer in _layers_of(each)] if isinstance(value, tuple) else []
