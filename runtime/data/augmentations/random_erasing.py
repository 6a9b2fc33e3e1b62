"""Random erasing (Zhong et al. 2020): of some images a rectangle is the mean colour, which the network sees as 0.

As in torchvision: an area of 2 to 33 % and sides of 0.3 to 3.3 by a logarithmic draw, tried ten times until it fits.
"""

import math

import numpy as np

from netspec.recipe import RandomErasing
from runtime.data.augmentation import Change, Image, Setting, Size, register

AREA, RATIO, TRIES = (0.02, 0.33), (0.3, 3.3), 10


@register(RandomErasing)
def _draw(asked: RandomErasing, random: np.random.Generator, count: int, now: Size, setting: Setting) -> Change:
    boxes = [_box(random, now) if random.random() < asked.probability else None for _ in range(count)]

    def alter(row: int, image: Image) -> Image:
        if (box := boxes[row]) is None:
            return image
        erased = image.copy()
        erased[box] = setting.mean
        return erased

    return alter, now


def _box(random: np.random.Generator, size: Size) -> tuple[slice, slice] | None:
    height, width = size
    for _ in range(TRIES):
        area = height * width * random.uniform(*AREA)
        ratio = math.exp(random.uniform(math.log(RATIO[0]), math.log(RATIO[1])))
        rows, columns = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
        if rows < height and columns < width:
            top, left = random.integers(0, height - rows + 1), random.integers(0, width - columns + 1)
            return slice(top, top + rows), slice(left, left + columns)
    return None
