"""PyTorch, eager, in channels_last: the fastest that a user gets without compiling.

Functional calls instead of modules (the same kernels, less Python), activations in place, Adam fused, and gradients
dropped rather than zeroed.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from numpy.typing import NDArray

from benchmarks.job import THREADS, Folder
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
    Scale,
    Step,
    folded,
)

Tensor = Any
Tensors = dict[str, Tensor]


class Training:
    """Forward, backward, and Adam with decoupled weight decay on convolution and dense weights."""

    def __init__(self, folder: Folder) -> None:
        torch.set_num_threads(THREADS)
        job = folder.job
        self._network, self._smoothing = job.network, job.config.labelSmoothing
        self._tensors = _tensors(folder.weights())
        self._images, self._labels = _images(folder.normal()), torch.from_numpy(folder.labels()).long()
        trained = {name: tensor for name, tensor in self._tensors.items() if "_running_" not in name}
        for tensor in trained.values():
            tensor.requires_grad_(True)
        groups = [
            {
                "params": [tensor for name, tensor in trained.items() if name.endswith("_weight")],
                "weight_decay": job.config.weightDecay,
            },
            {
                "params": [tensor for name, tensor in trained.items() if not name.endswith("_weight")],
                "weight_decay": 0.0,
            },
        ]
        self._optimizer = torch.optim.AdamW(groups, lr=job.config.learningRate, fused=True)

    def step(self) -> float:
        """One step, to the loss as a number."""
        self._optimizer.zero_grad(set_to_none=True)
        logits = _forward(self._network, self._tensors, self._images, training=True)
        loss = F.cross_entropy(logits, self._labels, label_smoothing=self._smoothing)
        loss.backward()
        self._optimizer.step()
        return float(loss.item())

    def norms(self) -> dict[str, float]:
        """Of parameters, moments and running statistics."""
        norms = {name: float(tensor.detach().norm()) for name, tensor in self._tensors.items()}
        for name, tensor in self._tensors.items():
            kept = self._optimizer.state.get(tensor, {})
            for slot, of in (("m", "exp_avg"), ("v", "exp_avg_sq")):
                if of in kept:
                    norms[f"{name}_{slot}"] = float(kept[of].norm())
        return norms


class Prediction:
    """Softmax of the logits under `inference_mode`; batch norm folded for inference, kept for evaluation."""

    def __init__(self, folder: Folder) -> None:
        torch.set_num_threads(THREADS)
        self._network = folder.job.network
        weights = folder.weights()
        self._tensors = _tensors(folded(self._network, weights) if folder.job.kind == "inference" else weights)
        self._images = _images(folder.normal())

    def predict(self) -> NDArray[np.float32]:
        """Probabilities `[N, classes]`."""
        with torch.inference_mode():
            logits = _forward(self._network, self._tensors, self._images, training=False)
            probabilities: NDArray[np.float32] = F.softmax(logits, dim=1).numpy()
        return probabilities


def _forward(network: Network, tensors: Tensors, images: Tensor, *, training: bool) -> Tensor:
    """Logits `[N, classes]` of images `[N, C, H, W]`."""
    return network.walk(images, lambda step, inputs: _STEPS[type(step)](step, inputs, tensors, training))


def _conv(step: Conv, inputs: list[Tensor], tensors: Tensors, training: bool) -> Tensor:
    name, (x,) = step.name, inputs
    weight, bias = tensors[f"{name}_weight"], tensors.get(f"{name}_bias")
    y = F.conv2d(x, weight, bias, step.stride, step.pad, step.dilation, step.groups)
    if step.norm and f"{name}_bn_gamma" in tensors:
        parts = (tensors[f"{name}_bn_{part}"] for part in _NORM)
        y = F.batch_norm(y, *parts, training, step.norm.momentum, step.norm.epsilon)
    return _ACTIVATIONS[step.activation](y)


def _batch_norm(step: BatchNorm, inputs: list[Tensor], tensors: Tensors, training: bool) -> Tensor:
    if f"{step.name}_gamma" in tensors:
        parts = (tensors[f"{step.name}_{part}"] for part in _NORM)
        y = F.batch_norm(inputs[0], *parts, training, step.norm.momentum, step.norm.epsilon)
    else:
        y = inputs[0] * _channels(tensors[f"{step.name}_weight"]) + _channels(tensors[f"{step.name}_bias"])
    return _ACTIVATIONS[step.activation](y)


def _add(step: Add, inputs: list[Tensor], tensors: Tensors, training: bool) -> Tensor:
    shortcut, body = inputs
    return _ACTIVATIONS[step.activation](body.add_(shortcut) if step.alone else shortcut + body)


def _concat(step: Concat, inputs: list[Tensor], tensors: Tensors, training: bool) -> Tensor:
    return torch.cat(inputs, 1)


def _scale(step: Scale, inputs: list[Tensor], tensors: Tensors, training: bool) -> Tensor:
    x, gate = inputs
    return x * gate[:, :, None, None]


def _layer_scale(step: LayerScale, inputs: list[Tensor], tensors: Tensors, training: bool) -> Tensor:
    return inputs[0] * _channels(tensors[f"{step.name}_gamma"])


def _attention(step: Attention, inputs: list[Tensor], tensors: Tensors, training: bool) -> Tensor:
    """As `scaled_dot_product_attention`, with one head of keys and values for all."""
    query, key, value = (x.permute(0, 2, 3, 1).flatten(1, 2) for x in inputs)
    batch, pixels, _ = query.shape
    heads = query.view(batch, pixels, step.heads, -1).transpose(1, 2)
    y = F.scaled_dot_product_attention(heads, key.unsqueeze(1), value.unsqueeze(1))
    height, width, channels = step.shape
    return y.transpose(1, 2).reshape(batch, height, width, channels).permute(0, 3, 1, 2)


def _max_pool(step: MaxPool, inputs: list[Tensor], tensors: Tensors, training: bool) -> Tensor:
    return F.max_pool2d(inputs[0], step.size, step.stride, step.pad)


def _avg_pool(step: AvgPool, inputs: list[Tensor], tensors: Tensors, training: bool) -> Tensor:
    return F.avg_pool2d(inputs[0], step.size, step.stride, step.pad)


def _mean(step: Mean, inputs: list[Tensor], tensors: Tensors, training: bool) -> Tensor:
    return inputs[0].mean((2, 3), keepdim=step.keeps)


def _flatten(step: Flatten, inputs: list[Tensor], tensors: Tensors, training: bool) -> Tensor:
    return inputs[0].permute(0, 2, 3, 1).flatten(1)


def _dense(step: Dense, inputs: list[Tensor], tensors: Tensors, training: bool) -> Tensor:
    y = F.linear(inputs[0], tensors[f"{step.name}_weight"], tensors[f"{step.name}_bias"])
    return _ACTIVATIONS[step.activation](y)


def _channels(vector: Tensor) -> Tensor:
    return vector[:, None, None]


_NORM = ("running_mean", "running_variance", "gamma", "beta")
_STEPS: dict[type[Step], Callable[[Any, list[Tensor], Tensors, bool], Tensor]] = {
    Conv: _conv,
    BatchNorm: _batch_norm,
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
_ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "identity": lambda x: x,
    "relu": lambda x: F.relu(x, inplace=True),
    "relu6": lambda x: F.relu6(x, inplace=True),
    "hswish": F.hardswish,
    "hsigmoid": F.hardsigmoid,
    "sigmoid": torch.sigmoid,
    "swish": F.silu,
    "gelu_tanh": partial(F.gelu, approximate="tanh"),
    "gelu": F.gelu,
}


def _tensors(weights: Arrays) -> Tensors:
    return {name: _LAYOUTS[array.ndim](torch.from_numpy(array)) for name, array in weights.items()}


# By rank: `[k, k, i, o]` → `[o, i, k, k]`, `[in, out]` → `[out, in]`, vectors as they are.
_LAYOUTS: dict[int, Callable[[Tensor], Tensor]] = {
    1: lambda array: array.clone(),
    2: lambda array: array.t().contiguous(),
    4: lambda array: array.permute(3, 2, 0, 1).contiguous(memory_format=torch.channels_last),
}


def _images(normal: NDArray[np.float32]) -> Tensor:
    """`[N, H, W, C]` → `[N, C, H, W]` in channels_last: the same memory."""
    return torch.from_numpy(normal).permute(0, 3, 1, 2)
