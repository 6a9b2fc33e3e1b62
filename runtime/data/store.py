"""The files of one image set: pixels, and their checksums and index.

* `train.pixels`, `val.pixels`: uint8 `[n, H, W, C]`, the readable images of the listing in its order, and nothing else;
* `checksums`: the key of the set, and the CRC-32 of each image, uint32, the training images first;
* `index.json`: the key of the set, and the files of the listing that could not be read.

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
    """An image set that is damaged; the text says how."""


class Images(Protocol):
    """Images by index: uint8 `[H, W, C]`, RGB or gray, read-only."""

    @property
    def shape(self) -> tuple[int, ...]:
        """`[n, H, W, C]`."""

    def __getitem__(self, index: int, /) -> NDArray[np.uint8]: ...

    def __len__(self) -> int: ...


class StoredImages:
    """The images of one split on disk, `Images`.

    Read, not mapped: a failing disk is then an error that can be reported, and not a signal.

    Args:
        path: a file of `shape`'s bytes.
        shape: `[n, H, W, C]`.
        checksums: uint32 `[n]`.
        repair: decodes a damaged image again, or raises InputError.

    Raises:
        DamagedSetError: there is no such file, or it has another length.
    """

    def __init__(
        self,
        path: Path,
        shape: tuple[int, int, int, int],
        checksums: NDArray[np.uint32],
        repair: Callable[[int], NDArray[np.uint8]],
    ) -> None:
        self.shape = shape
        self._path, self._checksums, self._repair = path, checksums, repair
        self._length = int(np.prod(shape[1:]))
        self._file = _open(path, len(self) * self._length)
        weakref.finalize(self, os.close, self._file)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, index: int, /) -> NDArray[np.uint8]:
        if not 0 <= index < len(self):
            raise IndexError(index)
        offset = int(index) * self._length
        try:
            data = os.pread(self._file, self._length, offset)
        except OSError:
            data = b""
        if len(data) < self._length or zlib.crc32(data) != self._checksums[index]:
            return self._repaired(int(index), offset)
        return np.frombuffer(data, np.uint8).reshape(self.shape[1:])

    def _repaired(self, index: int, offset: int) -> NDArray[np.uint8]:
        image = self._repair(index)
        # Where the disk cannot be written, it is repaired again at the next read.
        with contextlib.suppress(FileError):
            files.overwrite(self._path, offset, image.tobytes())
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
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode) or status.st_size != length:
        os.close(descriptor)
        raise DamagedSetError(f"{shown(path)}: expected a file of {length} bytes, found {status.st_size}")
    return descriptor


def fetch_index(path: Path, key: str, listed: set[str]) -> list[str]:
    """The files of the listing that a set lacks, because they could not be read.

    Raises:
        DamagedSetError: the index is missing, changed, or of another set.
        FileError: it is not the user's own, or cannot be read.
    """
    messages: list[str] = []
    index = cache.fetch_json(path / INDEX, messages.append)
    if index is None:
        raise DamagedSetError(
            messages[0].partition("; it is made anew")[0] if messages else f"{shown(path)}: has no index"
        )
    unreadable = index.get("unreadable") if isinstance(index, dict) and index.get("key") == key else None
    if not isinstance(unreadable, list) or not all(isinstance(name, str) and name in listed for name in unreadable):
        raise DamagedSetError(f"{shown(path / INDEX)}: expected the index of these images, found another")
    return unreadable


def fetch_checksums(path: Path, key: str, n: int) -> NDArray[np.uint32]:
    """The checksums of all `n` images of a set, uint32 `[n]`. Raises as `fetch_index` does."""
    messages: list[str] = []
    data = cache.fetch(path / CHECKSUMS, messages.append)
    if data is None:
        raise DamagedSetError(
            messages[0].partition("; it is made anew")[0] if messages else f"{shown(path)}: has no checksums"
        )
    numbers = data.removeprefix(key.encode())
    if len(numbers) != n * CHECKSUM.itemsize or len(data) != len(numbers) + len(key):
        raise DamagedSetError(f"{shown(path / CHECKSUMS)}: expected {n} checksums of these images, found others")
    return np.frombuffer(numbers, CHECKSUM)


def keep_index(path: Path, key: str, unreadable: list[str], checksums: list[int]) -> None:
    """Write the checksums and the index. Raises FileError."""
    cache.keep(path / CHECKSUMS, key.encode() + np.array(checksums, CHECKSUM).tobytes())
    cache.keep_json(path / INDEX, {"key": key, "unreadable": unreadable})
