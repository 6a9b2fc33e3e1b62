"""JAX: NHWC, one `jit` of the whole step with its state donated, XLA's own threads."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from numpy.typing import NDArray

from benchmarks.job import Folder
from benchmarks.network import (
    Add,
    Arrays,
    Attention,
    AvgPool,
    BatchNorm,
    Concat,
    Conv,
    Dense,
    Flatten,
    LayerScale,
    MaxPool,
    Mean,
    Network,
    Norm,
    Scale,
    Step,
    folded,
)

BETA1, BETA2, ADAM_EPSILON = 0.9, 0.999, 1e-8
Array = Any  # jax.Array: mypy does not follow jax._src, where it is defined
Values = dict[str, Array]


class Training:
    """Forward, backward, and Adam with decoupled weight decay on convolution and dense weights."""

    def __init__(self, folder: Folder) -> None:
        job = folder.job
        network, smoothing, decay = job.network, job.config.labelSmoothing, job.config.weightDecay
        weights = _arrays(folder.weights())
        parameters = {name: array for name, array in weights.items() if "_running_" not in name}
        self._state: dict[str, Any] = {
            "parameters": parameters,
            "m": {name: jnp.zeros_like(array) for name, array in parameters.items()},
            "v": {name: jnp.zeros_like(array) for name, array in parameters.items()},
            "statistics": {name: array for name, array in weights.items() if "_running_" in name},
            "step": jnp.zeros((), jnp.float32),
        }
        self._batch = jnp.asarray(folder.normal()), jnp.asarray(folder.labels())
        self._rate = jnp.float32(job.config.learningRate)

        def loss_of(parameters: Values, statistics: Values, images: Array, labels: Array) -> tuple[Array, Values]:
            moved: Values = {}
            logits = _forward(network, {**parameters, **statistics}, images, moved)
            classes = logits.shape[1]
            target = jax.nn.one_hot(labels, classes) * (1 - smoothing) + smoothing / classes
            return -jnp.sum(target * jax.nn.log_softmax(logits)) / logits.shape[0], moved

        def step(state: dict[str, Any], images: Array, labels: Array, rate: Array) -> tuple[Array, dict[str, Any]]:
            (loss, moved), gradients = jax.value_and_grad(loss_of, has_aux=True)(
                state["parameters"], state["statistics"], images, labels
            )
            t = state["step"] + 1
            new: dict[str, Any] = {"parameters": {}, "m": {}, "v": {}, "statistics": moved, "step": t}
            for name, gradient in gradients.items():
                decayed = decay if name.endswith("_weight") else 0.0
                old = state["parameters"][name], state["m"][name], state["v"][name]
                new["parameters"][name], new["m"][name], new["v"][name] = _adam(*old, gradient, t, rate, decayed)
            return loss, new

        self._step = jax.jit(step, donate_argnums=0)

    def step(self) -> float:
        """One step, to the loss as a number and the new state complete."""
        loss, self._state = self._step(self._state, *self._batch, self._rate)
        jax.block_until_ready(self._state)
        return float(loss)

    def norms(self) -> dict[str, float]:
        """Of parameters, moments and running statistics."""
        tensors = {**self._state["parameters"], **self._state["statistics"]}
        tensors |= {f"{name}_{slot}": array for slot in ("m", "v") for name, array in self._state[slot].items()}
        return {name: float(np.linalg.norm(np.asarray(array))) for name, array in tensors.items()}


class Prediction:
    """Softmax of the logits; batch norm folded for inference, kept for evaluation."""

    def __init__(self, folder: Folder) -> None:
        network = folder.job.network
        weights = folder.weights()
        self._weights = _arrays(folded(network, weights) if folder.job.kind == "inference" else weights)
        self._images = folder.normal()

        def predict(weights: Values, images: Array) -> Array:
            return jax.nn.softmax(_forward(network, weights, images, None))

        self._predict = jax.jit(predict)

    def predict(self) -> NDArray[np.float32]:
        """Probabilities `[N, classes]`."""
        return np.asarray(self._predict(self._weights, self._images))


def settled(network: Network, weights: Arrays, images: NDArray[np.float32]) -> Arrays:
    """The weights with the running statistics around those of images.

    Each is moved by the mean and multiplied by the deviation of what its batch norm is given, those before it done.
    """
    values = dict(weights)

    def settle(step: Any, inputs: list[Array]) -> Array:
        if isinstance(step, BatchNorm) or (isinstance(step, Conv) and step.norm):
            name, x = step.name, inputs[0]
            if isinstance(step, Conv):
                name, x = (
                    f"{step.name}_bn",
                    _conv(replace(step, norm=None, activation="identity"), inputs, values, None),
                )
            mean, variance = np.asarray(jnp.mean(x, (0, 1, 2))), np.asarray(jnp.var(x, (0, 1, 2)))
            values[f"{name}_running_mean"] = values[f"{name}_running_mean"] * np.sqrt(variance) + mean
            values[f"{name}_running_variance"] = values[f"{name}_running_variance"] * variance
        return _STEPS[type(step)](step, inputs, values, None)

    network.walk(images, settle)
    return values


def _forward(network: Network, values: Values, images: Array, moved: Values | None) -> Array:
    """Logits `[N, classes]` of images `[N, H, W, C]`. With `moved`, batch norm trains; its new statistics go there."""
    return network.walk(images, lambda step, inputs: _STEPS[type(step)](step, inputs, values, moved))


def _conv(step: Conv, inputs: list[Array], values: Values, moved: Values | None) -> Array:
    name = step.name
    y = lax.conv_general_dilated(
        inputs[0],
        values[f"{name}_weight"],
        (step.stride, step.stride),
        [(step.pad, step.pad)] * 2,
        dimension_numbers=("NHWC", "HWIO", "NHWC"),
        rhs_dilation=(step.dilation, step.dilation),
        feature_group_count=step.groups,
    )
    if step.norm and f"{name}_bn_gamma" in values:
        y = _batch_norm(f"{name}_bn", step.norm, y, values, moved)
    elif f"{name}_bias" in values:
        y = y + values[f"{name}_bias"]
    return _ACTIVATIONS[step.activation](y)


def _norm(step: BatchNorm, inputs: list[Array], values: Values, moved: Values | None) -> Array:
    if f"{step.name}_gamma" in values:
        y = _batch_norm(step.name, step.norm, inputs[0], values, moved)
    else:
        y = inputs[0] * values[f"{step.name}_weight"] + values[f"{step.name}_bias"]
    return _ACTIVATIONS[step.activation](y)


def _batch_norm(name: str, norm: Norm, x: Array, values: Values, moved: Values | None) -> Array:
    mean, variance = values[f"{name}_running_mean"], values[f"{name}_running_variance"]
    if moved is not None:
        count = x.size // x.shape[-1]
        batch_mean, batch_variance = jnp.mean(x, (0, 1, 2)), jnp.var(x, (0, 1, 2))
        moved[f"{name}_running_mean"] = (1 - norm.momentum) * mean + norm.momentum * batch_mean
        unbiased = batch_variance * (count / (count - 1))
        moved[f"{name}_running_variance"] = (1 - norm.momentum) * variance + norm.momentum * unbiased
        mean, variance = batch_mean, batch_variance
    scale = values[f"{name}_gamma"] * lax.rsqrt(variance + norm.epsilon)
    return (x - mean) * scale + values[f"{name}_beta"]


def _add(step: Add, inputs: list[Array], values: Values, moved: Values | None) -> Array:
    return _ACTIVATIONS[step.activation](inputs[0] + inputs[1])


def _concat(step: Concat, inputs: list[Array], values: Values, moved: Values | None) -> Array:
    return jnp.concatenate(inputs, 3)


def _scale(step: Scale, inputs: list[Array], values: Values, moved: Values | None) -> Array:
    x, gate = inputs
    return x * gate[:, None, None]


def _layer_scale(step: LayerScale, inputs: list[Array], values: Values, moved: Values | None) -> Array:
    return inputs[0] * values[f"{step.name}_gamma"]


def _attention(step: Attention, inputs: list[Array], values: Values, moved: Values | None) -> Array:
    """By JAX's own function, with one head of keys and values for all."""
    query, key, value = (x.reshape(x.shape[0], -1, x.shape[3]) for x in inputs)
    heads = query.reshape(*query.shape[:2], step.heads, -1)
    y = jax.nn.dot_product_attention(heads, key[:, :, None], value[:, :, None])
    return y.reshape(y.shape[0], *step.shape)


def _max_pool(step: MaxPool, inputs: list[Array], values: Values, moved: Values | None) -> Array:
    window, strides = (1, step.size, step.size, 1), (1, step.stride, step.stride, 1)
    pads = ((0, 0), (step.pad, step.pad), (step.pad, step.pad), (0, 0))
    return lax.reduce_window(inputs[0], -jnp.inf, lax.max, window, strides, pads)


def _avg_pool(step: AvgPool, inputs: list[Array], values: Values, moved: Values | None) -> Array:
    window, strides = (1, step.size, step.size, 1), (1, step.stride, step.stride, 1)
    pads = ((0, 0), (step.pad, step.pad), (step.pad, step.pad), (0, 0))
    return lax.reduce_window(inputs[0], 0.0, lax.add, window, strides, pads) / step.size**2


def _mean(step: Mean, inputs: list[Array], values: Values, moved: Values | None) -> Array:
    return jnp.mean(inputs[0], (1, 2), keepdims=step.keeps)


def _flatten(step: Flatten, inputs: list[Array], values: Values, moved: Values | None) -> Array:
    return inputs[0].reshape(inputs[0].shape[0], -1)


def _dense(step: Dense, inputs: list[Array], values: Values, moved: Values | None) -> Array:
    y = inputs[0] @ values[f"{step.name}_weight"] + values[f"{step.name}_bias"]
    return _ACTIVATIONS[step.activation](y)


_STEPS: dict[type[Step], Callable[[Any, list[Array], Values, Values | None], Array]] = {
    Conv: _conv,
    BatchNorm: _norm,
    Add: _add,
    Concat: _concat,
    Scale: _scale,
    LayerScale: _layer_scale,
    Attention: _attention,
    MaxPool: _max_pool,
    AvgPool: _avg_pool,
    Mean: _mean,
    Flatten: _flatten,
    Dense: _dense,
}
_ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "identity": lambda x: x,
    "relu": lambda x: jnp.maximum(x, 0),
    "relu6": partial(jnp.clip, min=0, max=6),
    "hswish": jax.nn.hard_swish,
    "hsigmoid": jax.nn.hard_sigmoid,
    "sigmoid": jax.nn.sigmoid,
    "swish": jax.nn.silu,
    "gelu_tanh": partial(jax.nn.gelu, approximate=True),
    "gelu": partial(jax.nn.gelu, approximate=False),
}


def _adam(p: Array, m: Array, v: Array, g: Array, t: Array, rate: Array, decay: float) -> tuple[Array, Array, Array]:
    """Kingma and Ba 2015, algorithm 1, with the decay outside the moments. `t` is 1 at the first step."""
    m = BETA1 * m + (1 - BETA1) * g
    v = BETA2 * v + (1 - BETA2) * g * g
    size = jnp.sqrt(v / (1 - BETA2**t)) + ADAM_EPSILON
    return p - rate * (m / (1 - BETA1**t) / size + decay * p), m, v


def _arrays(weights: Arrays) -> Values:
    return {name: jnp.asarray(array) for name, array in weights.items()}
