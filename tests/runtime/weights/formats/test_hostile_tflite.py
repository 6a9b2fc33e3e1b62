"""Malformed and hostile TFLite files: each is refused with a sentence, in little time and memory."""

import os
import random
import struct
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from netspec.errors import InputError
from runtime.weights.formats import tflite
from runtime.weights.formats.flatbuffer import LONGEST_TEXT, NUMBERS, TEXTS
from runtime.weights.formats.tflite_graph import MOST
from tests.runtime.weights import tflite_files as files
from tests.runtime.weights.tflite_files import Table, graph

WHOLE = files.file_bytes(files.tree())
Change = Callable[[Table], Any]


def tensors(model: Table) -> list[Table]:
    listed: list[Table] = graph(model)[0]
    return listed


def operators(model: Table) -> list[Table]:
    listed: list[Table] = graph(model)[3]
    return listed


def quantized(kind: int, tensor: int) -> Change:
    def change(model: Table) -> None:
        tensors(model)[tensor] |= {1: ("b", kind), 4: {2: [1]}}

    return change


def shared(times: int) -> Change:
    """Many tensors that are the same numbers of the file."""

    def change(model: Table) -> None:
        model[4].append({0: bytes(2**16)})
        tensors(model).extend(files.tensor(f"t{number}", [2**14], 6) for number in range(times))

    return change


def dense_shuffled(model: Table) -> None:
    model[1][0] = files.codes(files.DENSE)[0]
    operators(model)[0] = files.operator(0, [0, 1, 2], [3], 8, {0: ("b", 0), 1: ("b", 1)})


# What is changed in the tree of a right file, and what the message says is found.
CHANGES: dict[str, tuple[Change, str]] = {
    "no subgraph": (lambda m: m.pop(2), "0 subgraphs"),
    "two subgraphs": (lambda m: m[2].append({}), "2 subgraphs"),
    "no tensors": (lambda m: graph(m).pop(0), r"outputs \[11\] of 0 tensors"),
    "a buffer that is not there": (lambda m: tensors(m)[1].update({2: ("I", 6)}), "in buffer 6 of 6"),
    "a buffer of a very large number": (lambda m: tensors(m)[1].update({2: ("I", 2**32 - 1)}), "buffer 4294967295"),
    "no buffers": (lambda m: m.pop(4), "in buffer 1 of 0"),
    "an unknown type": (lambda m: tensors(m)[1].update({1: ("b", 42)}), "unknown type 42"),
    "a negative type": (lambda m: tensors(m)[1].update({1: ("b", -1)}), "unknown type -1"),
    "nine axes": (lambda m: tensors(m)[1].update({0: [1] * 9}), "of shape"),
    "a size of -2": (lambda m: tensors(m)[0].update({0: [1, -2, 8, 2]}), r"of shape \[1, -2, 8, 2\]"),
    "a constant of unknown size": (lambda m: tensors(m)[2].update({0: [-1]}), r"of shape \[-1\]"),
    "a constant of two unknown sizes": (lambda m: tensors(m)[2].update({0: [-1, -4]}), r"of shape \[-1, -4\]"),
    "fewer numbers than the shape": (lambda m: tensors(m)[2].update({0: [5]}), "16 bytes for the tensor stem/bias"),
    "more numbers than the shape": (lambda m: tensors(m)[2].update({0: [3]}), "16 bytes for the tensor stem/bias"),
    "a shape of 2^124": (lambda m: tensors(m)[2].update({0: [2**31 - 1] * 4}), "16 bytes for the tensor stem/bias"),
    "a scalar of many numbers": (lambda m: tensors(m)[2].pop(0), "16 bytes for the tensor stem/bias"),
    "one byte too few": (lambda m: m[4][2].update({0: bytes(15)}), "15 bytes for the tensor stem/bias"),
    "integers of the wrong size": (lambda m: tensors(m)[8].update({1: ("b", files.INT64)}), "8 bytes for the tensor"),
    "int8 weights": (quantized(files.INT8, 1), "a quantised one: its tensor stem/weights is of type int8; export"),
    "uint8 activations": (quantized(files.UINT8, 3), "a quantised one: its tensor stem/out is of type uint8"),
    "int4 weights": (quantized(files.INT4, 1), "a quantised one: its tensor stem/weights is of type int4"),
    "int16 activations": (quantized(7, 6), "a quantised one: its tensor depthwise/out is of type int16"),
    "int8 weights without scales": (lambda m: tensors(m)[1].update({1: ("b", 9)}), "a quantised one"),
    "sparse weights": (lambda m: tensors(m)[1].update({6: {}}), "the sparse tensor stem/weights"),
    "an operator of a kind that is not listed": (lambda m: operators(m)[0].update({0: ("I", 6)}), "kind 6 of 6"),
    "an operator without kinds": (lambda m: m.pop(1), "operator 0 of kind 0 of 0"),
    "an input that is not there": (lambda m: operators(m)[0].update({1: [0, 1, 99]}), "not all are there by then"),
    "an input of -2": (lambda m: operators(m)[0].update({1: [0, 1, -2]}), "not all are there by then"),
    "an output that is not there": (lambda m: operators(m)[0].update({2: [99]}), "writes tensor 99"),
    "an output of -1": (lambda m: operators(m)[0].update({2: [-1]}), "writes tensor -1"),
    "a constant that is written": (lambda m: operators(m)[0].update({2: [1]}), "writes tensor 1: there is none, or"),
    "an input that is written": (lambda m: operators(m)[0].update({2: [0]}), "writes tensor 0: there is none, or it"),
    "a tensor that is written twice": (lambda m: operators(m)[1].update({2: [3]}), "writes tensor 3: there is none"),
    "a cycle": (lambda m: operators(m)[0].update({1: [6, 1, 2]}), "CONV_2D, which reads tensors"),
    "an operator that reads itself": (lambda m: operators(m)[0].update({1: [3, 1, 2]}), "not all are there by then"),
    "operators out of order": (lambda m: operators(m).reverse(), "not all are there by then"),
    "an input of the graph that is not there": (lambda m: graph(m).update({1: [12]}), r"inputs \[12\]"),
    "an output of the graph that is not there": (lambda m: graph(m).update({2: [12]}), r"outputs \[12\] of 12"),
    "an output that is not computed": (lambda m: operators(m).pop(), "the output probabilities, which no operator"),
    "a convolution without options": (lambda m: operators(m)[0].pop(4), "operator 0, CONV_2D, without its options"),
    "options of another kind": (lambda m: operators(m)[0].update({3: ("B", 2)}), "of the kind 2 in place of 1"),
    "options of no kind": (lambda m: operators(m)[0].pop(3), "of the kind 0 in place of 1"),
    "a stride of 0": (lambda m: operators(m)[0][4].pop(1), "a stride of 3 x 0"),
    "a negative stride": (lambda m: operators(m)[0][4].update({2: ("i", -3)}), "a stride of -3 x 2"),
    "a dilation of 0": (lambda m: operators(m)[1][4].update({5: ("i", 0)}), "a dilation of 2 x 0"),
    "an unknown padding": (lambda m: operators(m)[0][4].update({0: ("b", 2)}), "padding 2, which is unknown"),
    "a negative padding": (lambda m: operators(m)[0][4].update({0: ("b", -1)}), "padding -1, which is unknown"),
    "an unknown activation": (lambda m: operators(m)[0][4].update({3: ("b", 6)}), "activation 6, which is unknown"),
    "a window of 0": (lambda m: operators(m)[2][4].pop(3), "a window of 4 x 0"),
    "shuffled weights": (dense_shuffled, "with shuffled weights"),
    "very many tensors": (lambda m: tensors(m).extend([{}] * MOST), f"{MOST + 12} tensors, of at most {MOST}"),
    "very many operators": (lambda m: operators(m).extend([{}] * MOST), "8198 operators, of at most 8192"),
    "very many buffers": (lambda m: m[4].extend([{}] * MOST), "8198 buffers, of at most 8192"),
    "very many kinds": (lambda m: m[1].extend([{}] * MOST), "8198 kinds of operators, of at most 8192"),
    "a very long name": (lambda m: tensors(m)[0].update({3: "n" * (LONGEST_TEXT + 1)}), "names of more than 65536"),
    "a very long description": (lambda m: m.update({3: "n" * (LONGEST_TEXT + 1)}), "names of more than 65536"),
    "names of very many bytes": (
        lambda m: tensors(m).extend({3: str(n) * 2**14} for n in range(10, 10 + TEXTS // 2**15)),
        f"names of more than {TEXTS} bytes",
    ),
    "a list of very many numbers": (lambda m: operators(m)[0].update({1: [0] * (NUMBERS + 1)}), "list more than"),
    "tensors that share their numbers": (shared(200), "tensors that share their numbers"),
    "numbers behind the file": (lambda m: m[4][1].update({0: b"", 1: ("Q", 2**20), 2: ("Q", 288)}), "end outside"),
    "numbers behind all bytes": (lambda m: m[4][1].update({0: b"", 1: ("Q", 2), 2: ("Q", 2**64 - 1)}), "end outside"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_file_that_is_wrong_in_one_place_is_refused_with_a_sentence(name: str, tmp_path: Path) -> None:
    change, found = CHANGES[name]
    model = files.tree()
    change(model)
    path = files.saved(tmp_path, model)
    with pytest.raises(InputError, match=found) as refused:
        tflite.opened(path)
    text = str(refused.value)
    assert text.startswith(f"{path}: expected a TFLite file, found ")
    assert text.endswith(".")
    assert text.isprintable()


def changed(place: int, kind: str, *numbers: int) -> bytes:
    data = bytearray(WHOLE)
    struct.pack_into(f"<{kind}", data, place, *numbers)
    return bytes(data)


def at(place: int, kind: str = "I") -> int:
    return int(struct.unpack_from(f"<{kind}", WHOLE, place)[0])


ROOT = at(0)
VTABLE = ROOT - at(ROOT, "i")


def field(number: int) -> int:
    """The place of a field of the root."""
    return ROOT + at(VTABLE + 4 + 2 * number, "H")


def target(place: int) -> int:
    """Where a reference leads to."""
    return place + at(place)


# The vector of bytes of the first kernel: the second table of the buffers, its only field.
BUFFER = target(target(field(4)) + 8)
KERNEL = target(BUFFER + 4)


# What each byte string is, and what the message says.
BYTES: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "other bytes at its start"),
    "four bytes": (WHOLE[:4], "other bytes at its start"),
    "eight bytes": (WHOLE[:8], "ends too early"),
    "another identifier": (files.file_bytes(files.tree(), b"TFL2"), "other bytes at its start; check the path"),
    "zeros": (bytes(1000), "other bytes at its start"),
    "zeros behind the identifier": (b"\0\0\0\0TFL3" + bytes(1000), "a malformed table at byte 0"),
    "ones behind the identifier": (b"\xff\xff\xff\xffTFL3" + b"\xff" * 1000, "ends too early"),
    "a root behind the end": (changed(0, "I", len(WHOLE)), "ends too early"),
    "a root within a text": (changed(0, "I", len(WHOLE) - 5), "ends too early|malformed"),
    "a vtable before the file": (changed(ROOT, "i", ROOT + 1), "ends too early"),
    "a vtable behind the file": (changed(ROOT, "i", ROOT - len(WHOLE)), "ends too early"),
    "a vtable far behind the file": (changed(ROOT, "i", -(2**31)), "ends too early"),
    "a vtable that is the table": (changed(ROOT, "i", 0), "malformed table"),
    "a vtable of 2 bytes": (changed(VTABLE, "H", 2), "malformed table"),
    "a vtable of an odd length": (changed(VTABLE, "H", 7), "malformed table"),
    "a table of no bytes": (changed(VTABLE + 2, "H", 0), "malformed table"),
    "a field outside of its table": (changed(VTABLE + 4 + 2 * 2, "H", 60000), "a field outside of its table"),
    "a field on the vtable's reference": (changed(VTABLE + 4 + 2 * 2, "H", 2), "a field outside of its table"),
    "2^32 - 1 subgraphs": (changed(target(field(2)), "I", 2**32 - 1), "a vector of 4294967295 items"),
    "2^32 - 1 buffers": (changed(target(field(4)), "I", 2**32 - 1), "a vector of 4294967295 items"),
    "2^30 kinds": (changed(target(field(1)), "I", 2**30), "a vector of 1073741824 items"),
    "a description of 4 GB": (changed(target(field(3)), "I", 2**32 - 1), "a vector of 4294967295 items"),
    "a reference behind the end": (changed(field(2), "I", len(WHOLE)), "ends too early"),
    "a reference to itself": (changed(field(2), "I", 0), "a vector of|[0-9] subgraphs"),
    "a subgraph that is the vector": (changed(target(field(2)) + 4, "I", 0), "ends too early|malformed|outside"),
    "numbers of 4 GB": (changed(KERNEL, "I", 2**32 - 1), "a vector of 4294967295 items"),
    "numbers to one byte behind the end": (
        changed(KERNEL, "I", len(WHOLE) - KERNEL - 3),
        f"a vector of {len(WHOLE) - KERNEL - 3} items",
    ),
}


@pytest.mark.parametrize("name", BYTES)
def test_malformed_bytes_are_refused_with_a_sentence(name: str, tmp_path: Path) -> None:
    data, found = BYTES[name]
    with pytest.raises(InputError, match=found) as refused:
        tflite.opened(files.saved(tmp_path, data))
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize("kept", [*range(8, 200, 16), *range(200, len(WHOLE) - 1, 150)])
def test_a_file_that_ends_too_early_is_refused(kept: int, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="found"):
        tflite.opened(files.saved(tmp_path, WHOLE[:kept]))


def test_what_is_no_regular_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/dev/zero")
    for name, found in (("pipe", "a pipe"), ("link", "a device"), ("", "a folder")):
        with pytest.raises(InputError, match=f"expected a file, found {found}; check the path"):
            tflite.opened(tmp_path / name)
    with pytest.raises(InputError, match="cannot be read: No such file"):
        tflite.opened(tmp_path / "missing")


def test_a_file_that_is_truncated_while_it_is_open_is_an_error_of_its_reader(tmp_path: Path) -> None:
    model = files.tree()
    model[4].append({0: bytes(2**20)})
    tensors(model).append(files.tensor("large", [2**18], 6))
    path = files.saved(tmp_path, model)
    with tflite.opened(path) as file:
        os.truncate(path, 100)
        with pytest.raises(InputError, match="became shorter while it was read"):
            file.read("large")


def test_names_from_a_file_are_escaped_and_truncated(tmp_path: Path) -> None:
    model = files.tree()
    tensors(model)[1] |= {3: "\x1b[2Jbell\x07\n" + "n" * 1000, 1: ("b", 42)}
    with pytest.raises(InputError) as refused:
        tflite.opened(files.saved(tmp_path, model))
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 600


def test_text_that_is_not_utf8_is_replaced(tmp_path: Path) -> None:
    model = files.tree()
    tensors(model)[1][3] = b"stem\xff"
    with tflite.opened(files.saved(tmp_path, model)) as file:
        assert "stem�" in file.tensors


@pytest.mark.ordinary
def test_flipped_bits_give_a_file_or_a_sentence(tmp_path: Path) -> None:
    rng = random.Random(7)
    refused = []
    for _ in range(800):
        data = bytearray(WHOLE)
        for _ in range(rng.choice((1, 1, 1, 3))):
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        try:
            with tflite.opened(files.saved(tmp_path, bytes(data))) as file:
                for name, stored in file.tensors.items():
                    assert file.read(name).shape == stored.shape
        except InputError as wrong:
            refused.append(str(wrong))
    assert all(text.endswith(".") for text in refused)
    assert 100 < len(refused) < 700


def test_many_tables_that_share_one_place_take_little_memory_and_time(tmp_path: Path) -> None:
    """A small file whose 8192 buffers, tensors and operators are each the same table, with the longest vtable."""
    count = MOST
    data = bytearray(b"\0\0\0\0TFL3")
    vtable = len(data)
    fields = 32764
    data += struct.pack("<HH", 4 + 2 * fields, 8) + struct.pack("<H", 4) * fields
    data += bytes(-len(data) % 4)
    table = len(data)
    data += struct.pack("<iI", table - vtable, 4)  # every field is this reference, to the vector behind it
    vector = len(data)
    data += struct.pack("<I", count)
    for _ in range(count):
        data += struct.pack("<I", (table - len(data)) % 2**32)
    data[0:4] = struct.pack("<I", table)
    assert vector == table + 8
    path = files.saved(tmp_path, bytes(data))
    tracemalloc.start()
    try:
        with pytest.raises(InputError):
            tflite.opened(path)
        assert tracemalloc.get_traced_memory()[1] < 2 * len(data) + 2**22
    finally:
        tracemalloc.stop()


@pytest.mark.ordinary
def test_many_tensors_take_little_memory(tmp_path: Path) -> None:
    model = files.tree()
    model[4] = [{}] * 8
    graph(model).update({0: [files.tensor("", [1, 2, 3, 4])] * (MOST - 1), 1: [], 2: [], 3: []})
    path = files.saved(tmp_path, model)
    tracemalloc.start()
    try:
        with tflite.opened(path) as file:
            assert len(file.graph.tensors) == MOST - 1
        assert tracemalloc.get_traced_memory()[1] < 2 * path.stat().st_size + 2**22
    finally:
        tracemalloc.stop()


def test_numbers_too_large_for_f32_become_infinite(tmp_path: Path) -> None:
    model = files.tree()
    model[4][2] = {0: np.array([1e300, -1e300, 1, 0], "<f8").tobytes()}
    tensors(model)[2][1] = ("b", 10)
    with tflite.opened(files.saved(tmp_path, model)) as file:
        np.testing.assert_array_equal(file.read("stem/bias"), np.array([np.inf, -np.inf, 1, 0], np.float32))
