"""The operations that RandAugment and TrivialAugment choose from, as torchvision does them to Pillow's pictures.

Shears are about the top left corner, rotations about the centre; the nearest pixel is taken; what comes in is black.
"""

import math
from collections.abc import Callable

from PIL import Image, ImageEnhance, ImageOps

Operation = Callable[[Image.Image, float], Image.Image]


def _affine(picture: Image.Image, *inverse: float) -> Image.Image:
    return picture.transform(picture.size, Image.Transform.AFFINE, inverse, Image.Resampling.NEAREST)


def _enhance(kind: Callable[[Image.Image], ImageEnhance._Enhance]) -> Operation:
    return lambda picture, amount: kind(picture).enhance(1 + amount)


OPERATIONS: dict[str, Operation] = {
    "identity": lambda picture, amount: picture,
    "shear_x": lambda picture, amount: _affine(picture, 1, amount, 0, 0, 1, 0),
    "shear_y": lambda picture, amount: _affine(picture, 1, 0, 0, amount, 1, 0),
    "translate_x": lambda picture, amount: _affine(picture, 1, 0, -int(amount), 0, 1, 0),
    "translate_y": lambda picture, amount: _affine(picture, 1, 0, 0, 0, 1, -int(amount)),
    "rotate": lambda picture, amount: picture.rotate(amount, Image.Resampling.NEAREST),
    "brightness": _enhance(ImageEnhance.Brightness),
    "color": _enhance(ImageEnhance.Color),
    "contrast": _enhance(ImageEnhance.Contrast),
    "sharpness": _enhance(ImageEnhance.Sharpness),
    "posterize": lambda picture, amount: ImageOps.posterize(picture, int(amount)),
    "solarize": lambda picture, amount: ImageOps.solarize(picture, math.ceil(amount)),
    "autocontrast": lambda picture, amount: ImageOps.autocontrast(picture),
    "equalize": lambda picture, amount: ImageOps.equalize(picture),
}
SIGNED = frozenset(
    ("shear_x", "shear_y", "translate_x", "translate_y", "rotate", "brightness", "color", "contrast", "sharpness")
)
