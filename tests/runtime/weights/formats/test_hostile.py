"""Files from anywhere: whatever is in them, there is a right result or one sentence, in bounded memory and time."""

import pickle
import random
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

import runtime.weights.formats.safetensors
import runtime.weights.formats.torch  # noqa: F401 - imported before memory is measured
from netspec.errors import InputError
from runtime.weights.formats import open_weights
from runtime.weights.formats.pickled import LONGEST_TEXT, unpickled
from runtime.weights.formats.untrusted import Budget, Stream, UnreadableError, UntrustedFile
from tests.runtime.weights import hostile_pickles
from tests.runtime.weights.hostile_files import (
    ARRAYS,
    LEGACY,
    OTHERS,
    SAFETENSORS,
    ZIPS,
    right_legacy,
    right_safetensors,
    right_zip,
)
from tests.runtime.weights.torch_files import zip_file

NUMBERS = {"0": bytes(16)}
# Of attacks and of pickles that describe what cannot be, by name; `@` stands for the canary's path.
PICKLES = {
    **hostile_pickles.attacks("@"),
    **hostile_pickles.within_state_dicts("@"),
    **hostile_pickles.unknown_names(),
    **hostile_pickles.opcodes(),
    **hostile_pickles.malformed(),
}
TENSORS = hostile_pickles.wrong_tensors()
FLIPS, TRUNCATIONS = 400, 60
SLACK = 4 * 2**20  # bytes of memory beside twice the file's size
COUNTING_SLACK = 7 * LONGEST_TEXT  # bytes: a text as it is decoded to letters of four bytes, and a buffer
SECONDS = 30
NAMES = [
    pytest.param(name, marks=pytest.mark.ordinary) if " million" in name else name for name in PICKLES
]  # the million takes a second or more to count
RIGHT: dict[str, Callable[[], bytes]] = {
    "zip": right_zip,
    "legacy": right_legacy,
    "safetensors": right_safetensors,
}


@pytest.fixture
def canary(tmp_path: Path) -> Iterator[Path]:
    """A path at which nothing may be created."""
    path = tmp_path / "canary"
    yield path
    assert not path.exists()


def refusal(path: Path, data: bytes) -> str:
    """The sentence on a file with some bytes, all of whose tensors are read."""
    path.write_bytes(data)
    tracemalloc.start()
    started = time.monotonic()
    try:
        with pytest.raises(InputError) as refused:
            read_all(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert time.monotonic() - started < SECONDS
    assert peak < 2 * len(data) + SLACK
    return checked_sentence(str(refused.value), path)


def checked_sentence(sentence: str, path: Path) -> str:
    assert sentence.startswith(f"{path}: expected ")
    assert ", found " in sentence
    assert "; " in sentence
    assert sentence.endswith(".")
    assert sentence.isprintable()  # so it is one line
    assert len(sentence) < 1000
    return sentence


def read_all(path: Path) -> dict[str, np.ndarray]:
    with open_weights(path) as file:
        return {name: file.read(name) for name, stored in file.tensors.items() if "float" in stored.dtype}


@pytest.mark.parametrize("name", hostile_pickles.attacks("@"))
def test_pythons_own_module_would_run_the_attack(tmp_path: Path, name: str) -> None:
    canary = tmp_path / "canary"
    pickle.loads(hostile_pickles.attacks(str(canary))[name])
    assert canary.exists()


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_pickle_in_a_file_is_refused(tmp_path: Path, canary: Path, name: str) -> None:
    sentence = refusal(tmp_path / "a.pt", zip_file(with_canary(PICKLES[name], canary), NUMBERS))
    if name.startswith("the opcode "):
        assert f"has {name}, which" in sentence
    if name.startswith("the name "):
        assert name.removeprefix("the name ").strip("'") in sentence
    if name in hostile_pickles.attacks("@") | hostile_pickles.within_state_dicts("@"):
        assert "it asks for " in sentence or "the opcode INST" in sentence


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_pickle_is_refused_as_it_is_read_within_the_budget(tmp_path: Path, name: str) -> None:
    """Not only in the end, since it describes no state dict."""
    (tmp_path / "a.pkl").write_bytes(PICKLES[name])
    with UntrustedFile(tmp_path / "a.pkl") as file:
        budget = Budget(file.size)
        tracemalloc.start()
        try:
            with pytest.raises(UnreadableError):
                unpickled(Stream(file, 0, file.size), budget, {})
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < budget.total + COUNTING_SLACK


@pytest.mark.parametrize("part", range(5))
def test_an_attack_in_any_part_of_an_old_file_is_refused(tmp_path: Path, canary: Path, part: int) -> None:
    attack = with_canary(hostile_pickles.attacks("@")["GLOBAL and REDUCE of os.system"], canary)
    parts = right_legacy().split(b".\x80\x02", 4)
    parts[part] = attack.removeprefix(b"\x80\x02").removesuffix(b".") if part else attack.removesuffix(b".")
    refusal(tmp_path / "a.pt", b".\x80\x02".join(parts))


@pytest.mark.parametrize("name", TENSORS)
def test_a_tensor_that_does_not_fit_is_refused(tmp_path: Path, name: str) -> None:
    refusal(tmp_path / "a.pt", zip_file(TENSORS[name](), NUMBERS))


@pytest.mark.parametrize("name", ZIPS)
def test_a_hostile_zip_file_is_refused(tmp_path: Path, name: str) -> None:
    refusal(tmp_path / "a.pt", ZIPS[name]())


@pytest.mark.parametrize("name", LEGACY)
def test_a_hostile_old_file_is_refused(tmp_path: Path, name: str) -> None:
    refusal(tmp_path / "a.pt", LEGACY[name]())


@pytest.mark.parametrize("name", SAFETENSORS)
def test_a_hostile_safetensors_file_is_refused(tmp_path: Path, name: str) -> None:
    refusal(tmp_path / "a.safetensors", SAFETENSORS[name]())


@pytest.mark.parametrize("name", OTHERS)
def test_a_file_of_another_kind_is_named(tmp_path: Path, name: str) -> None:
    build, words = OTHERS[name]
    assert words in refusal(tmp_path / "a.pt", build())


@pytest.mark.parametrize("kind", RIGHT)
def test_a_file_that_was_truncated_anywhere_is_refused(tmp_path: Path, kind: str) -> None:
    data = RIGHT[kind]()
    for length in sorted({len(data) * part // TRUNCATIONS for part in range(TRUNCATIONS)} | {len(data) - 1}):
        refusal(tmp_path / "a.pt", data[:length])


@pytest.mark.ordinary
@pytest.mark.parametrize("kind", RIGHT)
def test_a_flipped_bit_gives_a_right_result_or_a_sentence(tmp_path: Path, kind: str) -> None:
    """A zip file has checksums of everything; of the others a flip in a name or a number gives another one."""
    data = RIGHT[kind]()
    generator = random.Random(7)
    wanted = {name: array for name, array in ARRAYS.items() if array.dtype == np.float32}
    path = tmp_path / "a.pt"
    outcomes = set()
    for _ in range(FLIPS):
        flipped = bytearray(data)
        flipped[generator.randrange(len(data))] ^= 1 << generator.randrange(8)
        path.write_bytes(flipped)
        try:
            found = read_all(path)
        except InputError as refused:
            checked_sentence(str(refused), path)
            outcomes.add("refused")
            continue
        outcomes.add("read")
        if kind == "zip":
            assert found.keys() == wanted.keys()
            assert all(np.array_equal(found[name], wanted[name]) for name in wanted)
    assert outcomes == {"refused", "read"}


@pytest.mark.ordinary
@pytest.mark.parametrize("kind", RIGHT)
def test_overwritten_stretches_give_a_result_or_a_sentence(tmp_path: Path, kind: str) -> None:
    data = RIGHT[kind]()
    generator = random.Random(8)
    path = tmp_path / "a.pt"
    for _ in range(FLIPS // 2):
        start, length = generator.randrange(len(data)), generator.randrange(1, 9)
        noise = generator.choice([b"\xff", b"\x00", generator.randbytes(1), data[:1]]) * length
        path.write_bytes(data[:start] + noise + data[start + length :])
        try:
            read_all(path)
        except InputError as refused:
            checked_sentence(str(refused), path)


def with_canary(data: bytes, canary: Path) -> bytes:
    """An attack with the canary's path instead of `@`, whose length stands before it as one byte."""
    for pattern in (hostile_pickles.COMMAND, hostile_pickles.EXPRESSION):
        old, new = hostile_pickles.text(pattern), hostile_pickles.text(pattern.replace("@", str(canary)))
        data = data.replace(old, new)
    return data
