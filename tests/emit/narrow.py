"""Any network at about an eighth of its width and few pixels, with every block of it."""

from collections.abc import Sequence
from dataclasses import fields, replace
from math import prod
from typing import Any

from netspec import Layer, NetSpec, bottleneckBlock, check_net, dense, flatten, globalAvgPool
from netspec.layers import Conventions, Shape

CLASSES = 5
SHARE = 8
# With a channel or two, sums nearly cancel, and gradients would be rounding alone.
FEWEST = 8
FEWEST_INSIDE = 4
_SIDES = range(16, 513, 8)


def narrowed(net: NetSpec) -> NetSpec:
    """An eighth of the channels, or eight, and the smallest image that has 2×2 pixels left before they are averaged.

    Channels that are equal stay equal, and a layer that changes their number still does. Raises SpecError where that
    makes no network.
    """
    image: Shape = net.image
    body, _, new = _row(net.layers[:-1], image, image, net.conventions)
    head = net.layers[-1]
    assert isinstance(head, dense)
    found = replace(net, layers=(*body, replace(head, fanIn=prod(new), fanOut=CLASSES)))
    check_net(found)
    for side in _SIDES:
        small = replace(found, imageH=side, imageW=side)
        if not any(isinstance(layer, flatten) and min(shape[:2]) > 1 for layer, shape in _inputs(small)):
            sizes = [shape[:2] for layer, shape in _inputs(small) if isinstance(layer, globalAvgPool)]
            if sizes and min(sizes[0]) >= 2:
                return small
    return found


def _inputs(net: NetSpec) -> list[tuple[Layer, Shape]]:
    """Each layer, and the shape that reaches it."""
    shapes: list[Shape] = [net.image]
    for layer in net.layers[:-1]:
        shapes.append(layer.output(shapes[-1], net.conventions))
    return list(zip(net.layers, shapes, strict=True))


def _row(layers: Sequence[Layer], old: Shape, new: Shape, by: Conventions) -> tuple[tuple[Layer, ...], Shape, Shape]:
    """Layers in a row, narrowed; the shapes before and after that."""
    found = []
    for layer in layers:
        found.append(_layer(layer, old, new, by))
        old, new = layer.output(old, by), found[-1].output(new, by)
    return tuple(found), old, new


def _layer(layer: Layer, old: Shape, new: Shape, by: Conventions) -> Layer:
    quarter = 4 if isinstance(layer, bottleneckBlock) else 1  # which has a quarter of them inside
    changes: dict[str, Any] = {}
    for field in fields(layer):
        value = getattr(layer, field.name)
        if field.name == "ic":
            changes["ic"] = new[-1]
        elif field.name == "fanIn":
            changes["fanIn"] = prod(new)
        elif field.name in ("oc", "fanOut", "expandCh"):
            few = quarter * -(-max(value // SHARE, min(value, FEWEST)) // quarter)
            changed = few if few != new[-1] else few + quarter
            changes[field.name] = new[-1] if value == old[-1] else changed
        elif field.name in ("squeeze", "keyDim"):
            changes[field.name] = max(-(-value // SHARE), min(value, FEWEST_INSIDE))
        elif isinstance(value, tuple):
            changes[field.name] = _inside(value, old, new, by)
    return replace(layer, **changes)


def _inside(value: tuple[Any, ...], old: Shape, new: Shape, by: Conventions) -> tuple[Any, ...]:
    """A field's layers, or its branches; all of them read what the layer reads."""
    if any(isinstance(each, tuple) for each in value):
        return tuple(_inside(each, old, new, by) for each in value)
    return _row(value, old, new, by)[0]
