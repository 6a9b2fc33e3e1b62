"""A small instance of a network: all its layers and ops, few channels, a small odd image."""

from collections.abc import Iterable
from dataclasses import fields, replace
from itertools import takewhile
from math import prod
from typing import Any

from emit.expand import expand
from emit.ops.global_average_pool import GlobalAveragePool
from netspec.errors import SpecError
from netspec.language import NetSpec
from netspec.layers import Conventions, Layer, LayerProblem, Shape, bottleneckBlock, dense, nested

BATCH = 2
_LARGEST = 65
# The fields of layers that count channels, beside `ic` and `fanIn`, which follow from the layer before.
_CHANNELS = ("oc", "fanOut", "expandCh", "squeeze", "keyDim")


def reduced(net: NetSpec) -> NetSpec:
    """The same layers with 2, 3, 4, ... channels in place of the network's, in their order, so equal ones stay equal.

    The image is the smallest odd one with at least 2×2 pixels at every op; where there is none, for a large network the
    smallest valid one. A network that such channels do not fit (a sum of others, say) keeps its own.
    """
    few = _few(net)
    smallest: NetSpec | None = None
    for size in range(5, min(net.imageH, net.imageW, _LARGEST), 2):
        small = _valid(replace(net, imageH=size, imageW=size), few)
        if small is not None and _roomy(small):
            return small
        smallest = smallest or small
    large = max(net.imageH, net.imageW) > _LARGEST
    return (smallest if large else None) or _valid(net, few) or net


def _few(net: NetSpec) -> dict[int, int]:
    """The channels of the small instance, by the network's."""
    layers = list(nested(net.layers))
    counts = sorted({getattr(layer, name, 0) for layer in layers for name in _CHANNELS} - {0})
    step = 4 if any(isinstance(layer, bottleneckBlock) for layer in layers) else 1  # which has a quarter of them inside
    return {count: step * (2 + i) for i, count in enumerate(counts)}


def _valid(net: NetSpec, few: dict[int, int]) -> NetSpec | None:
    """The network with few channels; None where it is none."""
    try:
        layers, _ = _row(net.layers, net.image, net.conventions, few)
        small = replace(net, layers=layers)
        expand(small)
    except (SpecError, LayerProblem):
        return None
    return small


def _row(
    layers: Iterable[Layer], shape: Shape, conventions: Conventions, few: dict[int, int]
) -> tuple[tuple[Layer, ...], Shape]:
    """Layers in a row, each with as many inputs as the one before has outputs, and the last one's shape."""
    small = []
    for layer in layers:
        small.append(_small(layer, shape, conventions, few))
        shape = small[-1].output(shape, conventions)
    return tuple(small), shape


def _small(layer: Layer, shape: Shape, conventions: Conventions, few: dict[int, int]) -> Layer:
    """One layer; layers that are written inside it read what it reads."""
    changes: dict[str, Any] = {name: few[getattr(layer, name)] for name in _CHANNELS if hasattr(layer, name)}
    if isinstance(layer, dense):
        changes["fanIn"] = prod(shape)
    elif hasattr(layer, "ic"):
        changes["ic"] = shape[-1]
    for field in fields(layer):
        value = getattr(layer, field.name)
        if isinstance(value, tuple):
            changes[field.name] = _inside(value, shape, conventions, few)
    return replace(layer, **changes)


def _inside(value: tuple[Any, ...], shape: Shape, conventions: Conventions, few: dict[int, int]) -> tuple[Any, ...]:
    """A field's layers, or its branches of layers."""
    if any(isinstance(each, tuple) for each in value):
        return tuple(_inside(each, shape, conventions, few) for each in value)
    return _row(value, shape, conventions, few)[0]


def _roomy(net: NetSpec) -> bool:
    """Whether every image of the network is two pixels by two at least, up to one that is made of the mean."""
    before = takewhile(lambda node: not isinstance(node.op, GlobalAveragePool), expand(net).nodes.values())
    return all(min(node.shape[:2]) >= 2 for node in before if len(node.shape) == 3)
