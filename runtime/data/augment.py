"""Augmentation: what is done to the images of a batch, each kind a row of a table."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from netspec.recipe import Augmentation, HorizontalFlip, RandomCrop
from runtime.data.decode import centre_crop
from runtime.data.store import Images

Image = NDArray[np.uint8]
Size = tuple[int, int]
# What is done to the image at a place in the batch; and, of an augmentation, the image's size after it.
Alter = Callable[[int, Image], Image]
Change = tuple[Alter, Size]


def augmented(
    images: Images,
    chosen: NDArray[np.int64],
    size: Size,
    augmentations: tuple[Augmentation, ...],
    random: np.random.Generator,
) -> Image:
    """The chosen images as uint8 `[N, H, W, C]`: changed by each augmentation in turn, then their centre.

    Each draws for the whole batch before any image is read.
    """
    height, width, _ = images.shape[1:]
    now, changes = (height, width), []
    for augmentation in augmentations:
        change, now = _CHANGES[type(augmentation)](random, len(chosen), now, size)
        changes.append(change)
    return _batch(images, chosen, size, changes)


def centred(images: Images, chosen: NDArray[np.int64], size: Size) -> Image:
    """The centres of the chosen images, uint8 `[N, H, W, C]`."""
    return _batch(images, chosen, size, [])


def _batch(images: Images, chosen: NDArray[np.int64], size: Size, changes: Sequence[Alter]) -> Image:
    batch = np.empty((len(chosen), *size, images.shape[-1]), np.uint8)
    for row, index in enumerate(chosen):
        image = images[int(index)]
        for change in changes:
            image = change(row, image)
        batch[row] = centre_crop(image, *size)
    return batch


def _random_crop(random: np.random.Generator, count: int, now: Size, size: Size) -> Change:
    (rows, columns), (height, width) = now, size
    tops = random.integers(0, rows - height + 1, count)
    lefts = random.integers(0, columns - width + 1, count)
    return lambda row, image: image[tops[row] : tops[row] + height, lefts[row] : lefts[row] + width], size


def _horizontal_flip(random: np.random.Generator, count: int, now: Size, size: Size) -> Change:
    flips = random.integers(0, 2, count)
    return lambda row, image: image[:, ::-1] if flips[row] else image, now


_CHANGES: dict[type[Augmentation], Callable[[np.random.Generator, int, Size, Size], Change]] = {
    RandomCrop: _random_crop,
    HorizontalFlip: _horizontal_flip,
}
