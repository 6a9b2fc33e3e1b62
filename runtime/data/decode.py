"""One image file to one uint8 RGB array.

In order: colours to 8-bit RGB (grayscale, palette, 16-bit, CMYK); turned upright by its EXIF orientation; scaled and
cut so that the centre of the image just covers the size asked for; transparency laid over white.
A file is data here and nothing else: three formats of Pillow's are let in, and a header that promises more than
`PIXEL_LIMIT` pixels is refused before any pixel is decoded.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, UnidentifiedImageError

from netspec.errors import InputError
from netspec.text import shown

# By content, not by name: a PNG named .jpg is read, a text or a TIFF named .jpg is not.
FORMATS = ("JPEG", "PNG", "WEBP")
# Where Pillow's own warning about decompression bombs begins: a quarter of a gigabyte of RGB.
PIXEL_LIMIT = 89_478_485
# Images are stored this much larger than the network sees them, so that training can crop at random.
STORED_NUMERATOR, STORED_DENOMINATOR = 256, 224

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class UnreadableImageError(Exception):
    """A file that is no image, a damaged one, or one too large. Its text is the reason, without the file's name."""


def stored_size(image_h: int, image_w: int) -> tuple[int, int]:
    """Height and width, pixels, at which an image is stored for a network that sees `image_h` x `image_w`."""
    return (
        round(image_h * STORED_NUMERATOR / STORED_DENOMINATOR),
        round(image_w * STORED_NUMERATOR / STORED_DENOMINATOR),
    )


def centre_crop(images: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """The centre `[..., height, width, 3]` of `[..., H, W, 3]`, as a view."""
    top = (images.shape[-3] - height) // 2
    left = (images.shape[-2] - width) // 2
    return images[..., top : top + height, left : left + width, :]


@contextmanager
def decoder_warnings_silenced() -> Iterator[None]:
    """Keep Pillow's remarks on odd files (corrupt EXIF, pixel counts) off the terminal while images are decoded.

    To be entered once, outside the threads that decode: Python's warning filters belong to the whole process.
    Nothing depends on it: what matters in a remark is checked by `decode_file` itself.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        yield


def decode_file(path: Path, height: int, width: int) -> NDArray[np.uint8]:
    """Read one image as uint8 RGB `[height, width, 3]`: scaled to just cover that size, then centre-cropped to it.

    Raises:
        UnreadableImageError: there is no regular file, or no whole JPEG, PNG or WebP image in it.
    """
    # Opening a pipe or a device would wait for ever.
    if not path.is_file():
        raise UnreadableImageError("it is not a regular file")
    try:
        with path.open("rb") as file, Image.open(file, formats=FORMATS) as image:
            return _pixels(image, height, width)
    except UnreadableImageError:
        raise
    except Exception as error:
        # What a decoder raises on hostile bytes is not a closed list (OSError, SyntaxError, struct.error, ...).
        raise UnreadableImageError(_reason(error)) from error


def load_image(path: Path, image_h: int, image_w: int) -> NDArray[np.uint8]:
    """One file as validation sees it: uint8 RGB `[image_h, image_w, 3]`.

    Raises:
        InputError: the file cannot be read as an image.
    """
    if not path.exists():
        raise InputError(f"The image {shown(path)} does not exist; check the path.")
    try:
        with decoder_warnings_silenced():
            stored = decode_file(path, *stored_size(image_h, image_w))
    except UnreadableImageError as error:
        raise InputError(
            f"The image {shown(path)} cannot be read: {error}; expected a JPEG, PNG or WebP file."
        ) from error
    return np.ascontiguousarray(centre_crop(stored, image_h, image_w))


def _pixels(image: Image.Image, height: int, width: int) -> NDArray[np.uint8]:
    if image.width * image.height > PIXEL_LIMIT:
        raise UnreadableImageError(f"it is {image.width} x {image.height} pixels, more than the {PIXEL_LIMIT} allowed")
    # A JPEG can be decoded at 1/2, 1/4 or 1/8 for a fraction of the work. Twice the size is asked for, so that the last
    # factor of two is Pillow's filter; and the same for both sides, since the image may yet be turned.
    reach = 2 * max(height, width)
    image.draft(None, (reach, reach))
    image.load()
    upright = _upright(_eight_bit(image), _orientation(image))
    fitted = upright.resize((width, height), Image.Resampling.BILINEAR, box=_centre_box(upright.size, height, width))
    if fitted.mode == "RGBA":
        fitted = Image.alpha_composite(Image.new("RGBA", fitted.size, "white"), fitted).convert("RGB")
    return np.array(fitted, dtype=np.uint8)


def _eight_bit(image: Image.Image) -> Image.Image:
    """The image as RGB, or as RGBA where it has transparency of any kind."""
    if image.mode.startswith("I"):
        # Pillow would clip 16-bit gray at 255 where it should scale: 65535 / 255 = 257.
        gray = (np.asarray(image).astype(np.uint32) + 128) // 257
        image = Image.fromarray(gray.astype(np.uint8))
    transparent = image.has_transparency_data
    return image.convert("RGBA" if transparent else "RGB")


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:
        # Broken EXIF says nothing about the pixels: like any viewer, leave the image as it lies.
        return 1


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    turn = _TURNS.get(orientation)
    return image if turn is None else image.transpose(turn)


def _centre_box(size: tuple[int, int], height: int, width: int) -> tuple[float, float, float, float]:
    """The largest centred box of the wanted proportions, in source pixels: left, top, right, bottom.

    Scaling only this box gives the pixels of "scale to cover, then cut", without the enormous picture that an image one
    pixel high would be scaled to on the way.
    """
    source_w, source_h = size
    scale = max(height / source_h, width / source_w)
    box_w = min(width / scale, source_w)
    box_h = min(height / scale, source_h)
    left = (source_w - box_w) / 2
    top = (source_h - box_h) / 2
    return left, top, left + box_w, top + box_h


def _reason(error: Exception) -> str:
    if isinstance(error, UnidentifiedImageError):
        return "it is not a JPEG, PNG or WebP image"
    if isinstance(error, Image.DecompressionBombError | Image.DecompressionBombWarning):
        return f"it has more than the {PIXEL_LIMIT} pixels allowed"
    text = " ".join(str(error).split())
    return shown(text) if text else type(error).__name__
