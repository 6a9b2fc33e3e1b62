"""A crop at a place drawn evenly, of the network's size, from the image or from the image with a margin around it."""

import numpy as np

from netspec.recipe import RandomCrop
from runtime.data.augmentation import Change, Image, Setting, Size, register


@register(RandomCrop)
def _draw(asked: RandomCrop, random: np.random.Generator, count: int, now: Size, setting: Setting) -> Change:
    margin, (height, width) = asked.padding, setting.size
    rows, columns = (side + 2 * margin for side in now)
    tops = random.integers(0, rows - height + 1, count)
    lefts = random.integers(0, columns - width + 1, count)

    def alter(row: int, image: Image) -> Image:
        if margin:
            wide = np.empty((rows, columns, image.shape[-1]), np.uint8)
            wide[:] = setting.mean
            wide[margin : rows - margin, margin : columns - margin] = image
            image = wide
        return image[tops[row] : tops[row] + height, lefts[row] : lefts[row] + width]

    return alter, setting.size
