"""Files that last: written as a whole or not at all, read without surprise, locked; an error names the file.

Every file that NetSpec writes is written here. No name that others could foresee is opened for writing: what is new has
a name of its own, made by nobody else, and is renamed when it is complete.
"""

import contextlib
import errno
import fcntl
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
# What another program may not do to an open of ours: follow a link that was put there, or wait for a pipe.
GUARDED = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)


@contextmanager
def errors_about(path: Path, doing: str) -> Iterator[None]:
    """Turn an error of the operating system into a sentence on `path`: `doing` is "written", "read", ..."""
    try:
        yield
    except OSError as wrong:
        raise about(path, doing, wrong) from None


def about(path: Path, doing: str, wrong: OSError) -> FileError:
    """The sentence on an error of the operating system, and what to do."""
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
    """Replace a file's content: a reader, or a kill, sees the old or the new and nothing between.

    What is there already must be a file (a link is replaced, never followed).

    Args:
        mode: less the umask.
        synced: also when the machine itself goes down. It takes milliseconds: not for what can be made again.

    Raises:
        FileError: it cannot be written; the old content is there.
    """
    with replacing(path, mode, synced=synced) as file, errors_about(path, "written"):
        file.write(data)


@contextmanager
def replacing(path: Path, mode: int = 0o666, *, synced: bool = True) -> Iterator[BinaryIO]:
    """A new file to write to, which takes the place of `path` at the end; where the body raises, nothing changes.

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
            file.close()  # which writes what could not be written before: that has been told
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
    if synced:
        sync_folder(path.parent)


def overwrite(path: Path, place: int, data: bytes) -> None:
    """Replace bytes within a file, from the byte `place` on. Raises FileError.

    Only for a part that a checksum is kept of elsewhere: a kill may leave half of it.
    """
    with errors_about(path, "written"):
        descriptor = os.open(path, os.O_WRONLY | GUARDED)
        try:
            os.pwrite(descriptor, data, place)
        finally:
            os.close(descriptor)


def _check_replaceable(path: Path) -> None:
    try:
        found = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not (stat.S_ISREG(found) or stat.S_ISLNK(found)):
        raise FileError(f"{shown(path)}: expected a file or nothing there, found {_kind(found)}; choose another name.")


def _kind(mode: int) -> str:
    kinds = {stat.S_ISDIR: "a folder", stat.S_ISFIFO: "a pipe", stat.S_ISCHR: "a device", stat.S_ISBLK: "a device"}
    return next((name for holds, name in kinds.items() if holds(mode)), "something else")


def _temporary(path: Path, mode: int) -> tuple[BinaryIO, Path]:
    """A file beside `path` that nobody else has, under a name that nobody can foresee."""
    # Cut: a name may be as long as the file system allows. What is left over by a kill is found by its ending.
    stem = os.fsdecode(os.fsencode(path.name)[:200])
    while True:
        temporary = path.with_name(f".{stem}.{secrets.token_hex(8)}{TEMPORARY}")
        with contextlib.suppress(FileExistsError):
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | GUARDED, mode)
            return os.fdopen(descriptor, "wb"), temporary


def remove_leftovers(folder: Path) -> None:
    """Remove the unfinished files that killed processes left in a folder. The caller holds its lock."""
    with contextlib.suppress(OSError):
        for found in folder.glob(f".*{TEMPORARY}"):
            found.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Bring a folder's names to the disk. Not every file system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def read_whole(path: Path, most: int | None = None) -> bytes:
    """A file's bytes. Never waits for a pipe. Raises FileError, also for what is no file or has over `most` bytes."""
    with errors_about(path, "read"):
        descriptor = os.open(path, os.O_RDONLY | (GUARDED & ~getattr(os, "O_NOFOLLOW", 0)))
        with os.fdopen(descriptor, "rb") as file:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                raise FileError(f"{shown(path)}: expected a file, found {_kind(found.st_mode)}; check the path.")
            if most is not None and found.st_size > most:
                raise FileError(f"{shown(path)}: expected at most {most} bytes, found {found.st_size}; is it the file?")
            return file.read()


def read_text(path: Path, most: int | None = None) -> str:
    """A file's text. Raises FileError, also where it is not UTF-8."""
    try:
        return read_whole(path, most).decode("utf-8")
    except UnicodeDecodeError:
        raise FileError(f"{shown(path)}: expected text in UTF-8, found other bytes; is it the right file?") from None


def parse_json(text: str | bytes) -> Any:
    """JSON from outside. Raises ValueError for all that is none, deeply nested texts and NaN included."""
    try:
        return json.loads(text, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def json_text(data: Any, indent: int | None = None) -> str:
    """Plain data as JSON that every reader takes: in ASCII, and null for a number that is not finite."""
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
    """Make a folder and those above it; `mode`, less the umask, is that of the last. Raises FileError."""
    with errors_about(path, "made"):
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            path.mkdir(mode)
        if not path.is_dir():
            raise FileError(f"{shown(path)}: expected a folder or nothing there, found a file; choose another name.")


@contextmanager
def workspace(parent: Path, prefix: str) -> Iterator[Path]:
    """A folder of this process's own within `parent`, gone at the end. What killed processes left there goes too.

    Raises FileError when it cannot be made.
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
    """A folder that can be written to, known before work is done for it; what was made and gets nothing is removed.

    Raises FileError.
    """
    with errors_about(path, "made"):
        made = [each for each in (path, *path.parents) if not each.exists()]
    make_folder(path)
    check_writable(path)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            for each in made:
                each.rmdir()


def check_writable(folder: Path) -> None:
    """Raises FileError when nothing can be added to a folder."""
    if not os.access(folder, os.W_OK | os.X_OK):
        raise FileError(f"{shown(folder)}: cannot be written to; check its permissions, or choose another folder.")


def remove(path: Path) -> None:
    """Remove whatever stands there, if anything does: a link itself, never what it leads to. Raises FileError."""
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

    The system frees the lock when its holder ends, however it ends. The file's content is never touched. Raises
    FileError.
    """
    with errors_about(path, "locked"):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | GUARDED, 0o600)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise FileError(f"{shown(path)}: expected a lock file, found something else; remove it.")
        if not _taken(descriptor, path):
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
        return not _taken(descriptor, path)
    finally:
        os.close(descriptor)


def _taken(descriptor: int, path: Path) -> bool:
    with errors_about(path, "locked"):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
