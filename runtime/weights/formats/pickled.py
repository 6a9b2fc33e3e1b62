"""Pickles of PyTorch's, read by a machine of our own that can only describe: it imports, calls and builds nothing.

It knows the opcodes that Python's picklers write for a state dict (protocols 1 to 5, and those of Python 2) and the
names in `runtime.weights.formats.names`. Any other opcode or name is refused, and said. What it makes is bounded by a
budget, and so is the number of its steps. Source of the opcodes: Python's module `pickletools`.
"""

import pickletools
import struct
import sys
from collections.abc import Callable

from netspec.text import shown
from runtime.weights.formats.names import called, described_storage, named
from runtime.weights.formats.untrusted import Budget, Stream, UnreadableError
from runtime.weights.formats.values import Sequence, Storage, Table, Tensor, closed

LONGEST_TEXT = 2**16  # bytes
_LONGEST_LINE = 256  # letters: a module's or a class's name, or a number
_NEWEST_PROTOCOL = 5
_LONGEST_INTEGER = 10  # bytes: those of the magic number of old files

# What each thing takes in memory, at most, in bytes; `test_hostile.py` measures it.
_SLOT, _MARK = 18, 48  # of the stack or the memo; a list takes twice its size when it is enlarged
_TUPLE, _TUPLE_SLOT = 112, 8
_LIST = 128
_TABLE, _ITEM = 176, 112
_NAME, _STORAGE, _TENSOR = 256, 192, 256

_NO_VALUE = object()
_EMPTY = Sequence(())


def unpickled(stream: Stream, budget: Budget, storages: dict[str, Storage] | None = None) -> object:
    """The value of the next pickle in a stream, as `runtime.weights.formats.values` describes it.

    Args:
        storages: filled with the storages that it refers to, by key; None where it may refer to none.

    Raises:
        UnreadableError: it is malformed, too large for the budget, or needs more than is known.
    """
    return _Machine(stream, budget, storages).run()


class _Machine:
    def __init__(self, stream: Stream, budget: Budget, storages: dict[str, Storage] | None) -> None:
        self.stream, self.budget, self.storages = stream, budget, storages
        self.stack: list[object] = []
        self.marks: list[int] = []
        self.memo: list[object] = []

    def run(self) -> object:
        while (code := self.stream.take(1)) != b".":
            operation = _OPERATIONS.get(code)
            if operation is None:
                raise UnreadableError(f"one whose pickle has {_described(code)}")
            self.budget.step()
            operation(self)
        value = self.pop()
        if self.stack or self.marks:
            raise UnreadableError("one whose pickle ends with something left over")
        return value

    def integer(self, size: int, *, signed: bool = False) -> int:
        return int.from_bytes(self.stream.take(size), "little", signed=signed)

    def push(self, value: object) -> None:
        self.budget.spend(_SLOT)
        self.stack.append(value)

    def push_scalar(self, value: str | bytes | int | float) -> None:
        self.budget.spend(sys.getsizeof(value))
        self.push(value)

    def pop(self) -> object:
        if len(self.stack) <= (self.marks[-1] if self.marks else 0):
            raise UnreadableError("one whose pickle uses a value that is not there")
        self.budget.free(_SLOT)
        return self.stack.pop()

    def pop_to_mark(self) -> list[object]:
        if not self.marks:
            raise UnreadableError("one whose pickle ends a list that it did not begin")
        mark = self.marks.pop()
        values = self.stack[mark:]
        del self.stack[mark:]
        self.budget.free(_MARK + _SLOT * len(values))
        return values

    def mark(self) -> None:
        self.budget.spend(_MARK)
        self.marks.append(len(self.stack))

    # Scalars

    def long_integer(self) -> None:
        size = self.integer(1)
        if size > _LONGEST_INTEGER:
            raise UnreadableError(f"one with a number of {size} bytes in its pickle")
        self.push_scalar(self.integer(size, signed=True))

    def text_integer(self) -> None:
        """Protocol 1: `123`, or `123L`, or the booleans `00` and `01`."""
        digits = self.stream.line(_LONGEST_LINE).removesuffix(b"L")
        if digits in (b"00", b"01"):
            return self.push(digits == b"01")
        magnitude = digits.removeprefix(b"-")
        if not magnitude.isdigit() or len(magnitude) > 3 * _LONGEST_INTEGER:
            raise UnreadableError("one with a number in its pickle that is none")
        self.push_scalar(int(digits))

    def fraction(self) -> None:
        self.push_scalar(struct.unpack(">d", self.stream.take(8))[0])

    def taken(self, size_of_size: int) -> bytes:
        size = self.integer(size_of_size)
        if size > LONGEST_TEXT:
            raise UnreadableError(f"one with a text of {size} bytes in its pickle, more than {LONGEST_TEXT}")
        return self.stream.take(size)

    def text(self, size_of_size: int) -> None:
        try:
            self.push_scalar(self.taken(size_of_size).decode())
        except UnicodeDecodeError:
            raise UnreadableError("one with a text in its pickle that is no UTF-8") from None

    def text_of_python_2(self, size_of_size: int) -> None:
        """A `str` of Python 2, which may hold any bytes."""
        data = self.taken(size_of_size)
        try:
            self.push_scalar(data.decode())
        except UnicodeDecodeError:
            self.push_scalar(data)

    # Containers

    def tuple(self, values: list[object]) -> None:
        if not values:
            return self.push(_EMPTY)
        self.budget.spend(_TUPLE + _TUPLE_SLOT * len(values))
        self.push(Sequence(tuple(values), 1 + closed(values)))

    def tuple_of(self, count: int) -> None:
        self.tuple([self.pop() for _ in range(count)][::-1])

    def empty_list(self) -> None:
        self.budget.spend(_LIST)
        self.push(Sequence([], open=True))

    def append(self, values: list[object]) -> None:
        target = self.stack[-1] if self.stack else None
        if not isinstance(target, Sequence) or not target.open:
            raise UnreadableError("one whose pickle appends to something that is no new list")
        self.budget.spend(_SLOT * len(values))
        target.extend(values)

    def empty_table(self) -> None:
        self.budget.spend(_TABLE)
        self.push(Table())

    def set_items(self, values: list[object]) -> None:
        target = self.stack[-1] if self.stack else None
        if not isinstance(target, Table) or not target.open:
            raise UnreadableError("one whose pickle adds an item to something that is no new dict")
        if len(values) % 2:
            raise UnreadableError("one whose pickle has a key without a value")
        self.budget.spend(_ITEM * len(values) // 2)
        for key, value in zip(values[::2], values[1::2], strict=True):
            target.put(key, value)

    def set_item(self) -> None:
        value, key = self.pop(), self.pop()
        self.set_items([key, value])

    # Names, calls, storages

    def name_in_lines(self) -> None:
        module, name = self.stream.line(_LONGEST_LINE), self.stream.line(_LONGEST_LINE)
        self.name(module.decode(errors="replace"), name.decode(errors="replace"))

    def name_on_stack(self) -> None:
        name, module = self.pop(), self.pop()
        if not isinstance(module, str) or not isinstance(name, str):
            raise UnreadableError("one whose pickle names something that is no text")
        self.name(module, name)

    def name(self, module: str, name: str) -> None:
        self.budget.spend(_NAME)
        self.push(named(module, name))

    def call(self) -> None:
        given, function = self.pop(), self.pop()
        self.budget.spend(_TENSOR + _ITEM * _length_of_first(given))
        self.push(called(function, given))

    def set_state(self) -> None:
        """What PyTorch keeps beside a dict's items or a parameter's numbers is not needed for them: it is dropped."""
        self.pop()
        target = self.stack[-1] if self.stack else None
        if not isinstance(target, Table | Tensor):
            raise UnreadableError("one whose pickle sets the state of something that is no dict and no tensor")

    def storage(self) -> None:
        given = self.pop()
        if self.storages is None:
            raise UnreadableError("one that refers to a storage where none can be")
        self.budget.spend(_STORAGE)
        full, viewed = described_storage(given)
        known = self.storages.setdefault(full.key, full)
        if (known.dtype, known.count) != (full.dtype, full.count):
            raise UnreadableError(f"one that describes its storage {shown(full.key, 40)} in two ways")
        self.push(viewed)

    # Memory: values that are used again

    def memorize(self, index: int) -> None:
        value = self.pop()
        if index >= len(self.memo):
            missing = index + 1 - len(self.memo)
            self.budget.spend(_SLOT * missing)
            self.memo.extend([_NO_VALUE] * missing)
        self.memo[index] = value
        self.push(value)

    def recall(self, index: int) -> None:
        value = self.memo[index] if index < len(self.memo) else _NO_VALUE
        if value is _NO_VALUE:
            raise UnreadableError("one whose pickle recalls a value that it did not store")
        if isinstance(value, Sequence | Table) and value.open:
            raise UnreadableError("one whose pickle has a list or a dict that holds itself")
        self.push(value)

    def protocol(self) -> None:
        if (found := self.integer(1)) > _NEWEST_PROTOCOL:
            raise UnreadableError(f"one whose pickle is of protocol {found}, more than {_NEWEST_PROTOCOL}")

    def frame(self) -> None:
        """The size of what follows: needed only to read ahead."""
        self.stream.take(8)


def _length_of_first(given: object) -> int:
    """How many items a call may copy: an OrderedDict's, from a list of pairs."""
    first = given.items[0] if isinstance(given, Sequence) and given.items else None
    return len(first.items) if isinstance(first, Sequence) else 0


def _described(code: bytes) -> str:
    name = next((known.name for known in pickletools.opcodes if known.code == code.decode("latin-1")), None)
    return f"the opcode {name}, which no state dict needs" if name else f"the byte {code.hex()} instead of an opcode"


_OPERATIONS: dict[bytes, Callable[[_Machine], None]] = {
    b"\x80": _Machine.protocol,
    b"\x95": _Machine.frame,
    b"(": _Machine.mark,
    b"N": lambda machine: machine.push(None),
    b"\x88": lambda machine: machine.push(True),
    b"\x89": lambda machine: machine.push(False),
    b"K": lambda machine: machine.push(machine.integer(1)),
    b"M": lambda machine: machine.push_scalar(machine.integer(2)),
    b"J": lambda machine: machine.push_scalar(machine.integer(4, signed=True)),
    b"\x8a": _Machine.long_integer,
    b"I": _Machine.text_integer,
    b"L": _Machine.text_integer,
    b"G": _Machine.fraction,
    b"\x8c": lambda machine: machine.text(1),
    b"X": lambda machine: machine.text(4),
    b"\x8d": lambda machine: machine.text(8),
    b"U": lambda machine: machine.text_of_python_2(1),
    b"T": lambda machine: machine.text_of_python_2(4),
    b"C": lambda machine: machine.push_scalar(machine.taken(1)),
    b"B": lambda machine: machine.push_scalar(machine.taken(4)),
    b"\x8e": lambda machine: machine.push_scalar(machine.taken(8)),
    b")": lambda machine: machine.push(_EMPTY),
    b"t": lambda machine: machine.tuple(machine.pop_to_mark()),
    b"\x85": lambda machine: machine.tuple_of(1),
    b"\x86": lambda machine: machine.tuple_of(2),
    b"\x87": lambda machine: machine.tuple_of(3),
    b"]": _Machine.empty_list,
    b"a": lambda machine: machine.append([machine.pop()]),
    b"e": lambda machine: machine.append(machine.pop_to_mark()),
    b"}": _Machine.empty_table,
    b"s": _Machine.set_item,
    b"u": lambda machine: machine.set_items(machine.pop_to_mark()),
    b"c": _Machine.name_in_lines,
    b"\x93": _Machine.name_on_stack,
    b"R": _Machine.call,
    b"b": _Machine.set_state,
    b"Q": _Machine.storage,
    b"q": lambda machine: machine.memorize(machine.integer(1)),
    b"r": lambda machine: machine.memorize(machine.integer(4)),
    b"\x94": lambda machine: machine.memorize(len(machine.memo)),
    b"h": lambda machine: machine.recall(machine.integer(1)),
    b"j": lambda machine: machine.recall(machine.integer(4)),
}
