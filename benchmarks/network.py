"""A network as steps for the peers, derived from a spec's layers and not by our compiler.

A step is an operation as frameworks have it: a convolution with its bias or batch norm and activation, an addition, a
pool, a dense layer. Its name is that of the manifest's tensors: `stem` has `stem_weight`, `stem_bn_gamma`, and so on.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from netspec import NetSpec, check_net, layers
from netspec.activations import Activation
from netspec.layers import Shape
from netspec.windows import Padding, extent, output_size

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

    It has a bias, or a batch norm, or neither.
    """

    size: int
    stride: int
    pad: int
    dilation: int
    groups: int
    depthwise: bool
    bias: bool
    norm: Norm | None
    activation: Activation


@dataclass(frozen=True)
class BatchNorm(Step):
    """A batch norm that stands alone."""

    norm: Norm
    activation: Activation


@dataclass(frozen=True)
class Add(Step):
    """The sum of two sources. `alone`: nothing else reads the second."""

    alone: bool
    activation: Activation


@dataclass(frozen=True)
class Concat(Step):
    """Channels of all sources, one behind another."""


@dataclass(frozen=True)
class Scale(Step):
    """Each channel of an image times the second source's number."""


@dataclass(frozen=True)
class LayerScale(Step):
    """Each channel times a parameter, `gamma`."""


@dataclass(frozen=True)
class Attention(Step):
    """Softmax attention of queries, keys and values; all heads share keys and values."""

    heads: int


@dataclass(frozen=True)
class MaxPool(Step):
    """The largest of each window; padding never wins."""

    size: int
    stride: int
    pad: int


@dataclass(frozen=True)
class AvgPool(Step):
    """The mean of each window; padding counts as zeros."""

    size: int
    stride: int
    pad: int


@dataclass(frozen=True)
class Mean(Step):
    """The mean over height and width; an image of one pixel where it `keeps` the axes."""

    keeps: bool


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


def comparable(net: NetSpec) -> NetSpec:
    """The same network as all peers can have it: with torch's padding, without what is random. Raises SpecError."""
    changed = replace(
        net,
        layers=tuple(_comparable(layer) for layer in net.layers if not isinstance(layer, layers.dropout)),
        padding="symmetric" if net.padding in ("same", "even") else net.padding,
    )
    check_net(changed)
    return changed


def _comparable(value: Any) -> Any:
    """A layer, or what a field of one holds."""
    if isinstance(value, layers.Layer):
        given = {field.name: _comparable(getattr(value, field.name)) for field in fields(value)}
        if given.get("pad") in ("same", "even"):
            given["pad"] = "symmetric"
        return replace(value, **(given | ({"dropPath": 0.0} if "dropPath" in given else {})))
    if isinstance(value, tuple):
        return tuple(_comparable(each) for each in value if not isinstance(each, layers.dropout))
    return value


def network(net: NetSpec) -> Network:
    """The steps of a network returned by `comparable`."""
    writer = _Writer(net)
    for index, layer in enumerate(net.layers):
        stem = "stem" if index == 0 and isinstance(layer, layers.convBn) else ""
        writer.place(layer, "head" if index == len(net.layers) - 1 else stem)
    return Network(net.image, tuple(writer.steps))


def folded(net: Network, weights: Mapping[str, NDArray[Any]]) -> Arrays:
    """Weights for inference: batch norm with its running statistics becomes part of kernel and bias.

    γ·(k∗x - μ)/√(σ² + ε) + β = (k·s)∗x + (β - μ·s),  s = γ/√(σ² + ε)

    Of a batch norm that stands alone s is its weight, and β - μ·s its bias. A convolution without bias gets zeros.
    """
    result: Arrays = {}
    for step in net.steps:
        if isinstance(step, Conv | BatchNorm) and step.norm:
            prefix = f"{step.name}_bn" if isinstance(step, Conv) else step.name
            gamma, beta, mean, variance = (
                weights[f"{prefix}_{part}"].astype(np.float64)
                for part in ("gamma", "beta", "running_mean", "running_variance")
            )
            scale = gamma / np.sqrt(variance + step.norm.epsilon)
            kernel = weights[f"{step.name}_weight"] if isinstance(step, Conv) else 1.0
            result[f"{step.name}_weight"] = (kernel * scale).astype(np.float32)
            result[f"{step.name}_bias"] = (beta - mean * scale).astype(np.float32)
        elif isinstance(step, Conv | Dense):
            weight = result[f"{step.name}_weight"] = weights[f"{step.name}_weight"]
            zeros = np.zeros(weight.shape[-1], np.float32)
            result[f"{step.name}_bias"] = weights.get(f"{step.name}_bias", zeros)
        elif isinstance(step, LayerScale):
            result[f"{step.name}_gamma"] = weights[f"{step.name}_gamma"]
    return result


class _Writer:
    """Collects steps: those so far, the input of the next one, and the names used."""

    def __init__(self, net: NetSpec) -> None:
        self.net = net
        self.steps: list[Step] = []
        self.last, self.shape = IMAGES, net.image
        self._counts: dict[str, int] = {}

    def place(self, layer: layers.Layer, name: str) -> None:
        """Write a layer; a block as the layers that it is written as."""
        if isinstance(layer, layers.Block):
            self.row(layer.layers(self.net.conventions), name or self.name("block"))
        elif isinstance(layer, layers.Named):
            self.row(layer.layers, f"{name}_{layer.name}")
        else:
            _LAYERS[type(layer)](self, layer, name)

    def row(self, row: Iterable[layers.Layer], name: str) -> tuple[str, Shape]:
        """Layers one after another; the last step and its shape."""
        for layer in row:
            self.place(layer, name)
        return self.last, self.shape

    def branch(self, entry: tuple[str, Shape], row: Iterable[layers.Layer], name: str) -> tuple[str, Shape]:
        self.last, self.shape = entry  # type: ignore[assignment]
        return self.row(row, name)

    def name(self, stem: str) -> str:
        self._counts[stem] = self._counts.get(stem, 0) + 1
        return f"{stem}{self._counts[stem]}"

    def put(self, step: Step) -> None:
        self.steps.append(step)
        self.last, self.shape = step.name, step.shape  # type: ignore[assignment]

    def conv(self, name: str, layer: Any, channels: int, *, depthwise: bool = False, bias: bool = False) -> None:
        window = {"size": layer.kSize, "stride": layer.stride, "dilation": layer.dilation}
        shape = (*self.windows(padding=layer.pad, **window), channels)
        self.put(
            Conv(
                name,
                (self.last,),
                shape,
                **window,
                pad=_pad(extent(layer.kSize, layer.dilation), layer.pad),
                groups=channels if depthwise else layer.groups,
                depthwise=depthwise,
                bias=bias,
                norm=None if isinstance(layer, layers.conv2d) else self.norm,
                activation=self.kind(layer.act),
            )
        )

    def dense(self, name: str, features: int, activation: Activation) -> None:
        self.put(Dense(name, (self.last,), (features,), activation))

    def kind(self, own: Activation | None) -> Activation:
        return own or self.net.activation or "identity"

    @property
    def norm(self) -> Norm:
        return Norm(self.net.bnEps, self.net.bnMomentum)

    def windows(self, size: int, stride: int, padding: Padding, dilation: int = 1) -> tuple[int, int]:
        height, width = (output_size(side, size, stride, padding, dilation) for side in self.shape[:2])
        return height, width


def _pad(size: int, padding: Padding) -> int:
    return 0 if padding == "valid" else (size - 1) // 2


def _conv2d(writer: _Writer, layer: layers.conv2d, name: str) -> None:
    writer.conv(name or writer.name("conv"), layer, layer.oc, bias=layer.bias)


def _conv_bn(writer: _Writer, layer: layers.convBn, name: str) -> None:
    writer.conv(name or writer.name("conv"), layer, layer.oc)


def _depthwise_bn(writer: _Writer, layer: layers.depthwiseBn, name: str) -> None:
    writer.conv(name or writer.name("dw"), layer, layer.ic, depthwise=True)


def _batch_norm(writer: _Writer, layer: layers.batchNorm, name: str) -> None:
    writer.put(BatchNorm(name or writer.name("norm"), (writer.last,), writer.shape, writer.norm, layer.act))


def _squeeze_excite(writer: _Writer, layer: layers.squeezeExcite, name: str) -> None:
    name, entry, image = name or writer.name("se"), writer.last, writer.shape
    writer.put(Mean(f"{name}_mean", (entry,), (layer.ic,), keeps=False))
    writer.dense(f"{name}_reduce", layer.squeeze, layer.act)
    writer.dense(f"{name}_expand", layer.ic, layer.gate)
    writer.put(Scale(f"{name}_scale", (entry, writer.last), image))


def _layer_scale(writer: _Writer, layer: layers.layerScale, name: str) -> None:
    writer.put(LayerScale(name or writer.name("scale"), (writer.last,), writer.shape))


def _pool(writer: _Writer, layer: layers.maxPool | layers.avgPool, name: str) -> None:
    assert writer.net.padding is not None
    shape = (*writer.windows(layer.size, layer.stride, writer.net.padding), writer.shape[2])
    kind = MaxPool if isinstance(layer, layers.maxPool) else AvgPool
    pad = _pad(layer.size, writer.net.padding)
    writer.put(kind(name or writer.name("pool"), (writer.last,), shape, layer.size, layer.stride, pad))


def _global_average_pool(writer: _Writer, layer: layers.globalAvgPool, name: str) -> None:
    shape = (1, 1, writer.shape[2]) if layer.keepDims else writer.shape[2:]
    writer.put(Mean(name or writer.name("average"), (writer.last,), shape, layer.keepDims))


def _flatten(writer: _Writer, layer: layers.flatten, name: str) -> None:
    height, width, channels = writer.shape
    writer.put(Flatten(name or writer.name("flat"), (writer.last,), (height * width * channels,)))


def _dense(writer: _Writer, layer: layers.dense, name: str) -> None:
    writer.dense(name or writer.name("dense"), layer.fanOut, layer.act)


def _residual(writer: _Writer, layer: layers.residual, name: str) -> None:
    own, entry = name or writer.name("residual"), (writer.last, writer.shape)
    body, shape = writer.row(layer.layers, name)
    shortcut, _ = writer.branch(entry, layer.shortcut, name)
    writer.put(Add(f"{own}_add", (shortcut, body), shape, body != entry[0], layer.act))


def _parallel(writer: _Writer, layer: layers.parallel, name: str) -> None:
    own, entry = name or writer.name("parallel"), (writer.last, writer.shape)
    ends = [writer.branch(entry, branch, name) for branch in layer.branches]
    names = tuple(end for end, _ in ends)
    shape = ends[0][1]
    if layer.join == "concat":
        writer.put(Concat(f"{own}_concat", names, (*shape[:2], sum(each[2] for _, each in ends))))
        return
    total = names[0]
    for number, end in enumerate(names[1:], 1):
        writer.put(Add(f"{own}_add{number}", (total, end), shape, False, "identity"))
        total = writer.last


def _attention(writer: _Writer, layer: layers.attention, name: str) -> None:
    own, entry = name or writer.name("attention"), (writer.last, writer.shape)
    ends = [writer.branch(entry, row, name) for row in (layer.query, layer.key, layer.value)]
    shape = (*ends[0][1][:2], layer.heads * ends[2][1][2])
    writer.put(Attention(own, tuple(end for end, _ in ends), shape, layer.heads))


def _feature_map(writer: _Writer, layer: layers.featureMap, name: str) -> None:
    """Changes nothing."""


_LAYERS: dict[type[layers.Layer], Callable[[_Writer, Any, str], None]] = {
    layers.attention: _attention,
    layers.avgPool: _pool,
    layers.batchNorm: _batch_norm,
    layers.conv2d: _conv2d,
    layers.convBn: _conv_bn,
    layers.dense: _dense,
    layers.depthwiseBn: _depthwise_bn,
    layers.featureMap: _feature_map,
    layers.flatten: _flatten,
    layers.globalAvgPool: _global_average_pool,
    layers.layerScale: _layer_scale,
    layers.maxPool: _pool,
    layers.parallel: _parallel,
    layers.residual: _residual,
    layers.squeezeExcite: _squeeze_excite,
}
