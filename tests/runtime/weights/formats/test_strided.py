"""Numbers from a file, whatever their strides: the same as NumPy gives for the same bytes, block by block."""

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from runtime.weights.formats import strided
from runtime.weights.formats.strided import READABLE, check_layout, check_readable, packed_strides, read_floats
from runtime.weights.formats.untrusted import UnreadableError, UntrustedFile


def in_file(path: Path, data: bytes) -> UntrustedFile:
    path.write_bytes(data)
    return UntrustedFile(path)


@st.composite
def layouts(draw: st.DrawFn) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Shapes and strides in any order and with gaps, where no two elements are one."""
    sizes = draw(st.lists(st.integers(1, 6), max_size=5))
    strides, reach = [], 0
    for size in sizes:
        strides.append(reach + draw(st.integers(1, 9)))
        reach += strides[-1] * (size - 1)
    order = draw(st.permutations(range(len(sizes))))
    return tuple(sizes[axis] for axis in order), tuple(strides[axis] for axis in order)


@pytest.mark.ordinary
@settings(max_examples=200, deadline=None)
@given(layout=layouts(), block=st.sampled_from([4, 16, 64, 1024, 2**18]), offset=st.integers(0, 3))
def test_any_layout_is_read_as_numpy_reads_it(
    layout: tuple[tuple[int, ...], tuple[int, ...]],
    block: int,
    offset: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    shape, strides = layout
    reach = 1 + sum(stride * (size - 1) for stride, size in zip(strides, shape, strict=True))
    numbers = np.arange(offset + reach, dtype=np.float32)
    check_layout("w", shape, strides, offset, numbers.size)
    wanted = as_strided(numbers[offset:], shape, [4 * stride for stride in strides])
    path = tmp_path_factory.getbasetemp() / "numbers"
    with in_file(path, b"head" + numbers.tobytes()) as file, pytest.MonkeyPatch.context() as patch:
        patch.setattr(strided, "_BLOCK", block)
        found = read_floats(file, 4 + 4 * offset, "float32", shape, strides)
    assert found.flags.c_contiguous
    np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_elements_of_every_type_become_f32(tmp_path: Path, dtype: str) -> None:
    numbers = np.array([0, -0.0, 1.5, -2, 65504, 6e-8, np.inf, -np.inf, np.nan]).astype(dtype)
    with in_file(tmp_path / "a", numbers.tobytes()) as file:
        found = read_floats(file, 0, dtype, (9,), (1,))
    np.testing.assert_array_equal(found, numbers.astype(np.float32))
    assert np.signbit(found[1])


def test_a_bfloat16_is_the_upper_half_of_an_f32(tmp_path: Path) -> None:
    numbers = np.array([0, 1, -1.5, 3.140625, 1e38, np.inf, -np.inf, np.nan], np.float32)
    halves = (numbers.view(np.uint32) >> 16).astype("<u2")
    with in_file(tmp_path / "a", halves.tobytes()) as file:
        found = read_floats(file, 0, "bfloat16", (2, 4), (4, 1))
    np.testing.assert_array_equal(found.view(np.uint32) >> 16, halves.reshape(2, 4))
    assert not (found.view(np.uint32) & 0xFFFF).any()


def test_a_number_too_large_for_f32_is_infinite_without_a_warning(tmp_path: Path) -> None:
    with in_file(tmp_path / "a", np.array([1e300, -1e300, 1e-300]).tobytes()) as file:
        assert read_floats(file, 0, "float64", (3,), (1,)).tolist() == [np.inf, -np.inf, 0]


@pytest.mark.parametrize("shape", [(0,), (3, 0), (0, 5, 2)])
def test_a_tensor_without_elements_is_empty(tmp_path: Path, shape: tuple[int, ...]) -> None:
    with in_file(tmp_path / "a", b"") as file:
        assert read_floats(file, 0, "float32", shape, packed_strides(shape)).shape == shape


def permuted(shape: tuple[int, ...], order: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    view: NDArray[np.uint8] = np.empty(shape, np.uint8).transpose(order)
    return view.shape, view.strides


@pytest.mark.parametrize(
    ("dtype", "size"), [("float16", 2), ("bfloat16", 2), ("float32", 4), ("float64", 8)], ids=lambda value: str(value)
)
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0), (2, 1, 0)], ids=str)
def test_reading_takes_the_result_and_a_little_more(
    tmp_path: Path, dtype: str, size: int, order: tuple[int, ...]
) -> None:
    shape, strides = permuted((200, 100, 50), order)
    with in_file(tmp_path / "a", bytes(size * 10**6)) as file:
        tracemalloc.start()
        try:
            found = read_floats(file, 0, dtype, shape, strides)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < found.nbytes + 5 * 2**18


@pytest.mark.parametrize("dtype", ["int64", "uint8", "bool", "f8_e4m3"])
def test_counters_are_no_weights(dtype: str) -> None:
    assert dtype not in READABLE
    with pytest.raises(UnreadableError, match=dtype):
        check_readable("n", dtype)
