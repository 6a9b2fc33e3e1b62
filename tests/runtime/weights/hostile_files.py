"""Files that are damaged, ambiguous or made to fill the memory: each by a sentence."""

import io
import json
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np

from tests.runtime.weights.hostile_pickles import text
from tests.runtime.weights.torch_files import (
    MAGIC,
    Call,
    Entry,
    Named,
    Raw,
    Saved,
    changed,
    entries,
    legacy_file,
    pickled,
    state_dict,
    storage,
    tensor,
    zip_file,
    zipped,
)

ARRAYS = {
    "conv.weight": np.linspace(-1, 1, 24, dtype=np.float32).reshape(2, 3, 4),
    "bn.bias": np.arange(5, dtype=np.float32),
    "bn.num_batches_tracked": np.array(3),
}
BOMB = 2**20  # bytes that a small file would become


def right_zip() -> bytes:
    saved = Saved(ARRAYS)
    return zip_file(pickled(state_dict(saved.tensors())), saved.storages())


def right_legacy() -> bytes:
    saved = Saved(ARRAYS, legacy=True)
    return legacy_file(state_dict(saved.tensors()), saved.storages(), saved.counts())


def right_safetensors() -> bytes:
    data = b"".join(array.tobytes() for array in ARRAYS.values())
    header: dict[str, Any] = {}
    start = 0
    for name, array in ARRAYS.items():
        kind = {"float32": "F32", "int64": "I64"}[array.dtype.name]
        header[name] = {"dtype": kind, "shape": array.shape, "data_offsets": [start, start + array.nbytes]}
        start += array.nbytes
    return safetensors_file(header, data)


def safetensors_file(header: object, data: bytes, size: int | None = None) -> bytes:
    written = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(written) if size is None else size) + written + data


def _right_entries() -> list[Entry]:
    saved = Saved(ARRAYS)
    return entries(pickled(state_dict(saved.tensors())), saved.storages())


def _zip_with(name: str, **changes: Any) -> Callable[[], bytes]:
    return lambda: zipped(changed(_right_entries(), name, **changes))


def _zip_and(*more: Entry) -> Callable[[], bytes]:
    return lambda: zipped([*_right_entries(), *more])


def _zip_patched(mark: bytes, offset: int, new: bytes, *, last: bool = False) -> Callable[[], bytes]:
    """The right file with some bytes replaced, counted from a signature."""

    def patched() -> bytes:
        data = right_zip()
        start = (data.rindex(mark) if last else data.index(mark)) + offset
        return data[:start] + new + data[start + len(new) :]

    return patched


def _compressed_by_python() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry in _right_entries():
            archive.writestr(entry.name, entry.data)
    return file.getvalue()


def _zip_of_names(*names: str) -> Callable[[], bytes]:
    return lambda: zipped([Entry(name, b"x") for name in names])


def _many_entries() -> bytes:
    return zipped([*_right_entries(), *(Entry(f"archive/x/{number}", b"") for number in range(20_000))])


def _entries_at_one_place() -> bytes:
    return zipped([*_right_entries(), *(Entry(f"archive/{number}", b"", offset=0) for number in range(1000))])


def _entry_within_another() -> bytes:
    """A right header and content of data/1, but among the bytes of data/0."""
    inner = zipped([Entry("archive/data/1", ARRAYS["bn.bias"].tobytes())])
    inner = inner[: inner.index(b"PK\1\2")]
    listed = changed(_right_entries(), "data/0", data=inner)
    return zipped(changed(listed, "data/1", offset=zipped(listed).index(inner)))


def _deflated(size: int) -> bytes:
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    return compressor.compress(b"\0" * size) + compressor.flush()


ZIPS: dict[str, Callable[[], bytes]] = {
    "a zip of nothing": lambda: zipped([]),
    "a zip that Python compressed": _compressed_by_python,
    "a compressed pickle": _zip_with("data.pkl", data=_deflated(BOMB), method=8, size=BOMB, stored_size=1033),
    "compressed numbers": _zip_with("data/0", data=_deflated(BOMB), method=8, size=BOMB, stored_size=1033),
    "an entry stored larger than it is": _zip_with("data/0", size=BOMB, stored_size=96),
    "an entry smaller than it is stored": _zip_with("data/0", size=8, stored_size=96),
    "an entry of four thousand million bytes": _zip_with("data/0", size=2**32 - 2, stored_size=2**32 - 2),
    "an entry that reaches into the next": _zip_with("data/0", size=200, stored_size=200),
    "an entry compressed in an unknown way": _zip_with("data/1", method=99),
    "an encrypted entry": _zip_with("data/0", flags=0x809),
    "a strongly encrypted entry": _zip_with("data/0", flags=0x849),
    "a directory that is encrypted": _zip_with("data/0", flags=0x2808),
    "two entries at one place": _zip_with("data/1", offset=0),
    "an entry at another one's place": lambda: zipped(
        changed(_right_entries(), "data/1", offset=right_zip().index(b"archive/data/0") - 30)
    ),
    "an entry at no header": _zip_with("data/1", offset=80),
    "an entry within another one": _entry_within_another,
    "an entry beyond the end": _zip_with("data/1", offset=2**31),
    "an entry at the very end": lambda: zipped(changed(_right_entries(), "data/1", offset=len(right_zip()) - 4)),
    "a thousand entries at one place": _entries_at_one_place,
    "an entry of another name within": _zip_with("data/0", local_name="archive/data/9"),
    "an entry with a longer name within": _zip_with("data/0", local_name="archive/data/0/0"),
    "two entries of one name": _zip_and(Entry("archive/data/0", b"\0" * 96)),
    "two pickles": _zip_and(Entry("archive/data.pkl", b"N.")),
    "two folders": _zip_and(Entry("other/data/5", b"\0")),
    "an entry without a folder": _zip_and(Entry("x", b"\0")),
    "an entry in a folder above": _zip_and(Entry("../x", b"\0")),
    "an entry at the root": _zip_and(Entry("/etc/passwd", b"\0")),
    "a pickle in a folder within": _zip_of_names("a/b", "a/c/data.pkl"),
    "no pickle": _zip_of_names("archive/data/0", "archive/version"),
    "arrays of NumPy's": _zip_of_names("arr_0.npy"),
    "a Keras archive": _zip_of_names("metadata.json", "config.json", "model.weights.h5"),
    "a TorchScript archive": _zip_and(Entry("archive/constants.pkl", b"N."), Entry("archive/code/a.py", b"")),
    "a wrong checksum of the pickle": _zip_with("data.pkl", crc=1),
    "a wrong checksum of the numbers": _zip_with("data/0", crc=1),
    "a wrong checksum of the byte order": _zip_with("byteorder", crc=1),
    "a missing checksum of some numbers": _zip_with("data/0", crc=0),
    "bytes in the other order": _zip_with("byteorder", data=b"big"),
    "bytes in no order": _zip_with("byteorder", data=b"middle\n\x1b[2J"),
    "an order of a million bytes": _zip_with("byteorder", data=b"little" * 2**17),
    "an empty pickle": _zip_with("data.pkl", data=b""),
    "a pickle that is a page": _zip_with("data.pkl", data=b"<html></html>"),
    "no numbers": lambda: zip_file(pickled(state_dict(Saved(ARRAYS).tensors())), {}),
    "too few numbers": _zip_with("data/0", data=b"\0" * 92),
    "twenty thousand entries": _many_entries,
    "a directory that claims four thousand million bytes": _zip_patched(b"PK\5\6", 12, b"\xfe\xff\xff\xff"),
    "a directory that claims more bytes than there are": _zip_patched(b"PK\5\6", 12, b"\xff\xff\x00\x00"),
    "a directory of no bytes": _zip_patched(b"PK\5\6", 12, b"\0\0\0\0"),
    "a directory before the beginning": _zip_patched(b"PK\5\6", 16, b"\xfe\xff\xff\xff"),
    "an end without its mark": _zip_patched(b"PK\5\6", 0, b"PKPK"),
    "a directory without its first mark": _zip_patched(b"PK\1\2", 0, b"PKPK"),
    "a directory without its last mark": _zip_patched(b"PK\1\2", 0, b"PKPK", last=True),
    "an entry without its mark": _zip_patched(b"PK\3\4", 0, b"PKPK", last=True),
    "an entry for software to come": _zip_patched(b"PK\1\2", 6, b"\xff\xff"),
    "a name longer than the directory": _zip_patched(b"PK\1\2", 28, b"\xff\xff"),
    "an extra field longer than the directory": _zip_patched(b"PK\1\2", 30, b"\xff\xff"),
    "a name longer than the file": _zip_patched(b"PK\3\4", 26, b"\xff\xff", last=True),
    "an extra field longer than the file": _zip_patched(b"PK\3\4", 28, b"\xff\xff", last=True),
    "a name that is no UTF-8": _zip_patched(b"PK\1\2", 46, b"\xff\xfe"),
    "an extra field that lies about its size": _zip_with("data/0", extra=struct.pack("<HH", 1, 500)),
    "large sizes that are not there": _zip_with("data/0", size=0xFFFFFFFF, extra=struct.pack("<HH", 1, 0)),
    "large sizes of 2^63": _zip_with(
        "data/0", size=0xFFFFFFFF, stored_size=0xFFFFFFFF, extra=struct.pack("<HHQQ", 1, 16, 2**63, 2**63)
    ),
    "a place of 2^63": _zip_with("data/0", offset=0xFFFFFFFF, extra=struct.pack("<HHQ", 1, 8, 2**63)),
    "a small tensor under ten thousand names": lambda: zip_file(_many_names(10_000), {"0": bytes(16)}),
    "a large tensor under two hundred names": lambda: zip_file(
        pickled(state_dict(dict.fromkeys([f"w{number}" for number in range(200)], _shared()))),
        {"0": bytes(4 * 2**18)},
    ),
}


def _many_names(count: int) -> bytes:
    """A tensor that is stored in the memo, at 4096, and recalled under other names."""
    first = text("w") + pickled(tensor(storage("0", 4), (4,)))[2:-1] + b"r\x00\x10\x00\x00"
    others = b"".join(text(str(number)) + b"j\x00\x10\x00\x00" for number in range(count))
    return pickled(Raw(b"}(" + first + others + b"u"))


def _shared() -> Call:
    return tensor(storage("0", 2**18), (2**18,))


def _legacy_with(**changes: Any) -> Callable[[], bytes]:
    def built() -> bytes:
        saved = Saved(ARRAYS, legacy=True)
        given: dict[str, Any] = {"value": state_dict(saved.tensors()), "storages": saved.storages()}
        return legacy_file(**{**given, "counts": saved.counts(), **changes})

    return built


def _counts(count: int) -> dict[str, int]:
    return {**Saved(ARRAYS).counts(), "0": count}


LEGACY: dict[str, Callable[[], bytes]] = {
    "another magic number": _legacy_with(magic=MAGIC + 1),
    "the magic number as a text": _legacy_with(magic=Raw(b"X\x0a\0\0\0" + b"l\xfc\x9cF\xf9 j\xa8P\x19")),
    "another version": _legacy_with(version=1002),
    "a version that is a text": _legacy_with(version="1001"),
    "a big-endian machine": _legacy_with(little_endian=False),
    "a whole module": _legacy_with(value=Call(Named("torch.nn.modules.linear", "Linear"))),
    "no keys": _legacy_with(keys=[]),
    "keys that are a number": _legacy_with(keys=5),
    "keys that are numbers": _legacy_with(keys=[0, 1, 2]),
    "keys that are lists": _legacy_with(keys=[["0"], ["1"], ["2"]]),
    "a key twice": _legacy_with(keys=["0", "0", "1"]),
    "a key too many": _legacy_with(keys=["0", "1", "2", "3"]),
    "another key": _legacy_with(keys=["0", "1", "7"]),
    "a storage of another size": _legacy_with(counts=_counts(23)),
    "a storage of a negative size": _legacy_with(counts=_counts(-24)),
    "a storage of 2^62": _legacy_with(counts=_counts(2**62)),
    "keys with a storage": _legacy_with(keys=[storage("0", 24, view=None)]),
    "a magic number and nothing": lambda: pickled(MAGIC),
    "the keys in another order": _legacy_with(keys=["1", "0", "2"]),
}


def _one(**changes: Any) -> Callable[[], bytes]:
    entry = {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16], **changes}
    return lambda: safetensors_file({"w": entry}, bytes(16))


SAFETENSORS: dict[str, Callable[[], bytes]] = {
    "a header larger than the file": lambda: safetensors_file({}, b"", 5000),
    "a header of a terabyte": lambda: safetensors_file({}, b"", 2**39),
    "a header too large for its file": lambda: safetensors_file(b"{" + b" " * 2**20 + b"}", b""),
    "a header of 17 MB": lambda: safetensors_file(b"{" + b" " * (17 * 2**20) + b"}", bytes(2**20)),
    "a header of one letter": lambda: safetensors_file(b"{", b""),
    "a header that is a list": lambda: safetensors_file(b"{]", b""),
    "a header with a word": lambda: safetensors_file(b'{"w": Infinity}', b""),
    "a header nested twenty thousand deep": lambda: safetensors_file(b'{"a":' + b"[" * 20_000, b""),
    "a header that is no UTF-8": lambda: safetensors_file(b'{"\xff": 1}', b""),
    "a header with a number of ten thousand digits": lambda: safetensors_file(b'{"w":' + b"9" * 10_000 + b"}", b""),
    "a header of four thousand tensors without numbers": lambda: safetensors_file(
        {str(number): {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]} for number in range(4_000)}, b""
    ),
    "a tensor that is a list": lambda: safetensors_file({"w": []}, b""),
    "a tensor without anything": lambda: safetensors_file({"w": {}}, b""),
    "a type that is a number": _one(dtype=32),
    "an unknown type": _one(dtype="F31"),
    "a shape that is a number": _one(shape=4),
    "a shape of texts": _one(shape=["2", "2"]),
    "a shape of fractions": _one(shape=[2.0, 2.0]),
    "a shape of truths": _one(shape=[True, True]),
    "a negative shape": _one(shape=[-2, -2]),
    "a shape too large": _one(shape=[2, 3]),
    "a shape too small": _one(shape=[2]),
    "a shape of 2^62": _one(shape=[2**62]),
    "a shape whose size wraps around": _one(shape=[2**32, 2**32, 2**32]),
    "a huge shape of no element": _one(shape=[0, 2**60, 2**60], data_offsets=[0, 0]),
    "forty dimensions": _one(shape=[1] * 38 + [2, 2]),
    "five thousand dimensions": _one(shape=[1] * 5000),
    "no offsets": _one(data_offsets=None),
    "three offsets": _one(data_offsets=[0, 16, 32]),
    "offsets the wrong way": _one(data_offsets=[16, 0]),
    "negative offsets": _one(data_offsets=[-16, 0]),
    "offsets beyond the end": _one(data_offsets=[16, 32]),
    "offsets of 2^62": _one(data_offsets=[2**62, 2**62 + 16]),
    "offsets that are fractions": _one(data_offsets=[0.0, 16.0]),
    "a gap before a tensor": lambda: safetensors_file(
        {"w": {"dtype": "F32", "shape": [2], "data_offsets": [8, 16]}}, bytes(16)
    ),
    "bytes of no tensor": lambda: safetensors_file(
        {"w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}, bytes(16)
    ),
    "two tensors in one place": lambda: safetensors_file(
        {name: {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]} for name in "vw"}, bytes(16)
    ),
}


def _old_tar() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("sys_info"), io.BytesIO())
    return file.getvalue()


OTHERS: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "an empty file"),
    "one byte": (lambda: b"P", "begins with the bytes 50"),
    "a page": (lambda: b"\xef\xbb\xbf\n <!DOCTYPE html><html>", "a web page"),
    "a page without a type": (lambda: b"<HTML><head>", "a web page"),
    "an error in XML": (lambda: b"<?xml version='1.0'?><Error>", "a web page"),
    "a pointer of git-lfs": (
        lambda: b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n",
        "a pointer of git-lfs",
    ),
    "the oldest format": (_old_tar, "a tar archive"),
    "a pickle": (lambda: b"\x80\x04N.", "a pickle that is no PyTorch file"),
    "a pickle that runs something": (lambda: b"\x80\x04cposix\nsystem\n(X\x04\0\0\0truetR.", "a pickle that is no"),
    "a compressed file": (lambda: b"\x1f\x8b\x08\0\0\0", "compressed by gzip"),
    "an array": (lambda: b"\x93NUMPY\1\0v\0{'descr': '<f4'", "an array of NumPy's"),
    "an index": (lambda: b'{"metadata": {}, "weight_map": {}}', "a text in JSON"),
    "zeros": (lambda: bytes(1000), "00 00 00 00"),
    "letters of a terminal": (lambda: b"\x1b[2J\x1b[H gone", "1b 5b 32 4a"),
}
