"""An independent reading of the papers, in JAX and in 64-bit numbers: what the emitted programs are held against.

Nothing here is taken from `emit`; only the names of the tensors are the manifest's. Images are `[N, H, W, C]`,
kernels `[h, w, in, out]`, depthwise kernels `[h, w, 1, C]`. Gradients are JAX's own, by `jax.grad`.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike, NDArray

import netspec.layers as spec
from netspec import NetSpec
from netspec.activations import ACTIVATIONS
from tests.ops.harness import ActivationTests, tables
from tests.ops.test_batch_norm import batch_norm, batch_norm_running, moved_statistics
from tests.ops.test_convolution import convolution
from tests.ops.test_cross_entropy import cross_entropy
from tests.ops.test_max_pool import max_pool

Arrays = dict[str, NDArray[Any]]
Tensors = dict[str, jax.Array]


def activation(x: jax.Array, kind: str | None) -> jax.Array:
    """By its name in a spec."""
    return _activation(kind).oracle(x) if kind in ACTIVATIONS else x


def _activation(kind: str) -> type[ActivationTests]:
    table = tables()[kind]
    assert issubclass(table, ActivationTests)
    return table


def normalised(images: ArrayLike) -> jax.Array:
    """Bytes to ImageNet's mean and deviation."""
    mean, deviation = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
    return jnp.asarray((np.asarray(images, np.float64) / 255 - mean) / deviation)


# --- networks ---------------------------------------------------------------------------------------------------------


class Pass:
    """One pass through a network: the statistics that move, and how far inputs are from each kink."""

    def __init__(self, net: NetSpec, tensors: Mapping[str, jax.Array], training: bool) -> None:
        self.net, self.tensors, self.training = net, tensors, training
        self.statistics: Tensors = {}
        self.gaps: list[jax.Array] = []
        self._counts: dict[str, int] = {}

    def numbered(self, stem: str) -> str:
        self._counts[stem] = self._counts.get(stem, 0) + 1
        return f"{stem}{self._counts[stem]}"

    def activate(self, x: jax.Array, kind: str | None) -> jax.Array:
        if kind in ACTIVATIONS:
            self.gaps += [jnp.abs(x - kink).min() for kink in _activation(kind).slopes]
        return activation(x, kind)

    def norm(self, x: jax.Array, name: str, kind: str | None) -> jax.Array:
        names = [f"{name}_bn_{part}" for part in ("gamma", "beta", "running_mean", "running_variance")]
        gamma, beta, mean, variance = (self.tensors[each] for each in names)
        if self.training:
            self.statistics |= dict(
                zip(names[2:], moved_statistics(x, mean, variance, self.net.bnMomentum), strict=True)
            )
            return self.activate(batch_norm(x, gamma, beta, self.net.bnEps), kind)
        return self.activate(batch_norm_running(x, gamma, beta, mean, variance, self.net.bnEps), kind)

    def conv(self, x: jax.Array, name: str, stride: int, padding: str, groups: int = 1) -> jax.Array:
        return convolution(x, self.tensors[f"{name}_weight"], stride, padding, groups)

    def nearest(self) -> jax.Array:
        """How close the input of an activation comes to a kink."""
        return jnp.stack(self.gaps).min()

    def run(self, x: jax.Array) -> jax.Array:
        """Images to logits."""
        for index, layer in enumerate(self.net.layers):
            x = self._layer(x, layer, index)
        return x

    def _layer(self, x: jax.Array, layer: spec.Layer, index: int) -> jax.Array:
        match layer:
            case spec.conv2d():
                name = self.numbered("conv")
                biased = self.conv(x, name, layer.stride, layer.pad) + self.tensors[f"{name}_bias"]
                return self.activate(biased, layer.act)
            case spec.convBn():
                name = "stem" if index == 0 else self.numbered("conv")
                return self.norm(self.conv(x, name, layer.stride, layer.pad), name, layer.act or self.net.activation)
            case spec.invertedResidual():
                stage = self.numbered("block")
                for block in range(layer.nBlocks):
                    stride = layer.stride if block == 0 else 1
                    kind = layer.act or self.net.activation
                    x = self._bottleneck(x, f"{stage}_{block + 1}", stride, layer.expandRatio, kind)
                return x
            case spec.residualBlock():
                stage = self.numbered("block")
                for block in range(layer.nBlocks):
                    stride, kind = layer.firstStride if block == 0 else 1, layer.act or self.net.activation
                    x = self._basic(x, f"{stage}_{block + 1}", stride, layer.oc, kind)
                return x
            case spec.maxPool():
                self.numbered("pool")
                return max_pool(x, layer.size, layer.stride, str(self.net.padding))
            case spec.globalAvgPool():
                return jnp.mean(x, axis=(1, 2))
            case spec.flatten():
                return x.reshape(len(x), -1)
            case spec.dense():
                name = "head" if index == len(self.net.layers) - 1 else self.numbered("dense")
                product = x @ self.tensors[f"{name}_weight"] + self.tensors[f"{name}_bias"]
                return self.activate(product, layer.act)
        raise AssertionError(f"the oracle does not know {layer}")

    def _bottleneck(self, x: jax.Array, name: str, stride: int, ratio: int, kind: str | None) -> jax.Array:
        """MobileNetV2's block (Sandler et al. 2018, table 1 and figure 4d)."""
        padding, y = str(self.net.padding), x
        if ratio != 1:
            y = self.norm(self.conv(y, f"{name}_expand", 1, "same"), f"{name}_expand", kind)
        y = self.norm(self.conv(y, f"{name}_dw", stride, padding, groups=y.shape[3]), f"{name}_dw", kind)
        y = self.norm(self.conv(y, f"{name}_project", 1, "same"), f"{name}_project", "identity")
        return x + y if stride == 1 and x.shape[3] == y.shape[3] else y

    def _basic(self, x: jax.Array, name: str, stride: int, channels: int, kind: str | None) -> jax.Array:
        """ResNet's block of two 3×3 convolutions (He et al. 2015, figure 2), shortcut B where the shape changes."""
        padding = str(self.net.padding)
        y = self.norm(self.conv(x, f"{name}_conv1", stride, padding), f"{name}_conv1", kind)
        y = self.norm(self.conv(y, f"{name}_conv2", 1, padding), f"{name}_conv2", "identity")
        if stride != 1 or x.shape[3] != channels:
            x = self.norm(self.conv(x, f"{name}_shortcut", stride, "same"), f"{name}_shortcut", "identity")
        return self.activate(x + y, kind)


class Step(NamedTuple):
    """What one batch gives: the loss, each parameter's gradient, the running statistics after it.

    `nearest` is how close the input of an activation comes to a kink.
    """

    loss: float
    gradients: Arrays
    statistics: Arrays
    nearest: float


@partial(jax.jit, static_argnums=(0, 1))
def _step(
    net: NetSpec, smoothing: float, parameters: Tensors, statistics: Tensors, images: jax.Array, labels: jax.Array
) -> tuple[jax.Array, Tensors, Tensors, jax.Array]:
    def loss(trained: Tensors) -> tuple[jax.Array, tuple[Tensors, jax.Array]]:
        walk = Pass(net, {**trained, **statistics}, training=True)
        value = cross_entropy(walk.run(images), labels, smoothing)
        return value, (walk.statistics, walk.nearest())

    (value, (moved, nearest)), gradients = jax.value_and_grad(loss, has_aux=True)(parameters)
    return value, gradients, moved, nearest


def step(
    net: NetSpec, smoothing: float, parameters: Arrays, statistics: Arrays, images: ArrayLike, labels: ArrayLike
) -> Step:
    """One batch, all in 64 bits."""
    found = _step(
        net, smoothing, _wide(parameters), _wide(statistics), normalised(images), jnp.asarray(labels, jnp.int32)
    )
    return Step(float(found[0]), _host(found[1]), _host(found[2]), float(found[3]))


@partial(jax.jit, static_argnums=0)
def _evaluate(net: NetSpec, tensors: Tensors, images: jax.Array) -> jax.Array:
    return Pass(net, tensors, training=False).run(images)


def logits(net: NetSpec, tensors: Arrays, images: ArrayLike) -> NDArray[Any]:
    """With running statistics, in 64 bits."""
    return np.asarray(_evaluate(net, _wide(tensors), normalised(images)))


def _wide(arrays: Mapping[str, ArrayLike]) -> Tensors:
    return {name: jnp.asarray(array, jnp.float64) for name, array in arrays.items()}


def _host(tensors: Mapping[str, jax.Array]) -> Arrays:
    return {name: np.asarray(tensor) for name, tensor in tensors.items()}


# --- optimizers -------------------------------------------------------------------------------------------------------


def decays(name: str) -> bool:
    """Weight decay is for the weights of convolutions and dense layers alone."""
    return name.endswith("_weight")


def adam(parameters: Arrays, slots: Arrays, gradients: Arrays, *, step: int, rate: float, decay: float) -> None:
    """One step in place, the first is 1 (Kingma and Ba 2015, algorithm 1; Loshchilov and Hutter 2019, algorithm 2)."""
    for name, gradient in gradients.items():
        first = slots[f"{name}_m"] = 0.9 * slots[f"{name}_m"] + 0.1 * gradient
        second = slots[f"{name}_v"] = 0.999 * slots[f"{name}_v"] + 0.001 * gradient**2
        change = (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
        if decays(name):
            change = change + decay * parameters[name]
        parameters[name] = parameters[name] - rate * change


def sgd(parameters: Arrays, slots: Arrays, gradients: Arrays, *, rate: float, decay: float, momentum: float) -> None:
    """One step in place, momentum as torch keeps it."""
    for name, gradient in gradients.items():
        buffer = slots[f"{name}_momentum"] = momentum * slots[f"{name}_momentum"] + gradient
        change = buffer + decay * parameters[name] if decays(name) else buffer
        parameters[name] = parameters[name] - rate * change
