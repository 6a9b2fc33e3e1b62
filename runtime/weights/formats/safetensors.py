"""Safetensors files: a header in JSON, then the tensors' bytes.

The library validates the header. The numbers are read here, since it gives no bfloat16, and a tensor of halves in
whole before it is converted. Source: the format's description in the `safetensors` package.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeGuard

import numpy as np
import safetensors
from numpy.typing import NDArray

from netspec.text import shown
from runtime.system.files import parse_json
from runtime.weights.formats.strided import (
    BYTES,
    MOST_DIMENSIONS,
    check_layout,
    check_readable,
    packed_strides,
    read_floats,
)
from runtime.weights.formats.untrusted import DAMAGED, Budget, UnreadableError, UntrustedFile, said_of
from runtime.weights.formats.unwrap import without_prefix
from runtime.weights.formats.weight_file import Stored, WeightFile

LONGEST_HEADER = 2**24  # bytes
_EXPECTED = "a safetensors file"
_DTYPES = {
    "F64": "float64",
    "F32": "float32",
    "F16": "float16",
    "BF16": "bfloat16",
    "I64": "int64",
    "I32": "int32",
    "I16": "int16",
    "I8": "int8",
    "U64": "uint64",
    "U32": "uint32",
    "U16": "uint16",
    "U8": "uint8",
    "BOOL": "bool",
}
_LEAST_HEADER, _HEADER_SHARE = 2**18, 8
_STRUCTURE = 100  # bytes in memory for each mark of JSON's structure in a header
_SAVE_AGAIN = "save its tensors alone in a new file"


@dataclass(frozen=True, slots=True)
class _Described:
    """A tensor as the header describes it; `start` in bytes, in the file."""

    dtype: str
    shape: tuple[int, ...]
    start: int


def opened(path: Path) -> WeightFile:
    """Open a safetensors file. Raises InputError when it is none, or damaged."""
    file = UntrustedFile(path)
    try:
        with said_of(path, _EXPECTED):
            return SafetensorsFile(file)
    except BaseException:
        file.close()
        raise


class SafetensorsFile(WeightFile):
    """An open safetensors file."""

    format = "a safetensors file"

    def __init__(self, file: UntrustedFile) -> None:
        """Raises UnreadableError."""
        self.path, self._file = file.path, file
        self._tensors, self.notes = without_prefix(_described(file))
        _check_with_library(file.path)
        self.tensors = {name: Stored(tensor.shape, tensor.dtype) for name, tensor in self._tensors.items()}

    def read(self, name: str) -> NDArray[np.float32]:
        """See `WeightFile.read`."""
        tensor = self._tensors[name]
        with said_of(self.path, _EXPECTED):
            check_readable(name, tensor.dtype)
            return read_floats(self._file, tensor.start, tensor.dtype, tensor.shape, packed_strides(tensor.shape))

    def close(self) -> None:
        """See `WeightFile.close`."""
        self._file.close()


def _described(file: UntrustedFile) -> dict[str, _Described]:
    """The tensors by name, in the header's order. Raises UnreadableError."""
    size = int.from_bytes(file.read(0, 8), "little")
    most = min(LONGEST_HEADER, _LEAST_HEADER + file.size // _HEADER_SHARE)
    if size > file.size - 8:
        raise UnreadableError(f"one that ends too early, in its header of {size} bytes")
    if size > most:
        raise UnreadableError(f"one with a header of {size} bytes, more than the {most} for its size", _SAVE_AGAIN)
    header = file.read(8, size)
    Budget(file.size).spend(_STRUCTURE * sum(header.count(mark) for mark in (b"{", b"[", b",", b":")))
    try:
        listed = parse_json(header)
    except ValueError as wrong:
        raise UnreadableError(f"one whose header is no JSON ({shown(wrong, 100)})") from None
    if not isinstance(listed, dict):
        raise UnreadableError("one whose header is no list of tensors by name")
    listed.pop("__metadata__", None)
    return {name: _checked(name, entry, 8 + size, file.size) for name, entry in listed.items()}


def _checked(name: str, entry: object, start: int, end: int) -> _Described:
    """A tensor of the header, when its bytes lie between `start` and `end` in the file, and are as many as it needs."""
    fields: Mapping[str, object] = entry if isinstance(entry, dict) else {}
    kind, shape, offsets = fields.get("dtype"), fields.get("shape"), fields.get("data_offsets")
    wanted = f"one whose tensor {shown(name, 100)}"
    if not isinstance(kind, str) or not _are_counts(shape) or not _are_counts(offsets) or len(offsets) != 2:
        raise UnreadableError(f"{wanted} lacks a valid dtype, shape or data_offsets")
    begin, stop = offsets
    if not 0 <= begin <= stop <= end - start:
        raise UnreadableError(f"{wanted} has its bytes from {begin} to {stop}, of {end - start}")
    if len(shape) > MOST_DIMENSIONS:
        raise UnreadableError(f"{wanted} has {len(shape)} dimensions, more than {MOST_DIMENSIONS}", _SAVE_AGAIN)
    dtype = _DTYPES.get(kind, shown(kind.lower(), 20))
    element = BYTES.get(dtype)
    if element and stop - begin != math.prod(shape) * element:
        raise UnreadableError(f"{wanted} has {stop - begin} bytes, where {dtype} of shape {shown(shape)} needs others")
    check_layout(name, shape, packed_strides(shape), 0, math.prod(shape))
    return _Described(dtype, tuple(shape), start + begin)


def _are_counts(values: object) -> TypeGuard[list[int]]:
    return isinstance(values, list) and all(type(value) is int and 0 <= value < 2**63 for value in values)


def _check_with_library(path: Path) -> None:
    """Raises UnreadableError unless the library accepts the file too: it also looks for gaps and overlaps."""
    try:
        with safetensors.safe_open(str(path), framework="numpy"):
            return
    except (safetensors.SafetensorError, OSError, ValueError, TypeError) as wrong:
        raise UnreadableError(f"one that its library refuses ({shown(wrong, 100)})", DAMAGED) from None
