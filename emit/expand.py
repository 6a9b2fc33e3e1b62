"""From the layers of a spec to the graph of ops: one short function a layer, in a table.

A block is walked as the simpler layers that it is written as, so a paper's block needs no function here.
"""

from collections.abc import Callable, Iterable
from typing import Any

from emit.graph import IMAGES, Graph
from emit.op import REGISTRY, ZEROS, Init, Op, he_normal
from emit.ops.add import Add
from emit.ops.attention import Attention
from emit.ops.average_pool import AveragePool
from emit.ops.batch_norm import BatchNorm
from emit.ops.channel_scale import ChannelScale
from emit.ops.concatenate import Concatenate
from emit.ops.convolution import Convolution
from emit.ops.dense import NARROW, Dense
from emit.ops.depthwise import Depthwise
from emit.ops.dropout import Dropout
from emit.ops.fixed_batch_norm import FixedBatchNorm
from emit.ops.flatten import Flatten
from emit.ops.global_average_pool import GlobalAveragePool
from emit.ops.layer_scale import LayerScale
from emit.ops.max_pool import MaxPool
from emit.ops.stochastic_depth import StochasticDepth
from emit.windows import Window
from netspec.activations import Activation
from netspec.check import check_net
from netspec.errors import SpecError
from netspec.language import DenseInit, NetSpec
from netspec.layers import (
    Block,
    Layer,
    Named,
    attention,
    avgPool,
    batchNorm,
    conv2d,
    convBn,
    dense,
    depthwiseBn,
    dropout,
    featureMap,
    flatten,
    globalAvgPool,
    layerScale,
    maxPool,
    parallel,
    residual,
    residuals,
    squeezeExcite,
)


def expand(net: NetSpec, frozen: int = 0, *, fixed: bool = False) -> Graph:
    """The graph of a network. Raises SpecError when the network is wrong.

    Args:
        frozen: so many layers, the first, stay as they are in training.
        fixed: batch norms take their running statistics in training too.
    """
    check_net(net)
    walk = _Walk(net, frozen, fixed)
    for index, layer in enumerate(net.layers):
        walk.layer = index
        walk.place(layer, _outermost(net, index))
    walk.graph.output("logits", walk.last)
    return walk.graph


def _outermost(net: NetSpec, index: int) -> str:
    """The name of a layer that has one for its place: the first convolution, the last dense layer."""
    if index == 0 and isinstance(net.layers[0], convBn):
        return "stem"
    return "head" if index == len(net.layers) - 1 else ""


class _Walk:
    """Where the expansion stands: the graph so far, the node that the next one reads, and the names given."""

    def __init__(self, net: NetSpec, frozen: int, fixed: bool) -> None:
        self.net, self.frozen = net, frozen
        self._norm = FixedBatchNorm if fixed else BatchNorm
        self.graph = Graph(net.image)
        self.residuals = residuals(net.layers, net.conventions)
        self.entered = 0  # of the residuals
        self.layer = 0
        self.last = IMAGES
        self._counts: dict[str, int] = {}

    def place(self, layer: Layer, name: str) -> None:
        """Add a layer's nodes. `name`: theirs, where a block gives one; else they are numbered."""
        if isinstance(layer, Named):
            self.row(layer.layers, f"{name}_{layer.name}")
        elif isinstance(layer, Block):
            self.row(layer.layers(self.net.conventions), name or self.numbered("block"))
        else:
            _EXPANSIONS[type(layer)](self, layer, name)

    def row(self, layers: Iterable[Layer], name: str) -> str:
        """Layers one after another; the last node."""
        for layer in layers:
            self.place(layer, name)
        return self.last

    def branch(self, entry: str, layers: Iterable[Layer], name: str) -> str:
        """The last node of layers that read `entry`."""
        self.last = entry
        return self.row(layers, name)

    def numbered(self, stem: str) -> str:
        """`stem1`, `stem2`, ... in the order of the layers."""
        self._counts[stem] = self._counts.get(stem, 0) + 1
        return f"{stem}{self._counts[stem]}"

    def add(self, name: str, op: Op, *inputs: str) -> str:
        frozen = self.layer < self.frozen
        self.last = self.graph.add(name, op, inputs or (self.last,), self.layer, frozen=frozen)
        return self.last

    def activate(self, name: str, activation: Activation | None) -> str:
        if activation is not None and activation != "identity":
            self.add(f"{name}_{activation}", REGISTRY[activation]())
        return self.last

    def normalise(self, name: str, activation: Activation | None) -> str:
        self.add(f"{name}_bn", self.norm())
        return self.activate(name, activation or self.net.activation)

    def norm(self) -> BatchNorm:
        return self._norm(self.channels, self.net.bnEps, self.net.bnMomentum)

    def convolution(self, layer: conv2d | convBn, *, bias: bool = False) -> Convolution:
        window, groups = _window(layer), layer.groups
        return Convolution(layer.ic, layer.oc, window, bias=bias, groups=groups, own_fan=self.own_fan)

    def drop_path(self, layer: residual) -> float:
        """The probability that a residual's layers are dropped."""
        self.entered += 1
        return layer.dropPath or round(self.net.dropPath * self.entered / self.residuals, 6)

    @property
    def own_fan(self) -> bool:
        """Whether a convolution's fan-out is that of a group."""
        return self.net.convInit == "group_fan_out"

    @property
    def channels(self) -> int:
        return self.graph.shape(self.last)[-1]

    def window(self, size: int, stride: int) -> Window:
        """A window with the network's padding."""
        assert self.net.padding is not None
        return Window(size, stride, self.net.padding)


def _window(layer: conv2d | convBn | depthwiseBn) -> Window:
    return Window(layer.kSize, layer.stride, layer.pad, layer.dilation)


def _conv2d(walk: _Walk, layer: conv2d, name: str) -> None:
    name = name or walk.numbered("conv")
    walk.add(name, walk.convolution(layer, bias=layer.bias))
    walk.activate(name, layer.act)


def _conv_bn(walk: _Walk, layer: convBn, name: str) -> None:
    name = name or walk.numbered("conv")
    walk.add(name, walk.convolution(layer))
    walk.normalise(name, layer.act)


def _depthwise_bn(walk: _Walk, layer: depthwiseBn, name: str) -> None:
    name = name or walk.numbered("dw")
    walk.add(name, Depthwise(layer.ic, _window(layer), own_fan=walk.own_fan))
    walk.normalise(name, layer.act)


def _batch_norm(walk: _Walk, layer: batchNorm, name: str) -> None:
    name = name or walk.numbered("norm")
    walk.add(name, walk.norm())
    walk.activate(name, layer.act)


def _squeeze_excite(walk: _Walk, layer: squeezeExcite, name: str) -> None:
    name, entry = name or walk.numbered("se"), walk.last
    walk.add(f"{name}_mean", GlobalAveragePool())
    walk.add(f"{name}_reduce", Dense(layer.ic, layer.squeeze, he_normal(layer.squeeze)))
    walk.activate(f"{name}_reduce", layer.act)
    walk.add(f"{name}_expand", Dense(layer.squeeze, layer.ic, he_normal(layer.ic)))
    gate = walk.activate(f"{name}_expand", layer.gate)
    walk.add(f"{name}_scale", ChannelScale(), entry, gate)


def _layer_scale(walk: _Walk, layer: layerScale, name: str) -> None:
    walk.add(name or walk.numbered("scale"), LayerScale(walk.channels, layer.start))


def _max_pool(walk: _Walk, layer: maxPool, name: str) -> None:
    walk.add(name or walk.numbered("pool"), MaxPool(walk.window(layer.size, layer.stride)))


def _average_pool(walk: _Walk, layer: avgPool, name: str) -> None:
    window = walk.window(layer.size, layer.stride)
    walk.add(name or walk.numbered("pool"), AveragePool(window, counts_padding=window.padding == "symmetric"))


def _global_average_pool(walk: _Walk, layer: globalAvgPool, name: str) -> None:
    walk.add(name or walk.numbered("average"), GlobalAveragePool(layer.keepDims))


def _flatten(walk: _Walk, layer: flatten, name: str) -> None:
    walk.add(name or walk.numbered("flat"), Flatten())


def _dense(walk: _Walk, layer: dense, name: str) -> None:
    name = name or walk.numbered("dense")
    walk.add(name, Dense(layer.fanIn, layer.fanOut, *_dense_inits(walk.net.denseInit, layer)))
    walk.activate(name, layer.act)


def _dense_inits(init: DenseInit, layer: dense) -> tuple[Init, Init]:
    """How a dense layer's weights and biases start."""
    match init:
        case "narrow":
            return NARROW, ZEROS
        case "fan_out":
            return Init("uniform", layer.fanOut**-0.5), ZEROS
        case "fan_in":
            return Init("uniform", layer.fanIn**-0.5), Init("uniform", layer.fanIn**-0.5)


def _dropout(walk: _Walk, layer: dropout, name: str) -> None:
    if layer.rate:
        walk.add(name or walk.numbered("dropout"), Dropout(layer.rate))


def _residual(walk: _Walk, layer: residual, name: str) -> None:
    own, entry, rate = name or walk.numbered("residual"), walk.last, walk.drop_path(layer)
    body = walk.row(layer.layers, name)
    if rate:
        body = walk.add(f"{own}_drop_path", StochasticDepth(rate))
    shortcut = walk.branch(entry, layer.shortcut, name)
    walk.add(f"{own}_add", Add(), shortcut, body)
    walk.activate(own, layer.act)


def _parallel(walk: _Walk, layer: parallel, name: str) -> None:
    own, entry = name or walk.numbered("parallel"), walk.last
    ends = [walk.branch(entry, branch, name) for branch in layer.branches]
    if layer.join == "concat":
        walk.add(f"{own}_concat", Concatenate(), *ends)
        return
    total = ends[0]
    for number, end in enumerate(ends[1:], 1):
        total = walk.add(f"{own}_add{number}", Add(), total, end)


def _attention(walk: _Walk, layer: attention, name: str) -> None:
    own, entry = name or walk.numbered("attention"), walk.last
    ends = [walk.branch(entry, layers, name) for layers in (layer.query, layer.key, layer.value)]
    walk.add(own, Attention(layer.heads, layer.keyDim), *ends)


def _feature_map(walk: _Walk, layer: featureMap, name: str) -> None:
    source = walk.last
    while source != IMAGES and walk.graph.nodes[source].op.is_identity(training=False):
        source = walk.graph.nodes[source].inputs[0]
    if source == IMAGES:
        raise SpecError(
            f"layer {walk.layer}, {layer}: expected a layer before it that changes the images, received none; move it."
        )
    walk.graph.output(layer.name, walk.last)


_EXPANSIONS: dict[type[Layer], Callable[[_Walk, Any, str], None]] = {
    attention: _attention,
    avgPool: _average_pool,
    batchNorm: _batch_norm,
    conv2d: _conv2d,
    convBn: _conv_bn,
    dense: _dense,
    depthwiseBn: _depthwise_bn,
    dropout: _dropout,
    featureMap: _feature_map,
    flatten: _flatten,
    globalAvgPool: _global_average_pool,
    layerScale: _layer_scale,
    maxPool: _max_pool,
    parallel: _parallel,
    residual: _residual,
    squeezeExcite: _squeeze_excite,
}
