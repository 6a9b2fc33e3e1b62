"""Image sets: an image folder is decoded once for each image size, in colour or gray, and kept on disk.

A set is a folder `<name>-<hash of the folder>-<H>x<W>-<key>` under `paths.images_cache()`, of gray images with `x1`
after the width, then, of images that are read in another way than most, a hash of that, and of one split alone `-train`
or `-val`; `runtime.data.store` says what is in it. Labels and names are not: they follow from the listing of the image
folder.

The key covers all that decides the pixels: the folder, every file's path, size, times and inode, the image size and
channels, how they are read, Pillow's release and `FORMAT_VERSION`. So an existing set with its key is valid unless it
is damaged, which is noticed when it is opened or when an image is read. It is created under a temporary name and
renamed when it is complete, by one process at a time.
"""

import contextlib
import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import PIL
from numpy.typing import NDArray

from netspec.errors import InputError
from netspec.text import shown
from runtime.data import store
from runtime.data.build import Unreadable, build_set
from runtime.data.decode import decode_file, decoder_warnings_silenced
from runtime.data.folder import FolderListing, ImageFile, scan_folder
from runtime.data.originals import Original, Originals
from runtime.data.reading import Reading, UnreadableImageError, reading_of_crops
from runtime.data.store import DamagedSetError, Images, StoredImages
from runtime.system import cache, files, prune
from runtime.system.paths import images_cache

# A new number for every change of the files' contents or of how pixels are computed.
FORMAT_VERSION = 3

# So many unreadable files, or this share of all, are a few odd files; more mean a broken folder.
UNREADABLE_ALLOWED, UNREADABLE_PART_ALLOWED = 5, 0.01

Say = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class Split:
    """The images of one split.

    Attributes:
        images: uint8 `[n, storedH, storedW, C]`, RGB or gray, by index.
        labels: int32 `[n]`, indices into the classes.
        files: `n` paths relative to the image folder.
        sizes: of these files, bytes.
        original: a part of an image, from its file.
    """

    images: Images
    labels: NDArray[np.int32]
    files: tuple[str, ...]
    sizes: tuple[int, ...]
    original: Original | None = None


@dataclass(frozen=True, eq=False)
class ImageSet:
    """An image folder, ready for batches.

    Attributes:
        classes: names, by label.
        train: at least one image of every class; none where they were not requested.
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
    reading: Reading,
    *,
    report: Say,
    progress: Callable[[int, int], None],
    max_unreadable: int | None = None,
    training: bool = True,
    of_training: Reading | None = None,
) -> ImageSet:
    """Open the image set of `folder`, read for a network, creating it first if need be.

    Args:
        folder: laid out as `runtime.data.folder` describes.
        reading: how the images are read, and at which size they are stored.
        report: takes sentences for a person: notes on the folder, files that cannot be read, a set created anew. Also
            later, from any thread that reads an image damaged on disk.
        progress: called with (files done, files in all) as files are decoded; not called when the set exists.
        max_unreadable: how many files may be left out because they cannot be read; None: `UNREADABLE_ALLOWED`, or
            `UNREADABLE_PART_ALLOWED` of all where that is more.
        training: whether training images are requested. If not, they need not exist, and `train` is empty unless all
            is in the cache already; the classes are then those of the validation folder.
        of_training: how training images are read, where otherwise than those of the validation: each split is then a
            set of its own.

    Raises:
        InputError: the folder is not an image folder, more files than may be or a whole class cannot be read, or
            the set cannot be written.
    """
    listing = scan_folder(folder) if training else _validation_listing(folder, reading)
    for note in listing.notes:
        report(note)
    if of_training is None or of_training == reading or not training:
        images = _opened(listing, reading, report, progress, [])
    else:
        train = _opened(replace(listing, val=()), of_training, report, progress, [])
        spared = _set_path(replace(listing, val=()), of_training)
        val = _opened(replace(listing, train=()), reading, report, progress, [spared])
        images = replace(
            val,
            train=train.train,
            from_cache=train.from_cache and val.from_cache,
            unreadable=(*train.unreadable, *val.unreadable),
        )
    _check_readable(listing, images, max_unreadable, report, training=training)
    return images


def _opened(
    listing: FolderListing, reading: Reading, report: Say, progress: Callable[[int, int], None], spared: list[Path]
) -> ImageSet:
    """The set of a listing, created first if need be; the cache's limit removes neither it nor those `spared`."""
    root = images_cache()
    name, key, path = _set_name(listing, reading), _key(listing, reading), _set_path(listing, reading)
    opener = _SetOpener(path, key, listing, reading, report)
    with cache.locked(name, root, report, "Another run is preparing these images; waiting for it."):
        if os.path.lexists(root) and cache.writable(root):
            _remove_outdated(root, name, path)
        images = opener.existing()
        if images is None:
            cache.check_writable(root, f"these images as they are now, for {reading.image_h}x{reading.image_w} pixels")
            files.remove(path)
            build_set(path, key, listing, reading, report, progress)
            images = opener.created()
            prune.keep_limit(report, [path, *spared])
    return images


def _check_readable(listing: FolderListing, images: ImageSet, most: int | None, report: Say, *, training: bool) -> None:
    requested = {file.path for file in (*(listing.train if training else ()), *listing.val)}
    unreadable = [name for name in images.unreadable if name in requested]
    failed, total = len(unreadable), len(requested)
    allowed = most if most is not None else max(UNREADABLE_ALLOWED, int(UNREADABLE_PART_ALLOWED * total))
    if failed:
        report(f"{failed} of {total} images cannot be read and are left out.")
    if failed > allowed:
        first = ", ".join(shown(name) for name in unreadable[:3])
        raise InputError(
            f"{failed} of the {total} images in {shown(listing.root)} cannot be read, and {allowed} may be (the first: "
            f"{first}); replace or remove these files, or let more be left out by --max-unreadable {failed}."
        )
    present = set(images.train.labels.tolist() if training else range(len(listing.classes)))
    for label, name in enumerate(listing.classes):
        if label not in present:
            raise InputError(
                f"None of the training images of the class {shown(name)} in {shown(listing.root)} can be read; replace "
                "them, or remove the class."
            )
    if not images.val.files:
        raise InputError(f"None of the validation images in {shown(listing.root)} can be read; replace them.")


# Names and keys


def _validation_listing(folder: Path, reading: Reading) -> FolderListing:
    """The listing of the validation images, or of all images where those are in the cache already."""
    with contextlib.suppress(InputError):
        everything = scan_folder(folder)
        if os.path.lexists(_set_path(everything, reading)):
            return everything
    return scan_folder(folder, training=False)


def _set_path(listing: FolderListing, reading: Reading) -> Path:
    return images_cache() / f"{_set_name(listing, reading)}-{_key(listing, reading)[:16]}"


def _set_name(listing: FolderListing, reading: Reading) -> str:
    """The name of a set without its key: of the folder, the image size and channels, how it is read, and the splits."""
    readable = re.sub(r"[^A-Za-z0-9_-]+", "_", listing.root.name)[:40]
    splits = "-val" if not listing.train else "" if listing.val else "-train"
    changes = _of_pixels(reading)
    read = f"-{_sha256(json.dumps(changes, sort_keys=True))[:8]}" if changes else ""
    return f"{readable}-{_sha256(str(listing.root))[:12]}-{'x'.join(map(str, _sizes(reading)))}{read}{splits}"


def _sizes(reading: Reading) -> list[int]:
    """Height, width, and channels where they are not three: older sets of three have names and keys without them."""
    size = [reading.image_h, reading.image_w]
    return size if reading.channels == 3 else [*size, reading.channels]


def _key(listing: FolderListing, reading: Reading) -> str:
    images = [
        [file.path, file.label, file.size, file.mtime_ns, *file.identity] for file in (*listing.train, *listing.val)
    ]
    read = [*_sizes(reading), *([changes] if (changes := _of_pixels(reading)) else [])]
    return _sha256(json.dumps([FORMAT_VERSION, PIL.__version__, str(listing.root), *read, listing.classes, images]))


def _of_pixels(reading: Reading) -> dict[str, object]:
    """What is said of the pixels, where it is not what was always so: the numbers are normalised by the program."""
    return {
        name: value for name, value in reading.preprocessing.changes().items() if name not in ("scale", "mean", "std")
    }


def _sha256(text: str) -> str:
    # File names that are no valid UTF-8 reach Python as lone surrogates.
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


# The folder of sets


def _remove_outdated(root: Path, name: str, kept: Path) -> None:
    """Remove the sets of the same folder and image size with other keys, and partial ones of older versions."""
    with files.errors_about(root, "listed"):
        entries = list(root.iterdir())
    for entry in entries:
        if entry != kept and entry.name.rpartition("-")[0] in (name, f"{name}.partial"):
            files.remove(entry)


# Opening


@dataclass(frozen=True)
class _SetOpener:
    """Opens an image set, and checks that it is the one of a listing."""

    path: Path
    key: str
    listing: FolderListing
    reading: Reading
    report: Say

    def existing(self) -> ImageSet | None:
        """The set of an earlier run; None where it is missing, or cannot be used, which is reported."""
        if not os.path.lexists(self.path):
            return None
        cache.check_owner(self.path.parent)
        try:
            images = self._open(from_cache=True)
        except DamagedSetError as damage:
            self.report(f"{damage}; the images are decoded anew.")
            return None
        return None if self._can_be_read_now(images.unreadable) else images

    def created(self) -> ImageSet:
        """The set that was just created. Raises InputError."""
        try:
            return self._open(from_cache=False)
        except DamagedSetError as damage:
            raise InputError(
                f"{damage}, right after it was written; check the disk, or set NETSPEC_CACHE to a folder elsewhere."
            ) from None

    def _open(self, *, from_cache: bool) -> ImageSet:
        listing = self.listing
        unreadable = store.fetch_index(self.path, self.key, {file.path for file in (*listing.train, *listing.val)})
        left_out = set(unreadable)
        train, val = ([file for file in split if file.path not in left_out] for split in (listing.train, listing.val))
        checksums = store.fetch_checksums(self.path, self.key, len(train) + len(val))
        return ImageSet(
            classes=listing.classes,
            train=self._split(store.TRAIN, train, checksums[: len(train)]),
            val=self._split(store.VAL, val, checksums[len(train) :]),
            from_cache=from_cache,
            unreadable=tuple(unreadable),
        )

    def _split(self, name: str, images: list[ImageFile], checksums: NDArray[np.uint32]) -> Split:
        labels = np.array([file.label for file in images], np.int32)
        labels.flags.writeable = False
        paths = tuple(file.path for file in images)
        repair = _Repair(self.path, self.listing.root, paths, checksums, self.reading, self.report)
        stored = StoredImages(self.path / name, (len(images), *self.reading.shape), checksums, repair)
        original = Originals(self.listing.root, tuple(images), reading_of_crops(self.reading))
        return Split(stored, labels, paths, tuple(file.size for file in images), original)

    def _can_be_read_now(self, unreadable: tuple[str, ...]) -> bool:
        """Whether a file that could not be read before now can be; the others are reported again."""
        still = Unreadable(self.report)
        with decoder_warnings_silenced():
            for path in unreadable:
                try:
                    decode_file(self.listing.root / path, self.reading)
                except UnreadableImageError as problem:
                    still.add(path, problem)
                else:
                    self.report(f"{shown(path)} could not be read before and can be now; the images are decoded anew.")
                    return True
        return False


@dataclass(frozen=True)
class _Repair:
    """Decodes damaged images of a set again, from the files that they came from."""

    path: Path
    root: Path
    paths: tuple[str, ...]
    checksums: NDArray[np.uint32]
    reading: Reading
    report: Say

    def __call__(self, index: int) -> NDArray[np.uint8]:
        """Image `index`, decoded again. Raises InputError, after which the next start decodes all images anew."""
        file = self.paths[index]
        try:
            with decoder_warnings_silenced():
                image = decode_file(self.root / file, self.reading)
        except UnreadableImageError as problem:
            raise self._lost(file, str(problem)) from None
        if store.checksum(image) != self.checksums[index]:
            raise self._lost(file, "it has been changed since")
        self.report(f"{shown(self.path)}: the image of {shown(file)} is damaged; it is decoded anew")
        return image

    def _lost(self, file: str, problem: str) -> InputError:
        with contextlib.suppress(OSError):
            (self.path / store.INDEX).unlink()
        return InputError(
            f"{shown(self.path)}: the image of {shown(file)} is damaged, and {shown(self.root / file)} does not give "
            f"it again ({problem}); start again, and all images are decoded anew."
        )
