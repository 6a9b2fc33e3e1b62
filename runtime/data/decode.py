"""One image file to one uint8 array, RGB or gray, as a network's `Preprocessing` says.

In order: colours to 8-bit RGB (grayscale, palette, 16-bit, CMYK); EXIF orientation applied; scaled and centre-cropped
to the wanted size; transparency composed over white; where gray is wanted, RGB to gray. A gray file keeps
its values, as its three channels are equal until then. Of several pictures in a file the first is used. Files are
untrusted: only Pillow's own decoders are allowed (`runtime.data.formats`), and a header that claims more pixels than
may be decoded is refused before any pixel is.

In training a picture may be cut before it is scaled (`Crop`): where it lies in the file, before it is turned upright,
as the parts of a picture that is turned are drawn no differently.

The pictures that all threads decode take about `MEMORY` bytes together at most; one that needs more (up to
`MEMORY_OF_ONE`) is decoded alone.
"""

import contextlib
import ctypes
import errno
import functools
import importlib
import math
import os
import stat
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, UnidentifiedImageError
from PIL.JpegImagePlugin import JpegImageFile, jpeg_factory

from netspec.errors import InputError, NetSpecError
from netspec.text import shown, size_text
from runtime.data.formats import COMMON, formats_of
from runtime.data.png import without_remarks
from runtime.data.reading import Crop, Reading, UnreadableImageError
from runtime.data.scale import centre_box, on_white, scaled

# Where Pillow's own warning about decompression bombs begins: a quarter of a gigabyte of RGB.
LARGEST_FILE = 2**29  # bytes: more than any picture takes whose pixels are read
PIXEL_LIMIT = 89_478_485
# A JPEG can be decoded at 1/2, 1/4 or 1/8 of its size, so it may have more: phones have up to 200 megapixels.
JPEG_LIMIT = 2**28
# From here on a picture is converted in strips, and reduced by whole pixels before it is scaled.
LARGE = 2**25
# Bytes that all pictures being decoded may take, and those that one may take alone.
MEMORY, MEMORY_OF_ONE = 2**29, 2**30

_ORIENTATIONS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDES_SWAPPED = (5, 6, 7, 8)
_JPEG = b"\xff\xd8\xff"
# Of a decoded picture, with the decoder's buffers; 4 for other formats.
_BYTES_A_PIXEL = {"TIFF": 8, "WEBP": 16, "AVIF": 16, "JPEG2000": 24}
_STRIP = 2**20  # pixels, about


def centre_crop(images: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """The centre `[..., height, width, C]` of `[..., H, W, C]`, as a view."""
    top = (images.shape[-3] - height) // 2
    left = (images.shape[-2] - width) // 2
    return images[..., top : top + height, left : left + width, :]


@contextmanager
def decoder_warnings_silenced() -> Iterator[None]:
    """Silence Pillow's warnings about odd files (corrupt EXIF, pixel counts) while images are decoded.

    To be entered once, outside the decoding threads: Python's warning filters are per process. Nothing depends on it:
    `decode_file` checks what matters itself.
    """
    _silence_libtiff()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        yield


@functools.cache
def _silence_libtiff() -> None:
    """libtiff writes to the terminal by itself; Pillow turns off its warnings alone."""
    with contextlib.suppress(OSError, AttributeError):  # a Pillow without libtiff, or that does not export it
        ctypes.CDLL(importlib.import_module("PIL._imaging").__file__).TIFFSetErrorHandler(None)


def decode_file(path: Path, reading: Reading, crop: Crop | None = None) -> NDArray[np.uint8]:
    """Read one image, or a part of it, as uint8 of `reading.shape`.

    Raises:
        UnreadableImageError: it is not a regular file, cannot be read, or does not hold a complete image.
        NetSpecError: this process lacks memory or open files, which says nothing about the image.
    """
    try:
        with _opened(path) as file:
            return _decoded(file, path.name, reading, crop)
    except UnreadableImageError:
        raise
    except Exception as error:
        if lacking := _lacking(error):
            raise NetSpecError(f"{shown(path)} cannot be read for want of {lacking}.") from None
        # What a decoder raises on hostile bytes is not a closed list (OSError, SyntaxError, struct.error, ...).
        raise UnreadableImageError(_reason(error)) from error


def load_image(path: Path, reading: Reading) -> NDArray[np.uint8]:
    """One image, preprocessed as for validation: uint8 `[image_h, image_w, C]`.

    Raises:
        InputError: the file cannot be read as an image.
        NetSpecError: this process lacks memory or open files.
    """
    try:
        with decoder_warnings_silenced():
            stored = decode_file(path, reading)
    except UnreadableImageError as error:
        if isinstance(error.__cause__, FileNotFoundError):
            raise InputError(f"The image {shown(path)} does not exist; check the path.") from None
        raise InputError(
            f"The image {shown(path)} cannot be read: {error}; expected an image file ({COMMON})."
        ) from error
    return np.ascontiguousarray(centre_crop(stored, reading.image_h, reading.image_w))


def load_picture(picture: Image.Image, reading: Reading) -> NDArray[np.uint8]:
    """A picture of Pillow's, preprocessed as for validation: uint8 `[image_h, image_w, C]`. It stays as it is.

    Raises:
        InputError: it has no pixels that can be read.
    """
    try:
        with decoder_warnings_silenced():
            stored = _pixels(picture.copy(), reading)
    except Exception as wrong:
        if lacking := _lacking(wrong):
            raise NetSpecError(f"an image cannot be read for want of {lacking}.") from None
        reason = str(wrong) if isinstance(wrong, UnreadableImageError) else _reason(wrong)
        raise InputError(f"an image cannot be read: {reason}.") from None
    return np.ascontiguousarray(centre_crop(stored, reading.image_h, reading.image_w))


def _opened(path: Path) -> BinaryIO:
    """Open a regular file. Opening a pipe would wait for ever, and a device could have bytes without end."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    found = os.fstat(descriptor)
    if found.st_size > LARGEST_FILE:
        os.close(descriptor)
        raise UnreadableImageError(f"it has {size_text(found.st_size)}, of at most {size_text(LARGEST_FILE)}")
    if stat.S_ISREG(found.st_mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    raise UnreadableImageError("it is not a regular file")


def _decoded(file: BinaryIO, name: str, reading: Reading, crop: Crop | None) -> NDArray[np.uint8]:
    try:
        with _identified(file, name) as image:
            return _pixels(image, reading, crop)
    except UnreadableImageError:
        raise
    except Exception:
        # Pillow reads a PNG's texts and colour profile with its pixels, and refuses those of more than a megabyte.
        lean = without_remarks(file)
        if lean is None:
            raise
    with _identified(lean, name) as image:
        return _pixels(image, reading, crop)


def _identified(file: BinaryIO, name: str) -> Image.Image:
    file.seek(0)
    is_jpeg = file.read(len(_JPEG)) == _JPEG
    file.seek(0)
    if is_jpeg:
        # Not by `Image.open`, which counts the undecimated pixels and refuses 179 million: see `JPEG_LIMIT`.
        return jpeg_factory(file)
    return Image.open(file, formats=formats_of(name))


def _pixels(image: Image.Image, reading: Reading, crop: Crop | None = None) -> NDArray[np.uint8]:
    said, full_size = reading.preprocessing, image.width * image.height
    box = crop(image.height, image.width) if crop is not None else None
    reduction = _choose_scale(image, _least_side(image, reading, box))
    if box is not None:
        box = _reduced(box, reduction)
    ours = (said.decode, said.filter, said.antialias) == ("reduced", "bilinear", True)
    pixels_used = (box[2] - box[0]) * (box[3] - box[1]) if box is not None else image.width * image.height
    strips = ours and (box is not None or said.fit == "crop") and pixels_used > LARGE
    needed = _bytes_to_decode(image, full_size, 0 if strips else pixels_used)
    if needed > MEMORY_OF_ONE:
        raise UnreadableImageError(
            f"it is {image.width} x {image.height} pixels, which take {size_text(needed)} of memory to decode, more "
            f"than the {size_text(MEMORY_OF_ONE)} allowed"
        )
    with _memory.reserved(needed):
        image.load()
        orientation = _orientation(image)
        if strips:
            height, width = reading.scaled
            size = (width, height) if orientation in _SIDES_SWAPPED else (height, width)
            used = box if box is not None else centre_box(image.size, *size)
            fitted = _upright(_fitted_in_strips(image, used, *size), orientation)
        else:
            part = image.crop(box) if box is not None else image
            fitted = scaled(_upright(_eight_bit(part), orientation), reading)
    fitted = on_white(fitted)
    if reading.channels == 1:  # last, so that it is one formula of RGB: (19595 R + 38470 G + 7471 B + 32768) >> 16
        fitted = fitted.convert("L")
    pixels = np.array(fitted, dtype=np.uint8).reshape(reading.shape)
    return np.ascontiguousarray(pixels[..., ::-1]) if said.color == "BGR" else pixels


def _least_side(image: Image.Image, reading: Reading, box: tuple[int, int, int, int] | None) -> int:
    """How small a JPEG's shorter side may be decoded.

    Twice the wanted size, so that the last factor of two is done by Pillow's filter; and the same for both sides, since
    the image may be rotated later. Where a box is cut out, it keeps that size.
    """
    if reading.preprocessing.decode != "reduced":
        return max(image.size)
    least = 2 * max(reading.scaled)
    if box is None:
        return least
    possible = min(box[2] - box[0], box[3] - box[1]) // least
    return min(image.size) // next(factor for factor in (8, 4, 2, 1) if factor <= max(possible, 1))


def _reduced(box: tuple[int, int, int, int], by: float) -> tuple[int, int, int, int]:
    """The smallest box of whole pixels that holds a box of a picture whose sides are larger by a factor."""
    left, top, right, bottom = box
    return int(left / by), int(top / by), math.ceil(right / by), math.ceil(bottom / by)


def _choose_scale(image: Image.Image, least_side: int) -> float:
    """Have a JPEG decoded at 1/2, 1/4 or 1/8, for a fraction of the work, with neither side less than `least_side`.

    A very large one is decoded smaller than that if need be. The result is by how much its sides are smaller.
    """
    pixels = image.width * image.height
    limit = JPEG_LIMIT if isinstance(image, JpegImageFile) else PIXEL_LIMIT
    if pixels > limit:
        raise UnreadableImageError(f"it is {image.width} x {image.height} pixels, more than the {limit} allowed")
    least = 1 if pixels <= PIXEL_LIMIT else 2
    width = image.width
    sides = (max(1, min(least_side, width // least)), max(1, min(least_side, image.height // least)))
    drafted = image.draft(None, sides)
    return width / drafted[1][2] if drafted is not None else 1.0


def _bytes_to_decode(image: Image.Image, full_size: int, at_once: int) -> int:
    """Roughly the memory to decode a picture of `full_size` pixels at its chosen scale.

    So many pixels are converted and rotated `at_once`, which takes twice four bytes a pixel more.
    """
    bytes_a_pixel = _BYTES_A_PIXEL.get(image.format or "", 4)
    coefficients = 0
    if isinstance(image, JpegImageFile) and image.info.get("progressive"):
        # Kept as coefficients of the full size, 16 bits each, at any scale; colours often at a quarter.
        across, down = (max(layer[axis] for layer in image.layer) for axis in (1, 2))
        coefficients = 2 * full_size * sum(layer[1] * layer[2] for layer in image.layer) // (across * down)
    return image.width * image.height * bytes_a_pixel + 8 * at_once + coefficients


def _fitted_in_strips(
    image: Image.Image, box: tuple[float, float, float, float], height: int, width: int
) -> Image.Image:
    """RGB or RGBA, cropped and scaled, after an integer reduction of the box to no less than twice the size.

    Strip by strip: converted at once it would take several times the memory.
    """
    left, top, right, bottom = int(box[0]), int(box[1]), math.ceil(box[2]), math.ceil(box[3])
    factor = max(1, min((right - left) // (2 * width), (bottom - top) // (2 * height)))
    size = (-(-(right - left) // factor), -(-(bottom - top) // factor))
    reduced = Image.new("RGBA" if image.has_transparency_data else "RGB", size)
    rows = max(1, _STRIP // ((right - left) * factor))
    for row in range(0, size[1], rows):
        end = min(top + (row + rows) * factor, bottom)
        strip = _eight_bit(image.crop((left, top + row * factor, right, end)))
        reduced.paste(strip.reduce(factor), (0, row))
    within = (
        (box[0] - left) / factor,
        (box[1] - top) / factor,
        (box[2] - left) / factor,
        (box[3] - top) / factor,
    )
    return reduced.resize((width, height), Image.Resampling.BILINEAR, box=within)


def _eight_bit(image: Image.Image) -> Image.Image:
    """The image as RGB, or as RGBA where it has transparency of any kind."""
    if image.mode == "F":
        raise UnreadableImageError("its pixels are fractions, of which nobody knows which one is white")
    if image.mode.startswith("I"):
        # Pillow would clip 16-bit gray at 255 where it should scale: 65535 / 255 = 257.
        deep = np.asarray(image)
        if deep.min() < 0 or deep.max() > 65535:
            raise UnreadableImageError("its pixels have more than 16 bits")
        image = Image.fromarray(((deep.astype(np.uint32) + 128) // 257).astype(np.uint8))
    transparent = image.has_transparency_data
    return image.convert("RGBA" if transparent else "RGB")


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:
        # Broken EXIF says nothing about the pixels: like any viewer, ignore it.
        return 1


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    transpose = _ORIENTATIONS.get(orientation)
    return image if transpose is None else image.transpose(transpose)


def _lacking(error: Exception) -> str | None:
    """What this process lacks, and what to do; None where the error is about the file."""
    number = error.errno if isinstance(error, OSError) else None
    if isinstance(error, MemoryError) or number == errno.ENOMEM or (number is None and "out of memory" in str(error)):
        return "memory: close other programs, or allow this one more (ulimit -v)"
    if number in (errno.EMFILE, errno.ENFILE):
        return "open files: close other programs, or allow this one more (ulimit -n)"
    return None


def _reason(error: Exception) -> str:
    if isinstance(error, UnidentifiedImageError):
        return "it is no image of a known format"
    if isinstance(error, Image.DecompressionBombError | Image.DecompressionBombWarning):
        return f"it has more than the {PIXEL_LIMIT} pixels allowed"
    if isinstance(error, OSError) and error.strerror:
        return shown(error.strerror)
    text = " ".join(str(error).split())
    return shown(text) if text else type(error).__name__


class _Memory:
    """The memory budget of all pictures being decoded; one that exceeds it waits until it is alone."""

    def __init__(self, total: int) -> None:
        self._total, self._used = total, 0
        self._freed = threading.Condition()

    @contextmanager
    def reserved(self, size: int) -> Iterator[None]:
        with self._freed:
            self._freed.wait_for(lambda: not self._used or self._used + size <= self._total)
            self._used += size
        try:
            yield
        finally:
            with self._freed:
                self._used -= size
                self._freed.notify_all()


_memory = _Memory(MEMORY)
