"""What each layer of the language means, written down a second time: from images to logits, op by op by definition.

Nothing here is shared with `emit.expand`, which writes the graph that is emitted. Names are those of the state.
"""

from collections.abc import Callable, Mapping
from typing import Any

from emit.op import REGISTRY, Op
from emit.ops.add import Add
from emit.ops.attention import Attention
from emit.ops.average_pool import AveragePool
from emit.ops.batch_norm import BatchNorm
from emit.ops.channel_scale import ChannelScale
from emit.ops.concatenate import Concatenate
from emit.ops.convolution import Convolution
from emit.ops.dense import Dense
from emit.ops.depthwise import Depthwise
from emit.ops.dropout import Dropout
from emit.ops.flatten import Flatten
from emit.ops.global_average_pool import GlobalAveragePool
from emit.ops.layer_scale import LayerScale
from emit.ops.max_pool import MaxPool
from emit.ops.stochastic_depth import StochasticDepth
from emit.windows import Window
from netspec import layers as spec
from netspec.language import NetSpec, TrainConfig
from runtime.verify import definitions
from runtime.verify.arithmetic import Arithmetic
from runtime.verify.ops import output
from runtime.verify.random import Drawing


def logits(at: Arithmetic, net: NetSpec, numbers: Mapping[str, Any], config: TrainConfig | None) -> Any:
    """What a network gives for the images in `numbers`, which also holds its parameters and running statistics.

    `config`: the recipe that it is trained with; None in evaluation.
    """
    return _Network(at, net, numbers, config).logits()


class _Network:
    """Where the definition stands: how many layers of each kind there were."""

    def __init__(self, at: Arithmetic, net: NetSpec, numbers: Mapping[str, Any], config: TrainConfig | None) -> None:
        self.at, self.net, self.numbers, self.config = at, net, numbers, config
        self.training, self.residuals = False, 0
        self._drawing = Drawing(numbers)
        self._counts: dict[str, int] = {}

    def logits(self) -> Any:
        x = definitions.normalised(self.at, self.numbers["images"], self.net.preprocessing)
        first, *_ = layers = self.net.layers
        names = {0: "stem"} if isinstance(first, spec.convBn) else {}
        names[len(layers) - 1] = "head"
        changed = range(0)  # layers that are trained
        if self.config is not None:
            changed = range(self.config.freeze, len(layers))
            if self.config.freeze < 0:
                below = [index for index, layer in enumerate(layers[:-1]) if not isinstance(layer, spec.dropout)]
                changed = range(max(below, default=-1) + 1, len(layers))
        dropouts = self.of_kind(spec.dropout, layers)
        for index, layer in enumerate(layers):
            self.training = index in changed
            if index == len(layers) - 1 and self.config is not None and self.config.dropout and not dropouts:
                x = _dropout(self, spec.dropout(self.config.dropout), x, "")
            x = self.layer(layer, x, names.get(index, ""))
        return x

    def of_kind(self, kind: type[spec.Layer], layers: Any) -> int:
        """How many layers of a kind there are, also in blocks and beside others."""
        count = 0
        for layer in layers:
            inside = layer.layers(self.net.conventions) if isinstance(layer, spec.Block) else layer.inner()
            count += isinstance(layer, kind) + self.of_kind(kind, inside)
        return count

    def drop_path(self, layer: spec.residual) -> float:
        """A residual's own rate, or else the share of the network's, or of the recipe's, that its place gives it."""
        self.residuals += 1
        most = self.net.dropPath
        if self.config is not None and self.config.dropPath is not None:
            most = self.config.dropPath
        return layer.dropPath or round(most * self.residuals / self.of_kind(spec.residual, self.net.layers), 6)

    def layer(self, layer: spec.Layer, x: Any, name: str) -> Any:
        """What a layer gives. `name`: what its tensors are called after, where a block says it."""
        if isinstance(layer, spec.Block):
            return self.chain(layer.layers(self.net.conventions), x, name or self.count("block"))
        if isinstance(layer, spec.Named):
            return self.chain(layer.layers, x, "_".join((name, layer.name)))
        return _LAYERS[type(layer)](self, layer, x, name)

    def chain(self, layers: Any, x: Any, name: str) -> Any:
        for layer in layers:
            x = self.layer(layer, x, name)
        return x

    def count(self, stem: str) -> str:
        self._counts[stem] = self._counts.get(stem, 0) + 1
        return f"{stem}{self._counts[stem]}"

    def op(self, op: Op, name: str, *inputs: Any) -> Any:
        tensors = {each.name: self.numbers[f"{name}_{each.name}"] for each in (*op.parameters(), *op.statistics())}
        return output(self.at, op, inputs, tensors, training=self.training)

    def dropped(self, op: Op, x: Any) -> Any:
        return output(self.at, op, [x], self._drawing.given(op), training=True) if self.training else x

    def activated(self, x: Any, kind: str | None) -> Any:
        return self.op(REGISTRY[kind](), "", x) if kind and kind != "identity" else x

    def normed(self, x: Any, name: str) -> Any:
        op = BatchNorm(x.shape[3], self.net.bnEps, self.net.bnMomentum)
        tensors = {each.name: self.numbers[f"{name}_{each.name}"] for each in (*op.parameters(), *op.statistics())}
        of_batch = self.training and self.config is not None and not self.config.freezeBN
        return output(self.at, op, [x], tensors, training=of_batch)

    def normed_and_activated(self, x: Any, name: str, own: str | None) -> Any:
        """Batch norm, and a layer's own activation, or else the network's."""
        return self.activated(self.normed(x, f"{name}_bn"), self.net.activation if own is None else own)

    def window(self, size: int, stride: int) -> Window:
        assert self.net.padding is not None
        return Window(size, stride, self.net.padding)


def _window(layer: spec.conv2d | spec.convBn | spec.depthwiseBn) -> Window:
    return Window(size=layer.kSize, stride=layer.stride, padding=layer.pad, dilation=layer.dilation)


def _conv2d(net: _Network, layer: spec.conv2d, x: Any, name: str) -> Any:
    op = Convolution(layer.ic, layer.oc, _window(layer), bias=layer.bias, groups=layer.groups)
    return net.activated(net.op(op, name or net.count("conv"), x), layer.act)


def _conv_bn(net: _Network, layer: spec.convBn, x: Any, name: str) -> Any:
    name = name or net.count("conv")
    y = net.op(Convolution(x.shape[3], layer.oc, _window(layer), groups=layer.groups), name, x)
    return net.normed_and_activated(y, name, layer.act)


def _depthwise_bn(net: _Network, layer: spec.depthwiseBn, x: Any, name: str) -> Any:
    name = name or net.count("dw")
    y = net.op(Depthwise(x.shape[3], _window(layer)), name, x)
    return net.normed_and_activated(y, name, layer.act)


def _batch_norm(net: _Network, layer: spec.batchNorm, x: Any, name: str) -> Any:
    return net.activated(net.normed(x, name or net.count("norm")), layer.act)


def _squeeze_excite(net: _Network, layer: spec.squeezeExcite, x: Any, name: str) -> Any:
    name, channels = name or net.count("se"), x.shape[3]
    mean = net.op(GlobalAveragePool(), "", x)
    few = net.activated(net.op(Dense(channels, layer.squeeze), f"{name}_reduce", mean), layer.act)
    gate = net.activated(net.op(Dense(layer.squeeze, channels), f"{name}_expand", few), layer.gate)
    return net.op(ChannelScale(), "", x, gate)


def _layer_scale(net: _Network, layer: spec.layerScale, x: Any, name: str) -> Any:
    return net.op(LayerScale(x.shape[3], layer.start), name or net.count("scale"), x)


def _max_pool(net: _Network, layer: spec.maxPool, x: Any, name: str) -> Any:
    return net.op(MaxPool(net.window(layer.size, layer.stride)), "", x)


def _average_pool(net: _Network, layer: spec.avgPool, x: Any, name: str) -> Any:
    counts = net.net.padding == "symmetric"
    return net.op(AveragePool(net.window(layer.size, layer.stride), counts_padding=counts), "", x)


def _average(net: _Network, layer: spec.globalAvgPool, x: Any, name: str) -> Any:
    return net.op(GlobalAveragePool(layer.keepDims), "", x)


def _flatten(net: _Network, layer: spec.flatten, x: Any, name: str) -> Any:
    return net.op(Flatten(), "", x)


def _dense(net: _Network, layer: spec.dense, x: Any, name: str) -> Any:
    return net.activated(net.op(Dense(layer.fanIn, layer.fanOut), name or net.count("dense"), x), layer.act)


def _dropout(net: _Network, layer: spec.dropout, x: Any, name: str) -> Any:
    given = None if net.config is None else net.config.dropout
    return net.dropped(Dropout(layer.rate if given is None else given), x)


def _residual(net: _Network, layer: spec.residual, x: Any, name: str) -> Any:
    rate = net.drop_path(layer)
    body = net.dropped(StochasticDepth(rate), net.chain(layer.layers, x, name))
    return net.activated(net.op(Add(), "", net.chain(layer.shortcut, x, name), body), layer.act)


def _parallel(net: _Network, layer: spec.parallel, x: Any, name: str) -> Any:
    total, *others = parts = [net.chain(branch, x, name) for branch in layer.branches]
    if layer.join == "concat":
        return net.op(Concatenate(), "", *parts)
    for part in others:
        total = net.op(Add(), "", total, part)
    return total


def _attention(net: _Network, layer: spec.attention, x: Any, name: str) -> Any:
    parts = [net.chain(branch, x, name) for branch in (layer.query, layer.key, layer.value)]
    return net.op(Attention(layer.heads, layer.keyDim), "", *parts)


def _feature_map(net: _Network, layer: spec.featureMap, x: Any, name: str) -> Any:
    return x


_LAYERS: dict[type[spec.Layer], Callable[[_Network, Any, Any, str], Any]] = {
    spec.attention: _attention,
    spec.avgPool: _average_pool,
    spec.batchNorm: _batch_norm,
    spec.conv2d: _conv2d,
    spec.convBn: _conv_bn,
    spec.dense: _dense,
    spec.depthwiseBn: _depthwise_bn,
    spec.dropout: _dropout,
    spec.featureMap: _feature_map,
    spec.flatten: _flatten,
    spec.globalAvgPool: _average,
    spec.layerScale: _layer_scale,
    spec.maxPool: _max_pool,
    spec.parallel: _parallel,
    spec.residual: _residual,
    spec.squeezeExcite: _squeeze_excite,
}
