"""What the tests of the machine and of the front door share: images, a cache, and both ways to run a command."""

import contextlib
import fcntl
import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from unittest import mock

import numpy as np
import pytest
from PIL import Image

import runtime.cli

ROOT = Path(__file__).resolve().parents[2]
CLASSES, TRAIN, VAL = 5, 16, 7
BATCH = 16
LIMIT = 300.0  # seconds that a command may take; a busy machine takes several times as long as a quiet one

MICRO = """from netspec import NetSpec, TrainConfig, convBn, dense, globalAvgPool

micro = NetSpec(
    name="Micro", imageH=16, imageW=16, activation="relu",
    layers=[convBn(3, 8, 3, 2, "same"), globalAvgPool(), dense(8, 5, "identity")],
)
microConfig = TrainConfig(
    learningRate=0.01, batchSize=8, epochs=2, useAdam=False, weightDecay=0, cosineDecay=False, warmupEpochs=0,
    augment=False, labelSmoothing=0,
)
"""


@dataclass(frozen=True)
class Ran:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class House:
    """A place to run commands in: its own folder, and a cache that may be shared."""

    folder: Path
    cache: Path
    images: Path
    variables: dict[str, str] = field(default_factory=dict)

    def run(self, *arguments: object, **variables: str) -> Ran:
        """Run the command line in this process, which spares the imports."""
        out, err = io.StringIO(), io.StringIO()
        texts = [str(argument) for argument in arguments]
        with (
            mock.patch.object(sys, "argv", ["netspec", *texts]),
            mock.patch.dict(os.environ, self._environment(variables), clear=True),
            contextlib.chdir(self.folder),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
            within(LIMIT),
            pytest.raises(SystemExit) as left,
        ):
            runtime.cli.main()
        assert isinstance(left.value.code, int)
        return Ran(left.value.code, out.getvalue(), err.getvalue())

    def start(self, *arguments: object, **variables: str) -> subprocess.Popen[str]:
        """Start the command line as a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "netspec", *map(str, arguments)],
            cwd=self.folder,
            env=self._environment(variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def spawn(self, *arguments: object, **variables: str) -> Ran:
        """Run the command line as a process of its own."""
        return ended(self.start(*arguments, **variables))

    def train(self, run: str, *arguments: object) -> Ran:
        """Train the tiny network in this process, from few images."""
        return self.run(*training(self, run), *arguments)

    def _environment(self, variables: dict[str, str]) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("IREE_")}
        added = {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "NETSPEC_CACHE": str(self.cache)}
        return {**kept, **added, **self.variables, **variables}


def training(house: House, run: str) -> tuple[object, ...]:
    """The arguments of a short training run whose programs are in the shared cache."""
    return ("train", "tiny", house.images, "--output", run, "--batch-size", BATCH, "--epochs", 3, "--plain")


def ended(process: subprocess.Popen[str], limit: float = LIMIT) -> Ran:
    """What a process says until its end; it is killed when it does not come."""
    try:
        out, err = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    return Ran(process.returncode, out, err)


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    """A hang is a failure: raise TimeoutError after so many seconds."""

    def late(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"not done after {seconds:g} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    terminate = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        signal.signal(signal.SIGTERM, terminate)  # the command line takes it over


def draw(path: Path, shade: int, seed: int, size: int = 40) -> Path:
    """A small noisy JPEG of one shade."""
    pixels = np.random.default_rng(seed).integers(0, 60, (size, size, 3), np.uint8)
    pixels[..., shade % 3] += np.uint8(min(60 + 30 * shade, 190))
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, "JPEG")
    return path


def draw_folder(root: Path, classes: int = CLASSES, train: int = TRAIN, val: int = VAL) -> Path:
    """An image folder whose classes differ in shade."""
    for split, count in (("train", train), ("val", val)):
        for label in range(classes):
            for number in range(count):
                draw(root / split / f"class{label}" / f"{number}.jpg", label, 1000 * label + number + 7 * count)
    return root


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the whole test session, of all its workers."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def images(shared: Path) -> Path:
    """The image folder that most runs train on."""
    with only_one(shared):
        root = shared / "images"
        if not root.exists():
            draw_folder(shared / "images-drawn").rename(root)
    return root


@pytest.fixture
def bare(tmp_path: Path, images: Path) -> House:
    """A house with an empty cache: for what compiles nothing, or must compile."""
    return House(tmp_path, tmp_path / "cache", images)


@pytest.fixture(scope="session")
def compiled(shared: Path, images: Path) -> Path:
    """The shared cache, with the programs of `training` in it, and an unbroken run in `shared/unbroken`."""
    with only_one(shared):
        if not (shared / "unbroken.txt").exists():
            ran = House(shared, shared / "cache", images).train("unbroken")
            assert ran.code == 0, ran.err
            (shared / "unbroken.txt").write_text(ran.out)
    return shared / "cache"


@pytest.fixture
def house(tmp_path: Path, images: Path, compiled: Path) -> House:
    """A house where the tiny network's programs need no compiler any more."""
    return House(tmp_path, compiled, images)


@pytest.fixture
def unbroken(shared: Path, compiled: Path) -> Path:
    """The folder of an unbroken run; its log lies beside it as `unbroken.txt`."""
    return shared / "unbroken"


@contextlib.contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """One worker of the test session at a time."""
    with (folder / "house.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
