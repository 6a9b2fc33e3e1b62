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

from netspec import NetSpec
from tests.emit.oracle_layers import Pass, Tensors
from tests.emit.oracle_random import Draws
from tests.ops.harness import QUICK
from tests.ops.test_cross_entropy import cross_entropy

Arrays = dict[str, NDArray[Any]]


def normalised(images: ArrayLike) -> jax.Array:
    """Bytes to ImageNet's mean and deviation; gray ones to the means of its three."""
    mean, deviation = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
    if np.shape(images)[-1] == 1:
        mean, deviation = mean.mean(), deviation.mean()
    return jnp.asarray((np.asarray(images, np.float64) / 255 - mean) / deviation)


class Step(NamedTuple):
    """What one batch gives: the loss, each parameter's gradient, the running statistics after it.

    `nearest` is how close the input of an activation comes to a kink.
    """

    loss: float
    gradients: Arrays
    statistics: Arrays
    nearest: float


class Drawn(NamedTuple):
    """What decides the draws of a step: the recipe's seed, the steps before it, its first image in the global batch."""

    seed: int
    step: int
    first_example: int = 0


@partial(jax.jit, static_argnums=(0, 1), compiler_options=QUICK)
def _step(
    net: NetSpec,
    smoothing: float,
    draws: Draws | None,
    parameters: Tensors,
    statistics: Tensors,
    images: jax.Array,
    labels: jax.Array,
) -> tuple[jax.Array, Tensors, Tensors, jax.Array]:
    def loss(trained: Tensors) -> tuple[jax.Array, tuple[Tensors, jax.Array]]:
        walk = Pass(net, {**trained, **statistics}, training=True, draws=draws)
        value = cross_entropy(walk.run(images), labels, smoothing)
        return value, (walk.statistics, walk.nearest())

    (value, (moved, nearest)), gradients = jax.value_and_grad(loss, has_aux=True)(parameters)
    return value, gradients, moved, nearest


def _draws(drawn: Drawn | None) -> Draws | None:
    return None if drawn is None else Draws.of(*drawn)


def step(
    net: NetSpec,
    smoothing: float,
    parameters: Arrays,
    statistics: Arrays,
    images: ArrayLike,
    labels: ArrayLike,
    drawn: Drawn | None = None,
    dtype: type[np.floating[Any]] = np.float64,
) -> Step:
    """One batch, all in 64 bits, or in another type. `drawn`: of a network with dropout or stochastic depth."""
    found = _step(
        net,
        smoothing,
        _draws(drawn),
        _cast(parameters, dtype),
        _cast(statistics, dtype),
        normalised(images).astype(dtype),
        jnp.asarray(labels, jnp.int32),
    )
    return Step(float(found[0]), _host(found[1]), _host(found[2]), float(found[3]))


def followed(net: NetSpec, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, str | None]:
    """The activation that follows each batch norm, by the batch norm's name; of a network's tensors the shapes."""
    tensors = {name: jax.ShapeDtypeStruct(shape, jnp.float64) for name, shape in shapes.items()}
    kinds: dict[str, str | None] = {}

    def run(given: Tensors, images: jax.Array) -> jax.Array:
        walk = Pass(net, given, training=False)
        out = walk.run(images)
        kinds.update(walk.followed)
        return out

    jax.eval_shape(run, tensors, jax.ShapeDtypeStruct((1, *net.image), jnp.float64))
    return kinds


@partial(jax.jit, static_argnums=0, compiler_options=QUICK)
def _evaluate(net: NetSpec, tensors: Tensors, images: jax.Array) -> jax.Array:
    return Pass(net, tensors, training=False).run(images)


def logits(net: NetSpec, tensors: Arrays, images: ArrayLike) -> NDArray[Any]:
    """With running statistics, in 64 bits."""
    return np.asarray(_evaluate(net, _cast(tensors), normalised(images)))


def _cast(arrays: Mapping[str, ArrayLike], dtype: type[np.floating[Any]] = np.float64) -> Tensors:
    return {name: jnp.asarray(array, dtype) for name, array in arrays.items()}


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
