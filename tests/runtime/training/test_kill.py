"""A run killed again and again, without warning, at any moment: nothing is torn, nothing is lost, no bit differs."""

import random
import shutil
import time

import pytest

from runtime.checkpoint import load
from tests.runtime.sandbox import House, ended, training

EPOCHS, SEED = 60, 20260101


@pytest.mark.parametrize(
    ("most", "epochs"),  # kills, and how many epochs at least they have to fall into
    [pytest.param(7, 3, marks=pytest.mark.ordinary), pytest.param(22, 9, marks=[pytest.mark.slow, pytest.mark.kills])],
)
def test_a_run_killed_again_and_again_ends_with_the_unbroken_runs_bytes(most: int, epochs: int, house: House) -> None:
    def arguments(run: str) -> list[object]:
        given = list(training(house, run))
        given[given.index("--epochs") + 1] = EPOCHS
        return [*given, "--resume", "auto"]

    folder = house.folder / "killed"
    draw, reached, kills, past = random.Random(SEED), set[int](), 0, 0
    start = 0.3  # seconds to the first epoch, as measured here last
    while kills < most:
        began = time.monotonic()
        process = house.start(*arguments("killed"))
        if kills % 3 == 0:
            # Anywhere in the start: imports, images, programs, the first files of the folder.
            time.sleep(draw.uniform(0.1, 1.1) * start)
        else:
            # Anywhere in the first epochs, where most of the time goes into writing checkpoints. Lines are counted,
            # 7 an epoch, and not seconds: a quick machine is through with all epochs in a third of one.
            assert process.stdout is not None
            while not process.stdout.readline().startswith("session loaded"):
                assert process.poll() is None
            start = time.monotonic() - began
            for _ in range(draw.randrange(12, 45)):
                process.stdout.readline()
            time.sleep(draw.uniform(0.0, 0.006))
        process.kill()
        code = ended(process).code
        assert code in (-9, 0)
        kills += code == -9
        for checkpoint in folder.glob("*.safetensors"):
            load(checkpoint)
        if (folder / "last.safetensors").exists():
            epoch = load(folder / "last.safetensors").position.epoch
            assert epoch >= past, "a kill lost an epoch that had been saved"
            past = epoch
            reached.add(epoch)
        if past == EPOCHS:  # a quick machine: begin again, until there have been enough kills
            shutil.rmtree(folder)
            past = 0
    assert len(reached) >= epochs, reached
    assert house.run(*arguments("killed")).code == 0
    assert house.run(*arguments("unbroken")).code == 0
    names = {path.name for path in (house.folder / "unbroken").iterdir()}
    assert {path.name for path in folder.iterdir()} == names
    for name in ("last.safetensors", "best.safetensors"):
        assert (folder / name).read_bytes() == (house.folder / "unbroken" / name).read_bytes()
