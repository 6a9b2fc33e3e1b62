"""What each layer of the language means, written down a second time: from images to logits, op by op by definition.

Nothing here is shared with `emit.expand`, which writes the graph that is emitted. Names are those of the state.
"""

from collections.abc import Callable, Mapping
from typing import Any

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
from runtime.verify import definitions
from runtime.verify.arithmetic import Arithmetic
from runtime.verify.ops import output


def logits(at: Arithmetic, net: NetSpec, numbers: Mapping[str, Any], *, training: bool) -> Any:
    """What a network gives for the images in `numbers`, which also holds its parameters and running statistics."""
    return _Network(at, net, numbers, training).logits()


class _Network:
    """Where the definition stands: the layer, and how many of its kind there were."""

    def __init__(self, at: Arithmetic, net: NetSpec, numbers: Mapping[str, Any], training: bool) -> None:
        self.at, self.net, self.numbers, self.training = at, net, numbers, training
        self.index = 0
        self._counts: dict[str, int] = {}

    def logits(self) -> Any:
        x = definitions.normalised(self.at, self.numbers["images"])
        for index, layer in enumerate(self.net.layers):
            self.index = index
            x = _LAYERS[type(layer)](self, layer, x)
        return x

    def count(self, stem: str) -> str:
        self._counts[stem] = self._counts.get(stem, 0) + 1
        return f"{stem}{self._counts[stem]}"

    def op(self, op: Op, name: str, *inputs: Any) -> Any:
        tensors = {each.name: self.numbers[f"{name}_{each.name}"] for each in (*op.parameters(), *op.statistics())}
        return output(self.at, op, inputs, tensors, training=self.training)

    def activated(self, x: Any, kind: str | None) -> Any:
        return self.op(REGISTRY[kind](), "", x) if kind and kind != "identity" else x

    def kind(self, own: str | None) -> str | None:
        """A layer's own activation, or else the network's."""
        return self.net.activation if own is None else own

    def convolved(self, x: Any, name: str, oc: int, window: Window, kind: str | None) -> Any:
        """Convolution, batch norm, activation."""
        y = self.op(Convolution(x.shape[3], oc, window), name, x)
        return self.activated(self.op(BatchNorm(oc, self.net.bnEps, self.net.bnMomentum), f"{name}_bn", y), kind)

    def window(self, size: int, stride: int) -> Window:
        assert self.net.padding is not None
        return Window(size, stride, self.net.padding)


def _conv2d(net: _Network, layer: conv2d, x: Any) -> Any:
    op = Convolution(layer.ic, layer.oc, Window(layer.kSize, layer.stride, layer.pad), bias=True)
    return net.activated(net.op(op, net.count("conv"), x), layer.act)


def _conv_bn(net: _Network, layer: convBn, x: Any) -> Any:
    name = net.count("conv") if net.index else "stem"
    return net.convolved(x, name, layer.oc, Window(layer.kSize, layer.stride, layer.pad), net.kind(layer.act))


def _inverted_residual(net: _Network, layer: invertedResidual, x: Any) -> Any:
    stage, pixel, kind = net.count("block"), Window(1, 1, "same"), net.kind(layer.act)
    for number in range(1, layer.nBlocks + 1):
        name, stride, y = f"{stage}_{number}", layer.stride if number == 1 else 1, x
        if layer.expandRatio > 1:
            y = net.convolved(y, f"{name}_expand", layer.expandRatio * y.shape[3], pixel, kind)
        wide = y.shape[3]
        y = net.op(Depthwise(wide, net.window(3, stride)), f"{name}_dw", y)
        y = net.activated(net.op(BatchNorm(wide, net.net.bnEps, net.net.bnMomentum), f"{name}_dw_bn", y), kind)
        y = net.convolved(y, f"{name}_project", layer.oc, pixel, None)
        x = net.op(Add(), "", x, y) if stride == 1 and x.shape[3] == layer.oc else y
    return x


def _residual_block(net: _Network, layer: residualBlock, x: Any) -> Any:
    stage, kind = net.count("block"), net.kind(layer.act)
    for number in range(1, layer.nBlocks + 1):
        name, stride = f"{stage}_{number}", layer.firstStride if number == 1 else 1
        y = net.convolved(x, f"{name}_conv1", layer.oc, net.window(3, stride), kind)
        y = net.convolved(y, f"{name}_conv2", layer.oc, net.window(3, 1), None)
        if stride > 1 or x.shape[3] != layer.oc:
            x = net.convolved(x, f"{name}_shortcut", layer.oc, Window(1, stride, "same"), None)
        x = net.activated(net.op(Add(), "", x, y), kind)
    return x


def _max_pool(net: _Network, layer: maxPool, x: Any) -> Any:
    return net.op(MaxPool(net.window(layer.size, layer.stride)), "", x)


def _average(net: _Network, layer: globalAvgPool, x: Any) -> Any:
    return net.op(GlobalAveragePool(), "", x)


def _flatten(net: _Network, layer: flatten, x: Any) -> Any:
    return net.op(Flatten(), "", x)


def _dense(net: _Network, layer: dense, x: Any) -> Any:
    name = net.count("dense") if net.index < len(net.net.layers) - 1 else "head"
    return net.activated(net.op(Dense(layer.fanIn, layer.fanOut), name, x), layer.act)


_LAYERS: dict[type[Layer], Callable[[_Network, Any, Any], Any]] = {
    conv2d: _conv2d,
    convBn: _conv_bn,
    dense: _dense,
    flatten: _flatten,
    globalAvgPool: _average,
    invertedResidual: _inverted_residual,
    maxPool: _max_pool,
    residualBlock: _residual_block,
}
