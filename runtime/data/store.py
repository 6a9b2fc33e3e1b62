"""The files of one image set: pixels as they are, and beside them what they must be.

* `train.pixels`, `val.pixels`: uint8 `[n, H, W, 3]`, the readable images of the listing in its order, and nothing else;
* `checksums`: the key of the set, and the CRC-32 of each image, uint32, the training images first;
* `index.json`: what the set is made of (its key), and which files of the listing could not be read.

The last two are sealed (`runtime.system.cache`). An image is checked whenever it is read.
"""

import contextlib
import os
import stat
import weakref
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from netspec.errors import FileError
from netspec.text import shown
from runtime.system import cache, files

TRAIN, VAL, CHECKSUMS, INDEX = "train.pixels", "val.pixels", "checksums", "index.json"
CHECKSUM = np.dtype("<u4")


class DamagedSetError(Exception):
    """A sentence on what is wrong with an image set that is there."""


class Images(Protocol):
    """Images by their number: uint8 RGB `[H, W, 3]` each, read-only."""

    @property
    def shape(self) -> tuple[int, ...]:
        """`[n, H, W, 3]`."""

    def __getitem__(self, index: int, /) -> NDArray[np.uint8]: ...

    def __len__(self) -> int: ...


class StoredImages:
    """The images of one split on disk, `Images`.

    Read, not mapped: a disk that fails then is an error that can be told, and not a signal.

    Args:
        path: a file of `shape`'s bytes.
        shape: `[n, H, W, 3]`.
        checksums: uint32 `[n]`.
        mend: gives a damaged image anew, or raises InputError.

    Raises:
        DamagedSetError: there is no such file, or it has another length.
    """

    def __init__(
        self,
        path: Path,
        shape: tuple[int, int, int, int],
        checksums: NDArray[np.uint32],
        mend: Callable[[int], NDArray[np.uint8]],
    ) -> None:
        self.shape = shape
        self._path, self._checksums, self._mend = path, checksums, mend
        self._length = int(np.prod(shape[1:]))
        self._file = _open(path, len(self) * self._length)
        weakref.finalize(self, os.close, self._file)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, index: int, /) -> NDArray[np.uint8]:
        if not 0 <= index < len(self):
            raise IndexError(index)
        place = int(index) * self._length
        try:
            data = os.pread(self._file, self._length, place)
        except OSError:
            data = b""
        if len(data) < self._length or zlib.crc32(data) != self._checksums[index]:
            return self._mended(int(index), place)
        return np.frombuffer(data, np.uint8).reshape(self.shape[1:])

    def _mended(self, index: int, place: int) -> NDArray[np.uint8]:
        image = self._mend(index)
        # Where the disk cannot be written it is mended again when it is read again.
        with contextlib.suppress(FileError):
            files.overwrite(self._path, place, image.tobytes())
        image.flags.writeable = False
        return image


def checksum(image: NDArray[np.uint8]) -> int:
    """CRC-32 of a C-contiguous image."""
    return zlib.crc32(image.data)


def _open(path: Path, length: int) -> int:
    try:
        descriptor = os.open(path, os.O_RDONLY | files.GUARDED)
    except FileNotFoundError:
        raise DamagedSetError(f"{shown(path)}: it is missing") from None
    except OSError as wrong:
        raise DamagedSetError(f"{shown(path)}: cannot be read ({wrong.strerror})") from None
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode) or found.st_size != length:
        os.close(descriptor)
        raise DamagedSetError(f"{shown(path)}: expected a file of {length} bytes, found {found.st_size}")
    return descriptor


def fetch_index(place: Path, key: str, listed: set[str]) -> list[str]:
    """The files of the listing that a set lacks, because they could not be read.

    Raises:
        DamagedSetError: the index is missing, changed, or of another set.
        FileError: it is not the user's own, or cannot be read.
    """
    said: list[str] = []
    index = cache.fetch_json(place / INDEX, said.append)
    if index is None:
        raise DamagedSetError(said[0].partition("; it is made anew")[0] if said else f"{shown(place)}: has no index")
    unreadable = index.get("unreadable") if isinstance(index, dict) and index.get("key") == key else None
    if not isinstance(unreadable, list) or not all(isinstance(name, str) and name in listed for name in unreadable):
        raise DamagedSetError(f"{shown(place / INDEX)}: expected the index of these images, found another")
    return unreadable


def fetch_checksums(place: Path, key: str, n: int) -> NDArray[np.uint32]:
    """The checksums of all `n` images of the set that a key is of. Raises as `fetch_index` does."""
    said: list[str] = []
    data = cache.fetch(place / CHECKSUMS, said.append)
    if data is None:
        raise DamagedSetError(
            said[0].partition("; it is made anew")[0] if said else f"{shown(place)}: has no checksums"
        )
    numbers = data.removeprefix(key.encode())
    if len(numbers) != n * CHECKSUM.itemsize or len(data) != len(numbers) + len(key):
        raise DamagedSetError(f"{shown(place / CHECKSUMS)}: expected {n} checksums of these images, found others")
    return np.frombuffer(numbers, CHECKSUM)


def keep_index(place: Path, key: str, unreadable: list[str], checksums: list[int]) -> None:
    """Write what the pixels must be. Raises FileError."""
    cache.keep(place / CHECKSUMS, key.encode() + np.array(checksums, CHECKSUM).tobytes())
    cache.keep_json(place / INDEX, {"key": key, "unreadable": unreadable})
