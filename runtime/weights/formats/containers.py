"""The two containers that torch.save has written: a zip file, and before PyTorch 1.6 pickles with numbers after them.

Source of the facts: the files that PyTorch writes, and the description in its `torch/serialization.py`.
"""

from dataclasses import dataclass

from netspec.text import shown
from runtime.weights.formats.archive import Extent, check_crc, entries_of
from runtime.weights.formats.pickled import unpickled
from runtime.weights.formats.strided import BYTES
from runtime.weights.formats.untrusted import Budget, Stream, UnreadableError, UntrustedFile
from runtime.weights.formats.values import Sequence, Storage, Table

MAGIC = 0x1950A86A20F9469CFC6C
_PROTOCOL = 1001
_EXTENT = 256  # bytes in memory
_SAVE_AGAIN = "load and save it with PyTorch on a little-endian machine"


@dataclass(frozen=True)
class Contents:
    """What a file holds.

    Args:
        value: the object that was saved, as `runtime.weights.formats.values` describes it.
        extents: the bytes of each storage, by its key.
    """

    value: object
    extents: dict[str, Extent]


def read_zip(file: UntrustedFile, budget: Budget) -> Contents:
    """The contents of a zip file. Raises UnreadableError."""
    entries = entries_of(file, budget)
    described = entries.get("data.pkl")
    if described is None:
        raise UnreadableError("a zip file whose data.pkl is not in its first folder")
    _check_byte_order(file, entries.get("byteorder"))
    check_crc(file, described)
    stream = Stream(file, described.start, described.start + described.size)
    value = unpickled(stream, budget, {})
    extents = {name.removeprefix("data/"): extent for name, extent in entries.items() if name.startswith("data/")}
    return Contents(value, extents)


def _check_byte_order(file: UntrustedFile, extent: Extent | None) -> None:
    """Old files do not say; those of big-endian machines have said so since PyTorch 2.1."""
    if extent is None:
        return
    check_crc(file, extent)
    order = file.read(extent.start, min(extent.size, 10))
    if order != b"little":
        raise UnreadableError(f"one whose byte order is {shown(order.decode('latin-1'))}, not little", _SAVE_AGAIN)


def read_legacy(file: UntrustedFile, budget: Budget) -> Contents:
    """The contents of an old file: a magic number, a version, facts on the machine, the object, the storages' keys,
    each as a pickle; then each storage's number of elements (int64) and its bytes. Raises UnreadableError.
    """
    stream = Stream(file, 0, file.size)
    magic, protocol, machine = (unpickled(stream, budget) for _ in range(3))
    if magic != MAGIC or protocol != _PROTOCOL:
        raise UnreadableError("one that does not begin as PyTorch's files do")
    if isinstance(machine, Table) and machine.items.get("little_endian") is False:
        raise UnreadableError("one whose byte order is big, not little", _SAVE_AGAIN)
    storages: dict[str, Storage] = {}
    value = unpickled(stream, budget, storages)
    keys = unpickled(stream, budget)
    return Contents(value, _extents(file, stream.position, _listed(keys, storages), budget))


def _listed(keys: object, storages: dict[str, Storage]) -> list[Storage]:
    """The storages in the file's order, each once."""
    listed = list(keys.items) if isinstance(keys, Sequence) else None
    if listed is None or len(listed) != len(storages):
        raise UnreadableError(f"one that does not list the {len(storages)} storages it describes")
    found = {key: storages[key] for key in listed if isinstance(key, str) and key in storages}
    if len(found) != len(listed):
        raise UnreadableError("one that lists other storages than it describes")
    return list(found.values())


def _extents(file: UntrustedFile, start: int, storages: list[Storage], budget: Budget) -> dict[str, Extent]:
    extents: dict[str, Extent] = {}
    for storage in storages:
        count = int.from_bytes(file.read(start, 8), "little", signed=True)
        if count != storage.count:
            raise UnreadableError(f"one with a storage of {count} elements, described as one of {storage.count}")
        size = count * BYTES[storage.dtype]
        if size > file.size - start - 8:
            raise UnreadableError(f"one that ends too early, in its storage {shown(storage.key, 40)}")
        budget.spend(_EXTENT)
        extents[storage.key] = Extent(start + 8, size)
        start += 8 + size
    return extents
