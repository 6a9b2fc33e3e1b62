"""From the layers of a spec to the graph of ops: one short function a layer, in a table."""

from collections.abc import Callable
from typing import Any

from emit.graph import IMAGES, Graph
from emit.op import REGISTRY, Op
from emit.ops.add import Add
from emit.ops.batch_norm import BatchNorm
from emit.ops.convolution import Convolution
from emit.ops.dense import Dense
from emit.ops.depthwise import Depthwise
from emit.ops.flatten import Flatten
from emit.ops.global_average_pool import GlobalAveragePool
from emit.ops.max_pool import MaxPool
from emit.windows import Window
from netspec.activations import Activation
from netspec.check import check_net
from netspec.language import NetSpec
from netspec.layers import (
    Layer,
    conv2d,
    convBn,
    dense,
    flatten,
    globalAvgPool,
    invertedResidual,
    maxPool,
    residualBlock,
)


def expand(net: NetSpec) -> Graph:
    """The graph of a network. Raises SpecError when the network is wrong."""
    check_net(net)
    walk = _Walk(net)
    for index, layer in enumerate(net.layers):
        walk.layer = index
        _EXPANSIONS[type(layer)](walk, layer)
    walk.graph.output("logits", walk.last)
    return walk.graph


class _Walk:
    """Where the expansion stands: the graph so far, the node that the next one reads, and the names given."""

    def __init__(self, net: NetSpec) -> None:
        self.net = net
        self.graph = Graph((net.imageH, net.imageW, 3))
        self.layer = 0
        self.last = IMAGES
        self._counts: dict[str, int] = {}

    def name(self, stem: str) -> str:
        """`stem1`, `stem2`, ... in the order of the layers."""
        self._counts[stem] = self._counts.get(stem, 0) + 1
        return f"{stem}{self._counts[stem]}"

    def add(self, name: str, op: Op, *inputs: str) -> str:
        self.last = self.graph.add(name, op, inputs or (self.last,), self.layer)
        return self.last

    def activate(self, name: str, activation: Activation | None) -> str:
        if activation is not None and activation != "identity":
            self.add(f"{name}_{activation}", REGISTRY[activation]())
        return self.last

    def normalise(self, name: str, activation: Activation | None) -> str:
        self.add(f"{name}_bn", BatchNorm(self.channels, self.net.bnEps, self.net.bnMomentum))
        return self.activate(name, activation)

    @property
    def channels(self) -> int:
        return self.graph.shape(self.last)[2]


def _conv2d(walk: _Walk, layer: conv2d) -> None:
    name = walk.name("conv")
    walk.add(name, Convolution(layer.ic, layer.oc, Window(layer.kSize, layer.stride, layer.pad), bias=True))
    walk.activate(name, layer.act)


def _conv_bn(walk: _Walk, layer: convBn) -> None:
    name = "stem" if walk.layer == 0 else walk.name("conv")
    walk.add(name, Convolution(layer.ic, layer.oc, Window(layer.kSize, layer.stride, layer.pad)))
    walk.normalise(name, layer.act or walk.net.activation)


def _inverted_residual(walk: _Walk, layer: invertedResidual) -> None:
    assert walk.net.padding is not None
    stage = walk.name("block")
    for block in range(layer.nBlocks):
        name, entry = f"{stage}_{block + 1}", walk.last
        stride = layer.stride if block == 0 else 1
        wide = walk.channels * layer.expandRatio
        if layer.expandRatio != 1:
            walk.add(f"{name}_expand", Convolution(walk.channels, wide, Window(1, 1, "same")))
            walk.normalise(f"{name}_expand", layer.act or walk.net.activation)
        walk.add(f"{name}_dw", Depthwise(wide, Window(3, stride, walk.net.padding)))
        walk.normalise(f"{name}_dw", layer.act or walk.net.activation)
        walk.add(f"{name}_project", Convolution(wide, layer.oc, Window(1, 1, "same")))
        walk.normalise(f"{name}_project", "identity")
        if walk.graph.shape(entry) == walk.graph.shape(walk.last) and stride == 1:
            walk.add(f"{name}_add", Add(), entry, walk.last)


def _residual_block(walk: _Walk, layer: residualBlock) -> None:
    assert walk.net.padding is not None
    stage = walk.name("block")
    for block in range(layer.nBlocks):
        name, entry = f"{stage}_{block + 1}", walk.last
        stride = layer.firstStride if block == 0 else 1
        ic = walk.channels
        walk.add(f"{name}_conv1", Convolution(ic, layer.oc, Window(3, stride, walk.net.padding)))
        walk.normalise(f"{name}_conv1", layer.act or walk.net.activation)
        walk.add(f"{name}_conv2", Convolution(layer.oc, layer.oc, Window(3, 1, walk.net.padding)))
        body = walk.normalise(f"{name}_conv2", "identity")
        if stride != 1 or ic != layer.oc:
            shortcut = Convolution(ic, layer.oc, Window(1, stride, "same"), shortcut=entry != IMAGES)
            walk.add(f"{name}_shortcut", shortcut, entry)
            entry = walk.normalise(f"{name}_shortcut", "identity")
        walk.add(f"{name}_add", Add(), entry, body)
        walk.activate(name, layer.act or walk.net.activation)


def _max_pool(walk: _Walk, layer: maxPool) -> None:
    assert walk.net.padding is not None
    walk.add(walk.name("pool"), MaxPool(Window(layer.size, layer.stride, walk.net.padding)))


def _global_average_pool(walk: _Walk, layer: globalAvgPool) -> None:
    walk.add(walk.name("average"), GlobalAveragePool())


def _flatten(walk: _Walk, layer: flatten) -> None:
    walk.add(walk.name("flat"), Flatten())


def _dense(walk: _Walk, layer: dense) -> None:
    name = "head" if walk.layer == len(walk.net.layers) - 1 else walk.name("dense")
    walk.add(name, Dense(layer.fanIn, layer.fanOut))
    walk.activate(name, layer.act)


_EXPANSIONS: dict[type[Layer], Callable[[_Walk, Any], None]] = {
    conv2d: _conv2d,
    convBn: _conv_bn,
    invertedResidual: _inverted_residual,
    residualBlock: _residual_block,
    maxPool: _max_pool,
    globalAvgPool: _global_average_pool,
    flatten: _flatten,
    dense: _dense,
}
