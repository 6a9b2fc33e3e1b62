"""Decoded images on disk: an image folder is read once for each image size, then mapped into memory.

A cache is a folder `<name>-<hash of the folder>-<H>x<W>-<key>` under `runtime.paths.images_cache()`:

* `train.npy`, `val.npy`: uint8 `[n, storedH, storedW, 3]`, in the order of the listing;
* `index.json`: classes, and for each split labels, files and a checksum of its images.

The key covers all that decides the pixels: the folder, every file's path, size and time, the image size, Pillow's
release and `FORMAT_VERSION`. So a cache that is there under its key is right unless it is damaged, which is checked
when it is opened. It is made under a temporary name and renamed when it is whole. A lock a folder and image size lets
one process at a time make it; whoever holds the lock knows that any temporary of that name was left by a kill.
"""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import PIL
from numpy.typing import NDArray

from netspec.errors import InputError
from netspec.text import shown
from runtime.data.build import PARTIAL, build_cache, unreadable_total
from runtime.data.decode import stored_size
from runtime.data.folder import FolderListing, scan_folder
from runtime.data.store import (
    INDEX_NAME,
    DamagedCacheError,
    cache_errors,
    map_images,
    read_index,
    sha256,
    spread_checksum,
)
from runtime.files import exclusive, is_held
from runtime.paths import images_cache

# A new number for every change of what is in the files or of how their pixels are made.
FORMAT_VERSION = 1


@dataclass(frozen=True, eq=False)
class Split:
    """The images of one split.

    Attributes:
        images: uint8 RGB `[n, storedH, storedW, 3]`, mapped from disk, read-only.
        labels: int32 `[n]`, indices into the classes.
        files: `n` paths relative to the image folder.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int32]
    files: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class ImageSet:
    """An image folder, ready for batches.

    Attributes:
        classes: names, by label.
        train: at least one image a class; none where they were not asked for.
        val: at least one image.
        from_cache: whether nothing had to be decoded.
        unreadable: files left out, relative to the image folder, in the order of the listing.
    """

    classes: tuple[str, ...]
    train: Split
    val: Split
    from_cache: bool
    unreadable: tuple[str, ...]


def open_images(
    folder: Path,
    image_h: int,
    image_w: int,
    *,
    report: Callable[[str], None],
    progress: Callable[[int, int], None],
    training: bool = True,
) -> ImageSet:
    """Open the cache of `folder` for a network that sees `image_h` x `image_w` pixels; make it first if need be.

    Args:
        folder: laid out as `runtime.data.folder` describes.
        image_h: height, pixels; images are stored at 256/224 of it.
        image_w: width, pixels; likewise.
        report: takes sentences for a person: notes on the folder, files that cannot be read, a cache made anew.
        progress: called with (files done, files in all) as files are decoded; not called when the cache is there.
        training: whether the training images are asked for. Without them they need not be there, and `train` is empty
            unless all is in the cache already; the classes are then those of the validation folder.

    Raises:
        InputError: the folder is not an image folder, more than 1 % of its files or a whole class cannot be read, or
            the cache cannot be written.
    """
    listing = scan_folder(folder) if training else _validation_listing(folder, image_h, image_w)
    for note in listing.notes:
        report(note)
    size = stored_size(image_h, image_w)
    root = images_cache()
    name = _cache_name(listing, image_h, image_w)
    key = _key(listing, image_h, image_w)
    place = _place(listing, image_h, image_w)

    with _holding(root, name, report):
        with cache_errors(root):
            _remove_outdated(root, name, place)
        if place.exists():
            try:
                images = _open(place, key, listing, size, from_cache=True)
            except DamagedCacheError as damage:
                report(f"The image cache {shown(place)} is damaged ({damage}); it is made anew.")
                with cache_errors(root):
                    shutil.rmtree(place)
            else:
                if images.unreadable:
                    report(unreadable_total(len(images.unreadable), len(listing.train) + len(listing.val)))
                return images
        build_cache(root, name, place, key, listing, size, report, progress)
        try:
            return _open(place, key, listing, size, from_cache=False)
        except DamagedCacheError as damage:
            raise InputError(
                f"The image cache {shown(place)} cannot be read back ({damage}); check the disk, or set NETSPEC_CACHE "
                "to a folder on another one."
            ) from damage


# Names and keys


def _validation_listing(folder: Path, image_h: int, image_w: int) -> FolderListing:
    """The validation images, within all of the folder where those are in the cache already."""
    with suppress(InputError):
        everything = scan_folder(folder)
        if _place(everything, image_h, image_w).exists():
            return everything
    return scan_folder(folder, training=False)


def _place(listing: FolderListing, image_h: int, image_w: int) -> Path:
    return images_cache() / f"{_cache_name(listing, image_h, image_w)}-{_key(listing, image_h, image_w)[:16]}"


def _cache_name(listing: FolderListing, image_h: int, image_w: int) -> str:
    """One name a folder and image size. Without dots: the first dot begins a suffix of ours."""
    readable = re.sub(r"[^A-Za-z0-9_-]+", "_", listing.root.name)[:40]
    splits = "" if listing.train else "-val"
    return f"{readable}-{sha256(str(listing.root))[:12]}-{image_h}x{image_w}{splits}"


def _key(listing: FolderListing, image_h: int, image_w: int) -> str:
    files = [[file.path, file.label, file.size, file.mtime_ns] for file in (*listing.train, *listing.val)]
    return sha256(
        json.dumps([FORMAT_VERSION, PIL.__version__, str(listing.root), image_h, image_w, listing.classes, files])
    )


# The folder of caches


@contextmanager
def _holding(root: Path, name: str, report: Callable[[str], None]) -> Iterator[None]:
    def waiting() -> None:
        report("Another run is preparing these images; waiting for it.")

    with ExitStack() as held:
        with cache_errors(root):
            root.mkdir(parents=True, exist_ok=True)
            held.enter_context(exclusive(root / f"{name}.lock", waiting))
        yield


def _remove_outdated(root: Path, name: str, place: Path) -> None:
    """Remove the caches of the same folder and image size under other keys, and what killed runs have left."""
    for found in list(root.iterdir()):
        owner, partial, _ = found.name.partition(PARTIAL)
        if partial:
            # Another run may be about to finish what was listed here: then there is nothing left to remove.
            if owner == name or not is_held(root / f"{owner}.lock"):
                shutil.rmtree(found, ignore_errors=True)
        elif found.is_dir() and found != place and found.name.rpartition("-")[0] == name:
            shutil.rmtree(found)


# Opening


def _open(place: Path, key: str, listing: FolderListing, size: tuple[int, int], *, from_cache: bool) -> ImageSet:
    index = read_index(place / INDEX_NAME)
    if index["key"] != key:
        raise DamagedCacheError("its index belongs to another image folder")
    return ImageSet(
        classes=listing.classes,
        train=_open_split(place / "train.npy", index["train"], size),
        val=_open_split(place / "val.npy", index["val"], size),
        from_cache=from_cache,
        unreadable=tuple(index["unreadable"]),
    )


def _open_split(path: Path, index: dict[str, Any], size: tuple[int, int]) -> Split:
    labels = np.array(index["labels"], np.int32)
    labels.flags.writeable = False
    images = map_images(path) if len(labels) else np.zeros((0, *size, 3), np.uint8)
    expected = (len(labels), *size, 3)
    if images.shape != expected or images.dtype != np.uint8:
        raise DamagedCacheError(f"{path.name} is {images.dtype} {list(images.shape)}, not uint8 {list(expected)}")
    if (spread_checksum(images) if len(labels) else 0) != index["checksum"]:
        raise DamagedCacheError(f"the images in {path.name} have been changed")
    return Split(images, labels, tuple(index["files"]))
