"""Checkpoints: bit-exact, whole or not there, and never more than data."""

import json
import os
import pickle
import random
import re
import struct
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

from emit.programs.train_step import training_state
from netspec.errors import InputError
from netspec.plain import config_to_plain, net_to_plain
from runtime import checkpoint as module
from runtime.checkpoint import Checkpoint, Position, load, save
from runtime.engine.session import initial_state
from specs.tiny import tiny, tinyConfig

BITS = np.array([0x80000000, 1, 0x5D5E0B6B, 0x3F800001], np.uint32).view(np.float32)


@pytest.fixture
def kept() -> Checkpoint:
    tensors = initial_state(training_state(tiny, tinyConfig), 0)
    tensors["head_bias"][:4] = BITS
    tensors["step"] = np.array(7, np.int32)
    classes = (*(f"class {n} ü" for n in range(9)), "odd \udcff")
    return Checkpoint(tiny, tinyConfig, classes, Position(3, 2, 0.1 + 0.2, 1 / 3), "fingerprint", tensors)


def test_a_checkpoint_comes_back_bit_for_bit(tmp_path: Path, kept: Checkpoint) -> None:
    path = tmp_path / "x.safetensors"
    save(path, kept)
    found = load(path)
    assert (found.net, found.config, found.classes) == (kept.net, kept.config, kept.classes)
    assert (found.position, found.images) == (kept.position, kept.images)
    assert set(found.tensors) == set(kept.tensors)
    for name, array in kept.tensors.items():
        assert found.tensors[name].dtype == array.dtype
        assert found.tensors[name].shape == array.shape
        assert found.tensors[name].tobytes() == array.tobytes()


def test_a_run_from_before_small_sets_were_used_completely_differs_from_later_ones(
    tmp_path: Path, kept: Checkpoint
) -> None:
    old = load(Path(__file__).parents[1] / "fixtures/ecf0936/run/last.safetensors")
    assert not old.whole_epochs
    path = tmp_path / "x.safetensors"
    save(path, old)
    assert path.read_bytes() == (Path(__file__).parents[1] / "fixtures/ecf0936/run/last.safetensors").read_bytes()
    save(path, kept)
    assert load(path).whole_epochs


def test_the_same_checkpoint_is_the_same_file(tmp_path: Path, kept: Checkpoint) -> None:
    save(tmp_path / "a", kept)
    save(tmp_path / "b", kept)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def refused(path: Path) -> str:
    with pytest.raises(InputError) as wrong:
        load(path)
    said = str(wrong.value)
    assert said.startswith(str(path))
    assert "\n" not in said
    return said


def test_what_is_not_a_checkpoint_at_all_is_reported_in_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "x.safetensors"
    assert "there is no such checkpoint" in refused(file)
    for content in (b"", b"\0" * 7, b"\xff" * 64, b"\x89PNG\r\n\x1a\n" * 9, struct.pack("<Q", 2) + b"{}"):
        file.write_bytes(content)
        refused(file)
    safetensors.numpy.save_file({"a": np.zeros(3, np.float32)}, file)
    assert "not a checkpoint of netspec" in refused(file)
    safetensors.numpy.save_file({"a": np.zeros(3, np.float32)}, file, {"format": "pt"})
    assert "not a checkpoint of netspec" in refused(file)
    os.mkfifo(tmp_path / "pipe")
    for name in (".", "pipe"):
        assert "expected a .safetensors file that train wrote, found none" in refused(tmp_path / name)


class _Bomb:
    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.mark,))


def test_a_pickle_is_never_executed(tmp_path: Path) -> None:
    file, mark = tmp_path / "x.safetensors", tmp_path / "executed"
    file.write_bytes(pickle.dumps(_Bomb(mark)))
    refused(file)
    assert not mark.exists()


def test_a_truncated_checkpoint_is_refused(tmp_path: Path, kept: Checkpoint) -> None:
    path = tmp_path / "x.safetensors"
    save(path, kept)
    intact = path.read_bytes()
    for length in random.Random(0).sample(range(len(intact)), 150):
        path.write_bytes(intact[:length])
        refused(path)
    path.write_bytes(intact + b"\0")
    refused(path)


def test_a_header_with_changed_bytes_is_refused_or_still_a_checked_checkpoint(tmp_path: Path, kept: Checkpoint) -> None:
    path = tmp_path / "x.safetensors"
    save(path, kept)
    intact = path.read_bytes()
    end = 8 + struct.unpack("<Q", intact[:8])[0]
    draw, count = random.Random(1), 0
    for _ in range(400):
        damaged = bytearray(intact)
        for _ in range(draw.randint(1, 3)):
            damaged[draw.randrange(end)] = draw.randrange(256)
        path.write_bytes(damaged)
        try:
            load(path)
        except InputError:
            count += 1
    assert count > 300


HEADER: dict[str, Any] = {
    "format": module.FORMAT,
    "net": net_to_plain(tiny),
    "config": config_to_plain(tinyConfig),
    "classes": list("abcdefghij"),
    "position": vars(Position()),
    "images": "",
}


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("format", "netspec-checkpoint-0"), ("format", None),
        ("net", None), ("net", []), ("net", {"layers": []}), ("net.layers", [{"layer": "exec"}]),
        ("net.imageH", 0), ("net.imageH", "32"), ("net.name", ""),
        ("config", None), ("config.seed", -1), ("config.learningRate", 10**400), ("config.batchSize", 1e9),
        ("classes", None), ("classes", 5), ("classes", ["a"]),
        ("position", None), ("position", {"more": 1}), ("position.epoch", "1"), ("position.epoch", -1),
        ("position.epoch", 1.5), ("position.epoch", None), ("position.step", True), ("position.loss_sum", "x"),
        ("position.loss_sum", float("nan")), ("position.best", 2.0), ("position.best", []),
    ],
)  # fmt: skip
def test_a_header_with_a_wrong_value_is_refused(place: str, value: object, tmp_path: Path) -> None:
    header = json.loads(json.dumps(HEADER))
    inner, *parts = header, *place.split(".")
    for part in parts[:-1]:
        inner = inner[part]
    inner[parts[-1]] = value
    refused(_with_header(tmp_path, json.dumps(header)))


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "5", '"x"', "[" * 100_000, '{"a":' * 100_000])
def test_a_header_that_is_no_object_is_refused(text: str, tmp_path: Path) -> None:
    refused(_with_header(tmp_path, text))


def _with_header(folder: Path, text: str) -> Path:
    path = folder / "x.safetensors"
    safetensors.numpy.save_file({"a": np.zeros(3, np.float32)}, path, {"netspec": text})
    return path


# Tensors.

ENTRIES = {entry.name: entry for entry in training_state(tiny, tinyConfig)}


def changed(kept: Checkpoint, path: Path, name: str, array: np.ndarray[Any, Any] | None) -> Path:
    tensors = {**kept.tensors, name: array}
    save(path, replace(kept, tensors={each: value for each, value in tensors.items() if value is not None}))
    return path


def filled(name: str, value: float, dtype: Any = np.float32) -> np.ndarray[Any, Any]:
    array = np.zeros(ENTRIES[name].shape, dtype)
    array.flat[-1:] = value
    return array


@pytest.mark.parametrize("to_train", [True, False])
@pytest.mark.parametrize(
    ("name", "array", "said"),
    [
        ("stem_weight", filled("stem_weight", np.nan), "expected finite numbers"),
        ("head_bias", filled("head_bias", np.inf), "expected finite numbers"),
        ("stem_weight_m", filled("stem_weight_m", -np.inf), "expected finite numbers"),
        ("stem_bn_running_mean", filled("stem_bn_running_mean", np.nan), "expected finite numbers"),
        ("stem_bn_running_variance", filled("stem_bn_running_variance", -1), "expected no negative numbers"),
        ("stem_bn_running_variance", filled("stem_bn_running_variance", -1.1e-5), "expected no negative numbers"),
        ("stem_weight_v", filled("stem_weight_v", -1e-9), "expected no negative numbers"),
        ("step", np.array(-1, np.int32), "expected no negative numbers"),
        ("step", np.array(1, np.int64), "expected int32 of shape (), found I64"),
        ("stem_weight", filled("stem_weight", 1, np.int32), "expected float32 of shape (3, 3, 3, 16), found int32"),
        ("stem_weight", filled("stem_weight", 1, np.bool_), "expected float32 of shape (3, 3, 3, 16), found BOOL"),
        ("stem_bn_gamma", filled("stem_bn_gamma", 1, np.float16), "expected float32 of shape (16,), found F16"),
        ("stem_bn_gamma", filled("stem_bn_gamma", 1, np.float64), "expected float32 of shape (16,), found F64"),
        ("stem_bn_gamma", np.ones(1, np.float32), "expected float32 of shape (16,), found float32 of shape (1,)"),
        ("stem_bn_gamma", np.ones((16, 1), np.float32), "found float32 of shape (16, 1)"),
        ("stem_bn_gamma", None, "expected a tensor stem_bn_gamma, found none"),
        ("stem_bn_running_mean", None, "expected a tensor stem_bn_running_mean, found none"),
        ("more", np.ones(1, np.float32), "holds 1 tensors that its network lacks, the first more"),
        ("\x1b[2J", np.ones(1, np.float32), r"the first \x1b[2J"),
    ],
)  # fmt: skip
def test_a_tensor_that_no_program_can_take_is_refused_for_whatever_it_is_wanted(
    name: str, array: Any, said: str, to_train: bool, tmp_path: Path, kept: Checkpoint
) -> None:
    path = changed(kept, tmp_path / "x.safetensors", name, array)
    with pytest.raises(InputError, match=re.escape(said)):
        load(path, to_train=to_train)


@pytest.mark.parametrize(("name", "value"), [("stem_bn_gamma", 3e38), ("stem_bn_running_mean", -1e38)])
def test_numbers_of_a_run_that_diverges_are_gone_on_with_and_not_used(
    name: str, value: float, tmp_path: Path, kept: Checkpoint
) -> None:
    path = changed(kept, tmp_path / "x.safetensors", name, filled(name, value))
    assert load(path).tensors[name].flat[-1] == np.float32(value)
    with pytest.raises(InputError, match=rf"{name}: expected numbers of a size up to 1e\+18, found [13]e\+38"):
        load(path, to_train=False)


def test_the_optimizers_state_need_not_be_there_where_nothing_is_trained(tmp_path: Path, kept: Checkpoint) -> None:
    lean = {name: kept.tensors[name] for name, entry in ENTRIES.items() if entry.role in ("parameter", "statistic")}
    save(tmp_path / "x.safetensors", replace(kept, tensors=lean))
    assert set(load(tmp_path / "x.safetensors", to_train=False).tensors) == set(lean)
    with pytest.raises(InputError, match="expected a tensor stem_weight_m, found none"):
        load(tmp_path / "x.safetensors")


def test_a_variance_that_rounding_left_below_nothing_is_taken(tmp_path: Path, kept: Checkpoint) -> None:
    array = filled("stem_bn_running_variance", -1e-7)
    load(changed(kept, tmp_path / "x.safetensors", "stem_bn_running_variance", array))


def test_a_tensor_is_not_read_before_its_form_is_right(tmp_path: Path) -> None:
    """A file with a hole of 64 GB where a tensor should be."""
    size = 2**36
    header = {
        "__metadata__": {"netspec": json.dumps(HEADER)},
        "stem_weight": {"dtype": "F32", "shape": [size // 4], "data_offsets": [0, size]},
    }
    text = json.dumps(header).encode()
    with (tmp_path / "x.safetensors").open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        file.truncate(8 + len(text) + size)
    assert "stem_weight: expected float32 of shape (3, 3, 3, 16)" in refused(tmp_path / "x.safetensors")


@pytest.mark.parametrize(
    "classes", [list("abcdefghi") * 2, ["a"] * 10, "abcdefghij", [*"abcdefghi", ""], [*"abcdefghi", 1], {"a": 1},
                [str(number) for number in range(1_000_000)]]
)  # fmt: skip
def test_classes_that_are_no_names_or_too_many_are_refused(classes: object, tmp_path: Path) -> None:
    assert len(refused(_with_header(tmp_path, json.dumps({**HEADER, "classes": classes})))) < 1000


@pytest.mark.ordinary
def test_a_network_that_the_file_cannot_hold_is_refused_before_anything_is_made_of_it(tmp_path: Path) -> None:
    block = {"layer": "residualBlock", "ic": 3, "oc": 3, "nBlocks": 256, "firstStride": 1}
    net = {**HEADER["net"], "layers": [*[block] * 1000, *net_to_plain(tiny)["layers"]]}
    said = refused(_with_header(tmp_path, json.dumps({**HEADER, "net": net})))
    assert "holds 1 tensors, where its network has 256002 blocks" in said
