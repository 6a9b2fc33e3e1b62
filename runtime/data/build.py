"""Decode the images of a listing, on all CPUs, into the files of an image set, completely or not at all."""

import shutil
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from math import prod
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from netspec.errors import InputError
from netspec.text import shown, size_text
from runtime.data import store
from runtime.data.decode import decode_file, decoder_warnings_silenced
from runtime.data.folder import FolderListing, ImageFile
from runtime.data.reading import Reading, UnreadableImageError
from runtime.system import cache, files
from runtime.system.cpus import usable_cpus

UNREADABLE_NAMED = 20
_PARTIAL = ".partial"  # never the name of a set: those have no dots


@dataclass
class Unreadable:
    """Collects the files that cannot be read, and reports the first ones."""

    report: Callable[[str], None]
    paths: list[str] = field(default_factory=list)

    def add(self, path: str, problem: UnreadableImageError) -> None:
        """Add a file, and report it unless there are many."""
        self.paths.append(path)
        if len(self.paths) <= UNREADABLE_NAMED:
            self.report(f"Cannot read {shown(path)}: {problem}. It is left out.")
        elif len(self.paths) == UNREADABLE_NAMED + 1:
            self.report("Further files that cannot be read are counted, not named.")


def build_set(
    path: Path,
    key: str,
    listing: FolderListing,
    reading: Reading,
    report: Callable[[str], None],
    progress: Callable[[int, int], None],
) -> None:
    """Create the image set `path` from the images of `listing`.

    The caller holds the lock of the set. A failure leaves nothing; a kill leaves a folder that the next call removes.

    Raises:
        InputError: the set cannot be written.
    """
    total = len(listing.train) + len(listing.val)
    root = cache.folder(path.parent)
    _check_room(root, total * (prod(reading.shape) + store.CHECKSUM.itemsize))
    with files.workspace(root, _PARTIAL) as partial:
        unreadable = Unreadable(report)
        progressed = _Progress(total, progress)
        checksums: list[int] = []
        with decoder_warnings_silenced(), ThreadPoolExecutor(usable_cpus(), "netspec-decode") as pool:
            try:
                for split, images in ((store.TRAIN, listing.train), (store.VAL, listing.val)):
                    decoded = _decode_in_order(images, listing.root, reading, pool)
                    checksums += _write_split(partial / split, decoded, unreadable, progressed)
            finally:
                pool.shutdown(cancel_futures=True)
        store.keep_index(partial, key, unreadable.paths, checksums)
        with files.errors_about(path, "written"):
            partial.rename(path)
        files.sync_folder(root)


def _check_room(root: Path, needed: int) -> None:
    with files.errors_about(root, "measured"):
        free = shutil.disk_usage(root).free
    if free < needed:
        raise InputError(
            f"The image cache needs {size_text(needed)} under {shown(root)}, where {size_text(free)} are free, "
            f"{size_text(needed - free)} too few; make room there, or set NETSPEC_CACHE to a folder on another disk."
        )


@dataclass
class _Progress:
    """Counts the files done, over both splits."""

    total: int
    say: Callable[[int, int], None]
    done: int = 0

    def count(self) -> None:
        self.done += 1
        self.say(self.done, self.total)


Decoded = tuple[ImageFile, NDArray[np.uint8] | UnreadableImageError]


def _write_split(path: Path, images: Iterable[Decoded], unreadable: Unreadable, progress: _Progress) -> list[int]:
    """Write the decoded images to the file `path`, in order; their checksums."""
    checksums: list[int] = []
    with cache.replacing(path) as out:
        for file, result in images:
            if isinstance(result, UnreadableImageError):
                unreadable.add(file.path, result)
            else:
                with files.errors_about(path, "written"):
                    out.write(result.data)
                checksums.append(store.checksum(result))
            progress.count()
    return checksums


def _decode_in_order(
    images: Iterable[ImageFile], root: Path, reading: Reading, pool: ThreadPoolExecutor
) -> Iterator[Decoded]:
    """Each file with its image or its error, in order; a bounded number of them is in flight."""
    waiting: deque[tuple[ImageFile, Future[NDArray[np.uint8] | UnreadableImageError]]] = deque()
    for file in images:
        waiting.append((file, pool.submit(_decode, root / file.path, reading)))
        if len(waiting) > 8 * usable_cpus():
            first, future = waiting.popleft()
            yield first, future.result()
    for first, future in waiting:
        yield first, future.result()


def _decode(path: Path, reading: Reading) -> NDArray[np.uint8] | UnreadableImageError:
    try:
        return decode_file(path, reading)
    except UnreadableImageError as error:
        return error
