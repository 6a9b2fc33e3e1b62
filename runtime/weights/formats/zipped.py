"""The members of a zip file, which may be compressed: a `.keras`, or what stands behind the tables of a TFLite file.

Nothing is unpacked beyond what a member claims, and no more than the caller allows.
"""

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from netspec.text import shown
from runtime.weights.formats.archive import listed
from runtime.weights.formats.untrusted import Budget, UnreadableError, UntrustedFile

STEP = 2**20  # bytes unpacked at a time
_LONGEST_END = 2**16 + 22  # bytes: of the archive's last record, whose comment may be long
_END, _LOCAL = b"PK\x05\x06", b"PK\x03\x04"
_LOCAL_HEADER = 30  # bytes, before the name and the extra field
_ENCRYPTED = 0x1 | 0x40 | 0x2000


@dataclass(frozen=True)
class Member:
    """One member: where its bytes are, how many they are as `packed`, and how many as `size` when unpacked."""

    name: str
    start: int
    packed: int
    size: int
    deflated: bool


def members(file: UntrustedFile) -> dict[str, Member]:
    """The members of the zip file that a file ends with, by name; none without one. Raises UnreadableError."""
    tail = min(file.size, _LONGEST_END)
    if _END not in file.read(file.size - tail, tail):
        return {}
    entries, _ = listed(file, Budget(file.size))
    found = {entry.orig_filename: _member(file, entry) for entry in entries}
    if len(found) < len(entries):
        raise UnreadableError("a zip file with two entries of one name")
    return found


def _member(file: UntrustedFile, entry: zipfile.ZipInfo) -> Member:
    name = shown(entry.orig_filename, 100)
    stored = entry.compress_type == zipfile.ZIP_STORED
    if entry.flag_bits & _ENCRYPTED or not (stored or entry.compress_type == zipfile.ZIP_DEFLATED):
        raise UnreadableError(f"a zip file whose entry {name} is encrypted, or compressed in an unusual way")
    if stored and entry.compress_size != entry.file_size:
        raise UnreadableError(f"a zip file whose entry {name} has {entry.compress_size} bytes of {entry.file_size}")
    header = file.read(entry.header_offset, _LOCAL_HEADER)
    if not header.startswith(_LOCAL):
        raise UnreadableError(f"a zip file whose entry {name} is not where its list of entries says")
    lengths = int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
    start = entry.header_offset + _LOCAL_HEADER + lengths
    if entry.compress_size > file.size - start:
        raise UnreadableError(f"a zip file whose entry {name} reaches beyond its end")
    return Member(entry.orig_filename, start, entry.compress_size, entry.file_size, not stored)


def pieces(file: UntrustedFile, member: Member, most: int) -> Iterator[bytes]:
    """A member's bytes, unpacked a piece at a time. Raises UnreadableError for more than `most`, or than it claims."""
    name = shown(member.name, 100)
    if member.size > most:
        raise UnreadableError(
            f"a zip file whose entry {name} claims {member.size} bytes, of at most {most}",
            "get it from a source that you trust",
        )
    left = member.size
    for piece in _inflated(file, member) if member.deflated else _packed(file, member):
        left -= len(piece)
        if left < 0:
            break
        yield piece
    if left:
        raise UnreadableError(f"a zip file whose entry {name} has not the {member.size} bytes that it claims")


def _packed(file: UntrustedFile, member: Member) -> Iterator[bytes]:
    for first in range(0, member.packed, STEP):
        yield file.read(member.start + first, min(STEP, member.packed - first))


def _inflated(file: UntrustedFile, member: Member) -> Iterator[bytes]:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    for data in _packed(file, member):
        while True:
            try:
                piece = inflater.decompress(data, STEP)
            except zlib.error:
                raise UnreadableError(f"a zip file whose entry {shown(member.name, 100)} is damaged") from None
            data = inflater.unconsumed_tail
            if not piece and not data:
                break
            yield piece


def unpacked(file: UntrustedFile, member: Member, most: int) -> bytes:
    """A short member's bytes. Raises UnreadableError."""
    return b"".join(pieces(file, member, most))
