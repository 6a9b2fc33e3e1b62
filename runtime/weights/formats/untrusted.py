"""A file from anywhere: read in pieces that its size bounds, and what is wrong with it said in one sentence."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from netspec.errors import InputError, NetSpecError
from netspec.text import shown, size_text
from runtime.system.files import errors_about, open_regular

DAMAGED = "it is damaged or incomplete: download or save it again"
# What the description of a file's tensors may take, beside a share of the file's size: that of fifteen hundred.
_LEAST_MEMORY, _MEMORY_SHARE = 7 * 2**19, 4
_LEAST_STEPS, _BYTES_A_STEP = 2**17, 64
_BUFFER = 2**16


class UnreadableError(Exception):
    """Why a file cannot be read, for the sentence that `said_of` says.

    Args:
        found: goes on from "expected a file of this kind, found ": `one that is compressed`.
        remedy: what to do, without a full stop.
    """

    def __init__(self, found: str, remedy: str = DAMAGED) -> None:
        super().__init__(found)
        self.found, self.remedy = found, remedy


@contextmanager
def said_of(path: Path, expected: str) -> Iterator[None]:
    """Turn an UnreadableError into an InputError on `path`, where `expected` is a noun phrase."""
    try:
        yield
    except UnreadableError as wrong:
        raise InputError(f"{shown(path)}: expected {expected}, found {wrong.found}; {wrong.remedy}.") from None
    except MemoryError:
        raise NetSpecError(
            f"{shown(path)} cannot be read for want of memory: close other programs, or allow this one more "
            "(ulimit -v)."
        ) from None


class UntrustedFile:
    """A regular file, open to read. Closed by `with`.

    Attributes:
        size: in bytes, when it was opened.
    """

    def __init__(self, path: Path, file: BinaryIO | None = None) -> None:
        """Open `path`, unless it is there as an open `file`: a temporary one of what the path holds.

        Raises FileError when it cannot be opened, or is a folder, a pipe or a device.
        """
        self.path = path
        self._file = open_regular(path) if file is None else file
        self.size = os.fstat(self._file.fileno()).st_size

    def read(self, start: int, count: int) -> bytes:
        """Exactly `count` bytes from `start` on. Raises UnreadableError when the file has fewer, and FileError."""
        if start < 0 or count < 0 or start + count > self.size:
            raise UnreadableError(f"one that ends too early, after {self.size} bytes")
        with errors_about(self.path, "read"):
            self._file.seek(start)
            data = self._file.read(count)
        if len(data) < count:
            raise UnreadableError("one that became shorter while it was read", "wait until it is written completely")
        return data

    def fileno(self) -> int:
        """Its descriptor, for a process that reads it."""
        return self._file.fileno()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> "UntrustedFile":
        return self

    def __exit__(self, *error: Any) -> None:
        self.close()


class Stream:
    """The bytes of a file from `start` to `end`, in order."""

    def __init__(self, file: UntrustedFile, start: int, end: int) -> None:
        self._file, self._end = file, end
        self._buffer, self._used, self._next = b"", 0, start

    @property
    def position(self) -> int:
        """Where in the file the next byte is."""
        return self._next - len(self._buffer) + self._used

    def take(self, count: int) -> bytes:
        """The next `count` bytes. Raises UnreadableError at the end."""
        if count > len(self._buffer) - self._used:
            self._fill(count)
        taken = self._buffer[self._used : self._used + count]
        self._used += count
        return taken

    def line(self, most: int) -> bytes:
        """The bytes up to the next line break, without it. Raises UnreadableError when it has more than `most`."""
        ahead = min(most + 1, self._end - self.position)
        if ahead > len(self._buffer) - self._used:
            self._fill(ahead)
        length = self._buffer.find(b"\n", self._used, self._used + ahead) - self._used
        if length < 0:
            raise UnreadableError(f"one whose pickle has a line without an end, or of more than {most} letters")
        return self.take(length + 1)[:-1]

    def _fill(self, count: int) -> None:
        """Have `count` bytes in the buffer."""
        if count > self._end - self.position:
            raise UnreadableError(f"one that ends too early, in its pickle at byte {self._end}")
        rest = self._buffer[self._used :]
        more = self._file.read(self._next, min(max(_BUFFER, count - len(rest)), self._end - self._next))
        self._buffer, self._used = rest + more, 0
        self._next += len(more)


class Budget:
    """What the description of a file's tensors may take, of memory and of time: it follows from the file's size.

    Attributes:
        total: of the memory, bytes.
    """

    def __init__(self, file_size: int) -> None:
        self.total = _LEAST_MEMORY + file_size // _MEMORY_SHARE
        self._left = self.total
        self._steps = _LEAST_STEPS + file_size // _BYTES_A_STEP

    def spend(self, amount: int) -> None:
        """Count `amount` bytes that are about to be taken. Raises UnreadableError when they are too many."""
        self._left -= amount
        if self._left < 0:
            raise UnreadableError(
                f"one whose description of its tensors takes more than {size_text(self.total)} of memory, too much for "
                "a file of its size",
                "save its tensors alone in a new file",
            )

    def free(self, amount: int) -> None:
        """Count `amount` bytes as free again."""
        self._left += amount

    def step(self) -> None:
        """Count one step of some microseconds. Raises UnreadableError when they are too many."""
        self._steps -= 1
        if self._steps < 0:
            raise UnreadableError(
                "one whose description of its tensors is too long for a file of its size",
                "save its tensors alone in a new file",
            )
