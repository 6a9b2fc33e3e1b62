"""A writer of PyTorch's files for tests, byte by byte: right ones as PyTorch writes them, and any wrong one."""

import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAGIC, LEGACY_PROTOCOL = 0x1950A86A20F9469CFC6C, 1001
KINDS = {
    "float32": "FloatStorage",
    "float16": "HalfStorage",
    "float64": "DoubleStorage",
    "int64": "LongStorage",
    "int32": "IntStorage",
    "int16": "ShortStorage",
    "int8": "CharStorage",
    "uint8": "ByteStorage",
    "bool": "BoolStorage",
}


@dataclass(frozen=True)
class Named:
    """A class or a function."""

    module: str
    name: str


@dataclass(frozen=True)
class Call:
    """What a function gives, then the items and the state that are put into it."""

    function: Named
    given: tuple[Any, ...] = ()
    items: Mapping[Any, Any] = field(default_factory=dict)
    state: Any = None


@dataclass(frozen=True)
class Persistent:
    """What the file holds outside of the pickle."""

    id: Any


@dataclass(frozen=True)
class Raw:
    """Opcodes as they are."""

    opcodes: bytes


ORDERED_DICT = Named("collections", "OrderedDict")
REBUILD = Named("torch._utils", "_rebuild_tensor_v2")


def pickled(value: Any, protocol: int = 2, *, python_2: bool = False) -> bytes:
    """A pickle as Python's pickler writes it, with everything stored in the memo."""
    writer = _Writer(protocol, python_2)
    writer.save(value)
    start = b"\x80" + bytes([protocol]) if protocol >= 2 else b""
    body = bytes(writer.out) + b"."
    frame = b"\x95" + struct.pack("<Q", len(body)) if protocol >= 4 else b""
    return start + frame + body


class _Writer:
    def __init__(self, protocol: int, python_2: bool) -> None:
        self.protocol, self.python_2 = protocol, python_2
        self.out = bytearray()
        self.memo: dict[Any, int] = {}
        self.next = 1 if python_2 else 0  # where Python 2's picklers begin

    def save(self, value: Any) -> None:
        if isinstance(value, str | Named) and value in self.memo:
            self.recall(self.memo[value])
            return
        if value is None or isinstance(value, bool):
            self.constant(value)
        elif isinstance(value, int):
            self.integer(value)
        elif isinstance(value, float):
            self.out += b"G" + struct.pack(">d", value)
        elif isinstance(value, str):
            self.text(value)
        elif isinstance(value, bytes):
            self.out += b"B" + struct.pack("<I", len(value)) + value
        elif isinstance(value, tuple):
            self.tuple(value)
        elif isinstance(value, list):
            self.out += b"]"
            self.memorize()
            self.batch(value, b"a", b"e", 1)
        elif isinstance(value, dict):
            self.out += b"}"
            self.memorize()
            self.items(value)
        elif isinstance(value, Named):
            self.name(value)
        elif isinstance(value, Call):
            self.call(value)
        elif isinstance(value, Persistent):
            self.save(value.id)
            self.out += b"Q"
        else:
            assert isinstance(value, Raw), value
            self.out += value.opcodes

    def constant(self, value: bool | None) -> None:
        if value is None:
            self.out += b"N"
        elif self.protocol >= 2:
            self.out += b"\x88" if value else b"\x89"
        else:
            self.out += b"I01\n" if value else b"I00\n"

    def integer(self, value: int) -> None:
        if 0 <= value < 256:
            self.out += b"K" + bytes([value])
        elif 0 <= value < 65536:
            self.out += b"M" + struct.pack("<H", value)
        elif -(2**31) <= value < 2**31:
            self.out += b"J" + struct.pack("<i", value)
        elif self.protocol < 2:
            self.out += f"L{value}L\n".encode()
        else:
            size = value.bit_length() // 8 + 1
            self.out += b"\x8a" + bytes([size]) + value.to_bytes(size, "little", signed=True)

    def text(self, value: str) -> None:
        data = value.encode()
        if self.python_2 and len(data) < 256:
            self.out += b"U" + bytes([len(data)]) + data
        elif self.python_2:
            self.out += b"T" + struct.pack("<i", len(data)) + data
        elif self.protocol >= 4 and len(data) < 256:
            self.out += b"\x8c" + bytes([len(data)]) + data
        else:
            self.out += b"X" + struct.pack("<I", len(data)) + data
        self.memorize(value)

    def tuple(self, value: tuple[Any, ...]) -> None:
        if not value:
            self.out += b")"
            return
        short = self.protocol >= 2 and len(value) < 4
        self.out += b"" if short else b"("
        for item in value:
            self.save(item)
        self.out += b"\x84\x85\x86\x87"[len(value) : len(value) + 1] if short else b"t"
        self.memorize()

    def name(self, value: Named) -> None:
        if self.protocol >= 4:
            self.save(value.module)
            self.save(value.name)
            self.out += b"\x93"
        else:
            self.out += b"c" + f"{value.module}\n{value.name}\n".encode()
        self.memorize(value)

    def call(self, value: Call) -> None:
        self.save(value.function)
        self.save(value.given)
        self.out += b"R"
        self.memorize()
        self.items(value.items)
        if value.state is not None:
            self.save(value.state)
            self.out += b"b"

    def items(self, items: Mapping[Any, Any]) -> None:
        self.batch([part for item in items.items() for part in item], b"s", b"u", 2)

    def batch(self, parts: Sequence[Any], one: bytes, several: bytes, size: int) -> None:
        """Up to a thousand at a time, as the pickler does."""
        for start in range(0, len(parts), 1000 * size):
            batch = parts[start : start + 1000 * size]
            self.out += b"(" if len(batch) > size else b""
            for part in batch:
                self.save(part)
            self.out += several if len(batch) > size else one

    def memorize(self, value: Any = None) -> None:
        if value is not None:
            self.memo[value] = self.next
        if self.protocol >= 4:
            self.out += b"\x94"
        elif self.next < 256:
            self.out += b"q" + bytes([self.next])
        else:
            self.out += b"r" + struct.pack("<I", self.next)
        self.next += 1

    def recall(self, index: int) -> None:
        self.out += b"h" + bytes([index]) if index < 256 else b"j" + struct.pack("<I", index)


def storage(key: Any, count: Any, kind: str = "FloatStorage", *, view: Any = "none in a zip") -> Persistent:
    """What a pickle says of a storage; old files add a view, or None."""
    described = ("storage", Named("torch", kind), key, "cpu", count)
    return Persistent(described if view == "none in a zip" else (*described, view))


def tensor(held: Any, shape: Any, strides: Any = None, offset: Any = 0) -> Call:
    """What a pickle says of a tensor."""
    strides = packed(shape) if strides is None else strides
    return Call(REBUILD, (held, offset, shape, strides, False, Call(ORDERED_DICT)))


def packed(shape: Sequence[int]) -> tuple[int, ...]:
    return tuple(int(np.prod(shape[axis + 1 :], dtype=np.int64)) for axis in range(len(shape)))


def state_dict(tensors: Mapping[str, Any]) -> Call:
    """An OrderedDict with the metadata that a module's state dict has."""
    metadata = Call(ORDERED_DICT, items={"": {"version": 1}})
    return Call(ORDERED_DICT, items=tensors, state={"_metadata": metadata})


@dataclass
class Saved:
    """Arrays as tensors of storages of their own, numbered in order: what torch.save does to a state dict."""

    arrays: Mapping[str, NDArray[Any]]
    bfloat16: bool = False
    legacy: bool = False

    def tensors(self) -> dict[str, Call]:
        return {name: self._tensor(number, array) for number, (name, array) in enumerate(self.arrays.items())}

    def storages(self) -> dict[str, bytes]:
        return {str(number): self._data(array) for number, array in enumerate(self.arrays.values())}

    def counts(self) -> dict[str, int]:
        return {str(number): array.size for number, array in enumerate(self.arrays.values())}

    def _tensor(self, number: int, array: NDArray[Any]) -> Call:
        kind = "BFloat16Storage" if self.bfloat16 else KINDS[array.dtype.name]
        view: Any = None if self.legacy else "none in a zip"
        return tensor(storage(str(number), array.size, kind, view=view), array.shape)

    def _data(self, array: NDArray[Any]) -> bytes:
        if self.bfloat16:
            return (np.ascontiguousarray(array).view(np.uint32) >> 16).astype("<u2").tobytes()
        return array.astype(array.dtype.newbyteorder("<")).tobytes()


def zip_of(arrays: Mapping[str, NDArray[Any]], protocol: int = 2, *, bfloat16: bool = False) -> bytes:
    """A state dict in a file as PyTorch writes it since version 1.6."""
    saved = Saved(arrays, bfloat16)
    return zip_file(pickled(state_dict(saved.tensors()), protocol), saved.storages())


def legacy_of(arrays: Mapping[str, NDArray[Any]], protocol: int = 2, *, bfloat16: bool = False) -> bytes:
    """A state dict in a file as PyTorch wrote it before version 1.6."""
    saved = Saved(arrays, bfloat16, legacy=True)
    return legacy_file(state_dict(saved.tensors()), saved.storages(), saved.counts(), protocol)


@dataclass(frozen=True)
class Entry:
    """An entry of a zip file; what is None follows from the others."""

    name: str
    data: bytes
    method: int = 0
    flags: int = 0x808
    crc: int | None = None
    size: int | None = None
    stored_size: int | None = None
    offset: int | None = None
    local_name: str | None = None
    extra: bytes = b""


def entries(pickle: bytes, storages: Mapping[str, bytes], folder: str = "archive") -> list[Entry]:
    """Those that PyTorch writes."""
    listed = {"data.pkl": pickle, "byteorder": b"little"}
    listed |= {f"data/{key}": data for key, data in storages.items()} | {"version": b"3\n"}
    return [Entry(f"{folder}/{name}", data) for name, data in listed.items()]


def changed(listed: Sequence[Entry], name: str, **changes: Any) -> list[Entry]:
    """The entries, one of which differs: that with a name within its folder."""
    assert any(entry.name.endswith(f"/{name}") for entry in listed)
    return [replace(entry, **changes) if entry.name.endswith(f"/{name}") else entry for entry in listed]


def zip_file(pickle: bytes, storages: Mapping[str, bytes], folder: str = "archive", *, zip64: bool = False) -> bytes:
    """A zip file as PyTorch writes it."""
    return zipped(entries(pickle, storages, folder), zip64=zip64)


def zipped(listed: Sequence[Entry], *, zip64: bool = False, comment: bytes = b"") -> bytes:
    """Entries whose contents begin at multiples of 64 bytes, with their sizes after them and in the directory."""
    out, directory = bytearray(), bytearray()
    for entry in listed:
        offset = len(out)
        crc = zlib.crc32(entry.data) if entry.crc is None else entry.crc
        size = len(entry.data) if entry.size is None else entry.size
        stored_size = size if entry.stored_size is None else entry.stored_size
        local_name = (entry.name if entry.local_name is None else entry.local_name).encode()
        padding = -(offset + 34 + len(local_name)) % 64
        extra = b"FB" + struct.pack("<H", padding) + b"Z" * padding
        out += struct.pack(
            "<4s5H3I2H", b"PK\3\4", 0, entry.flags, entry.method, 0, 0, 0, 0, 0, len(local_name), len(extra)
        )
        out += local_name + extra + entry.data
        out += struct.pack("<4s3I", b"PK\7\x08", crc, stored_size & 0xFFFFFFFF, size & 0xFFFFFFFF)
        where = offset if entry.offset is None else entry.offset
        numbers = (crc, stored_size, size)
        more = entry.extra
        if zip64:
            more += struct.pack("<HH3Q", 1, 24, size, stored_size, where)
            numbers, where = (crc, 0xFFFFFFFF, 0xFFFFFFFF), 0xFFFFFFFF
        name = entry.name.encode()
        directory += struct.pack(
            "<4s6H3I5H2I",
            b"PK\1\2",
            0,
            0,
            entry.flags,
            entry.method,
            0,
            0,
            *numbers,
            len(name),
            len(more),
            0,
            0,
            0,
            0,
            where,
        )
        directory += name + more
    start, count = len(out), len(listed)
    out += directory
    if zip64:
        end = len(out)
        out += struct.pack("<4sQ2H2I4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, len(directory), start)
        out += struct.pack("<4sIQI", b"PK\6\7", 0, end, 1)
        count, size, start = 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF
    else:
        size = len(directory)
    return bytes(out + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, count, count, size, start, len(comment)) + comment)


def legacy_file(
    value: Any,
    storages: Mapping[str, bytes],
    counts: Mapping[str, int],
    protocol: int = 2,
    *,
    keys: Any = None,
    magic: Any = MAGIC,
    version: Any = LEGACY_PROTOCOL,
    little_endian: bool = True,
    python_2: bool = False,
) -> bytes:
    """A file as PyTorch wrote it before version 1.6."""
    machine = {
        "protocol_version": LEGACY_PROTOCOL,
        "little_endian": little_endian,
        "type_sizes": {"short": 2, "int": 4, "long": 4},
    }
    keys = sorted(storages) if keys is None else keys
    head = b"".join(pickled(part, protocol, python_2=python_2) for part in (magic, version, machine, value, keys))
    return head + b"".join(struct.pack("<q", counts[key]) + storages[key] for key in sorted(storages))
