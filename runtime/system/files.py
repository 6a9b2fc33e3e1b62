"""Files: atomic writes, guarded reads, locks; an error names the file.

Every file that NetSpec writes is written here. No predictable name is opened for writing: a new file has a random name
and is renamed when it is complete.
"""

import contextlib
import errno
import fcntl
import hashlib
import json
import math
import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from netspec.errors import FileError
from netspec.text import shown

TEMPORARY = ".netspec-tmp"
_CHUNK = 2**20  # bytes read at a time
# Never follow a link that another program put there, nor wait for a pipe.
GUARDED = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)


@contextmanager
def errors_about(path: Path, doing: str) -> Iterator[None]:
    """Turn an OSError into a FileError on `path`: `doing` is "written", "read", ..."""
    try:
        yield
    except OSError as wrong:
        raise about(path, doing, wrong) from None


def about(path: Path, doing: str, wrong: OSError) -> FileError:
    """The FileError for an OSError: a sentence that says what to do."""
    remedy = _REMEDIES.get(wrong.errno or 0, "check the path and its permissions")
    return FileError(f"{shown(path)}: cannot be {doing}: {wrong.strerror or shown(wrong)}; {remedy}.")


_REMEDIES = {
    errno.ENOSPC: "make room on that disk, or choose a folder on another one",
    errno.EDQUOT: "make room within the quota, or choose a folder on another disk",
    errno.EROFS: "that file system is read-only: choose a folder on another one",
    errno.EMFILE: "this process may open no more files: raise the limit (ulimit -n)",
    errno.ELOOP: "a link stands where a file was expected: remove it, or choose another folder",
}


def write_whole(path: Path, data: bytes, mode: int = 0o666, *, synced: bool = True) -> None:
    """Replace a file atomically: after a kill there is the old content or the new.

    An existing path must be a file (a link is replaced, never followed).

    Args:
        mode: less the umask.
        synced: whether it also survives a crash of the machine, which takes milliseconds.

    Raises:
        FileError: it cannot be written; the old content is unchanged.
    """
    with replacing(path, mode, synced=synced) as file, errors_about(path, "written"):
        file.write(data)


@contextmanager
def replacing(path: Path, mode: int = 0o666, *, synced: bool = True) -> Iterator[BinaryIO]:
    """A new file to write to, which replaces `path` at the end; where the body raises, nothing changes.

    Raises FileError.
    """
    with errors_about(path, "written"):
        _check_replaceable(path)
        file, temporary = _temporary(path, mode)
    try:
        yield file
        with errors_about(path, "written"):
            file.flush()
            if synced:
                os.fsync(file.fileno())
            file.close()
            temporary.replace(path)
    finally:
        with contextlib.suppress(OSError):
            file.close()  # which may flush and fail again: that was reported
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
    if synced:
        sync_folder(path.parent)


def overwrite(path: Path, offset: int, data: bytes) -> None:
    """Replace bytes within a file, from `offset` on. Raises FileError.

    Only for parts with a checksum elsewhere: a kill may leave half of one.
    """
    with errors_about(path, "written"):
        descriptor = os.open(path, os.O_WRONLY | GUARDED)
        try:
            os.pwrite(descriptor, data, offset)
        finally:
            os.close(descriptor)


def _check_replaceable(path: Path) -> None:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not (stat.S_ISREG(mode) or stat.S_ISLNK(mode)):
        raise FileError(f"{shown(path)}: expected a file or nothing there, found {_kind(mode)}; choose another name.")


def _kind(mode: int) -> str:
    kinds = {stat.S_ISDIR: "a folder", stat.S_ISFIFO: "a pipe", stat.S_ISCHR: "a device", stat.S_ISBLK: "a device"}
    return next((name for holds, name in kinds.items() if holds(mode)), "something else")


def _temporary(path: Path, mode: int) -> tuple[BinaryIO, Path]:
    """A new file beside `path`, with a random name."""
    # Truncated: a name may be as long as the file system allows. Files left by a kill are found by their suffix.
    stem = os.fsdecode(os.fsencode(path.name)[:200])
    while True:
        temporary = path.with_name(f".{stem}.{secrets.token_hex(8)}{TEMPORARY}")
        with contextlib.suppress(FileExistsError):
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | GUARDED, mode)
            return os.fdopen(descriptor, "wb"), temporary


def remove_leftovers(folder: Path) -> None:
    """Remove the unfinished files that killed processes left in a folder. The caller holds its lock."""
    with contextlib.suppress(OSError):
        for leftover in folder.glob(f".*{TEMPORARY}"):
            leftover.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Flush a folder's entries to the disk, where the file system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def read_whole(path: Path, most: int | None = None) -> bytes:
    """A file's bytes. Raises FileError, also for a path that is not a file (a pipe) or has more than `most` bytes."""
    with open_regular(path) as file, errors_about(path, "read"):
        size = os.fstat(file.fileno()).st_size
        if most is not None and size > most:
            raise FileError(f"{shown(path)}: expected at most {most} bytes, found {size}; is it the file?")
        return file.read()


def open_regular(path: Path) -> BinaryIO:
    """A file to read. Raises FileError, also for a path that is not a file: a pipe would be waited for."""
    with errors_about(path, "read"):
        descriptor = os.open(path, os.O_RDONLY | (GUARDED & ~getattr(os, "O_NOFOLLOW", 0)))
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISREG(mode):
            return os.fdopen(descriptor, "rb")
        os.close(descriptor)
        raise FileError(f"{shown(path)}: expected a file, found {_kind(mode)}; check the path.")


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's bytes, as 64 hexadecimal digits. Raises FileError."""
    digest = hashlib.sha256()
    with errors_about(path, "read"), open_regular(path) as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def read_text(path: Path, most: int | None = None) -> str:
    """A file's text. Raises FileError, also for text that is not UTF-8."""
    try:
        return read_whole(path, most).decode("utf-8")
    except UnicodeDecodeError:
        raise FileError(f"{shown(path)}: expected text in UTF-8, found other bytes; is it the right file?") from None


def parse_json(text: str | bytes) -> Any:
    """Parse JSON from outside. Raises ValueError for invalid JSON, NaN and too deep nesting."""
    try:
        return json.loads(text, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def json_text(data: Any, indent: int | None = None) -> str:
    """Plain data as portable JSON: in ASCII, and null for numbers that are not finite."""
    return json.dumps(_finite(data), indent=indent, allow_nan=False)


def _finite(data: Any) -> Any:
    if isinstance(data, float):
        return data if math.isfinite(data) else None
    if isinstance(data, Mapping):
        return {name: _finite(value) for name, value in data.items()}
    if isinstance(data, list | tuple):
        return [_finite(value) for value in data]
    return data


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def make_folder(path: Path, mode: int = 0o777) -> None:
    """Create a folder and its parents; `mode`, less the umask, is the folder's own. Raises FileError."""
    with errors_about(path, "created"):
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            path.mkdir(mode)
        if not path.is_dir():
            raise FileError(f"{shown(path)}: expected a folder or nothing there, found a file; choose another name.")


@contextmanager
def workspace(parent: Path, prefix: str) -> Iterator[Path]:
    """A temporary folder of this process within `parent`. Folders left by killed processes are removed.

    Raises FileError when it cannot be created.
    """
    with exclusive(parent / f".{prefix}.lock", lambda: None):
        for old in parent.glob(f"{prefix}-*"):
            if not is_held(old):
                shutil.rmtree(old, ignore_errors=True)
        with errors_about(parent, "written"):
            folder = Path(tempfile.mkdtemp(prefix=f"{prefix}-", dir=parent))
            held = os.open(folder, os.O_RDONLY)
            fcntl.flock(held, fcntl.LOCK_EX)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(held)


def check_room(path: Path, needed: int = 2**20) -> None:
    """Raises FileError when the disk of a folder has less room than `needed` bytes."""
    with errors_about(path, "written"):
        if shutil.disk_usage(path).free < needed:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@contextmanager
def output_folder(path: Path) -> Iterator[None]:
    """Create a folder to write to, before the work for it; folders created here are removed if they stay empty.

    Raises FileError.
    """
    with errors_about(path, "created"):
        created = [directory for directory in (path, *path.parents) if not directory.exists()]
    make_folder(path)
    check_writable(path)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            for directory in created:
                directory.rmdir()


def check_writable(folder: Path) -> None:
    """Raises FileError when nothing can be added to a folder."""
    if not os.access(folder, os.W_OK | os.X_OK):
        raise FileError(f"{shown(folder)}: cannot be written to; check its permissions, or choose another folder.")


def remove(path: Path) -> None:
    """Remove a file, a folder or a link (never its target), if it exists. Raises FileError."""
    with errors_about(path, "removed"):
        try:
            is_folder = stat.S_ISDIR(path.lstat().st_mode)
        except FileNotFoundError:
            return
        if is_folder:
            shutil.rmtree(path)
        else:
            path.unlink()


@contextmanager
def exclusive(path: Path, when_waiting: Callable[[], None]) -> Iterator[None]:
    """Hold the lock file `path`; `when_waiting` is called once if another process holds it now.

    The system frees the lock when its holder ends, however it ends. The file's content is never changed. Raises
    FileError.
    """
    with errors_about(path, "locked"):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | GUARDED, 0o600)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise FileError(f"{shown(path)}: expected a lock file, found something else; remove it.")
        if not _try_lock(descriptor, path):
            when_waiting()
            with errors_about(path, "locked"):
                fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def is_held(path: Path) -> bool:
    """Whether a process holds the lock of a file or folder at this moment."""
    try:
        descriptor = os.open(path, os.O_RDONLY | GUARDED)
    except OSError:
        return False
    try:
        return not _try_lock(descriptor, path)
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int, path: Path) -> bool:
    with errors_about(path, "locked"):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
