"""Tables of a FlatBuffers file from anywhere: every offset is checked, and all tables together are bounded.

Instead of the library's generated classes, which check nothing: an offset outside a Python buffer is an IndexError or a
struct.error at best, a negative one wraps around, and a table may be referred to a million times.

A table starts with the distance back to its vtable, which lists for each field where it lies in the table, 0: absent.
Source: https://flatbuffers.dev/internals/.
"""

import struct
from collections.abc import Iterator

from runtime.weights.formats.untrusted import UnreadableError, UntrustedFile

# All that is read of tables, vectors and texts; tensors' data are not. The largest published classifiers have thousands
# of tables and a megabyte of names.
BYTES, NUMBERS, LONGEST_TEXT = 2**24, 2**17, 2**16
TEXTS = 2**21  # bytes of all different ones
FIELDS = 16  # of a table; those behind them are of no use here
READ = 32  # a range costs no less, so that the number of ranges is bounded too


class Flatbuffer:
    """The tables of one file."""

    def __init__(self, file: UntrustedFile) -> None:
        self.file = file
        self._bytes, self._numbers, self._text_bytes = BYTES, NUMBERS, TEXTS
        self._texts: dict[int, str] = {}

    def root(self) -> "Table":
        """The table that holds all others. Raises UnreadableError."""
        return Table(self, self.number("I", 0))

    def at(self, offset: int, count: int) -> bytes:
        """Bytes of a table. Raises UnreadableError, also where the tables read so far are too many."""
        self._bytes -= max(count, READ)
        if self._bytes < 0:
            raise UnreadableError(f"one whose tables take more than {BYTES} bytes", "is it of a classifier?")
        return self.file.read(offset, count)

    def number(self, kind: str, offset: int) -> int:
        """One integer; `kind` as of `struct`."""
        return int(struct.unpack(f"<{kind}", self.at(offset, struct.calcsize(kind)))[0])

    def follow(self, offset: int) -> int:
        """Where the reference at `offset` leads to."""
        return offset + self.number("I", offset)

    def vector(self, position: int, item: int) -> tuple[int, int]:
        """The first item's position and the number of items of `item` bytes: all within the file."""
        count = self.number("I", position)
        if count * item > self.file.size - position - 4:
            raise UnreadableError(f"a vector of {count} items at byte {position}, which ends outside of it")
        return position + 4, count

    def numbers(self, position: int, kind: str) -> tuple[int, ...]:
        """A vector of integers."""
        size = struct.calcsize(kind)
        first, count = self.vector(position, size)
        self._numbers -= count
        if self._numbers < 0:
            raise UnreadableError(f"one whose tables list more than {NUMBERS} numbers", "is it of a classifier?")
        return struct.unpack(f"<{count}{kind}", self.at(first, count * size))

    def text(self, position: int) -> str:
        """A text; one that many tables share is read once."""
        if position not in self._texts:
            first, count = self.vector(position, 1)
            self._text_bytes -= count
            if count > LONGEST_TEXT or self._text_bytes < 0:
                raise UnreadableError(
                    f"names of more than {LONGEST_TEXT if count > LONGEST_TEXT else TEXTS} bytes",
                    "is it of a classifier?",
                )
            self._texts[position] = self.at(first, count).decode("utf-8", errors="replace")
        return self._texts[position]


class Table:
    """A table: its fields by number, of which absent ones have a default. All raise UnreadableError on wrong bytes."""

    def __init__(self, buffer: Flatbuffer, position: int) -> None:
        self.buffer, self.position = buffer, position
        vtable = position - buffer.number("i", position)
        length, self._size = struct.unpack("<HH", buffer.at(vtable, 4))
        if length < 4 or length % 2 or self._size < 4:
            raise UnreadableError(f"a malformed table at byte {position}")
        count = min((length - 4) // 2, FIELDS)
        self._fields = struct.unpack(f"<{count}H", buffer.at(vtable + 4, 2 * count))

    def number(self, field: int, kind: str, default: int = 0) -> int:
        """An integer; `kind` as of `struct`."""
        position = self._position(field, struct.calcsize(kind))
        return default if position is None else self.buffer.number(kind, position)

    def real(self, field: int, default: float = 0.0) -> float:
        """An f32."""
        position = self._position(field, 4)
        return default if position is None else float(struct.unpack("<f", self.buffer.at(position, 4))[0])

    def text(self, field: int) -> str:
        """A text; empty where it is absent."""
        position = self._reference(field)
        return "" if position is None else self.buffer.text(position)

    def numbers(self, field: int, kind: str = "i") -> tuple[int, ...]:
        """A vector of integers; empty where it is absent."""
        position = self._reference(field)
        return () if position is None else self.buffer.numbers(position, kind)

    def span(self, field: int) -> tuple[int, int]:
        """Where a vector of bytes lies, and how many these are; they are not read."""
        position = self._reference(field)
        return (0, 0) if position is None else self.buffer.vector(position, 1)

    def count(self, field: int) -> int:
        """How many tables a vector refers to."""
        position = self._reference(field)
        return 0 if position is None else self.buffer.vector(position, 4)[1]

    def table(self, field: int) -> "Table | None":
        """A table within this one."""
        position = self._reference(field)
        return None if position is None else Table(self.buffer, position)

    def tables(self, field: int, most: int, name: str) -> Iterator["Table"]:
        """The tables of a vector, one after the other; there may be no more than `most`."""
        position = self._reference(field)
        if position is None:
            return
        first, count = self.buffer.vector(position, 4)
        if count > most:
            raise UnreadableError(f"{count} {name}, of at most {most}", "is it of a classifier?")
        for number in range(count):
            yield Table(self.buffer, self.buffer.follow(first + 4 * number))

    def _position(self, field: int, size: int) -> int | None:
        place = self._fields[field] if field < len(self._fields) else 0
        if place == 0:
            return None
        if place < 4 or place + size > self._size:
            raise UnreadableError(f"a field outside of its table, at byte {self.position}")
        return self.position + place

    def _reference(self, field: int) -> int | None:
        position = self._position(field, 4)
        return None if position is None else self.buffer.follow(position)
