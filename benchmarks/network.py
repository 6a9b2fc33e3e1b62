"""A network as steps for the peers, derived from a spec's layers and not by our compiler.

A step is a convolution with its bias or batch norm and activation, an addition, a pool, a mean,
a flattening or a dense layer. Its name is that of the manifest's tensors: `stem` has `stem_weight`,
`stem_bn_gamma`, and so on.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from netspec import NetSpec, check_net, layers
from netspec.activations import Activation
from netspec.layers import Shape
from netspec.windows import Padding, output_size

IMAGES = "images"
Arrays = dict[str, NDArray[Any]]
T = TypeVar("T")


@dataclass(frozen=True)
class Step:
    """One operation. `sources` are the steps it reads, `shape` is its output for one image."""

    name: str
    sources: tuple[str, ...]
    shape: Shape


class Norm(NamedTuple):
    """A batch norm: what is added to the variance, and the share of a batch in the running statistics."""

    epsilon: float
    momentum: float


@dataclass(frozen=True)
class Conv(Step):
    """A convolution `[k, k, ic, oc]`, depthwise `[k, k, 1, C]`; `pad` rows and columns on all four sides.

    It has a bias where it has no batch norm.
    """

    size: int
    stride: int
    pad: int
    depthwise: bool
    norm: Norm | None
    activation: Activation


@dataclass(frozen=True)
class Add(Step):
    """The sum of a shortcut and a body. Nothing else reads the body."""

    activation: Activation


@dataclass(frozen=True)
class MaxPool(Step):
    """The largest of each window; padding never wins."""

    size: int
    stride: int
    pad: int


@dataclass(frozen=True)
class Mean(Step):
    """The mean over height and width."""


@dataclass(frozen=True)
class Flatten(Step):
    """Rows, columns and channels, in this order, as one vector."""


@dataclass(frozen=True)
class Dense(Step):
    """A matmul with `[fan_in, fan_out]` weights and a bias."""

    activation: Activation


@dataclass(frozen=True)
class Network:
    """Steps, every one after its sources. The last gives the logits."""

    image: Shape
    steps: tuple[Step, ...]

    def shape(self, name: str) -> Shape:
        """A step's output for one image, or the image's own."""
        return self.image if name == IMAGES else next(step.shape for step in self.steps if step.name == name)

    def walk(self, images: T, do: Callable[[Any, list[T]], T]) -> T:
        """Call `do` for every step with its sources' values; the last value. A value is freed after its last use."""
        last = {source: step.name for step in self.steps for source in step.sources}
        values = {IMAGES: images}
        for step in self.steps:
            inputs = [values[source] for source in step.sources]
            for source in step.sources:
                if last[source] == step.name:
                    values.pop(source, None)
            values[step.name] = do(step, inputs)
        return values[self.steps[-1].name]


def symmetric(net: NetSpec) -> NetSpec:
    """The same network with torch's padding, which all peers support natively. Raises SpecError."""
    changed: list[layers.Layer] = []
    for layer in net.layers:
        if isinstance(layer, layers.conv2d | layers.convBn) and layer.pad == "same":
            layer = replace(layer, pad="symmetric")
        changed.append(layer)
    net = replace(net, layers=tuple(changed), padding="symmetric" if net.padding == "same" else net.padding)
    check_net(net)
    return net


def network(net: NetSpec) -> Network:
    """The steps of a network returned by `symmetric`."""
    writer = _Writer(net)
    for index, layer in enumerate(net.layers):
        writer.index = index
        _LAYERS[type(layer)](writer, layer)
    return Network((net.imageH, net.imageW, 3), tuple(writer.steps))


def folded(net: Network, weights: Mapping[str, NDArray[Any]]) -> Arrays:
    """Weights for inference: batch norm with its running statistics becomes part of kernel and bias.

    γ·(k∗x - μ)/√(σ² + ε) + β = (k·s)∗x + (β - μ·s),  s = γ/√(σ² + ε)
    """
    result: Arrays = {}
    for step in net.steps:
        if isinstance(step, Conv) and step.norm:
            gamma, beta, mean, variance = (
                weights[f"{step.name}_bn_{part}"].astype(np.float64)
                for part in ("gamma", "beta", "running_mean", "running_variance")
            )
            scale = gamma / np.sqrt(variance + step.norm.epsilon)
            result[f"{step.name}_weight"] = (weights[f"{step.name}_weight"] * scale).astype(np.float32)
            result[f"{step.name}_bias"] = (beta - mean * scale).astype(np.float32)
        elif isinstance(step, Conv | Dense):
            for part in ("weight", "bias"):
                result[f"{step.name}_{part}"] = weights[f"{step.name}_{part}"]
    return result


class _Writer:
    """Collects steps: those so far, the input of the next one, and the names used."""

    def __init__(self, net: NetSpec) -> None:
        self.net, self.index = net, 0
        self.steps: list[Step] = []
        self.last, self.shape = IMAGES, (net.imageH, net.imageW, 3)
        self._counts: dict[str, int] = {}

    def name(self, stem: str) -> str:
        self._counts[stem] = self._counts.get(stem, 0) + 1
        return f"{stem}{self._counts[stem]}"

    def put(self, step: Step) -> None:
        self.steps.append(step)
        self.last, self.shape = step.name, step.shape  # type: ignore[assignment]

    def conv(
        self,
        name: str,
        channels: int,
        size: int,
        stride: int,
        padding: Padding,
        activation: Activation | None,
        *,
        depthwise: bool = False,
        normed: bool = True,
    ) -> None:
        shape = (*self.windows(size, stride, padding), channels)
        pad = _pad(size, padding)
        kind = activation or "identity"
        norm = Norm(self.net.bnEps, self.net.bnMomentum) if normed else None
        self.put(Conv(name, (self.last,), shape, size, stride, pad, depthwise, norm, kind))

    def add(self, name: str, shortcut: str, activation: Activation | None) -> None:
        self.put(Add(f"{name}_add", (shortcut, self.last), self.shape, activation or "identity"))

    def windows(self, size: int, stride: int, padding: Padding) -> tuple[int, int]:
        height, width, _ = self.shape
        return output_size(height, size, stride, padding), output_size(width, size, stride, padding)


def _pad(size: int, padding: Padding) -> int:
    return 0 if padding == "valid" else (size - 1) // 2


def _conv2d(writer: _Writer, layer: layers.conv2d) -> None:
    name = writer.name("conv")
    writer.conv(name, layer.oc, layer.kSize, layer.stride, layer.pad, layer.act, normed=False)


def _conv_bn(writer: _Writer, layer: layers.convBn) -> None:
    name = "stem" if writer.index == 0 else writer.name("conv")
    writer.conv(name, layer.oc, layer.kSize, layer.stride, layer.pad, layer.act or writer.net.activation)


def _inverted_residual(writer: _Writer, layer: layers.invertedResidual) -> None:
    stage, activation = writer.name("block"), layer.act or writer.net.activation
    for block in range(layer.nBlocks):
        name, entry, ic = f"{stage}_{block + 1}", writer.last, writer.shape[2]
        stride = layer.stride if block == 0 else 1
        wide = ic * layer.expandRatio
        if layer.expandRatio != 1:
            writer.conv(f"{name}_expand", wide, 1, 1, "symmetric", activation)
        writer.conv(f"{name}_dw", wide, 3, stride, "symmetric", activation, depthwise=True)
        writer.conv(f"{name}_project", layer.oc, 1, 1, "symmetric", None)
        if stride == 1 and ic == layer.oc:
            writer.add(name, entry, None)


def _residual_block(writer: _Writer, layer: layers.residualBlock) -> None:
    stage, activation = writer.name("block"), layer.act or writer.net.activation
    for block in range(layer.nBlocks):
        name, entry, image = f"{stage}_{block + 1}", writer.last, writer.shape
        stride = layer.firstStride if block == 0 else 1
        if stride != 1 or image[2] != layer.oc:
            writer.conv(f"{name}_shortcut", layer.oc, 1, stride, "symmetric", None)
            shortcut, writer.last, writer.shape = writer.last, entry, image
        else:
            shortcut = entry
        writer.conv(f"{name}_conv1", layer.oc, 3, stride, "symmetric", activation)
        writer.conv(f"{name}_conv2", layer.oc, 3, 1, "symmetric", None)
        writer.add(name, shortcut, activation)


def _max_pool(writer: _Writer, layer: layers.maxPool) -> None:
    assert writer.net.padding is not None
    shape = (*writer.windows(layer.size, layer.stride, writer.net.padding), writer.shape[2])
    pad = _pad(layer.size, writer.net.padding)
    writer.put(MaxPool(writer.name("pool"), (writer.last,), shape, layer.size, layer.stride, pad))


def _global_average_pool(writer: _Writer, layer: layers.globalAvgPool) -> None:
    writer.put(Mean(writer.name("average"), (writer.last,), writer.shape[2:]))


def _flatten(writer: _Writer, layer: layers.flatten) -> None:
    height, width, channels = writer.shape
    writer.put(Flatten(writer.name("flat"), (writer.last,), (height * width * channels,)))


def _dense(writer: _Writer, layer: layers.dense) -> None:
    name = "head" if writer.index == len(writer.net.layers) - 1 else writer.name("dense")
    writer.put(Dense(name, (writer.last,), (layer.fanOut,), layer.act))


_LAYERS: dict[type[layers.Layer], Callable[[_Writer, Any], None]] = {
    layers.conv2d: _conv2d,
    layers.convBn: _conv_bn,
    layers.invertedResidual: _inverted_residual,
    layers.residualBlock: _residual_block,
    layers.maxPool: _max_pool,
    layers.globalAvgPool: _global_average_pool,
    layers.flatten: _flatten,
    layers.dense: _dense,
}
