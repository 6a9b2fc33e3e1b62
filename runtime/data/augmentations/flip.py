"""Left to right, half of the time."""

import numpy as np

from netspec.recipe import HorizontalFlip
from runtime.data.augmentation import Change, Setting, Size, register


@register(HorizontalFlip)
def _draw(asked: HorizontalFlip, random: np.random.Generator, count: int, now: Size, setting: Setting) -> Change:
    flips = random.integers(0, 2, count)
    return lambda row, image: image[:, ::-1] if flips[row] else image, now
