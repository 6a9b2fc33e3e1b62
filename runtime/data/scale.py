"""A decoded picture scaled and cut to the size at which it is read, as a network's `Preprocessing` says.

The manifest says the same in steps (`emit.preprocessing`): whatever changes here changes there.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from runtime.data.reading import Reading, UnreadableImageError

# Pixels that a scaled picture may have before it is cut: one of one pixel by thousands would be enormous.
LARGEST_SCALED = 2**25
FILTERS = {
    "nearest": Image.Resampling.NEAREST,
    "box": Image.Resampling.BOX,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}


def scaled(image: Image.Image, reading: Reading) -> Image.Image:
    """An upright RGB or RGBA picture at the size of `reading.shape`. Raises UnreadableImageError."""
    (height, width), resampling = reading.scaled, FILTERS[reading.preprocessing.filter]
    if reading.preprocessing.fit == "crop":
        return image.resize((width, height), resampling, box=centre_box(image.size, height, width))
    size = _covering(image.size, reading.scaled) if reading.preprocessing.fit == "cover" else reading.scaled
    if size[0] * size[1] > LARGEST_SCALED:
        raise UnreadableImageError(
            f"it is {image.width} x {image.height} pixels, which scaled would be {size[1]} x {size[0]}, more than the "
            f"{LARGEST_SCALED} pixels allowed"
        )
    whole = image.resize(size[::-1], resampling) if reading.preprocessing.antialias else _sampled(on_white(image), size)
    height, width, _ = reading.shape
    # The centre of the network's size is where torchvision and timm have it, halves rounded to even; around it the
    # margins for random crops.
    inner = reading.image_h, reading.image_w
    top, left = (
        round((have - side) / 2) - (kept - side) // 2
        for have, side, kept in zip(size, inner, (height, width), strict=True)
    )
    return whole.crop((left, top, left + width, top + height))


def on_white(image: Image.Image) -> Image.Image:
    """RGB; of RGBA what shows before white."""
    if image.mode != "RGBA":
        return image
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")


def centre_box(size: tuple[int, int], height: int, width: int) -> tuple[float, float, float, float]:
    """The largest centred box of the wanted proportions, in source pixels: left, top, right, bottom.

    Scaling only this box gives the pixels of "scale to cover, then crop", without the enormous picture that an image
    one pixel high would be scaled to.
    """
    source_w, source_h = size
    scale = max(height / source_h, width / source_w)
    box_w = min(width / scale, source_w)
    box_h = min(height / scale, source_h)
    left = (source_w - box_w) / 2
    top = (source_h - box_h) / 2
    return left, top, left + box_w, top + box_h


def _covering(size: tuple[int, int], wanted: tuple[int, int]) -> tuple[int, int]:
    """Height and width that just cover `wanted`: one side is as wanted, the other by the proportions, rounded down."""
    (source_w, source_h), (height, width) = size, wanted
    if height * source_w >= width * source_h:
        return height, max(width, int(height * source_w / source_h))
    return max(height, int(width * source_h / source_w)), width


def _sampled(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Bilinear, between the four nearest pixels alone, as TensorFlow resizes; computed in f64 and rounded once."""
    pixels = np.asarray(image)
    (above, below, down), (before, after, across) = (
        _neighbours(new, old) for new, old in zip(size, pixels.shape[:2], strict=True)
    )
    sampled = np.empty((*size, pixels.shape[2]), np.uint8)
    for row, (first, second, share) in enumerate(zip(above, below, down, strict=True)):
        upper, lower = pixels[first].astype(np.float64), pixels[second].astype(np.float64)
        mixed = upper + (lower - upper) * share
        sampled[row] = np.floor(mixed[before] + (mixed[after] - mixed[before]) * across[:, None] + 0.5)
    return Image.fromarray(sampled)


def _neighbours(new: int, old: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """For each of `new` places along a side of `old`, the pixels before and after it, and its share of the way."""
    place = np.clip((np.arange(new) + 0.5) * (old / new) - 0.5, 0, old - 1)
    before = np.floor(place).astype(np.int64)
    return before, np.minimum(before + 1, old - 1), place - before
