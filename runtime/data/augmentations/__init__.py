"""What is done to training images: one file an augmentation. Importing this registers all of them."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emit.op import register_package
from netspec.recipe import Augmentation, RandomResizedCrop
from runtime.data.augmentation import DRAWS, Alter, Image, Setting, Size
from runtime.data.augmentations.random_resized_crop import crops
from runtime.data.decode import centre_crop, decoder_warnings_silenced
from runtime.data.originals import Original
from runtime.data.store import Images
from runtime.system.cpus import usable_cpus

register_package(__name__, __path__)


def augmented(
    images: Images,
    chosen: NDArray[np.int64],
    setting: Setting,
    asked: tuple[Augmentation, ...],
    random: np.random.Generator,
    original: Original | None = None,
) -> Image:
    """The chosen images as uint8 `[N, H, W, C]`: changed by each augmentation in turn, then their centre.

    Each draws for the whole batch before any image is read. Parts of files, which a `RandomResizedCrop` that comes
    first asks `original` for, are decoded in as many threads as there are CPUs, and changed there too.
    """
    count, now, changes = len(chosen), (images.shape[1], images.shape[2]), []
    crop_of = None
    if asked and isinstance(asked[0], RandomResizedCrop):
        crop_of, now, asked = crops(asked[0], random, count), setting.size, asked[1:]
    for augmentation in asked:
        change, now = DRAWS[type(augmentation)](augmentation, random, count, now, setting)
        changes.append(change)
    batch = np.empty((count, *setting.size, images.shape[-1]), np.uint8)
    if crop_of is None:
        _fill(batch, lambda row: images[int(chosen[row])], changes, map)
        return batch
    assert original is not None
    with decoder_warnings_silenced(), ThreadPoolExecutor(usable_cpus(), "netspec-decode") as pool:
        _fill(batch, lambda row: original(int(chosen[row]), crop_of(row)), changes, pool.map)
    return batch


def centred(images: Images, chosen: NDArray[np.int64], size: Size) -> Image:
    """The centres of the chosen images, uint8 `[N, H, W, C]`."""
    batch = np.empty((len(chosen), *size, images.shape[-1]), np.uint8)
    _fill(batch, lambda row: images[int(chosen[row])], [], map)
    return batch


def _fill(batch: Image, read: Callable[[int], Image], changes: Sequence[Alter], mapped: Callable[..., Any]) -> None:
    """Every row of a batch with its image, changed. `mapped`: `map`, of one thread or of several."""

    def fill(row: int) -> None:
        image = read(row)
        for change in changes:
            image = change(row, image)
        batch[row] = centre_crop(image, *batch.shape[1:3])

    for _ in mapped(fill, range(len(batch))):
        pass
