"""What is done to training images: one file an augmentation. Importing this registers all of them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from emit.op import register_package
from netspec.recipe import Augmentation
from runtime.data.augmentation import DRAWS, Alter, Image, Setting, Size
from runtime.data.decode import centre_crop
from runtime.data.store import Images

register_package(__name__, __path__)


def augmented(
    images: Images,
    chosen: NDArray[np.int64],
    setting: Setting,
    asked: tuple[Augmentation, ...],
    random: np.random.Generator,
) -> Image:
    """The chosen images as uint8 `[N, H, W, C]`: changed by each augmentation in turn, then their centre.

    Each draws for the whole batch before any image is read.
    """
    height, width, _ = images.shape[1:]
    now, changes = (height, width), []
    for augmentation in asked:
        change, now = DRAWS[type(augmentation)](augmentation, random, len(chosen), now, setting)
        changes.append(change)
    return _batch(images, chosen, setting.size, changes)


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
