"""Augmentation: what is done to the images of a batch, each kind a row of a table."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netspec.recipe import Augmentation, HorizontalFlip, RandomCrop
from runtime.data.decode import centre_crop
from runtime.data.store import Images

Image = NDArray[np.uint8]
Size = tuple[int, int]
# From the place of an image in the batch and the image to the image.
Change = Callable[[int, Image], Image]


def augmented(
    images: Images,
    chosen: NDArray[np.int64],
    size: Size,
    augmentations: tuple[Augmentation, ...] = (),
    random: np.random.Generator | None = None,
) -> Image:
    """The chosen images as uint8 `[N, H, W, 3]`: changed by each augmentation in turn, or else their centre.

    Each draws for the whole batch before any image is read.
    """
    height, width, _ = images.shape[1:]
    changes = [_CHANGES[type(each)](random, len(chosen), (height, width), size) for each in augmentations]
    batch = np.empty((len(chosen), *size, 3), np.uint8)
    for row, index in enumerate(chosen):
        image = images[int(index)]
        for change in changes:
            image = change(row, image)
        batch[row] = centre_crop(image, *size)
    return batch


def _random_crop(random: np.random.Generator, count: int, stored: Size, size: Size) -> Change:
    (rows, columns), (height, width) = stored, size
    tops = random.integers(0, rows - height + 1, count)
    lefts = random.integers(0, columns - width + 1, count)
    return lambda row, image: image[tops[row] : tops[row] + height, lefts[row] : lefts[row] + width]


def _horizontal_flip(random: np.random.Generator, count: int, stored: Size, size: Size) -> Change:
    flips = random.integers(0, 2, count)
    return lambda row, image: image[:, ::-1] if flips[row] else image


_CHANGES: dict[type[Augmentation], Callable[[Any, int, Size, Size], Change]] = {
    RandomCrop: _random_crop,
    HorizontalFlip: _horizontal_flip,
}
