"""Checkpoints: bit-exact, whole or not there, and never more than data."""

import json
import os
import pickle
import random
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

from emit.program import training_state
from netspec.errors import InputError
from netspec.plain import config_to_plain, net_to_plain
from runtime import checkpoint as module
from runtime.checkpoint import Checkpoint, Position, load, save
from runtime.session import initial_state
from specs.tiny import tiny, tinyConfig

BITS = np.array([0x80000000, 1, 0x7F7FFFFF, 0x3F800001], np.uint32).view(np.float32)


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


def test_what_is_not_a_checkpoint_at_all_is_told_in_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "x.safetensors"
    assert "there is no such checkpoint" in refused(file)
    assert "there is no such checkpoint" in refused(tmp_path)
    for content in (b"", b"\0" * 7, b"\xff" * 64, b"\x89PNG\r\n\x1a\n" * 9, struct.pack("<Q", 2) + b"{}"):
        file.write_bytes(content)
        refused(file)
    safetensors.numpy.save_file({"a": np.zeros(3, np.float32)}, file)
    assert "not a checkpoint of netspec" in refused(file)
    safetensors.numpy.save_file({"a": np.zeros(3, np.float32)}, file, {"format": "pt"})
    assert "not a checkpoint of netspec" in refused(file)
    os.mkfifo(tmp_path / "pipe")
    assert "there is no such checkpoint" in refused(tmp_path / "pipe")


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


def test_a_checkpoint_cut_short_anywhere_is_refused(tmp_path: Path, kept: Checkpoint) -> None:
    path = tmp_path / "x.safetensors"
    save(path, kept)
    whole = path.read_bytes()
    for length in random.Random(0).sample(range(len(whole)), 150):
        path.write_bytes(whole[:length])
        refused(path)
    path.write_bytes(whole + b"\0")
    refused(path)


def test_a_header_with_changed_bytes_is_refused_or_still_a_checked_checkpoint(tmp_path: Path, kept: Checkpoint) -> None:
    path = tmp_path / "x.safetensors"
    save(path, kept)
    whole = path.read_bytes()
    end = 8 + struct.unpack("<Q", whole[:8])[0]
    draw, count = random.Random(1), 0
    for _ in range(400):
        damaged = bytearray(whole)
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
