"""Weights that are drawn by their names alone, the same here and in another library; and pictures."""

from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
PIXELS = 96  # a side


def drawn(name: str, shape: tuple[int, ...]) -> Array:
    """One tensor of a PyTorch state dict, so that activations keep their size from layer to layer."""
    draw = np.random.default_rng(int.from_bytes(sha256(name.encode()).digest()[:8], "little"))
    word = name.rpartition(".")[2]
    if word == "running_var":  # so large that what is added to a shortcut is less than the shortcut
        return draw.uniform(2, 6, shape).astype(np.float32)
    if word in ("weight", "gamma") and len(shape) == 1:
        return draw.uniform(0.6, 1.4, shape).astype(np.float32)
    if len(shape) < 2:
        return draw.normal(0, 0.1, shape).astype(np.float32)
    fan_in = int(np.prod(shape[1:]))
    return draw.normal(0, np.sqrt(2 / fan_in), shape).astype(np.float32)


def pictures() -> NDArray[np.uint8]:
    """`[2, PIXELS, PIXELS, 3]`: noise, and noise over a slope."""
    draw = np.random.default_rng(2026)
    noise = draw.integers(0, 256, (2, PIXELS, PIXELS, 3))
    slope = np.linspace(0, 200, PIXELS)[None, :, None]
    noise[1] = noise[1] // 5 + slope
    return noise.astype(np.uint8)
