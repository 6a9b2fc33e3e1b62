"""Images of a batch mixed with the same batch in reverse order, and the labels that go with them."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from netspec.recipe import Cutmix, Mixing, Mixup

Image = NDArray[np.uint8]


class Mixed(NamedTuple):
    """`labels`: int32 `[N]`, of the images that are mixed in; `share`: float32 `[N]`, of the first."""

    labels: NDArray[np.int32]
    share: NDArray[np.float32]


def mixed(
    images: Image, labels: NDArray[np.int32], ways: tuple[Mixing, ...], random: np.random.Generator
) -> tuple[Image, Mixed]:
    """Mix a batch, uint8 `[N, H, W, C]`, in one of several ways, each as likely as another; one share for all of it."""
    way = ways[int(random.integers(0, len(ways)))]
    share = float(random.beta(way.alpha, way.alpha))
    images, share = _WAYS[type(way)](images, share, random)
    return images, Mixed(np.ascontiguousarray(labels[::-1]), np.full(len(labels), share, np.float32))


def _mixup(images: Image, share: float, random: np.random.Generator) -> tuple[Image, float]:
    """λx + (1 - λ)x', rounded to whole numbers. Zhang et al. 2018."""
    both = np.float32(share) * images + np.float32(1 - share) * images[::-1]
    return np.rint(both).astype(np.uint8), share


def _cutmix(images: Image, share: float, random: np.random.Generator) -> tuple[Image, float]:
    """A rectangle of 1 - λ of the area, about a pixel drawn evenly, clipped: λ is what is left. Yun et al. 2019."""
    height, width = images.shape[1:3]
    side = np.sqrt(1 - share)
    row, column = int(random.integers(0, height)), int(random.integers(0, width))
    rows, columns = (_within(*each) for each in ((row, int(height * side), height), (column, int(width * side), width)))
    pasted = images.copy()
    pasted[:, rows, columns] = images[::-1, rows, columns]
    return pasted, 1 - (rows.stop - rows.start) * (columns.stop - columns.start) / (height * width)


def _within(centre: int, length: int, size: int) -> slice:
    return slice(max(centre - length // 2, 0), min(centre + length // 2, size))


_WAYS: dict[type[Any], Callable[[Image, float, np.random.Generator], tuple[Image, float]]] = {
    Mixup: _mixup,
    Cutmix: _cutmix,
}
