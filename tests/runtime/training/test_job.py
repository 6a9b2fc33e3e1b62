"""A training job as Python code and as a command asks for it: what it says of the recipe, and how it ended."""

import io
from pathlib import Path

import pytest

from netspec import load_spec
from runtime.compiler.target import target
from runtime.networks import changed
from runtime.report import Report
from runtime.training.job import Job, train
from runtime.training.run import METRICS
from tests.runtime.sandbox import BATCH, ROOT, House

ORDINARY = pytest.mark.ordinary
BARE = """from netspec import NetSpec, convBn, dense, globalAvgPool

net = NetSpec(
    name="[red]Bare[/x]", imageH=16, imageW=16, activation="relu",
    layers=[convBn(3, 8, 3, 2, "same"), globalAvgPool(), dense(8, 5, "identity")],
)
"""


@ORDINARY
def test_fewer_epochs_than_the_warm_up_shorten_it_and_the_log_says_so(house: House) -> None:
    ran = house.train("run", "--epochs", 1)
    assert ran.code == 0, ran.err
    assert "the warm-up is shortened from 1 to 0 epochs: of 1 in all\n" in ran.out
    assert ", warmup=0, " in ran.out
    assert "Epoch 1/1: " in ran.out
    again = house.train("run", "--epochs", 1, "--resume", "run")
    assert again.code == 0, again.err


@ORDINARY
def test_an_outcome_says_how_accurate_the_last_and_the_best_epoch_were(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NETSPEC_CACHE", str(house.cache))
    spec = changed(
        load_spec(str(ROOT / "specs/tiny.py")), image_size=None, settings={"batchSize": str(BATCH), "epochs": "3"}
    )
    report = Report(live=False, stream=io.StringIO())
    folder = house.folder / "run"
    stopped = train(Job(spec, house.images, target("cpu"), folder, max_steps=1), report)
    assert (stopped.finished, stopped.accuracy, stopped.best_accuracy) == (False, None, None)
    outcome = train(Job(spec, house.images, target("cpu"), folder, resume=str(folder)), report)
    header, *rows = [line.split(",") for line in (folder / METRICS).read_text().splitlines()]
    found = [float(row[header.index("val_accuracy")]) for row in rows]
    assert outcome.finished
    assert (outcome.accuracy, outcome.best_accuracy) == (found[-1], max(found))


def test_what_learns_nothing_is_refused_before_anything_is_compiled_and_leaves_no_run(bare: House) -> None:
    (bare.folder / "bare.py").write_text(BARE)
    asked = ("train", "bare.py", bare.images, "--batch-size", 1, "--image-size", 2, "--output", "run")
    ran = bare.run(*asked)
    assert ran.code == 2
    assert "expected more than one number a channel for batch norm" in ran.err
    assert "the spec has no TrainConfig: the default recipe is used" in ran.out
    assert not (bare.folder / "run").exists()
    assert not (bare.cache / "programs").exists()


def test_a_summary_shows_a_name_with_brackets_as_it_is(bare: House) -> None:
    (bare.folder / "bare.py").write_text(BARE)
    ran = bare.run("summary", "bare.py")
    assert ran.code == 0, ran.err
    assert "[red]Bare[/x], 16×16, 5 classes" in ran.out


def test_the_path_of_a_spec_is_shown_escaped(bare: House) -> None:
    for command in ("summary", "emit", "train"):
        ran = bare.run(command, "\x1b[2J.py")
        assert (ran.code, ran.err) == (2, r"netspec: \x1b[2J.py: there is no such spec file." + "\n")
    assert not list(Path(bare.folder).iterdir())
