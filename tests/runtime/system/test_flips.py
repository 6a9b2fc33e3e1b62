"""A bit of any cached file flips: every command gives the same result, and says what it computes anew."""

import json
import os
import random
import shutil
from pathlib import Path

import pytest

from runtime.compiler.tiling import tuned
from tests.runtime.sandbox import House, Ran, draw, training

SEED = 20261129
# Of each kind of file: how many flips, in the ordinary tests and in the slow ones, of which there are 500.
FLIPS = {"programs": (3, 100), "images": (8, 300), "devices": (1, 50), "tuned": (2, 50)}


@pytest.fixture
def filled(house: House, unbroken: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    """A cache with all that the commands below need, a table of `tune` among it, and what they say with it."""
    own = House(tmp_path, tmp_path / "cache", house.images)
    shutil.copytree(house.cache, own.cache)
    (tmp_path / "trained").symlink_to(unbroken)
    draw(tmp_path / "image.jpg", 1, 1)
    with monkeypatch.context() as patch:
        patch.setenv("NETSPEC_CACHE", str(own.cache))
        shape = "64x10x24"
        tuned.keep("tiles", "predict", {shape: None})  # as the rules have it: the same results with it and without
    shutil.rmtree(own.cache / "images")  # other tests' sets
    files = [path for path in own.cache.rglob("*") if path.is_file()]
    for path in files:
        os.utime(path, (0, 0))
    for words in reversed(_commands(own)):  # training first: an evaluation alone would have a set of its own
        assert own.run(*words).code == 0
    for path in files:
        if path.stat().st_mtime == 0:  # what is used is touched
            path.unlink()
    shutil.rmtree(tmp_path / "run")
    shutil.copytree(own.cache, tmp_path / "intact")
    return own


def _commands(house: House) -> tuple[tuple[object, ...], ...]:
    return (
        ("eval", "trained", house.images, "--json"),
        ("predict", "trained", "image.jpg", "--json"),
        (*training(house, "run"), "--max-steps", 5),
    )


@pytest.mark.ordinary
@pytest.mark.parametrize("kind", FLIPS)
def test_no_flipped_bit_changes_a_result(kind: str, filled: House) -> None:
    _flip_again_and_again(filled, kind, FLIPS[kind][0])


@pytest.mark.slow
@pytest.mark.flips
@pytest.mark.parametrize("kind", FLIPS)
def test_none_of_five_hundred_flipped_bits_changes_a_result(kind: str, filled: House) -> None:
    _flip_again_and_again(filled, kind, FLIPS[kind][1])


def test_there_are_five_hundred_flips() -> None:
    assert sum(most for _, most in FLIPS.values()) == 500


def _flip_again_and_again(house: House, kind: str, count: int) -> None:
    draw_from = random.Random(f"{SEED} {kind}")
    expected = [_result(house, house.run(*words)) for words in _commands(house)]
    said = 0
    for turn in range(count):
        shutil.rmtree(house.cache)
        shutil.copytree(house.folder / "intact", house.cache)
        files = sorted(path for path in (house.cache / kind).rglob("*") if path.is_file() and path.stat().st_size)
        path = draw_from.choice(files)
        bit = draw_from.randrange(8 * path.stat().st_size)
        data = bytearray(path.read_bytes())
        data[bit // 8] ^= 1 << bit % 8
        path.write_bytes(data)
        shutil.rmtree(house.folder / "run", ignore_errors=True)
        everything = ""
        for words, result in zip(_commands(house), expected, strict=True):
            ran = house.run(*words)
            everything += ran.out + ran.err
            assert ran.code == 0, (turn, path, bit, ran)
            assert _result(house, ran) == result, (turn, path, bit, words)
        said += str(path if kind != "images" else path.parent) in everything
    assert said == count


def _result(house: House, ran: Ran) -> object:
    """What a command has found out: what it printed, or what it has trained."""
    run = house.folder / "run" / "last.safetensors"
    return run.read_bytes() if run.exists() else json.loads(ran.out)
