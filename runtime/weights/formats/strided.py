"""Numbers in a file to an f32 array: converted block by block, so that they take their own memory and little more."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netspec.text import shown
from runtime.weights.formats.untrusted import UnreadableError, UntrustedFile

# By the name in `Stored.dtype`; in the files that are read they are little-endian.
READABLE = {"float32": "<f4", "float16": "<f2", "bfloat16": "<u2", "float64": "<f8"}
BYTES = {"float32": 4, "float16": 2, "bfloat16": 2, "float64": 8, "int64": 8, "int32": 4, "int16": 2, "int8": 1}
BYTES |= {"uint64": 8, "uint32": 4, "uint16": 2, "uint8": 1, "bool": 1}
MOST_DIMENSIONS = 32
_MOST_ELEMENTS = 2**48
_BLOCK = 2**18  # bytes


def check_readable(name: str, dtype: str) -> None:
    """Raises UnreadableError for a type that is not of floating point: its numbers are counters, no weights."""
    if dtype not in READABLE:
        raise UnreadableError(
            f"numbers of type {shown(dtype)} in its tensor {shown(name, 100)}, where weights are of floating point",
            "leave that tensor out, or convert it and save again",
        )


def check_layout(name: str, shape: Sequence[int], strides: Sequence[int], offset: int, room: int) -> None:
    """Check that a tensor lies within its storage of `room` elements, and that no two of its elements are one.

    Two that are one would let a few bytes in a file become any amount of memory. Raises UnreadableError.
    """
    about = f"one whose tensor {shown(name, 100)}"
    if len(shape) > MOST_DIMENSIONS:
        raise UnreadableError(f"{about} has {len(shape)} dimensions, more than {MOST_DIMENSIONS}")
    if min(*shape, *strides, offset, 0) < 0:
        raise UnreadableError(f"{about} has a negative size, stride or offset")
    if math.prod(max(1, size) for size in shape) > _MOST_ELEMENTS:
        raise UnreadableError(f"{about} is of the impossible shape {shown(tuple(shape))}")
    reach = 0
    for stride, size in sorted((stride, size) for stride, size in zip(strides, shape, strict=True) if size > 1):
        if stride <= reach and 0 not in shape:
            raise UnreadableError(
                f"{about} uses numbers of its storage more than once (strides {shown(tuple(strides))})",
                "save a copy of it: tensor.contiguous()",
            )
        reach += stride * (size - 1)
    needed = offset if 0 in shape else offset + reach + 1
    if needed > room:
        raise UnreadableError(f"{about} needs {needed} elements of a storage that has {room}")


def packed_strides(shape: Sequence[int]) -> tuple[int, ...]:
    """The strides of a C-contiguous tensor, in elements."""
    return tuple(math.prod(shape[axis + 1 :]) for axis in range(len(shape)))


def read_floats(
    file: UntrustedFile, start: int, dtype: str, shape: Sequence[int], strides: Sequence[int]
) -> NDArray[np.float32]:
    """A tensor that `check_layout` accepted, as a C-contiguous f32 array of its shape.

    Args:
        start: of its first element, bytes.
        strides: in elements.
    """
    result = np.empty(tuple(shape), np.float32)
    if not result.size:
        return result
    # In the order of the file: the axis with the largest stride first.
    axes = sorted((axis for axis, size in enumerate(shape) if size > 1), key=lambda axis: -strides[axis])
    in_order = result.squeeze().transpose([sorted(axes).index(axis) for axis in axes])
    with np.errstate(over="ignore", invalid="ignore"):  # a number too large for f32 becomes infinite
        _fill(in_order, file, start, dtype, [strides[axis] for axis in axes])
    return result


def _fill(target: NDArray[np.float32], file: UntrustedFile, start: int, dtype: str, strides: list[int]) -> None:
    """Read into an array whose strides in the file are the given ones, descending: a block, or part by part."""
    size = BYTES[dtype]
    elements = 1 + sum(stride * (count - 1) for stride, count in zip(strides, target.shape, strict=True))
    if elements * size <= _BLOCK or not strides:
        block = _converted(file.read(start, elements * size), dtype)
        target[...] = np.ndarray(target.shape, block.dtype, block, strides=[block.itemsize * step for step in strides])
        return
    inner = elements - strides[0] * (target.shape[0] - 1)
    rows = max(1, 1 + (_BLOCK // size - inner) // strides[0])
    if rows == 1:
        for row in range(target.shape[0]):
            _fill(target[row, ...], file, start + row * strides[0] * size, dtype, strides[1:])
        return
    for row in range(0, target.shape[0], rows):
        _fill(target[row : row + rows], file, start + row * strides[0] * size, dtype, strides)


def _converted(data: bytes, dtype: str) -> NDArray[Any]:
    """A block's elements, of a type that NumPy has: a bfloat16 is the upper half of an f32."""
    numbers = np.frombuffer(data, READABLE[dtype])
    return (numbers.astype("<u4") << 16).view("<f4") if dtype == "bfloat16" else numbers
