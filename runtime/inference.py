"""Inference: a checkpoint's parameters as the program `predict` takes them, and the session that asks it."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from emit.expand import expand
from emit.fold import folded
from emit.ops.batch_norm import EPSILON
from netspec.language import NetSpec
from runtime.session import Arrays


def fold_parameters(net: NetSpec, tensors: Mapping[str, NDArray[np.float32]]) -> Arrays:
    """Kernels and biases with their batch norms in them, by the names of `predict`'s manifest.

    Computed in f64 and rounded once. `tensors` holds parameters and running statistics by their own names.
    """
    lean = folded(expand(net))
    arrays: Arrays = {
        name: tensors[name] for name, _ in (*lean.graph.parameters(), *lean.graph.statistics()) if name in tensors
    }
    for node, norm in lean.norms.items():
        gamma, beta, mean, variance = (
            tensors[f"{norm.name}_{name}"].astype(np.float64)
            for name in ("gamma", "beta", "running_mean", "running_variance")
        )
        scale = gamma / np.sqrt(variance + float(EPSILON))
        bias = tensors.get(f"{node.name}_bias", np.zeros(1, np.float32))
        # A kernel's last axis is the output's channel, a depthwise kernel's too.
        arrays[f"{node.name}_weight"] = (tensors[f"{node.name}_weight"] * scale).astype(np.float32)
        arrays[f"{node.name}_bias"] = (beta + (bias - mean) * scale).astype(np.float32)
    return arrays
