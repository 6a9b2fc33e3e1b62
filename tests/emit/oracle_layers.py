"""An independent reading of every layer of the language, in JAX: simple layers and combinators.

The blocks of papers are in `tests.emit.oracle_blocks`. Nothing is taken from `emit`, nor from what `netspec` makes of a
block; only the names of the tensors are the manifest's. Each tensor's shape is asserted where it is read, so that a
block of other widths than the paper's is found too.
"""

from collections.abc import Mapping, Sequence
from math import sqrt

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

import netspec.layers as spec
from netspec import NetSpec
from netspec.activations import ACTIVATIONS
from tests.emit import oracle_blocks as blocks
from tests.emit.oracle_random import Draws
from tests.ops.harness import ActivationTests, edges, tables
from tests.ops.test_batch_norm import batch_norm, batch_norm_running, moved_statistics
from tests.ops.test_convolution import convolution
from tests.ops.test_max_pool import max_pool

Tensors = dict[str, jax.Array]
_TABLES = tables()  # not within a pass, which JAX traces: their files compute with JAX when they are imported


def activation(x: jax.Array, kind: str | None) -> jax.Array:
    """By its name in a spec."""
    return _activation(kind).oracle(x) if kind in ACTIVATIONS else x


def _activation(kind: str) -> type[ActivationTests]:
    table = _TABLES[kind]
    assert issubclass(table, ActivationTests)
    return table


class Pass:
    """One pass through a network.

    Args:
        tensors: parameters and running statistics; each must be read.
        draws: what a training step draws for dropout and stochastic depth.

    It keeps the statistics that move, how far inputs are from each kink (`gaps`), and which activation follows a batch
    norm (`followed`), by the batch norm's name.
    """

    def __init__(
        self, net: NetSpec, tensors: Mapping[str, jax.Array], *, training: bool, draws: Draws | None = None
    ) -> None:
        self.net, self.training = net, training
        self.statistics: Tensors = {}
        self.gaps: list[jax.Array] = []
        self.followed: dict[str, str | None] = {}
        self._tensors, self._draws = tensors, draws
        self._read: set[str] = set()
        self._counts: dict[str, int] = {}
        self._drawn = 0

    @property
    def padding(self) -> str:
        return str(self.net.padding)

    def run(self, x: jax.Array) -> jax.Array:
        """Images to logits."""
        last = len(self.net.layers) - 1
        for index, layer in enumerate(self.net.layers):
            name = "head" if index == last else "stem" if index == 0 and isinstance(layer, spec.convBn) else ""
            x = self._layer(x, layer, name)
        assert self._read == set(self._tensors), self._read ^ set(self._tensors)
        return x

    def nearest(self) -> jax.Array:
        """How close the input of an activation comes to a kink."""
        return jnp.stack([jnp.asarray(np.inf), *self.gaps]).min()

    # --- what layers and blocks are made of ---------------------------------------------------------------------------

    def numbered(self, stem: str) -> str:
        self._counts[stem] = self._counts.get(stem, 0) + 1
        return f"{stem}{self._counts[stem]}"

    def tensor(self, name: str, shape: Sequence[int]) -> jax.Array:
        self._read.add(name)
        found = self._tensors[name]
        assert found.shape == tuple(shape), f"{name}: {found.shape}, not {tuple(shape)}"
        return found

    def activate(self, x: jax.Array, kind: str | None) -> jax.Array:
        if kind in ACTIVATIONS:
            self.gaps += [jnp.abs(x - kink).min() for kink in _activation(kind).slopes]
        return activation(x, kind)

    def norm(self, x: jax.Array, name: str, kind: str | None) -> jax.Array:
        """Batch norm and an activation."""
        names = [f"{name}_{part}" for part in ("gamma", "beta", "running_mean", "running_variance")]
        gamma, beta, mean, variance = (self.tensor(each, x.shape[3:]) for each in names)
        self.followed[name] = kind
        if self.training:
            moved = moved_statistics(x, mean, variance, self.net.bnMomentum)
            self.statistics |= dict(zip(names[2:], moved, strict=True))
            return self.activate(batch_norm(x, gamma, beta, self.net.bnEps), kind)
        return self.activate(batch_norm_running(x, gamma, beta, mean, variance, self.net.bnEps), kind)

    def conv(
        self,
        x: jax.Array,
        name: str,
        channels: int,
        size: int,
        stride: int,
        padding: str,
        groups: int = 1,
        dilation: int = 1,
    ) -> jax.Array:
        weight = self.tensor(f"{name}_weight", (size, size, x.shape[3] // groups, channels))
        return convolution(x, weight, stride, padding, groups, dilation)

    def conv_bn(
        self, x: jax.Array, name: str, channels: int, size: int, stride: int, padding: str, kind: str | None
    ) -> jax.Array:
        return self.norm(self.conv(x, name, channels, size, stride, padding), f"{name}_bn", kind)

    def pointwise_bn(self, x: jax.Array, name: str, channels: int, kind: str | None) -> jax.Array:
        """A matmul along the channels, and batch norm."""
        (weight,) = self.tensor(f"{name}_weight", (1, 1, x.shape[3], channels))[0]
        return self.norm(x @ weight, f"{name}_bn", kind)

    def depthwise_bn(
        self, x: jax.Array, name: str, size: int, stride: int, padding: str, kind: str | None, dilation: int = 1
    ) -> jax.Array:
        channels = x.shape[3]
        weight = self.tensor(f"{name}_weight", (size, size, 1, channels))
        return self.norm(convolution(x, weight, stride, padding, channels, dilation), f"{name}_bn", kind)

    def dense(self, x: jax.Array, name: str, features: int, kind: str | None) -> jax.Array:
        weight = self.tensor(f"{name}_weight", (x.shape[1], features))
        return self.activate(x @ weight + self.tensor(f"{name}_bias", (features,)), kind)

    def excite(self, x: jax.Array, name: str, squeeze: int, kind: str | None, gate: str) -> jax.Array:
        """Squeeze and excitation (Hu et al. 2018, equations 2 to 4)."""
        squeezed = self.dense(jnp.mean(x, axis=(1, 2)), f"{name}_reduce", squeeze, kind)
        return x * self.dense(squeezed, f"{name}_expand", x.shape[3], gate)[:, None, None, :]

    def scaled(self, x: jax.Array, name: str) -> jax.Array:
        """Layer scale (Touvron et al. 2021, equation 4)."""
        return x * self.tensor(f"{name}_gamma", x.shape[3:])

    # --- layers -------------------------------------------------------------------------------------------------------

    def _row(self, x: jax.Array, layers: Sequence[spec.Layer]) -> jax.Array:
        for layer in layers:
            x = self._layer(x, layer, "")
        return x

    def _layer(self, x: jax.Array, layer: spec.Layer, name: str) -> jax.Array:
        if type(layer) in blocks.BLOCKS:
            return blocks.BLOCKS[type(layer)](self, x, layer, self.numbered("block"))
        kind = getattr(layer, "act", None) or self.net.activation
        match layer:
            case spec.conv2d():
                name = name or self.numbered("conv")
                window = layer.kSize, layer.stride, layer.pad, layer.groups, layer.dilation
                x = self.conv(x, name, layer.oc, *window)
                if layer.bias:
                    x = x + self.tensor(f"{name}_bias", (layer.oc,))
                return self.activate(x, layer.act)
            case spec.convBn():
                name = name or self.numbered("conv")
                window = layer.kSize, layer.stride, layer.pad, layer.groups, layer.dilation
                return self.norm(self.conv(x, name, layer.oc, *window), f"{name}_bn", kind)
            case spec.depthwiseBn():
                name = self.numbered("dw")
                return self.depthwise_bn(x, name, layer.kSize, layer.stride, layer.pad, kind, layer.dilation)
            case spec.batchNorm():
                return self.norm(x, self.numbered("norm"), layer.act)
            case spec.squeezeExcite():
                return self.excite(x, self.numbered("se"), layer.squeeze, layer.act, layer.gate)
            case spec.layerScale():
                return self.scaled(x, self.numbered("scale"))
            case spec.maxPool():
                return max_pool(x, layer.size, layer.stride, self.padding)
            case spec.avgPool():
                return average_pool(x, layer.size, layer.stride, self.padding)
            case spec.globalAvgPool():
                return jnp.mean(x, axis=(1, 2), keepdims=layer.keepDims)
            case spec.flatten():
                return x.reshape(len(x), -1)
            case spec.dropout():
                return self._dropped(x, layer.rate, x.shape)
            case spec.dense():
                return self.dense(x, name or self.numbered("dense"), layer.fanOut, layer.act)
            case spec.residual():
                body = self._dropped(self._row(x, layer.layers), layer.dropPath, (len(x),))
                return self.activate(self._row(x, layer.shortcut) + body, layer.act)
            case spec.parallel():
                branches = [self._row(x, branch) for branch in layer.branches]
                return jnp.concatenate(branches, axis=3) if layer.join == "concat" else sum(branches[1:], branches[0])
            case spec.attention():
                query, key, value = (self._row(x, layers) for layers in (layer.query, layer.key, layer.value))
                return multi_query(query, key, value, layer.heads)
            case spec.featureMap():
                return x
        raise AssertionError(f"the oracle does not know {layer}")

    def _dropped(self, x: jax.Array, rate: float, shape: Sequence[int]) -> jax.Array:
        """Zero with a probability of `rate`, for each number of `shape`, and enlarged otherwise; in training alone."""
        if not rate or not self.training:
            return x
        assert self._draws is not None, "a training step draws: the oracle needs its seed"
        kept = self._draws.keeps(self._drawn, rate, shape)
        self._drawn += 1
        return jnp.where(kept.reshape(*shape, *[1] * (x.ndim - len(shape))), x / (1 - rate), 0.0)


def average_pool(x: jax.Array, size: int, stride: int, padding: str) -> jax.Array:
    """The mean of each window: of its pixels by XLA's padding, over all its places by torch's."""
    pads = edges(size, stride, padding)

    def total(x: jax.Array) -> jax.Array:
        window, strides = (1, size, size, 1), (1, stride, stride, 1)
        return lax.reduce_window(
            x, 0.0, lax.add, window, strides, pads if isinstance(pads, str) else [(0, 0), *pads, (0, 0)]
        )

    return total(x) / (size * size if padding == "symmetric" else total(jnp.ones_like(x)))


def multi_query(query: jax.Array, key: jax.Array, value: jax.Array, heads: int) -> jax.Array:
    """Heads that share one key and one value (Shazeer 2019, section 3); scores are scaled by keyDim^-½."""
    batch, height, width, channels = query.shape
    queries = query.reshape(batch, height, width, heads, channels // heads)
    logits = jnp.einsum("nyxhd,nvud->nyxhvu", queries, key) / sqrt(key.shape[3])
    weights = jax.nn.softmax(logits.reshape(*logits.shape[:4], -1), axis=-1).reshape(logits.shape)
    return jnp.einsum("nyxhvu,nvuc->nyxhc", weights, value).reshape(batch, height, width, -1)
