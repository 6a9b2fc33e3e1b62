"""RandAugment (Cubuk et al. 2020): N operations one after another, each drawn evenly, all of the magnitude M.

Magnitudes are torchvision's, of 31 from nothing to the largest; half of those that have a sign are negative.
"""

import numpy as np
from PIL import Image as Pillow

from netspec.recipe import RandAugment
from runtime.data.augmentation import Change, Setting, Size, as_picture, register
from runtime.data.picture_ops import OPERATIONS, SIGNED

LEVELS = 30


def amounts(magnitude: float, size: Size) -> dict[str, float]:
    """By operation, for images of a height and width."""
    share = magnitude / LEVELS
    height, width = size
    return {
        **dict.fromkeys(("identity", "autocontrast", "equalize"), 0.0),
        **dict.fromkeys(("shear_x", "shear_y"), 0.3 * share),
        "translate_x": 150 / 331 * width * share,
        "translate_y": 150 / 331 * height * share,
        "rotate": 30 * share,
        **dict.fromkeys(("brightness", "color", "contrast", "sharpness"), 0.9 * share),
        "posterize": 8 - round(4 * share),
        "solarize": 255 - 255 * share,
    }


@register(RandAugment)
def _draw(asked: RandAugment, random: np.random.Generator, count: int, now: Size, setting: Setting) -> Change:
    names, table = list(OPERATIONS), amounts(asked.magnitude, now)
    chosen = random.integers(0, len(names), (count, asked.count))
    negative = random.integers(0, 2, (count, asked.count))

    def change(row: int, picture: Pillow.Image) -> Pillow.Image:
        for number, minus in zip(chosen[row], negative[row], strict=True):
            name = names[number]
            picture = OPERATIONS[name](picture, -table[name] if minus and name in SIGNED else table[name])
        return picture

    return as_picture(change, setting), now
