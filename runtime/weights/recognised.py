"""Whether a network's layers are those of a published family, apart from channels and what a source decides.

A file's tensors say channels and kernels, but nothing of strides, dilations, pools and what has no tensors.
"""

from dataclasses import fields
from functools import cache
from typing import Any

from netspec.language import NetSpec
from netspec.layers import Layer, dropout, featureMap
from netspec.loading import list_networks, load_spec
from runtime.system.paths import bundled
from runtime.weights.sources import family_of

# Fields that tensors or a source's conventions decide, or that change nothing but training.
_LEFT_OUT = {"ic", "oc", "fanIn", "fanOut", "expandCh", "nBlocks", "act", "pad", "scale", "dropPath", "strideFirst"}
Skeleton = tuple[tuple[str, tuple[tuple[str, Any], ...]], ...]


def is_published(net: NetSpec) -> bool:
    """Whether a bundled page has these layers, with as many channels and blocks as may be."""
    return _skeleton(net) in _published().get(family_of(net) or "", ())


def _skeleton(net: NetSpec) -> Skeleton:
    return tuple(_bones(layer) for layer in net.layers if not isinstance(layer, (dropout, featureMap)))


def _bones(layer: Layer) -> tuple[str, tuple[tuple[str, Any], ...]]:
    kept = tuple((field.name, getattr(layer, field.name)) for field in fields(layer) if field.name not in _LEFT_OUT)
    return type(layer).__name__, kept


@cache
def _published() -> dict[str, list[Skeleton]]:
    """The skeletons of the bundled networks, by family; the one of the tests is nobody's."""
    found: dict[str, list[Skeleton]] = {}
    for page in (path for name, path in bundled().items() if name != "tiny"):
        for name in list_networks(page):
            net = load_spec(page, name).net
            found.setdefault(family_of(net) or "", []).append(_skeleton(net))
    return found
