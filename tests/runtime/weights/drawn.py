"""Weights that are drawn by their names alone, the same here and in another library; and pictures."""

import re
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


def drawn(name: str, shape: tuple[int, ...]) -> Array:
    """One tensor of PyTorch's or Keras', so that activations keep their size from layer to layer."""
    draw = np.random.default_rng(int.from_bytes(sha256(name.encode()).digest()[:8], "little"))
    word = re.split("[./]", name)[-1]
    # So large that what is added to a shortcut is less than the shortcut.
    if word in ("running_var", "moving_variance"):
        return draw.uniform(2, 6, shape).astype(np.float32)
    if word in ("weight", "gamma") and len(shape) == 1:
        return draw.uniform(0.6, 1.4, shape).astype(np.float32)
    if len(shape) < 2:
        return draw.normal(0, 0.1, shape).astype(np.float32)
    if word == "kernel":  # [H, W, I, O] or [I, O], and [H, W, C, 1] of each channel alone
        fan_in = int(np.prod(shape[:-1])) // (shape[2] if shape[-1] == 1 else 1)
    else:
        fan_in = int(np.prod(shape[1:]))
    return draw.normal(0, np.sqrt(2 / fan_in), shape).astype(np.float32)


def pictures(pixels: int) -> NDArray[np.uint8]:
    """`[2, pixels, pixels, 3]`: noise, and noise over a slope."""
    draw = np.random.default_rng(2026)
    noise = draw.integers(0, 256, (2, pixels, pixels, 3))
    slope = np.linspace(0, 200, pixels)[None, :, None]
    noise[1] = noise[1] // 5 + slope
    return noise.astype(np.uint8)
