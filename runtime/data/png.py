"""PNG files without their text and colour profile chunks."""

import io
from typing import BinaryIO

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
# Texts, plain and compressed, and the colour profile, which is not applied here.
_REMARKS = (b"tEXt", b"zTXt", b"iTXt", b"iCCP")
_LONGEST = 2**29


def without_remarks(file: BinaryIO) -> BinaryIO | None:
    """A copy of a PNG file without its texts and colour profile; None where there are none, or it is no PNG."""
    file.seek(0)
    if file.read(len(_SIGNATURE)) != _SIGNATURE:
        return None
    lean, dropped = io.BytesIO(_SIGNATURE), False
    lean.seek(0, io.SEEK_END)
    while len(header := file.read(8)) == 8 and lean.tell() < _LONGEST:
        length, kind = int.from_bytes(header[:4], "big"), header[4:]
        if kind in _REMARKS:
            file.seek(length + 4, io.SEEK_CUR)
            dropped = True
        else:
            lean.write(header)
            lean.write(file.read(min(length + 4, _LONGEST)))
    lean.seek(0)
    return lean if dropped else None
