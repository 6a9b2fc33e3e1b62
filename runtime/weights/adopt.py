"""A network under the conventions of a source of weights, and what a spec has to change to have them."""

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

from netspec.activations import Activation
from netspec.language import NetSpec
from netspec.layers import Block, Layer, bottleneckBlock, convBn, dense, depthwiseBn, mbConvV3
from runtime.weights.sources import Conventions

# Blocks of V3 that have ReLU, from the first one on, by how many there are in all.
_V3_RELU = {15: 6, 11: 3}


def adopted(net: NetSpec, conventions: Conventions) -> NetSpec:
    """The network with a source's conventions; `preprocessing` and the image's size are left as they are."""
    relu = _V3_RELU.get(sum(isinstance(layer, mbConvV3) for layer in net.layers), 0)
    layers, seen = [], 0
    for layer in net.layers[:-1]:
        seen += isinstance(layer, mbConvV3)
        own: Activation | None = "relu" if isinstance(layer, mbConvV3) and seen <= relu else None
        layers.append(_with_conventions(layer, conventions, own))
    return replace(
        net,
        layers=(*layers, net.layers[-1]),
        activation=conventions.activation,
        padding=conventions.padding,
        bnEps=conventions.eps,
        bnMomentum=conventions.momentum,
    )


def _with_conventions(layer: Layer, conventions: Conventions, act: Activation | None) -> Layer:
    changes: dict[str, Any] = {}
    if isinstance(layer, (convBn, depthwiseBn)) and layer.kSize > 1:
        changes["pad"] = conventions.padding
    if isinstance(layer, (Block, convBn, depthwiseBn)) and "act" in {field.name for field in fields(layer)}:
        changes["act"] = act
    if isinstance(layer, dense):  # a hidden one
        changes["act"] = conventions.activation
    if isinstance(layer, bottleneckBlock):
        changes["strideFirst"] = False
    changed: Layer = replace(layer, **changes)
    return changed


def differences(net: NetSpec, conventions: Conventions) -> Iterator[str]:
    """What a spec has to say for a source's weights and does not, as it is written."""
    wanted = adopted(net, conventions)
    for name in ("activation", "padding", "bnEps"):
        if getattr(net, name) != getattr(wanted, name):
            value = getattr(wanted, name)
            yield f"{name}={value}" if isinstance(value, float) else f'{name}="{value}"'
    for index, (before, after) in enumerate(zip(net.layers, wanted.layers, strict=True)):
        if _effective(before, net) != _effective(after, net):
            yield f"layer {index}: {after}"


def _effective(layer: Layer, net: NetSpec) -> Layer:
    """The layer with the activation that it has; padding that makes no difference as `same`."""
    changes: dict[str, Any] = {}
    if isinstance(layer, (Block, convBn, depthwiseBn)) and getattr(layer, "act", "") is None:
        changes["act"] = net.activation
    if isinstance(layer, (convBn, depthwiseBn)) and layer.stride == 1 and layer.kSize % 2 and layer.pad != "valid":
        changes["pad"] = "same"
    changed: Layer = replace(layer, **changes)
    return changed
