"""PyTorch's files: both containers, every element type and layout, and what training scripts wrap weights in."""

import tracemalloc
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from netspec.errors import InputError, NetSpecError
from runtime.weights.formats import open_weights
from runtime.weights.formats.weight_file import Stored
from tests.runtime.weights.torch_files import (
    ORDERED_DICT,
    Call,
    Entry,
    Named,
    Saved,
    entries,
    legacy_file,
    legacy_of,
    pickled,
    state_dict,
    storage,
    tensor,
    zip_file,
    zip_of,
    zipped,
)

Build = Callable[..., bytes]
GENERATOR = np.random.default_rng(5)
ARRAYS: dict[str, NDArray[Any]] = {
    "conv.weight": GENERATOR.normal(size=(4, 3, 2, 2)).astype(np.float32),
    "bn.weight": GENERATOR.normal(size=4).astype(np.float32),
    "scale": np.array(2.5, np.float32),
    "none": np.empty((0, 3), np.float32),
}
BOTH = pytest.mark.parametrize("build", [zip_of, legacy_of], ids=["zip", "legacy"])
OTHER = {"w": np.full(3, 7, np.float32)}


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def read(path: Path) -> dict[str, NDArray[np.float32]]:
    with open_weights(path) as file:
        return {name: file.read(name) for name in file.tensors}


def assert_same(found: Mapping[str, NDArray[np.float32]], wanted: Mapping[str, NDArray[Any]]) -> None:
    assert list(found) == list(wanted)
    for name, array in wanted.items():
        assert found[name].dtype == np.float32
        assert found[name].flags.c_contiguous
        np.testing.assert_array_equal(found[name], array.astype(np.float32))


@BOTH
@pytest.mark.parametrize("protocol", [1, 2, 3, 4, 5])
def test_a_state_dict_is_read_of_any_protocol(tmp_path: Path, build: Build, protocol: int) -> None:
    path = written(tmp_path / "a.pt", build(ARRAYS, protocol))
    assert_same(read(path), ARRAYS)
    with open_weights(path) as file:
        assert file.format == "a PyTorch file"
        assert file.path == path
        assert file.notes == ()
        assert file.tensors["conv.weight"] == Stored((4, 3, 2, 2), "float32")


@BOTH
@pytest.mark.parametrize("dtype", ["float16", "float64"])
def test_halves_and_doubles_become_f32(tmp_path: Path, build: Build, dtype: str) -> None:
    arrays = {name: array.astype(dtype) for name, array in ARRAYS.items()}
    path = written(tmp_path / "a.pt", build(arrays))
    assert_same(read(path), arrays)
    with open_weights(path) as file:
        assert file.tensors["bn.weight"].dtype == dtype


@BOTH
def test_bfloat16_becomes_f32(tmp_path: Path, build: Build) -> None:
    rounded = {name: (array.view(np.uint32) >> 16 << 16).view(np.float32) for name, array in ARRAYS.items()}
    path = written(tmp_path / "a.pt", build(ARRAYS, bfloat16=True))
    assert_same(read(path), rounded)
    with open_weights(path) as file:
        assert {stored.dtype for stored in file.tensors.values()} == {"bfloat16"}


@BOTH
@pytest.mark.parametrize("dtype", ["int64", "int32", "int16", "int8", "uint8", "bool"])
def test_counters_are_listed_and_not_read(tmp_path: Path, build: Build, dtype: str) -> None:
    arrays = {"w": ARRAYS["bn.weight"], "n": np.array([1, 0], dtype)}
    with open_weights(written(tmp_path / "a.pt", build(arrays))) as file:
        assert file.tensors["n"] == Stored((2,), dtype)
        np.testing.assert_array_equal(file.read("w"), arrays["w"])
        with pytest.raises(InputError, match=f"found numbers of type {dtype} in its tensor n, where"):
            file.read("n")


def test_a_zip_file_may_be_of_the_kind_for_large_files(tmp_path: Path) -> None:
    saved = Saved(ARRAYS)
    data = zip_file(pickled(state_dict(saved.tensors())), saved.storages(), zip64=True)
    assert_same(read(written(tmp_path / "a.pt", data)), ARRAYS)


def test_a_zip_file_may_have_any_name_of_its_folder_and_a_comment(tmp_path: Path) -> None:
    saved = Saved(ARRAYS)
    listed = entries(pickled(state_dict(saved.tensors())), saved.storages(), "modèle 2.1")
    assert_same(read(written(tmp_path / "a.pt", zipped(listed, comment=b"a comment" * 3))), ARRAYS)


def test_a_zip_file_of_old_versions_names_no_byte_order(tmp_path: Path) -> None:
    saved = Saved(ARRAYS)
    listed = entries(pickled(state_dict(saved.tensors())), saved.storages())
    without = [entry for entry in listed if not entry.name.endswith("byteorder")]
    assert_same(read(written(tmp_path / "a.pt", zipped(without))), ARRAYS)


def test_a_zip_file_without_any_checksum_is_read(tmp_path: Path) -> None:
    """As written after torch.serialization.set_crc32_options(False)."""
    saved = Saved(ARRAYS)
    listed = entries(pickled(state_dict(saved.tensors())), saved.storages())
    data = zipped([Entry(entry.name, entry.data, crc=0) for entry in listed])
    assert_same(read(written(tmp_path / "a.pt", data)), ARRAYS)


def test_an_old_file_of_python_2_is_read(tmp_path: Path) -> None:
    saved = Saved(ARRAYS, legacy=True)
    pairs = [[name, described] for name, described in saved.tensors().items()]
    value = Call(ORDERED_DICT, (pairs,), state={"_metadata": Call(ORDERED_DICT)})
    data = legacy_file(value, saved.storages(), saved.counts(), python_2=True)
    assert_same(read(written(tmp_path / "a.pt", data)), ARRAYS)


def test_views_of_one_storage_are_read_from_their_places(tmp_path: Path) -> None:
    numbers = np.arange(10, dtype=np.float32)
    tensors = {
        "first": tensor(storage("5", 10, view=("6", 0, 4)), (4,)),
        "second": tensor(storage("5", 10, view=("7", 4, 6)), (2, 2), offset=1),
        "whole": tensor(storage("5", 10, view=None), (10,)),
    }
    path = written(tmp_path / "a.pt", legacy_file(state_dict(tensors), {"5": numbers.tobytes()}, {"5": 10}))
    assert_same(read(path), {"first": numbers[:4], "second": numbers[5:9].reshape(2, 2), "whole": numbers})


def test_any_layout_of_a_tensor_in_its_storage_is_read(tmp_path: Path) -> None:
    numbers = np.arange(120, dtype=np.float32)
    kept = storage("0", 120)
    tensors = {
        "channels last": tensor(kept, (2, 3, 4, 5), (60, 1, 15, 3)),
        "transposed": tensor(kept, (12, 10), (1, 12)),
        "a column": tensor(kept, (10,), (12,), 7),
        "every other": tensor(kept, (5, 3), (24, 4), 1),
        "an axis of one": tensor(kept, (1, 120, 1), (0, 1, 10**6)),
        "tied": tensor(kept, (120,)),
        "tied too": tensor(kept, (120,)),
    }
    wanted = {
        "channels last": numbers.reshape(2, 4, 5, 3).transpose(0, 3, 1, 2),
        "transposed": numbers.reshape(10, 12).T,
        "a column": numbers.reshape(10, 12)[:, 7],
        "every other": numbers.reshape(10, 12)[::2, 1:10:4],
        "an axis of one": numbers.reshape(1, 120, 1),
        "tied": numbers,
        "tied too": numbers,
    }
    path = written(tmp_path / "a.pt", zip_file(pickled(state_dict(tensors)), {"0": numbers.tobytes()}))
    assert_same(read(path), wanted)


def wrapped(
    path: Path, wrap: Callable[[Call, Call], dict[str, Any]]
) -> tuple[dict[str, NDArray[np.float32]], tuple[str, ...]]:
    """What is read of a file with two state dicts in it: of `ARRAYS`, and of `OTHER`."""
    main, other = Saved(ARRAYS), Saved(OTHER)
    others = {"w": tensor(storage("other", 3), (3,))}
    storages = {**main.storages(), "other": other.storages()["0"]}
    path.write_bytes(zip_file(pickled(wrap(state_dict(main.tensors()), state_dict(others))), storages))
    with open_weights(path) as file:
        return {name: file.read(name) for name in file.tensors}, file.notes


OPTIMIZER: dict[str, Any] = {
    "state": {0: {"step": 5, "exp_avg": tensor(storage("other", 3), (3,))}},
    "param_groups": [{"lr": 0.1}],
}


@pytest.mark.parametrize("name", ["state_dict", "model_state_dict", "model", "net", "network", "params", "weights"])
def test_a_state_dict_is_found_under_its_usual_names(tmp_path: Path, name: str) -> None:
    found, notes = wrapped(
        tmp_path / "a.pt", lambda main, _: {"epoch": 3, "optimizer": OPTIMIZER, name: main, "best": 0.5}
    )
    assert_same(found, ARRAYS)
    assert notes == ()


@pytest.mark.parametrize(
    ("average", "plain"),
    [("state_dict_ema", "state_dict"), ("model_ema", "model"), ("ema", "net"), ("ema_state_dict", "state_dict")],
)
def test_a_moving_average_is_preferred_and_it_is_said(tmp_path: Path, average: str, plain: str) -> None:
    found, notes = wrapped(tmp_path / "a.pt", lambda main, other: {plain: other, "optimizer": OPTIMIZER, average: main})
    assert_same(found, ARRAYS)
    assert notes == (f"Used the moving average of the weights under {average}; left out what is under {plain}.",)


def test_a_moving_average_that_was_not_kept_is_passed_over(tmp_path: Path) -> None:
    without: dict[str, Any] = {"state_dict_ema": None, "ema": {"decay": 0.9}}
    found, notes = wrapped(tmp_path / "a.pt", lambda main, _: {"state_dict": main, **without})
    assert_same(found, ARRAYS)
    assert notes == ()


def test_wrappers_may_be_within_each_other(tmp_path: Path) -> None:
    found, _ = wrapped(tmp_path / "a.pt", lambda main, _: {"model": {"state_dict": main}})
    assert_same(found, ARRAYS)


def test_a_tensor_that_has_a_wrappers_name_is_a_tensor(tmp_path: Path) -> None:
    arrays = {"model": ARRAYS["scale"], "net": ARRAYS["bn.weight"]}
    assert_same(read(written(tmp_path / "a.pt", zip_of(arrays))), arrays)


def test_what_is_no_tensor_is_ignored_in_a_state_dict(tmp_path: Path) -> None:
    saved = Saved(ARRAYS)
    value: dict[Any, Any] = {"epoch": 5, **saved.tensors(), "_extra_state": {"a": [1, 2]}, "name": "x", 7: None}
    assert_same(read(written(tmp_path / "a.pt", zip_file(pickled(value), saved.storages()))), ARRAYS)


@BOTH
@pytest.mark.parametrize("prefix", ["module.", "model.", "_orig_mod.", "module._orig_mod.", "model.module."])
def test_a_prefix_of_all_names_is_left_out_and_it_is_said(tmp_path: Path, build: Build, prefix: str) -> None:
    path = written(tmp_path / "a.pt", build({prefix + name: array for name, array in ARRAYS.items()}))
    assert_same(read(path), ARRAYS)
    with open_weights(path) as file:
        assert file.notes == (f"All names begin with {prefix}, which is left out.",)


def test_a_prefix_that_one_name_lacks_stays(tmp_path: Path) -> None:
    arrays = {"module.a": ARRAYS["scale"], "module.b": ARRAYS["bn.weight"], "modules.c": ARRAYS["scale"]}
    assert_same(read(written(tmp_path / "a.pt", zip_of(arrays))), arrays)


def test_a_prefix_that_is_all_of_a_name_stays(tmp_path: Path) -> None:
    arrays = {"module.": ARRAYS["scale"], "module.b": ARRAYS["bn.weight"]}
    assert_same(read(written(tmp_path / "a.pt", zip_of(arrays))), arrays)


def test_the_counter_of_an_averaged_model_is_left_out(tmp_path: Path) -> None:
    arrays = {"n_averaged": np.array(7), **{f"module.{name}": array for name, array in ARRAYS.items()}}
    assert_same(read(written(tmp_path / "a.pt", zip_of(arrays))), ARRAYS)


def test_a_tensor_named_as_the_counter_stays_beside_plain_names(tmp_path: Path) -> None:
    arrays = {"n_averaged": ARRAYS["scale"], "w": ARRAYS["bn.weight"]}
    assert_same(read(written(tmp_path / "a.pt", zip_of(arrays))), arrays)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("torchvision.models.resnet.ResNet", "other Python objects than tensors, such as a whole module: it asks for"),
        ("argparse.Namespace", "it asks for argparse.Namespace, and nothing that a file names is imported or run"),
        ("torch._utils._rebuild_sparse_tensor", "a sparse tensor"),
        ("torch._utils._rebuild_qtensor", "a quantised tensor"),
        ("torch._utils._rebuild_meta_tensor_no_storage", "a tensor without numbers"),
        ("torch.ComplexFloatStorage", "tensors of another element type"),
    ],
)
def test_what_is_no_plain_tensor_is_named_with_what_to_do(tmp_path: Path, name: str, words: str) -> None:
    module, _, last = name.rpartition(".")
    path = written(tmp_path / "a.pt", zip_file(pickled({"w": Call(Named(module, last))}), {}))
    with pytest.raises(InputError) as refused:
        open_weights(path)
    assert words in str(refused.value)
    assert "save" in str(refused.value)


def test_numbers_that_a_wrong_checksum_covers_are_refused_when_they_are_read(tmp_path: Path) -> None:
    saved = Saved(ARRAYS)
    data = zip_file(pickled(state_dict(saved.tensors())), saved.storages())
    at = data.index(saved.storages()["1"])
    with open_weights(written(tmp_path / "a.pt", data[:at] + b"\xff" + data[at + 1 :])) as file:
        np.testing.assert_array_equal(file.read("conv.weight"), ARRAYS["conv.weight"])
        with pytest.raises(InputError, match="a checksum differs"):
            file.read("bn.weight")


@BOTH
def test_a_file_that_shrinks_is_reported(tmp_path: Path, build: Build) -> None:
    path = tmp_path / "a.pt"
    arrays = {"a": np.zeros(100_000, np.float32), "b": np.ones(100_000, np.float32)}
    with open_weights(written(path, build(arrays))) as file:
        with path.open("r+b") as other:
            other.truncate(1000)
        with pytest.raises(InputError, match="became shorter while it was read"):
            file.read("b")


@BOTH
def test_a_want_of_memory_is_no_fault_of_the_file(
    tmp_path: Path, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_large(*_: object) -> None:
        raise MemoryError

    with open_weights(written(tmp_path / "a.pt", build(ARRAYS))) as file:
        monkeypatch.setattr(np, "empty", too_large)
        with pytest.raises(NetSpecError, match="cannot be read for want of memory: close other programs") as reported:
            file.read("conv.weight")
    assert not isinstance(reported.value, InputError)


@BOTH
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_a_large_file_takes_at_most_twice_its_size(tmp_path: Path, build: Build, dtype: str) -> None:
    """The largest tensor as f32, which is twice a file of halves, and nothing of the others."""
    arrays = {"large": np.ones((1000, 1000), dtype), "small": np.ones(1000, dtype)}
    data = build(arrays)
    path = written(tmp_path / "a.pt", data)
    tracemalloc.start()
    try:
        with open_weights(path) as file:
            for name in file.tensors:
                file.read(name)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2 * len(data) + 2**20


@BOTH
def test_fifteen_hundred_small_tensors_are_within_the_budget_of_a_small_file(tmp_path: Path, build: Build) -> None:
    """More than any network here has, were it as narrow as it can be."""
    arrays = {f"layers.{number}.block.weight": np.ones(1, np.float32) for number in range(1500)}
    with open_weights(written(tmp_path / "a.pt", build(arrays))) as file:
        assert len(file.tensors) == 1500
