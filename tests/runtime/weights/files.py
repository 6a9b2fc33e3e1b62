"""Files of weights as other libraries write them, with random numbers."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray

from emit.expand import expand
from netspec.language import NetSpec
from runtime.weights.layouts import layouts_for
from runtime.weights.layouts.tensors import BATCHES, Tensor

Arrays = dict[str, NDArray[Any]]


def tensors(net: NetSpec, library: str) -> list[Tensor]:
    """A network's tensors by a library's names."""
    return next(found for layout, found in layouts_for(net) if layout.library == library)


def state_dict(net: NetSpec, library: str, seed: int = 0) -> Arrays:
    """Random weights by a library's names, batch counters included."""
    draw, arrays = np.random.default_rng(seed), Arrays()
    for tensor in tensors(net, library):
        array = draw.normal(size=tensor.shape).astype(np.float32)
        arrays[tensor.theirs] = np.abs(array) + 0.1 if tensor.theirs.endswith("running_var") else array
        if tensor.theirs.endswith("running_var"):
            arrays[tensor.theirs.replace("running_var", BATCHES)] = np.array(7, np.int64)
    return arrays


def ours(net: NetSpec, seed: int = 0) -> Arrays:
    """Random parameters and running statistics by our names."""
    draw, graph = np.random.default_rng(seed), expand(net)
    shapes = {name: tensor.shape for name, tensor in (*graph.parameters(), *graph.statistics())}
    return {name: np.abs(draw.normal(size=shape)).astype(np.float32) for name, shape in shapes.items()}


def write(path: Path, arrays: Arrays) -> Path:
    """A safetensors file."""
    path.write_bytes(safetensors.numpy.save(arrays))
    return path


def timm_config(path: Path, **changes: object) -> Path:
    """timm's `config.json`."""
    told = {
        "input_size": [3, 224, 224],
        "crop_pct": 0.875,
        "interpolation": "bicubic",
        "crop_mode": "center",
        "mean": [0.5, 0.5, 0.5],
        "std": [0.5, 0.5, 0.5],
    }
    path.write_text(json.dumps({"architecture": "tf_mobilenetv3_small_100", "pretrained_cfg": told | changes}))
    return path
