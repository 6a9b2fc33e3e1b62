"""Brightness, contrast and saturation, each times a factor, in an order drawn evenly."""

import numpy as np
from PIL import Image as Pillow
from PIL import ImageEnhance

from netspec.recipe import ColorJitter
from runtime.data.augmentation import Change, Setting, Size, as_picture, register

KINDS = (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color)


@register(ColorJitter)
def _draw(asked: ColorJitter, random: np.random.Generator, count: int, now: Size, setting: Setting) -> Change:
    low, high = max(0.0, 1 - asked.strength), 1 + asked.strength
    factors = random.uniform(low, high, (count, len(KINDS)))
    orders = np.argsort(random.random((count, len(KINDS))), axis=1)

    def change(row: int, picture: Pillow.Image) -> Pillow.Image:
        for kind in orders[row]:
            picture = KINDS[kind](picture).enhance(float(factors[row, kind]))
        return picture

    return as_picture(change, setting), now
