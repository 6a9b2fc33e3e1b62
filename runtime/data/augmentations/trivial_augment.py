"""TrivialAugment, wide (Müller and Hutter 2021): one operation, drawn evenly, of a magnitude drawn evenly.

Magnitudes are torchvision's, of 31 from nothing to the largest; half of those that have a sign are negative.
"""

import numpy as np
from PIL import Image as Pillow

from netspec.recipe import TrivialAugment
from runtime.data.augmentation import Change, Setting, Size, as_picture, register
from runtime.data.picture_ops import OPERATIONS, SIGNED

LEVELS = 30


def amount(name: str, level: int) -> float:
    """Of an operation at a level of 0 to 30."""
    share = level / LEVELS
    if name == "posterize":
        return 8 - round(6 * share)
    if name == "solarize":
        return 255 - 255 * share
    return _LARGEST.get(name, 0.99) * share


_LARGEST = {"translate_x": 32.0, "translate_y": 32.0, "rotate": 135.0}


@register(TrivialAugment)
def _draw(asked: TrivialAugment, random: np.random.Generator, count: int, now: Size, setting: Setting) -> Change:
    names = list(OPERATIONS)
    chosen, levels = random.integers(0, len(names), count), random.integers(0, LEVELS + 1, count)
    negative = random.integers(0, 2, count)

    def change(row: int, picture: Pillow.Image) -> Pillow.Image:
        name = names[chosen[row]]
        size = amount(name, int(levels[row]))
        return OPERATIONS[name](picture, -size if negative[row] and name in SIGNED else size)

    return as_picture(change, setting), now
