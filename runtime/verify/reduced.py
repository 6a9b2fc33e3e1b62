"""A small instance of a network: all its layers and ops, few channels, a small odd image."""

from dataclasses import replace
from math import prod
from typing import Any

from emit.expand import expand
from netspec.errors import SpecError
from netspec.language import NetSpec
from netspec.layers import Layer, LayerProblem, dense

BATCH = 2
_LARGEST = 65


def reduced(net: NetSpec) -> NetSpec:
    """The same layers with 2, 3, 4, ... channels in place of the network's, in their order, so equal ones stay equal.

    The image is the smallest odd one with at least 2×2 pixels at every op; where there is none, for a large network the
    smallest valid one.
    """
    counts = sorted({getattr(layer, "oc", 0) for layer in net.layers} | {_features(layer) for layer in net.layers})
    few = {count: 2 + i for i, count in enumerate(filter(None, counts))}
    smallest: NetSpec | None = None
    for size in range(5, min(net.imageH, net.imageW, _LARGEST), 2):
        try:
            small = _with_channels(replace(net, imageH=size, imageW=size), few)
        except (SpecError, LayerProblem):
            continue
        if _roomy(small):
            return small
        smallest = smallest or small
    large = max(net.imageH, net.imageW) > _LARGEST
    return smallest if smallest and large else _with_channels(net, few)


def _features(layer: Layer) -> int:
    return layer.fanOut if isinstance(layer, dense) else 0


def _with_channels(net: NetSpec, few: dict[int, int]) -> NetSpec:
    """Walk down the layers, giving each as many inputs as the one before has outputs. Raises LayerProblem."""
    shape: tuple[int, ...] = (net.imageH, net.imageW, 3)
    layers: list[Layer] = []
    for layer in net.layers:
        changes: dict[str, Any] = {}
        if isinstance(layer, dense):
            changes = {"fanIn": prod(shape), "fanOut": few[layer.fanOut]}
        elif hasattr(layer, "oc"):
            changes = {"ic": shape[-1], "oc": few[layer.oc]}
        layers.append(replace(layer, **changes))
        shape = layers[-1].output(shape, net.conventions)
    return replace(net, layers=tuple(layers))


def _roomy(net: NetSpec) -> bool:
    """Whether every image of the network is two pixels by two at least."""
    return all(len(node.shape) == 1 or min(node.shape[:2]) >= 2 for node in expand(net).nodes.values())
