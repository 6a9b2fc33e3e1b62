"""The files of one image cache: written so that they last, read so that damage shows.

An array file is NumPy's own format. The index is JSON: {"sha256": of the content, "content": ...}.
"""

import hashlib
import json
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from netspec.errors import InputError
from netspec.text import shown

# Images a split whose bytes are checked at every opening: all of a small set, a spread sample of a large one, so that
# opening never takes more than about a second.
IMAGES_CHECKED = 2048

INDEX_NAME = "index.json"


class DamagedCacheError(Exception):
    """What is wrong with a cache that is there."""


@dataclass(frozen=True)
class SplitIndex:
    """What the index says of one split: labels and files by image, and the `spread_checksum` of the images."""

    labels: list[int]
    files: list[str]
    checksum: int


@contextmanager
def cache_errors(root: Path) -> Iterator[None]:
    """Turn an error of the file system into an InputError on the folder of caches `root`."""
    try:
        yield
    except OSError as error:
        raise InputError(
            f"The image cache cannot be written under {shown(root)} ({error.strerror or error}); make room there or "
            "check its permissions, or set NETSPEC_CACHE to another folder."
        ) from error


def sha256(text: str) -> str:
    """SHA-256 of a text, in hexadecimal."""
    # File names that are no valid UTF-8 reach Python as lone surrogates.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def write_index(path: Path, content: dict[str, Any]) -> None:
    """Write `content` with its digest, through to the disk."""
    document = {"sha256": sha256(json.dumps(content)), "content": content}
    with path.open("w", encoding="utf-8") as out:
        json.dump(document, out)
        out.flush()
        os.fsync(out.fileno())


def read_index(path: Path) -> dict[str, Any]:
    """The content of an index.

    Raises:
        DamagedCacheError: it is missing, no JSON, or not what was written.
    """
    try:
        document = json.loads(path.read_text("utf-8"))
        content: dict[str, Any] = document["content"]
        intact = document["sha256"] == sha256(json.dumps(content))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DamagedCacheError("its index cannot be read") from error
    if not intact:
        raise DamagedCacheError("its index has been changed")
    return content


def write_header(out: BinaryIO, n: int, size: tuple[int, int]) -> None:
    """Begin an array file of uint8 `[n, *size, 3]`; as long a header for any `n`, so that it can be written again."""
    header = {"descr": "|u1", "fortran_order": False, "shape": (n, *size, 3)}
    np.lib.format.write_array_header_1_0(out, header)


def map_images(path: Path) -> NDArray[np.uint8]:
    """An array file, mapped read-only.

    Raises:
        DamagedCacheError: it is missing, shorter than its header says, or no array file.
    """
    try:
        images: NDArray[np.uint8] = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise DamagedCacheError(f"{path.name} is missing, truncated or no array file") from error
    return images


def spread_checksum(images: NDArray[np.uint8]) -> int:
    """CRC-32 of up to `IMAGES_CHECKED` images spread evenly over `images`."""
    checksum = 0
    for index in np.linspace(0, len(images) - 1, min(len(images), IMAGES_CHECKED)).astype(np.int64):
        checksum = zlib.crc32(images[index], checksum)
    return checksum
