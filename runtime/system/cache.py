"""The cache: files that can be created again, checked before they are used.

A cached file ends with a seal, the SHA-256 of its name and its content; a file whose seal does not match is created
anew, also one that was renamed. (IREE's tools ignore the seal of a program.) The folders are the user's own, mode 0700:
a folder that another user owns or may write to could contain anything, a program included, so it is refused.

A cache on a read-only disk works as long as everything needed is in it.
"""

import contextlib
import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from netspec.errors import FileError
from netspec.text import shown, size_text
from runtime.system import files, paths

Say = Callable[[str], None]

_MARK = b"\nnetspec sha256 "
LARGEST = 2**29  # bytes of a cached file that is read at once
_SEAL = len(_MARK) + 64 + 1
_ELSEWHERE = "or set NETSPEC_CACHE to a folder of your own"


def folder(path: Path) -> Path:
    """Create a folder of the cache if need be, and return it. Raises FileError."""
    root = paths.cache_root()
    between = (path.parents[up] for up in reversed(range(len(path.relative_to(root).parts) - 1)))
    for directory in (root, *between, path):
        with remedy():
            files.make_folder(directory, 0o700)
        check_owner(directory)
    return path


def check_owner(path: Path) -> None:
    """Raises FileError when another user could have written a file or folder of the cache."""
    with files.errors_about(path, "read"):
        _check_owner(path, path.stat())


def _check_owner(path: Path, status: os.stat_result) -> None:
    if status.st_uid not in (os.geteuid(), 0):
        raise FileError(
            f"{shown(path)}: belongs to another user (number {status.st_uid}), whose programs would be run as yours: "
            f"make it your own, {_ELSEWHERE}."
        )
    if status.st_mode & 0o022:
        raise FileError(
            f"{shown(path)}: others may write to it (mode {stat.S_IMODE(status.st_mode):04o}), and what they put there "
            f"would be run as yours: remove it, {_ELSEWHERE}."
        )


@contextmanager
def remedy() -> Iterator[None]:
    """Add to a FileError that NETSPEC_CACHE can name another folder."""
    try:
        yield
    except FileError as wrong:
        text = str(wrong)
        if _ELSEWHERE in text:
            raise
        what = text.rpartition(";")[0] or text
        raise FileError(f"the cache: {what}; check its disk and permissions, {_ELSEWHERE}.") from None


def writable(path: Path) -> bool:
    """Whether something can be added to a folder of the cache, which need not exist yet."""
    existing = next(directory for directory in (path, *path.parents) if _exists(directory))
    return os.access(existing, os.W_OK | os.X_OK)


def check_writable(path: Path, lacking: str) -> None:
    """Raises FileError when a folder of the cache is read-only; `lacking` names what it does not have."""
    if not writable(path):
        raise FileError(
            f"the cache: {shown(path)} can only be read, and lacks {lacking}; begin once where it can be written, "
            f"{_ELSEWHERE}."
        )


def _exists(path: Path) -> bool:
    """Whether a path exists and this user may look at it."""
    try:
        path.stat()
    except OSError:
        return False
    return True


def keep(path: Path, data: bytes) -> None:
    """Write a file of the cache, completely or not at all. Raises FileError."""
    folder(path.parent)
    with remedy():
        files.write_whole(path, data + _seal(path, data), 0o600)


def _seal(path: Path, data: bytes) -> bytes:
    digest = hashlib.sha256(os.fsencode(path.name) + b"\0")
    digest.update(data)
    return _MARK + digest.hexdigest().encode() + b"\n"


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A new file of the cache to write to, as `files.replacing`, without a seal: for files that are checked in parts.

    Raises FileError.
    """
    with remedy(), files.replacing(path, 0o600) as file:
        yield file


ANEW = "it is made anew"


def fetch(path: Path, say: Say, instead: str = ANEW) -> bytes | None:
    """The content of a cached file; None where there is none. A damaged file is reported, removed, and None.

    `instead`: what the report says is done instead. Raises FileError when the file is another user's, or unreadable.
    """
    for directory in (paths.cache_root(), path.parent):
        if not _exists(directory):
            return None
        check_owner(directory)
    if not os.path.lexists(path):
        return None
    try:
        data = _read(path)
    except FileNotFoundError:
        return None
    except _DamagedError as wrong:
        say(f"{shown(path)}: {wrong}; {instead}")
        with contextlib.suppress(FileError):
            files.remove(path)
        return None
    with contextlib.suppress(OSError):
        os.utime(path)  # when it was used last
    return data


class _DamagedError(Exception):
    """A cached file that is damaged; the text says how."""


def _read(path: Path) -> bytes:
    if path.is_symlink() or not path.is_file():
        raise _DamagedError("expected a file of ours, found something else")
    with files.errors_about(path, "read"):
        found = path.stat()
        _check_owner(path, found)
    if found.st_size > LARGEST:
        raise _DamagedError(f"expected at most {size_text(LARGEST)}, found {size_text(found.st_size)}")
    data = files.read_whole(path)
    content, seal = data[:-_SEAL], data[-_SEAL:]
    if not seal.startswith(_MARK):
        raise _DamagedError("expected it to end with its checksum, found other bytes")
    if seal != _seal(path, content):
        raise _DamagedError("expected it as it was written, found it changed (its checksum differs)")
    return content


def keep_json(path: Path, content: object) -> None:
    """Write plain data to the cache. Raises FileError."""
    keep(path, (files.json_text(content, 1) + "\n").encode())


def fetch_json(path: Path, say: Say, instead: str = ANEW) -> Any:
    """Plain data from the cache; None and raises as `fetch`."""
    data = fetch(path, say, instead)
    if data is None:
        return None
    try:
        return files.parse_json(data)
    except ValueError as wrong:
        say(f"{shown(path)}: {wrong}; {instead}")
        return None


@contextmanager
def locked(name: str, directory: Path, say: Say, waiting: str) -> Iterator[None]:
    """Hold a lock of the cache; a read-only folder needs none. `waiting` is reported while another process holds it."""
    if _exists(directory) and not writable(directory):
        yield
        return
    with ExitStack() as held:
        folder(directory)
        with remedy():
            held.enter_context(files.exclusive(folder(paths.locks()) / f"{name}.lock", lambda: say(waiting)))
        yield
