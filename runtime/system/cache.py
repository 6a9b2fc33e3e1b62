"""The cache: files that can be made again, each checked before it is used.

A cached file ends with a seal, the SHA-256 of its name and of all that comes before; a file whose seal does not hold is
made anew, one that lies under another's name too. (IREE's tools read a program with its seal as they do without.) The
folders are the user's alone, mode 0700: what lies in one that somebody else owns or may write to could be anything, a
program included, so it is refused.

A cache on a disk that cannot be written works as far as all that is needed is in it.
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
    """A folder of the cache, made if it is not there yet. Raises FileError."""
    root = paths.cache_root()
    for each in (root, *(path.parents[up] for up in reversed(range(len(path.relative_to(root).parts) - 1))), path):
        with remedy():
            files.make_folder(each, 0o700)
        check_owner(each)
    return path


def check_owner(path: Path) -> None:
    """Raises FileError when somebody else could have put what lies in a file or folder of the cache."""
    with files.errors_about(path, "read"):
        _check_owner(path, path.stat())


def _check_owner(path: Path, found: os.stat_result) -> None:
    if found.st_uid not in (os.geteuid(), 0):
        raise FileError(
            f"{shown(path)}: belongs to another user (number {found.st_uid}), whose programs would be run as yours: "
            f"make it your own, {_ELSEWHERE}."
        )
    if found.st_mode & 0o022:
        raise FileError(
            f"{shown(path)}: others may write to it (mode {stat.S_IMODE(found.st_mode):04o}), and what they put there "
            f"would be run as yours: remove it, {_ELSEWHERE}."
        )


@contextmanager
def remedy() -> Iterator[None]:
    """Say of any folder of the cache that cannot be written that another can be chosen."""
    try:
        yield
    except FileError as wrong:
        text = str(wrong)
        if _ELSEWHERE in text:
            raise
        what = text.rpartition(";")[0] or text
        raise FileError(f"the cache: {what}; check its disk and permissions, {_ELSEWHERE}.") from None


def writable(path: Path) -> bool:
    """Whether something could be added to a folder of the cache, which need not be there yet."""
    there = next(each for each in (path, *path.parents) if _is_there(each))
    return os.access(there, os.W_OK | os.X_OK)


def check_writable(path: Path, lacking: str) -> None:
    """Raises FileError when what is lacking cannot be added to a folder of the cache, before work is done for it."""
    if not writable(path):
        raise FileError(
            f"the cache: {shown(path)} can only be read, and lacks {lacking}; begin once where it can be written, "
            f"{_ELSEWHERE}."
        )


def _is_there(path: Path) -> bool:
    """Whether this user can see it: not what lies in a folder that is another user's."""
    try:
        path.stat()
    except OSError:
        return False
    return True


def keep(path: Path, data: bytes) -> None:
    """Put a file into the cache, as a whole. Raises FileError."""
    folder(path.parent)
    with remedy():
        files.write_whole(path, data + _seal(path, data), 0o600)


def _seal(path: Path, data: bytes) -> bytes:
    digest = hashlib.sha256(os.fsencode(path.name) + b"\0")
    digest.update(data)
    return _MARK + digest.hexdigest().encode() + b"\n"


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A new file of the cache to write to, as `files.replacing`, without a seal: for what is checked in parts.

    Raises FileError.
    """
    with remedy(), files.replacing(path, 0o600) as file:
        yield file


ANEW = "it is made anew"


def fetch(path: Path, say: Say, instead: str = ANEW) -> bytes | None:
    """What was kept; None where there is nothing, or nothing as it was kept, which is said and removed.

    `instead`: what is done without it. Raises FileError when it is not the user's own, or cannot be read.
    """
    for each in (paths.cache_root(), path.parent):
        if not _is_there(each):
            return None
        check_owner(each)
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
    """What is wrong with a cached file."""


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
    """Put plain data into the cache."""
    keep(path, (files.json_text(content, 1) + "\n").encode())


def fetch_json(path: Path, say: Say, instead: str = ANEW) -> Any:
    """Plain data that was kept; None as `fetch`."""
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
    """One process at a time, as far as others could write at all: a folder that is only read needs no lock."""
    if _is_there(directory) and not writable(directory):
        yield
        return
    with ExitStack() as held:
        folder(directory)
        with remedy():
            held.enter_context(files.exclusive(folder(paths.locks()) / f"{name}.lock", lambda: say(waiting)))
        yield
