"""Files of Keras weights for tests, written with h5py as Keras writes them."""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

Weights = Mapping[str, Mapping[str, NDArray[Any]]]  # by layer, by weight


def values(shape: tuple[int, ...], seed: int) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


NORM = ("gamma", "beta", "moving_mean", "moving_variance")
LAYERS: dict[str, dict[str, NDArray[np.float32]]] = {
    "Conv1": {"kernel": values((3, 3, 3, 8), 1)},
    "bn_Conv1": {name: values((8,), 2 + number) for number, name in enumerate(NORM)},
    "Conv1_relu": {},
    "depthwise": {"depthwise_kernel": values((3, 3, 8, 1), 6), "bias": values((8,), 7)},
    "predictions": {"kernel": values((8, 5), 8), "bias": values((5,), 9)},
}
CLASSES = {
    "Conv1": "conv2d",
    "bn_Conv1": "batch_normalization",
    "Conv1_relu": "re_lu",
    "depthwise": "depthwise_conv2d",
    "predictions": "dense",
}


def listed(group: Any, layers: Weights = LAYERS, suffix: str = ":0") -> None:
    """A model's weights as Keras 2 (names end with `:0`) and Keras 3's `.h5` have them."""
    group.attrs["layer_names"] = [layer.encode() for layer in layers]
    group.attrs["backend"] = b"tensorflow"
    for layer in sorted(layers):
        within = group.create_group(layer)
        names = [name if "/" in name else f"{layer}/{name}" for name in layers[layer]]
        within.attrs["weight_names"] = [f"{name}{suffix}".encode() for name in names]
        for name, array in zip(names, layers[layer].values(), strict=True):
            within.create_dataset(f"{name}{suffix}", data=array)


def written(path: Path, weights: Mapping[str, NDArray[Any]]) -> Path:
    """A `.h5` of a model's weights, which are named `layer/weight`."""
    layers: dict[str, dict[str, NDArray[Any]]] = {}
    for name, array in weights.items():
        layer, _, weight = name.rpartition("/")
        layers.setdefault(layer, {})[weight] = array
    with h5py.File(path, "w") as file:
        listed(file, layers)
    return path


def numbered(group: Any, layers: Weights = LAYERS, container: str = "layers", *, own_names: bool = True) -> None:
    """A model's weights as a `.weights.h5` has them."""
    counts: dict[str, int] = {}
    for layer, weights in layers.items():
        kind = CLASSES.get(layer, layer)
        number = counts.setdefault(kind, 0)
        counts[kind] += 1
        variables = group.create_group(f"{container}/{kind}_{number}/vars" if number else f"{container}/{kind}/vars")
        if own_names:
            variables.attrs["name"] = layer
        for place, array in enumerate(weights.values()):
            variables.create_dataset(str(place), data=array)


def archived(folder: Path, weights: bytes, compression: int = zipfile.ZIP_STORED) -> Path:
    """A `.keras` around the bytes of a `.weights.h5`."""
    path = folder / "net.keras"
    with zipfile.ZipFile(path, "w", compression) as file:
        file.writestr("metadata.json", "{}")
        file.writestr("config.json", "{}")
        file.writestr("model.weights.h5", weights)
    return path
