"""Safetensors files: every element type, as f32, one tensor at a time."""

import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from numpy.typing import NDArray

from netspec.errors import InputError
from runtime.weights.formats import open_weights
from runtime.weights.formats.weight_file import Stored
from tests.runtime.weights.hostile_files import safetensors_file

GENERATOR = np.random.default_rng(6)
ARRAYS: dict[str, NDArray[Any]] = {
    "conv.weight": GENERATOR.normal(size=(4, 3, 2, 2)).astype(np.float32),
    "bn.weight": GENERATOR.normal(size=4).astype(np.float32),
    "scale": np.array(2.5, np.float32),
    "none": np.empty((0, 3), np.float32),
}


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_numbers_of_any_size_become_f32(tmp_path: Path, dtype: str) -> None:
    path = tmp_path / "a.safetensors"
    arrays = {name: array.astype(dtype) for name, array in ARRAYS.items()}
    safetensors.numpy.save_file(arrays, path)
    with open_weights(path) as file:
        assert file.format == "a safetensors file"
        assert file.path == path
        assert file.notes == ()
        assert file.tensors.keys() == arrays.keys()
        for name, array in arrays.items():
            assert file.tensors[name] == Stored(array.shape, dtype)
            found = file.read(name)
            assert found.dtype == np.float32
            np.testing.assert_array_equal(found, array.astype(np.float32))


def test_bfloat16_becomes_f32(tmp_path: Path) -> None:
    numbers = ARRAYS["conv.weight"]
    halves = (numbers.view(np.uint32) >> 16).astype("<u2")
    path = tmp_path / "a.safetensors"
    header = {"w": {"dtype": "BF16", "shape": numbers.shape, "data_offsets": [0, halves.nbytes]}}
    path.write_bytes(safetensors_file(header, halves.tobytes()))
    with open_weights(path) as file:
        assert file.tensors["w"] == Stored(numbers.shape, "bfloat16")
        np.testing.assert_array_equal(file.read("w"), (halves.astype(np.uint32) << 16).view(np.float32))


@pytest.mark.parametrize("dtype", ["int64", "int32", "int16", "int8", "uint64", "uint32", "uint16", "uint8", "bool"])
def test_counters_are_listed_and_not_read(tmp_path: Path, dtype: str) -> None:
    path = tmp_path / "a.safetensors"
    safetensors.numpy.save_file({"w": ARRAYS["scale"], "n": np.array([1, 0], dtype)}, path)
    with open_weights(path) as file:
        assert file.tensors["n"] == Stored((2,), dtype)
        assert file.read("w") == 2.5
        with pytest.raises(InputError, match=f"found numbers of type {dtype} in its tensor n, where"):
            file.read("n")


def test_a_type_that_numpy_lacks_is_listed_and_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    header = {"w": {"dtype": "F8_E4M3", "shape": [3], "data_offsets": [0, 3]}}
    path.write_bytes(safetensors_file(header, b"abc"))
    with open_weights(path) as file:
        assert file.tensors["w"] == Stored((3,), "f8_e4m3")
        with pytest.raises(InputError, match="found numbers of type f8_e4m3 in its tensor w"):
            file.read("w")


def test_tensors_are_in_the_headers_order(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    header = {
        name: {"dtype": "F32", "shape": [1], "data_offsets": [start, start + 4]}
        for name, start in (("z", 4), ("a", 8), ("m", 0))
    }
    path.write_bytes(safetensors_file(header, np.array([1, 2, 3], np.float32).tobytes()))
    with open_weights(path) as file:
        assert list(file.tensors) == ["z", "a", "m"]
        assert [float(file.read(name)[0]) for name in file.tensors] == [2, 3, 1]


@pytest.mark.parametrize("prefix", ["module.", "model.", "_orig_mod."])
def test_a_prefix_of_all_names_is_left_out_and_it_is_said(tmp_path: Path, prefix: str) -> None:
    path = tmp_path / "a.safetensors"
    safetensors.numpy.save_file({prefix + name: array for name, array in ARRAYS.items()}, path)
    with open_weights(path) as file:
        assert file.tensors.keys() == ARRAYS.keys()
        assert file.notes == (f"All names begin with {prefix}, which is left out.",)


def test_metadata_are_no_tensor(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    safetensors.numpy.save_file(ARRAYS, path, {"format": "pt", "classes": "a, b: {c}" * 1000})
    with open_weights(path) as file:
        assert file.tensors.keys() == ARRAYS.keys()


def test_a_path_may_have_any_letters(tmp_path: Path) -> None:
    path = tmp_path / "\udcff\nä.safetensors"
    path.write_bytes(safetensors.numpy.save(ARRAYS))
    with open_weights(path) as file:
        assert file.tensors.keys() == ARRAYS.keys()
    path.write_bytes(safetensors.numpy.save(ARRAYS)[:-1])
    with pytest.raises(InputError, match=r"/\\udcff\\nä\.safetensors: expected a safetensors file"):
        open_weights(path)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_a_large_file_takes_at_most_twice_its_size(tmp_path: Path, dtype: str) -> None:
    path = tmp_path / "a.safetensors"
    safetensors.numpy.save_file({"large": np.ones((1000, 1000), dtype), "small": np.ones(1000, dtype)}, path)
    tracemalloc.start()
    try:
        with open_weights(path) as file:
            for name in file.tensors:
                file.read(name)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2 * path.stat().st_size + 2**20


def test_a_file_that_shrinks_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    safetensors.numpy.save_file({"w": np.ones(100_000, np.float32)}, path)
    with open_weights(path) as file:
        with path.open("r+b") as other:
            other.truncate(1000)
        with pytest.raises(InputError, match="became shorter while it was read"):
            file.read("w")
