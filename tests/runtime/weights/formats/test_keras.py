"""Weights in HDF5 as Keras 2 and 3 write them: names, order, numbers, notes; memory and files left behind."""

import subprocess
import sys
import tracemalloc
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from netspec.errors import InputError
from runtime.weights.formats import keras
from runtime.weights.formats.weight_file import Stored
from tests.runtime.weights import keras_files as files

h5py = pytest.importorskip("h5py", reason="reading Keras weights needs h5py, an optional package")
# Each file is read by a process that is started for it: a few tenths of a second.
pytestmark = pytest.mark.ordinary

NAMES = [f"{layer}/{weight}" for layer, weights in files.LAYERS.items() for weight in weights]
NUMBERS = [f"{layer}/{number}" for layer, weights in files.LAYERS.items() for number in range(len(weights))]
ARRAYS = [array for weights in files.LAYERS.values() for array in weights.values()]


def written(folder: Path, write: Callable[[Any], None], name: str = "net.h5") -> Path:
    path = folder / name
    with h5py.File(path, "w") as file:
        write(file)
    return path


def whole_model(file: Any) -> None:
    file.attrs["model_config"] = '{"class_name": "Lambda"}' * 10000
    file.attrs["keras_version"] = "2.4.0"
    files.listed(file.create_group("model_weights"))
    file.create_group("optimizer_weights")["step"] = np.int64(7)


def check(path: Path, names: Iterable[str], notes: tuple[str, ...] = ()) -> None:
    with keras.opened(path) as file:
        assert list(file.tensors) == list(names)
        for name, array in zip(names, ARRAYS, strict=True):
            assert file.tensors[name] == Stored(array.shape, "float32")
            found = file.read(name)
            assert found.dtype == np.float32
            assert found.flags.c_contiguous
            np.testing.assert_array_equal(found, array)
        assert file.notes == notes
        assert file.format == "a Keras file"


def test_weights_of_keras_2_have_the_names_of_layers_and_weights(tmp_path: Path) -> None:
    check(written(tmp_path, files.listed), NAMES)


def test_a_whole_model_has_the_names_too_and_its_optimizer_is_left_out(tmp_path: Path) -> None:
    check(written(tmp_path, whole_model), NAMES, ("The optimizer's state is left out.",))


def test_names_without_a_number_behind_them_are_the_same(tmp_path: Path) -> None:
    check(written(tmp_path, lambda file: files.listed(file, suffix="")), NAMES)


def test_a_weights_h5_has_numbers_and_the_layers_classes(tmp_path: Path) -> None:
    path = written(tmp_path, files.numbered, "net.weights.h5")
    check(path, NUMBERS)
    with keras.opened(path) as file:
        assert file.layers == {layer: files.CLASSES[layer] for layer, weights in files.LAYERS.items() if weights}


@pytest.mark.parametrize("container", ["layers", "_layer_checkpoint_dependencies"])
def test_without_the_layers_own_names_the_groups_names_are_given(container: str, tmp_path: Path) -> None:
    path = written(tmp_path, lambda file: files.numbered(file, container=container, own_names=False))
    check(path, [name.replace(layer := name.split("/")[0], files.CLASSES[layer]) for name in NUMBERS])


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_the_weights_within_a_keras_archive_are_read(compression: int, tmp_path: Path) -> None:
    weights = written(tmp_path, files.numbered, "net.weights.h5").read_bytes()
    check(files.archived(tmp_path, weights, compression), NUMBERS)


def test_layers_of_one_class_are_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    def write(file: Any) -> None:
        for number in (2, 0, 11, 1):
            name = f"conv2d_{number}" if number else "conv2d"
            file[f"layers/{name}/vars/0"] = np.full(3, number, np.float32)

    with keras.opened(written(tmp_path, write)) as file:
        assert [file.read(name)[0] for name in file.tensors] == [0, 1, 2, 11]
        assert list(file.layers.items())[1] == ("conv2d_1", "conv2d")


def test_the_weights_of_a_layer_are_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    layers = {"many": {str(number): np.full(1, number, np.float32) for number in range(12)}}
    with keras.opened(written(tmp_path, lambda file: files.numbered(file, layers))) as file:
        assert list(file.tensors) == [f"many/{number}" for number in range(12)]


def test_a_model_within_a_model_gives_its_own_layers_names(tmp_path: Path) -> None:
    layers = {
        "mobilenet": {
            f"{layer}/{name}": array for layer, weights in files.LAYERS.items() for name, array in weights.items()
        },
        "head": {"kernel": np.ones((2, 2), np.float32)},
    }
    with keras.opened(written(tmp_path, lambda file: files.listed(file, layers))) as file:
        assert list(file.tensors) == [*NAMES, "head/kernel"]


def test_a_model_within_a_weights_h5_is_part_of_the_name_where_layers_have_none(tmp_path: Path) -> None:
    path = "layers/functional/layers/conv2d_1/vars/0"
    with keras.opened(written(tmp_path, lambda file: file.create_dataset(path, data=np.ones(1, "f4")))) as file:
        assert list(file.tensors) == ["functional/conv2d_1/0"]
        assert file.layers == {"functional/conv2d_1": "conv2d"}


def test_layers_of_one_name_are_told_apart(tmp_path: Path) -> None:
    def write(file: Any) -> None:
        for kind in ("conv2d", "dense"):
            variables = file.create_group(f"layers/{kind}/vars")
            variables.attrs["name"] = "same"
            variables["0"] = np.ones(1, "f4")

    with keras.opened(written(tmp_path, write)) as file:
        assert sorted(file.tensors) == ["dense/0", "same/0"]


def test_a_weight_that_is_listed_twice_has_two_names(tmp_path: Path) -> None:
    def write(file: Any) -> None:
        files.listed(file, {"cell": {"kernel": np.ones(1, "f4")}})
        file["cell"].attrs["weight_names"] = [b"cell/kernel:0", b"cell/kernel:0"]

    with keras.opened(written(tmp_path, write)) as file:
        assert list(file.tensors) == ["cell/kernel", "cell/kernel#1"]


def test_the_models_own_weights_come_last(tmp_path: Path) -> None:
    def write(file: Any) -> None:
        files.listed(file, {"a": {"kernel": np.ones(1, "f4")}})
        group = file.create_group("top_level_model_weights")
        group.attrs["weight_names"] = [b"scale"]
        group["scale"] = np.ones(1, "f4")

    with keras.opened(written(tmp_path, write)) as file:
        assert list(file.tensors) == ["a/kernel", "top_level_model_weights/scale"]


def test_long_lists_that_are_stored_in_pieces_are_joined(tmp_path: Path) -> None:
    layers = {f"layer_{number}": {"kernel": np.full(1, number, np.float32)} for number in range(40)}

    def write(file: Any) -> None:
        files.listed(file, layers)
        names = list(file.attrs["layer_names"])
        del file.attrs["layer_names"]
        for piece in range(4):
            file.attrs[f"layer_names{piece}"] = names[10 * piece : 10 * piece + 10]

    with keras.opened(written(tmp_path, write)) as file:
        assert list(file.tensors) == [f"{layer}/kernel" for layer in layers]


@pytest.mark.parametrize("dtype", ["<f2", "<f4", "<f8", ">f2", ">f4", ">f8"])
def test_numbers_of_any_float_type_are_read_as_f32(dtype: str, tmp_path: Path) -> None:
    array = files.values((2, 3), 1).astype(dtype)
    with keras.opened(written(tmp_path, lambda file: files.listed(file, {"a": {"kernel": array}}))) as file:
        assert file.tensors["a/kernel"].dtype == np.dtype(dtype).newbyteorder("=").name
        np.testing.assert_array_equal(file.read("a/kernel"), array.astype(np.float32))


def test_bfloat16_is_read_as_f32(tmp_path: Path) -> None:
    array = (files.values((2, 3), 1).view(np.uint32) >> 16 << 16).view(np.float32)

    def write(file: Any) -> None:
        dataset = file.create_dataset(
            "layers/dense/vars/0", data=(array.view(np.uint32) >> 16).astype("<u2").view("V2")
        )
        dataset.attrs["dtype"] = "bfloat16"

    with keras.opened(written(tmp_path, write)) as file:
        assert file.tensors["dense/0"] == Stored((2, 3), "bfloat16")
        np.testing.assert_array_equal(file.read("dense/0"), array)


@pytest.mark.parametrize("options", [{"compression": "gzip"}, {"shuffle": True, "compression": 9}, {"chunks": (2, 2)}])
def test_chunks_are_read_compressed_or_not(options: dict[str, Any], tmp_path: Path) -> None:
    array = files.values((50, 3), 1)

    def write(file: Any) -> None:
        file.create_dataset("layers/dense/vars/0", data=array, **options)

    with keras.opened(written(tmp_path, write)) as file:
        np.testing.assert_array_equal(file.read("dense/0"), array)


def test_scalars_and_empty_tensors_are_read(tmp_path: Path) -> None:
    layers = {"a": {"scale": np.array(3, np.float32), "nothing": np.empty((0, 3), np.float32)}}
    with keras.opened(written(tmp_path, lambda file: files.listed(file, layers))) as file:
        assert file.read("a/scale") == 3
        assert file.read("a/nothing").shape == (0, 3)


def test_integers_are_left_out_and_noted(tmp_path: Path) -> None:
    layers = {"dropout": {"seed": np.zeros(2, np.uint32)}, "a": {"kernel": np.ones(1, "f4")}}
    with keras.opened(written(tmp_path, lambda file: files.listed(file, layers))) as file:
        assert list(file.tensors) == ["a/kernel"]
        assert file.notes == ("Arrays of integers that are left out (counters, random states): 1.",)


def test_a_file_of_the_latest_hdf5_format_is_read(tmp_path: Path) -> None:
    path = tmp_path / "net.h5"
    with h5py.File(path, "w", libver="latest", track_order=True) as file:
        files.listed(file)
    check(path, NAMES)


def test_an_unknown_name_is_refused(tmp_path: Path) -> None:
    with keras.opened(written(tmp_path, files.listed)) as file, pytest.raises(InputError, match="check its name"):
        file.read("Conv1/bias")


def open_files() -> int:
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.is_dir() else 0


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, files.listed)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = open_files()
    keras.opened(path).close()
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(InputError):
        keras.opened(path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["net.h5"]
    assert open_files() == before


def test_reading_takes_no_more_memory_than_the_file_and_a_few_megabytes(tmp_path: Path) -> None:
    array = np.zeros(2**22, np.float32)
    path = written(tmp_path, lambda file: files.listed(file, {"a": {"kernel": array}}))
    tracemalloc.start()
    try:
        with keras.opened(path) as file:
            assert tracemalloc.get_traced_memory()[1] < 2**20
            file.read("a/kernel")
            assert tracemalloc.get_traced_memory()[1] < array.nbytes + 2**22
    finally:
        tracemalloc.stop()


def peak_of_children(path: Path) -> int:
    """The peak memory of the process that reads a file, bytes."""
    code = (
        "import resource, sys; from pathlib import Path; from runtime.weights.formats import keras; "
        "keras.opened(Path(sys.argv[1])).close(); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    root = Path(__file__).parents[4]
    done = subprocess.run([sys.executable, "-c", code, str(path)], cwd=root, check=True, capture_output=True, text=True)
    return int(done.stdout) * (1 if sys.platform == "darwin" else 1024)


def test_the_process_that_reads_takes_no_more_memory_than_twice_the_file(tmp_path: Path) -> None:
    small = written(tmp_path, files.listed, "small.h5")
    arrays = {f"w{number}": np.zeros(2**21, np.float32) for number in range(4)}
    large = written(tmp_path, lambda file: files.listed(file, {"a": arrays}), "large.h5")
    assert peak_of_children(large) - peak_of_children(small) < 2 * large.stat().st_size
