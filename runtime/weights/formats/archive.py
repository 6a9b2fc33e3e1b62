"""The entries of a zip file that PyTorch wrote: where each one lies, after every doubt about that was refused.

Python's `zipfile` parses the central directory; nothing is extracted or decompressed. PyTorch stores its entries
uncompressed, in one folder: `x/data.pkl`, `x/byteorder`, `x/data/0`, `x/data/1`, ...
"""

import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from netspec.errors import InputError
from netspec.text import shown
from runtime.weights.formats.names import STATE_DICT
from runtime.weights.formats.untrusted import DAMAGED, Budget, UnreadableError, UntrustedFile

_LOCAL_HEADER = 30  # bytes, before the name and the extra field
_SIGNATURE = b"PK\x03\x04"
_ENCRYPTED, _UTF_8 = 0x1 | 0x40 | 0x2000, 0x800
# What `zipfile` makes of a directory takes up to so many times its bytes; and what is kept of an entry.
_DIRECTORY_FACTOR, _ENTRY = 20, 350
_BLOCK = 2**18


@dataclass(frozen=True, slots=True)
class Extent:
    """Bytes of a file: the content of an entry, or a storage of an old file.

    Args:
        crc: their CRC-32, where the file has one.
    """

    start: int
    size: int
    crc: int | None = None


def entries_of(file: UntrustedFile, budget: Budget) -> dict[str, Extent]:
    """The entries of a zip file by their names, without the folder that holds all.

    Raises UnreadableError for one that is damaged, ambiguous, compressed, encrypted or not PyTorch's.
    """
    found, directory = listed(file, budget)
    budget.spend(_ENTRY * len(found))
    _check_written_by_torch([entry.orig_filename for entry in found])
    extents = [_extent(file, entry) for entry in found]
    _check_apart(
        [(entry.header_offset, extent.start + extent.size) for entry, extent in zip(found, extents, strict=True)],
        directory,
    )
    if not any(extent.crc for extent in extents):
        # As written with torch.serialization.set_crc32_options(False).
        extents = [Extent(extent.start, extent.size) for extent in extents]
    entries = dict(zip(_names_within([entry.orig_filename for entry in found]), extents, strict=True))
    if len(entries) < len(found):
        raise UnreadableError("a zip file with two entries of one name", DAMAGED)
    return entries


def check_crc(file: UntrustedFile, extent: Extent) -> None:
    """Raises UnreadableError unless the bytes are those that were written."""
    if extent.crc is None:
        return
    crc = 0
    for start in range(extent.start, extent.start + extent.size, _BLOCK):
        crc = zlib.crc32(file.read(start, min(_BLOCK, extent.start + extent.size - start)), crc)
    if crc != extent.crc:
        raise UnreadableError("one whose numbers or description changed after they were written: a checksum differs")


def listed(file: UntrustedFile, budget: Budget) -> tuple[list[zipfile.ZipInfo], int]:
    """The entries as the central directory lists them, and where that begins. Raises UnreadableError."""
    try:
        with zipfile.ZipFile(_Window(file, budget.total // _DIRECTORY_FACTOR)) as archive:
            return archive.infolist(), archive.start_dir
    except (UnreadableError, InputError, MemoryError):
        raise
    except Exception:  # what `zipfile` raises on hostile bytes is no closed list
        raise UnreadableError("a zip file whose list of entries cannot be read") from None


class _Window:
    """What `zipfile` needs of a file, where no read may be of more than `most` bytes."""

    def __init__(self, file: UntrustedFile, most: int) -> None:
        self._file, self._most, self._position = file, most, 0

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._position = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._file.size}[whence] + offset
        if self._position < 0:
            raise OSError("before the beginning")  # `zipfile` expects it of a short file
        return self._position

    def tell(self) -> int:
        return self._position

    def read(self, count: int = -1) -> bytes:
        rest = max(0, self._file.size - self._position)
        count = rest if count < 0 else min(count, rest)
        if count > self._most:
            raise UnreadableError(f"a zip file whose list of entries takes {count} bytes, too much for one of its size")
        data = self._file.read(self._position, count)
        self._position += count
        return data


def _extent(file: UntrustedFile, entry: zipfile.ZipInfo) -> Extent:
    """Where an entry's content lies, by its local header, which must agree with the directory."""
    name = shown(entry.orig_filename, 100)
    if entry.flag_bits & _ENCRYPTED:
        raise UnreadableError(f"a zip file whose entry {name} is encrypted", STATE_DICT)
    if entry.compress_type != zipfile.ZIP_STORED or entry.compress_size != entry.file_size:
        raise UnreadableError(f"a zip file whose entry {name} is compressed, as PyTorch never writes it", STATE_DICT)
    header = file.read(entry.header_offset, _LOCAL_HEADER)
    name_size, extra_size = int.from_bytes(header[26:28], "little"), int.from_bytes(header[28:30], "little")
    encoded = entry.orig_filename.encode("utf-8" if entry.flag_bits & _UTF_8 else "cp437")
    stored = file.read(entry.header_offset + _LOCAL_HEADER, name_size)
    if header[:4] != _SIGNATURE or stored != encoded:
        raise UnreadableError(f"a zip file whose entry {name} is not where its list of entries says")
    return Extent(entry.header_offset + _LOCAL_HEADER + name_size + extra_size, entry.file_size, entry.CRC)


def _check_written_by_torch(names: list[str]) -> None:
    if any(name.endswith("/constants.pkl") for name in names):
        raise UnreadableError("a TorchScript archive, which is a program", STATE_DICT)
    if not any(name.endswith("/data.pkl") for name in names):
        held = shown(", ".join(names[:5]) or "nothing", 100)
        raise UnreadableError(f"a zip file that PyTorch did not write, without data.pkl (it has {held})", STATE_DICT)


def _check_apart(ranges: list[tuple[int, int]], end: int) -> None:
    """Raises UnreadableError unless the ranges of bytes lie apart, before `end`."""
    reached = 0
    for start, stop in sorted(ranges):
        if start < reached:
            raise UnreadableError("a zip file two of whose entries overlap")
        reached = stop
    if reached > end:
        raise UnreadableError("a zip file one of whose entries reaches beyond its end")


def _names_within(names: list[str]) -> Iterator[str]:
    """The names without their folder, which must be one for all."""
    folder = names[0].split("/")[0] + "/" if names else ""
    for name in names:
        if not name.startswith(folder):
            raise UnreadableError(f"a zip file with entries in several folders, such as {shown(name, 100)}", STATE_DICT)
        yield name.removeprefix(folder)
