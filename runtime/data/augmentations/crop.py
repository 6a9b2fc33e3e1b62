"""A crop at a place drawn evenly, of the network's size."""

import numpy as np

from netspec.recipe import RandomCrop
from runtime.data.augmentation import Change, Setting, Size, register


@register(RandomCrop)
def _draw(asked: RandomCrop, random: np.random.Generator, count: int, now: Size, setting: Setting) -> Change:
    (rows, columns), (height, width) = now, setting.size
    tops = random.integers(0, rows - height + 1, count)
    lefts = random.integers(0, columns - width + 1, count)
    return lambda row, image: image[tops[row] : tops[row] + height, lefts[row] : lefts[row] + width], setting.size
