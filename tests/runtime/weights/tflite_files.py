"""TFLite files for tests, written by a small writer of FlatBuffers: any tree of tables, right or wrong."""

import copy
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

# A table is a dict by field number. A field is a scalar as (kind of `struct`, number), a text, bytes, a list of tables,
# a table, or a list of integers.
Table = dict[int, Any]
FLOAT32, FLOAT16, INT32, UINT8, INT64, INT8, INT4, BFLOAT16 = 0, 1, 2, 3, 4, 9, 17, 18
AVERAGE_POOL, CONV, DEPTHWISE, DEQUANTIZE, DENSE, RESHAPE, SOFTMAX, CUSTOM = 1, 3, 4, 6, 9, 22, 25, 32
HARD_SWISH, MEAN, RARE = 117, 40, 190


def file_bytes(root: Table, identifier: bytes = b"TFL3") -> bytes:
    """A FlatBuffers file. Children lie behind their parents, and nothing is shared."""
    out = bytearray(8)
    out[4:8] = identifier
    out[0:4] = struct.pack("<I", _table(out, root))
    return bytes(out)


def _align(out: bytearray, to: int) -> None:
    out.extend(bytes(-len(out) % to))


def _table(out: bytearray, fields: Table) -> int:
    _align(out, 8)
    vtable = len(out)
    places, size = [0] * (max(fields, default=-1) + 1), 4
    for field, value in sorted(fields.items()):
        width = struct.calcsize(value[0]) if isinstance(value, tuple) else 4
        size += -size % width
        places[field] = size
        size += width
    out.extend(struct.pack(f"<HH{len(places)}H", 4 + 2 * len(places), size, *places))
    _align(out, 8)
    position = len(out)
    out.extend(bytes(size))
    out[position : position + 4] = struct.pack("<i", position - vtable)
    for field, value in sorted(fields.items()):
        place = position + places[field]
        kind, number = value if isinstance(value, tuple) else ("I", _child(out, value) - place)
        out[place : place + struct.calcsize(kind)] = struct.pack(f"<{kind}", number)
    return position


def _child(out: bytearray, value: Any) -> int:
    if isinstance(value, dict):
        return _table(out, value)
    if isinstance(value, bytes | str):
        data = value if isinstance(value, bytes) else value.encode() + b"\0"
        out.extend(bytes((-len(out) - 4) % 16))  # numbers begin at a multiple of 16
        position = len(out)
        out.extend(struct.pack("<I", len(data) - isinstance(value, str)) + data)
        return position
    _align(out, 4)
    position = len(out)
    out.extend(struct.pack("<I", len(value)))
    if all(isinstance(item, int) for item in value):
        out.extend(struct.pack(f"<{len(value)}i", *value))
        return position
    out.extend(bytes(4 * len(value)))
    for number, item in enumerate(value):
        place = position + 4 + 4 * number
        out[place : place + 4] = struct.pack("<I", _child(out, item) - place)
    return position


def tensor(name: str, shape: list[int], buffer: int = 0, kind: int = FLOAT32, **more: Any) -> Table:
    """A tensor; `more`: `scales` (the bits of f32 numbers), `sparse`."""
    fields: Table = {0: shape, 1: ("b", kind), 2: ("I", buffer), 3: name}
    if "scales" in more:
        fields[4] = {2: list(more["scales"])}
    if "sparse" in more:
        fields[6] = {}
    return fields


def operator(code: int, inputs: list[int], outputs: list[int], kind: int = 0, options: Table | None = None) -> Table:
    """An operator of the kind that stands at `code` of the list, with options."""
    fields: Table = {0: ("I", code), 1: inputs, 2: outputs}
    if options is not None:
        fields |= {3: ("B", kind), 4: options}
    return fields


def convolution(padding: int = 0, stride: int = 1, activation: int = 0, dilation: int = 1) -> Table:
    """Options of CONV_2D."""
    pairs = {1: ("i", stride), 2: ("i", stride + 1), 4: ("i", dilation), 5: ("i", dilation)}
    return {0: ("b", padding), 3: ("b", activation), **pairs}


def codes(*kinds: int) -> list[Table]:
    """The list of kinds of operators."""
    return [{0: ("b", min(kind, 127)), 2: ("i", 1), 3: ("i", kind)} for kind in kinds]


def values(shape: list[int], seed: int) -> NDArray[np.float32]:
    """Numbers of a constant."""
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


KERNEL, DEPTHWISE_KERNEL = values([4, 3, 3, 2], 1), values([1, 3, 3, 4], 2)
BIAS, DEPTHWISE_BIAS = values([4], 3), values([4], 4)
_TREE: Table = {
    0: ("I", 3),
    1: codes(CONV, DEPTHWISE, AVERAGE_POOL, RESHAPE, SOFTMAX, HARD_SWISH),
    2: [
        {
            0: [
                tensor("image", [1, 8, 8, 2]),
                tensor("stem/weights", [4, 3, 3, 2], 1),
                tensor("stem/bias", [4], 2),
                tensor("stem/out", [1, 4, 3, 4]),
                tensor("depthwise/weights", [1, 3, 3, 4], 3),
                tensor("depthwise/bias", [4], 4),
                tensor("depthwise/out", [1, 4, 3, 4]),
                tensor("pooled", [1, 1, 1, 4]),
                tensor("shape", [2], 5, INT32),
                tensor("flat", [-1, 4]),
                tensor("activated", [1, 4]),
                tensor("probabilities", [1, 4]),
            ],
            1: [0],
            2: [11],
            3: [
                operator(0, [0, 1, 2], [3], 1, convolution(stride=2, activation=3)),
                operator(
                    1,
                    [3, 4, 5],
                    [6],
                    2,
                    {0: ("b", 0), 1: ("i", 1), 2: ("i", 1), 3: ("i", 1), 4: ("b", 1), 5: ("i", 1), 6: ("i", 2)},
                ),
                operator(
                    2,
                    [6],
                    [7],
                    5,
                    {0: ("b", 1), 1: ("i", 2), 2: ("i", 2), 3: ("i", 3), 4: ("i", 4), 5: ("b", 0)},
                ),
                operator(3, [7, 8], [9], 17, {}),
                operator(5, [9], [10]),
                operator(4, [10], [11], 9, {0: ("f", 1.0)}),
            ],
        }
    ],
    3: "written by a test",
    4: [{}, *({0: data.tobytes()} for data in (KERNEL, BIAS, DEPTHWISE_KERNEL, DEPTHWISE_BIAS)), {0: b""}],
}
_TREE[4][5] = {0: struct.pack("<2i", -1, 4)}


def tree() -> Table:
    """A small classifier, to be changed."""
    return copy.deepcopy(_TREE)


def graph(model: Table) -> Table:
    """The subgraph of a tree."""
    subgraph: Table = model[2][0]
    return subgraph


def saved(folder: Path, model: Table | bytes) -> Path:
    """A file in a folder."""
    path = folder / "net.tflite"
    path.write_bytes(model if isinstance(model, bytes) else file_bytes(model))
    return path
