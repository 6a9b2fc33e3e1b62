"""Every command that writes, ended at random moments by every signal that ends processes: nothing is half-written."""

import csv
import io
import json
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

from runtime.checkpoint import load
from runtime.system import cache
from tests.runtime.sandbox import BATCH, MICRO, House, ended

SEED = 20261129
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE)
# Before Python itself has begun, a signal ends the process as the system says.
ENDED_BY = {130, 0, -signal.SIGINT, *(-number for number in SIGNALS)}
TOOLS = ("iree-compile", "iree-benchmark-module", "iree-profile")
EPOCHS = 40
SMALL = "given/micro.py"  # compiled soonest


@dataclass(frozen=True)
class Command:
    """A command that writes. `cold`: what of the cache is removed before each start, so that it has to be made."""

    arguments: Callable[[House], list[object]]
    cold: tuple[str, ...] = ()
    kills: tuple[int, int] = (0, 20)  # in the ordinary tests, which leave out the slowest commands; in the slow ones


def _train(house: House, spec: str = "tiny") -> list[object]:
    size = ("--batch-size", BATCH, "--epochs", EPOCHS)
    return ["train", spec, house.images, "--output", "run", *size, "--plain", "--resume", "auto"]


COMMANDS = {
    "train": Command(_train, kills=(5, 120)),
    "train, from nothing": Command(lambda house: _train(house, SMALL), ("programs", "images", "devices"), (0, 30)),
    "emit": Command(lambda house: ["emit", "tiny", "-o", "tiny.mlir"], kills=(3, 30)),
    "verify": Command(lambda house: ["verify", SMALL, "--quick", "--output", "certified"], ("devices",)),
    "profile": Command(lambda house: ["profile", "tiny", "predict", "--runs", 1, "--html", "profile.html"]),
    "tune": Command(lambda house: ["tune", SMALL, "predict", "--runs", 1]),
    "doctor": Command(lambda house: ["doctor"], ("devices",)),
    "eval": Command(lambda house: ["eval", "trained/best.safetensors", house.images], ("programs",), (2, 20)),
    "cache": Command(lambda house: ["cache", "--limit", "1GB"], kills=(2, 20)),
}


@pytest.fixture
def own(tmp_path: Path, images: Path, unbroken: Path) -> House:
    """A house with a cache of its own, and a trained run in it."""
    (tmp_path / "trained").symlink_to(unbroken)
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / "micro.py").write_text(MICRO)
    return House(tmp_path, tmp_path / "cache", images)


@pytest.mark.ordinary
@pytest.mark.parametrize("name", [name for name, command in COMMANDS.items() if command.kills[0]])
def test_a_command_that_is_killed_anywhere_leaves_nothing_half_written(name: str, own: House) -> None:
    _kill_again_and_again(own, COMMANDS[name], COMMANDS[name].kills[0])


@pytest.mark.slow
@pytest.mark.kills
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_that_is_killed_again_and_again_leaves_nothing_half_written(name: str, own: House) -> None:
    _kill_again_and_again(own, COMMANDS[name], COMMANDS[name].kills[1])


def test_all_commands_together_are_killed_three_hundred_times() -> None:
    assert sum(command.kills[1] for command in COMMANDS.values()) == 300


def _kill_again_and_again(house: House, command: Command, kills: int) -> None:
    draw = random.Random(SEED)
    began = time.monotonic()
    complete = house.spawn(*command.arguments(house))
    takes = time.monotonic() - began
    assert complete.code == 0, complete
    if not command.cold:  # what is in the cache now takes no time any more
        began = time.monotonic()
        assert house.spawn(*command.arguments(house)).code == 0
        takes = time.monotonic() - began
    expected = {path.name: path.read_bytes() for path in _written(house)}
    for turn in range(kills):
        _chill(house, command)
        if turn % 4 == 0:
            for path in _written(house):
                path.unlink()
        process = house.start(*command.arguments(house))
        time.sleep(draw.uniform(0.05, 1) * takes)
        number = SIGNALS[turn % len(SIGNALS)]
        process.send_signal(number)
        ran = ended(process, 600)
        assert ran.code in ENDED_BY, (turn, number, ran)
        assert "Traceback" not in ran.err, (turn, number, ran)
        assert _orphans(house) == [], (turn, number)
        for path in _written(house):
            _check_whole(path)
        _check_cache(house)
    last = house.spawn(*command.arguments(house))
    assert last.code == 0, last
    assert "made anew" not in last.out + last.err
    found = {path.name: path.read_bytes() for path in _written(house)}
    assert found.keys() == expected.keys()
    same = [name for name in expected if name.endswith((".safetensors", ".mlir"))]
    assert [name for name in same if found[name] != expected[name]] == []


def _chill(house: House, command: Command) -> None:
    for kind in command.cold:
        for path in sorted((house.cache / kind).rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()


def _written(house: House) -> list[Path]:
    """What the commands write outside the cache; what they write to at this moment is not part of it."""
    folders = (house.folder, house.folder / "run", house.folder / "certified")
    files = [path for folder in folders if folder.is_dir() for path in folder.iterdir() if path.is_file()]
    return sorted(path for path in files if not path.name.startswith("."))


def _check_whole(path: Path) -> None:
    data = path.read_bytes()
    if path.suffix == ".safetensors":
        load(path)
    elif path.suffix == ".json":
        json.loads(data)
    elif path.suffix == ".csv":
        rows = list(csv.reader(io.StringIO(data.decode())))
        assert data.endswith(b"\n")
        assert {len(row) for row in rows} == {len(rows[0])}
    elif path.suffix == ".png":
        Image.open(io.BytesIO(data)).load()
    elif path.suffix == ".html":
        assert data.rstrip().endswith(b"</html>")
    else:
        assert data


def _check_cache(house: House) -> None:
    said: list[str] = []
    variables = {"NETSPEC_CACHE": str(house.cache)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NETSPEC_CACHE", variables["NETSPEC_CACHE"])
        for kind in ("programs", "devices", "tuned"):
            for path in (house.cache / kind).glob("*"):
                if path.suffix in (".vmfb", ".json", ".mlir"):
                    assert cache.fetch(path, said.append) is not None, said


def _orphans(house: House) -> list[str]:
    """The tools that were started for a house and are still there after two seconds."""
    limit = time.monotonic() + 2
    while (left := list(_tools(house))) and time.monotonic() < limit:
        time.sleep(0.02)
    return left if sys.platform == "linux" else []


def _tools(house: House) -> Iterator[str]:
    mine = f"NETSPEC_CACHE={house.cache}".encode()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().split(b"\0")[0].decode(errors="replace")
            if Path(command).name in TOOLS and mine in (process / "environ").read_bytes().split(b"\0"):
                yield f"{process.name} {command}"
        except OSError:  # it has ended
            continue
