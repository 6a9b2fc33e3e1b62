"""Decode the images of a listing, on all CPUs, into the files of a cache: all of it, or nothing."""

import os
import shutil
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from netspec.errors import InputError
from netspec.text import shown
from runtime.data.cpus import usable_cpus
from runtime.data.decode import UnreadableImageError, decode_file, decoder_warnings_silenced
from runtime.data.folder import FolderListing, ImageFile
from runtime.data.store import (
    INDEX_NAME,
    SplitIndex,
    cache_errors,
    map_images,
    spread_checksum,
    write_header,
    write_index,
)

# More unreadable files than this part of all is a broken folder, not a few odd files.
UNREADABLE_PART_ALLOWED = 0.01
UNREADABLE_NAMED = 20

# What a cache is called while it is made: `<name>.partial-<random>`.
PARTIAL = ".partial-"


def build_cache(
    root: Path,
    name: str,
    place: Path,
    key: str,
    listing: FolderListing,
    size: tuple[int, int],
    report: Callable[[str], None],
    progress: Callable[[int, int], None],
) -> None:
    """Make the cache `place` of the images of `listing`, stored at `size` (height, width).

    The caller holds the lock of `name`; what is left after any failure is nothing, or after a kill a folder
    `<name>.partial-*` under `root`.

    Raises:
        InputError: too many files cannot be read, or the cache cannot be written.
    """
    total = len(listing.train) + len(listing.val)
    with cache_errors(root):
        _check_room(root, total * size[0] * size[1] * 3)
        partial = Path(tempfile.mkdtemp(prefix=f"{name}{PARTIAL}", dir=root))
    try:
        decoded = _Decoded(total, report, progress)
        with decoder_warnings_silenced(), ThreadPoolExecutor(usable_cpus(), "netspec-decode") as pool:
            try:
                train = _write_split(partial / "train.npy", listing.train, listing.root, size, pool, decoded)
                val = _write_split(partial / "val.npy", listing.val, listing.root, size, pool, decoded)
            finally:
                pool.shutdown(cancel_futures=True)
        _check_readable(listing, train, val, decoded)
        content = {
            "key": key,
            "unreadable": decoded.unreadable,
            "train": asdict(train),
            "val": asdict(val),
        }
        with cache_errors(root):
            write_index(partial / INDEX_NAME, content)
            partial.rename(place)
    finally:
        # Gone by its temporary name when it was renamed; else there is nothing of worth in it.
        shutil.rmtree(partial, ignore_errors=True)


def _check_room(root: Path, needed: int) -> None:
    free = shutil.disk_usage(root).free
    if free < needed:
        raise InputError(
            f"The image cache needs {needed / 1e9:.2f} GB under {shown(root)} and {free / 1e9:.2f} GB are free; make "
            "room there, or set NETSPEC_CACHE to a folder on another disk."
        )


@dataclass
class _Decoded:
    """What became of the files so far, over both splits."""

    total: int
    report: Callable[[str], None]
    progress: Callable[[int, int], None]
    done: int = 0
    unreadable: list[str] = field(default_factory=list)

    def count(self, file: ImageFile, problem: UnreadableImageError | None) -> None:
        if problem is not None:
            self.unreadable.append(file.path)
            if len(self.unreadable) <= UNREADABLE_NAMED:
                self.report(f"Cannot read {shown(file.path)}: {problem}. It is left out.")
            elif len(self.unreadable) == UNREADABLE_NAMED + 1:
                self.report("Further files that cannot be read are counted, not named.")
        self.done += 1
        self.progress(self.done, self.total)


def _write_split(
    path: Path,
    files: tuple[ImageFile, ...],
    root: Path,
    size: tuple[int, int],
    pool: ThreadPoolExecutor,
    decoded: _Decoded,
) -> SplitIndex:
    """Decode `files` into the array file `path`, one after the other, in their order.

    Written as a file, not through a map: on a full disk a write is an error that can be told, a map a crash.
    """
    kept: list[ImageFile] = []
    with cache_errors(path.parent.parent):
        out = path.open("w+b")
    with out:
        with cache_errors(path.parent.parent):
            write_header(out, len(files), size)
        for file, result in _decode_in_order(files, root, size, pool):
            if isinstance(result, UnreadableImageError):
                decoded.count(file, result)
                continue
            with cache_errors(path.parent.parent):
                out.write(result.data)
            kept.append(file)
            decoded.count(file, None)
        with cache_errors(path.parent.parent):
            # NumPy pads the header so that the first length can be written again in place.
            out.seek(0)
            write_header(out, len(kept), size)
            out.flush()
            os.fsync(out.fileno())
    checksum = spread_checksum(map_images(path)) if kept else 0
    return SplitIndex([file.label for file in kept], [file.path for file in kept], checksum)


def _decode_in_order(
    files: Iterable[ImageFile], root: Path, size: tuple[int, int], pool: ThreadPoolExecutor
) -> Iterator[tuple[ImageFile, NDArray[np.uint8] | UnreadableImageError]]:
    """Each file with its image, or with why there is none; a bounded number of them are in flight."""
    waiting: deque[tuple[ImageFile, Future[NDArray[np.uint8] | UnreadableImageError]]] = deque()
    for file in files:
        waiting.append((file, pool.submit(_decode, root / file.path, size)))
        if len(waiting) > 8 * usable_cpus():
            first, future = waiting.popleft()
            yield first, future.result()
    for first, future in waiting:
        yield first, future.result()


def _decode(path: Path, size: tuple[int, int]) -> NDArray[np.uint8] | UnreadableImageError:
    try:
        return decode_file(path, *size)
    except UnreadableImageError as error:
        return error


def _check_readable(listing: FolderListing, train: SplitIndex, val: SplitIndex, decoded: _Decoded) -> None:
    failed = len(decoded.unreadable)
    if failed:
        decoded.report(unreadable_total(failed, decoded.total))
    if failed > UNREADABLE_PART_ALLOWED * decoded.total:
        first = ", ".join(shown(name) for name in decoded.unreadable[:3])
        raise InputError(
            f"{failed} of the {decoded.total} images in {shown(listing.root)} cannot be read, more than "
            f"{UNREADABLE_PART_ALLOWED:.0%} (the first: {first}); replace or remove these files."
        )
    present = set(train.labels) if listing.train else set(range(len(listing.classes)))
    for label, name in enumerate(listing.classes):
        if label not in present:
            raise InputError(
                f"None of the training images of the class {shown(name)} in {shown(listing.root)} can be read; replace "
                "them, or remove the class."
            )
    if not val.labels:
        raise InputError(f"None of the validation images in {shown(listing.root)} can be read; replace them.")


def unreadable_total(failed: int, total: int) -> str:
    """The sentence on how many files were left out."""
    return f"{failed} of {total} images cannot be read and are left out."
