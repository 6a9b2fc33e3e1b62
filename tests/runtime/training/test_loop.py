"""Whole runs of a small network: what they print, what they leave, and going on where one stopped, bit for bit."""

import csv
import dataclasses
import io
import json
import math
import os
import re
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from emit.programs.train_step import training_state
from netspec.errors import InputError, TrainingError
from netspec.language import with_classes
from runtime.checkpoint import Position, load, save
from runtime.data.batches import steps_per_epoch
from runtime.data.cache import ImageSet, Split
from runtime.engine.session import Arrays, initial_state
from runtime.report import Report
from runtime.system import paths
from runtime.tasks.classification import Accuracy
from runtime.tasks.evaluate import evaluate
from runtime.training import run as runs
from runtime.training.loop import Trainer
from runtime.training.prepare import Prepared
from runtime.training.run import Row, Run
from specs.tiny import tiny, tinyConfig
from tests.runtime.sandbox import BATCH, CLASSES, MICRO, TRAIN, VAL, House, draw_folder, ended, training

STEPS = CLASSES * TRAIN // BATCH
ordinary = pytest.mark.ordinary


def same_end(folder: Path, unbroken: Path) -> None:
    """The checkpoints are the unbroken run's, byte for byte, and so are the metrics but for the clock."""
    for name in ("last.safetensors", "best.safetensors"):
        assert (folder / name).read_bytes() == (unbroken / name).read_bytes(), name
    assert without_clock(folder) == without_clock(unbroken)


def without_clock(folder: Path) -> list[dict[str, str]]:
    with (folder / "metrics.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        {name: value for name, value in row.items() if name not in ("seconds", "images_per_second", "waiting_seconds")}
        for row in rows
    ]


@ordinary
def test_a_run_in_bf16_learns_as_in_f32_and_is_another_recipe(house: House, unbroken: Path) -> None:
    ran = house.train("half", "--precision", "bf16")
    assert ran.code == 0, ran.err
    assert "precision: matmuls, convolutions (not depthwise) and saved activations of a step in bf16" in ran.out
    assert "bf16" in (house.folder / "half/train_step.mlir").read_text()
    assert "bf16" not in (house.folder / "half/evaluate.mlir").read_text()
    for mine, theirs in zip(without_clock(house.folder / "half"), without_clock(unbroken), strict=True):
        assert mine["train_loss"] != theirs["train_loss"]
        assert float(mine["train_loss"]) == pytest.approx(float(theirs["train_loss"]), rel=0.05)
    refused = house.train("half", "--resume", "auto", "--precision", "f32")
    assert refused.code == 2
    assert "the recipe changed: precision=f32 (was bf16)" in refused.err


# What a run prints and leaves.


@ordinary
def test_a_run_logs_what_the_document_logs(unbroken: Path) -> None:
    log = unbroken.with_suffix(".txt").read_text()
    number, clock = r"\d+\.\d{6}", r"\(\d+ms\)"
    lines = [
        rf"train: {CLASSES * TRAIN} images \(37×37\)",
        rf"val: {CLASSES * VAL} images, {CLASSES} classes",
        rf"the head has 10 classes and the images have {CLASSES}: the head is resized to {CLASSES}",
        r"Tiny: 5309 params",
        r"Generating train step MLIR\.\.\.",
        r"\d+ chars",
        r"Compiling train_step and evaluate for cpu \(host\) \.\.\.",
        r"  train_step compiled \(\d+\.\d s\)",
        r"  evaluate compiled \(\d+\.\d s\)",
        r"session loaded",
        r"5309 params \+ m \+ v \(0 MB\)",
        rf"training: {STEPS} batches/epoch, batch={BATCH}, Adam, lr=0\.003000,",
        r"cosine, warmup=1, label_smooth=0\.1, wd=0\.0001, augment=on, seed=0",
        r"BN layers: 7, BN stat floats: 448",
        rf"step 0/{STEPS}: loss={number} {clock}",
        rf"Epoch 1/3: loss={number} lr=0\.003000 {clock}",
        rf"val accuracy \(running BN\): \d+/{CLASSES * VAL} = \d+\.\d\d%",
        rf"step 0/{STEPS}: loss={number} {clock}",
        rf"Epoch 2/3: loss={number} lr={number} {clock}",
        rf"Epoch 3/3: loss={number} lr=0\.000073 {clock}",
        rf"val accuracy \(running BN\): \d+/{CLASSES * VAL} = \d+\.\d\d%",
        r"run folder: unbroken",
    ]
    place = 0
    for line in lines:
        found = re.compile(rf"^{line}$", re.MULTILINE).search(log, place)
        assert found, f"{line}\nis not in, or out of place in\n{log}"
        place = found.end()


@ordinary
def test_a_run_leaves_the_spec_the_programs_the_metrics_the_checkpoints_and_the_curve(unbroken: Path) -> None:
    assert {path.name for path in unbroken.iterdir()} == {
        "spec.py", "config.json", "train_step.mlir", "train_step.json", "evaluate.mlir", "evaluate.json",
        "metrics.csv", "last.safetensors", "best.safetensors", "curve.png", ".lock",
        "predict.mlir", "predict.json", "train_step.vmfb", "evaluate.vmfb", "predict.vmfb",
    }  # fmt: skip
    used = json.loads((unbroken / "config.json").read_text())
    whole = dataclasses.asdict(dataclasses.replace(tinyConfig, batchSize=BATCH, epochs=3))
    assert used["config"] == json.loads(json.dumps(whole))
    assert used["classes"] == [f"class{label}" for label in range(CLASSES)]
    assert used["net"]["layers"][-1] == {"layer": "dense", "fanIn": 24, "fanOut": CLASSES, "act": "identity"}
    assert used["target"]["backend"] == "cpu"
    assert (used["seed"], used["versions"]["iree-base-runtime"]) == (0, used["versions"]["iree-base-compiler"])
    rows = without_clock(unbroken)
    assert [(row["epoch"], row["step"]) for row in rows] == [("1", "5"), ("2", "10"), ("3", "15")]
    last, best = load(unbroken / "last.safetensors"), load(unbroken / "best.safetensors")
    assert last.position.epoch == 3
    assert last.net == with_classes(tiny, CLASSES)
    accuracies = [float(row["val_accuracy"]) for row in rows]
    assert last.position.best == best.position.best == max(accuracies)
    assert best.position.epoch == accuracies.index(max(accuracies)) + 1
    with Image.open(unbroken / "curve.png") as curve:
        assert curve.size[0] > 500
    manifest = json.loads((unbroken / "train_step.json").read_text())
    stored = {item["name"] for item in manifest["arguments"] if item["role"] in runs_state()}
    assert stored == set(last.tensors)


def runs_state() -> set[str]:
    return {"parameter", "slot", "step", "statistic"}


@ordinary
def test_the_same_seed_gives_the_same_bytes_from_the_cache_and_another_seed_others(
    house: House, unbroken: Path
) -> None:
    again = house.train("again")
    assert again.code == 0
    assert "train_step and evaluate: compiled before, taken from the cache\n" in again.out
    assert "images (37×37), from the cache\n" in again.out
    assert "Compiling" not in again.out
    same_end(house.folder / "again", unbroken)
    house.train("other", "--seed", 1)
    assert (house.folder / "other/last.safetensors").read_bytes() != (unbroken / "last.safetensors").read_bytes()


@ordinary
@pytest.mark.parametrize("stops", [[1], [4], [5], [2, 7, 9, 14], [5, 10, 15]])
def test_a_run_stopped_anywhere_and_resumed_ends_with_the_unbroken_runs_bytes(
    stops: list[int], house: House, unbroken: Path
) -> None:
    for stop in stops:
        ran = house.train("run", "--resume", "auto", "--max-steps", stop)
        assert ran.code == 0
        position = load(house.folder / "run/last.safetensors").position
        assert position.epoch * STEPS + position.step == stop
    ran = house.train("run", "--resume", house.folder / "run")
    assert ran.code == 0
    epoch, step = divmod(stops[-1], STEPS)
    complete = stops[-1] == 3 * STEPS
    assert (
        "this run is complete: 3 epochs\n" if complete else f"resuming at epoch {epoch + 1}, step {step}\n"
    ) in ran.out
    same_end(house.folder / "run", unbroken)


@ordinary
def test_resume_auto_starts_anew_where_there_is_nothing_and_finds_the_newest_run(house: House, unbroken: Path) -> None:
    arguments = [*training(house, "")[:3], "--batch-size", BATCH, "--epochs", 3, "--resume", "auto"]
    # A network whose name begins alike is another network.
    (house.folder / "runs/tiny-big-20260101-000000").mkdir(parents=True)
    (house.folder / "runs/tiny-big-20260101-000000/last.safetensors").write_bytes(b"another network's")
    first = house.run(*arguments, "--max-steps", 7)
    assert "nothing to resume in runs: starting anew\n" in first.out
    second = house.run(*arguments)
    (folder,) = (path for path in (house.folder / "runs").iterdir() if "big" not in path.name)
    assert re.fullmatch(r"tiny-\d{8}-\d{6}", folder.name)
    assert f"resuming runs/{folder.name}\n" in second.out
    same_end(folder, unbroken)
    finished = house.run(*arguments)
    assert finished.code == 0
    assert "Epoch" not in finished.out
    same_end(folder, unbroken)


@ordinary
def test_a_checkpoint_can_be_taken_up_in_a_new_folder(house: House, unbroken: Path) -> None:
    house.train("first", "--max-steps", 5)
    ran = house.train("second", "--resume", "first/last.safetensors")
    assert ran.code == 0, ran.err
    assert (house.folder / "second/last.safetensors").read_bytes() == (unbroken / "last.safetensors").read_bytes()
    assert load(house.folder / "first/last.safetensors").position.epoch == 1


@ordinary
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--lr", "0.01"], "cannot resume: the recipe changed: learningRate=0.01 (was 0.003); give the recipe "
         "that the run began with"),
        (["--seed", "9", "--set", "augment=no"], "cannot resume: the recipe changed: augment=False (was True), seed=9 "
         "(was 0); give the recipe that the run began with (--epochs alone may differ)"),
        (["--image-size", "40"], "cannot resume: the network, its width or its image size is not the one that the "
         "run began with; start a new run from its weights: --weights "),
    ],
)  # fmt: skip
def test_another_recipe_or_network_cannot_take_up_a_run_and_leaves_it_as_it_is(
    arguments: list[str], said: str, house: House, unbroken: Path
) -> None:
    before = {path: path.read_bytes() for path in unbroken.iterdir()}
    ran = house.train("ignored", *arguments, "--resume", unbroken / "last.safetensors")
    assert (ran.code, ran.err[: 9 + len(said)]) == (2, f"netspec: {said}")
    assert not (house.folder / "ignored").exists()
    assert {path: path.read_bytes() for path in unbroken.iterdir()} == before


@ordinary
def test_other_images_or_classes_cannot_take_up_a_run_and_leave_it_as_it_is(house: House, unbroken: Path) -> None:
    before = {path: path.read_bytes() for path in unbroken.iterdir()}
    more = draw_folder(house.folder / "more", train=TRAIN + 1)
    elsewhere = dataclasses.replace(house, images=more)
    for output, resume in (("new", unbroken), (unbroken, "auto")):
        ran = house.run(*training(elsewhere, str(output)), "--resume", resume)
        assert ran.code == 2, ran
        assert "are not those that the run began with (files were added, removed or changed)" in ran.err
        assert "start a new run from its weights: --weights " in ran.err
        assert not (house.folder / "new").exists()
    assert {path: path.read_bytes() for path in unbroken.iterdir()} == before
    (more / "train/class4").rename(more / "train/zebra")
    (more / "val/class4").rename(more / "val/zebra")
    ran = house.run(*training(dataclasses.replace(house, images=more), "newer"), "--resume", unbroken)
    assert ran.code == 2
    assert ran.err.startswith("netspec: cannot resume: the run began with the classes class0, class1, class2, class3, ")
    assert not (house.folder / "newer").exists()


@ordinary
def test_a_run_that_left_out_the_rest_of_each_epoch_goes_on_so_and_a_new_one_uses_every_image(house: House) -> None:
    more = draw_folder(house.folder / "more", train=TRAIN + 1)
    odd = dataclasses.replace(house, images=more)
    rest, full = CLASSES * (TRAIN + 1) - STEPS * BATCH, CLASSES * (TRAIN + 1)
    ran = odd.train("new")
    note = f"every epoch uses all {full} images: its last batch is filled up with {BATCH - rest} of its first\n"
    assert note in ran.out
    assert [row["step"] for row in without_clock(house.folder / "new")] == ["6", "12", "18"]

    for name in ("old", "stopped"):
        odd.train(name, "--max-steps", 1)
        last = house.folder / name / "last.safetensors"
        save(last, dataclasses.replace(load(last), whole_epochs=False))  # as the versions before wrote it
    ran = odd.train("old", "--resume", "auto")
    assert f"every epoch leaves out {rest} of {full} images, others each time: batches are full\n" in ran.out
    for stop in (4, 5, 9):
        odd.train("stopped", "--resume", "auto", "--max-steps", stop)
    odd.train("stopped", "--resume", "auto")
    same_end(house.folder / "stopped", house.folder / "old")
    assert [row["step"] for row in without_clock(house.folder / "old")] == ["5", "10", "15"]


@ordinary
def test_a_folder_that_holds_a_run_is_never_written_over(house: House, unbroken: Path) -> None:
    house.train("first", "--max-steps", 1)
    before = {path: path.read_bytes() for path in (house.folder / "first").iterdir()}
    ran = house.train("first")
    assert (ran.code, ran.err) == (
        2,
        "netspec: first: holds a run already (last.safetensors); go on with it by --resume auto, or choose another "
        "--output.\n",
    )
    ran = house.train("first", "--resume", unbroken / "last.safetensors")
    assert (ran.code, ran.err) == (
        2,
        "netspec: first: holds a run already (last.safetensors); go on with it by --resume auto, or choose another "
        "--output.\n",
    )
    assert {path: path.read_bytes() for path in (house.folder / "first").iterdir()} == before


def test_an_output_that_is_a_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    with pytest.raises(InputError, match=r": expected a folder for the run, found a file\.$"):
        Run(file).check_vacant()
    assert file.read_text() == "mine"


@ordinary
def test_resuming_from_what_is_no_checkpoint_is_a_sentence(house: House, tmp_path: Path) -> None:
    for where in ("nowhere", "nowhere/last.safetensors", house.images):
        ran = house.train("run", "--resume", where)
        assert ran.code == 2
        assert "there is no such checkpoint" in ran.err
    (tmp_path / "bad.safetensors").write_bytes(b"bad" * 99)
    assert "not a readable safetensors file" in house.train("run", "--resume", "bad.safetensors").err
    assert not (house.folder / "run").exists()


@ordinary
def test_metrics_that_cannot_be_read_are_reported_when_a_run_is_resumed(house: House) -> None:
    house.train("run", "--max-steps", 6)
    (house.folder / "run/metrics.csv").write_text("epoch,step\n1\n")
    ran = house.train("run", "--resume", "auto")
    assert ran.code == 2
    assert "metrics.csv: expected the metrics that train wrote" in ran.err


# A loss that is not finite.


@ordinary
def test_a_loss_that_is_not_finite_stops_the_run_with_advice_and_keeps_the_last_good_checkpoint(house: House) -> None:
    (house.folder / "micro.py").write_text(MICRO)
    train = ("train", "micro.py", house.images, "--output", "run", "--epochs", 9, "--plain")
    assert house.run(*train, "--max-steps", 10).code == 0
    last = house.folder / "run/last.safetensors"
    good = load(last)
    # The recipe of a run cannot be changed, so its weights are: so large that the next losses overflow.
    tensors = {name: array.copy() for name, array in good.tensors.items()}
    tensors["head_weight"] *= np.float32(1e38)
    save(last, dataclasses.replace(good, tensors=tensors))
    kept = last.read_bytes()
    ran = house.run(*train, "--resume", "run")
    assert ran.code == 1
    assert re.fullmatch(
        r"netspec: step 1[01]: the loss is (nan|inf); the last checkpoint is kept\. Begin a new run with a lower "
        r"learning rate \(--lr 0\.001\) or more warm-up \(--set warmupEpochs=N\)\.\n",
        ran.err,
    ), ran.err
    assert last.read_bytes() == kept


@ordinary
def test_weights_that_break_with_an_epochs_last_step_are_not_saved(house: House) -> None:
    (house.folder / "micro.py").write_text(MICRO)
    train = ("train", "micro.py", house.images, "--plain", "--epochs", 9)
    ran = house.run(*train, "--output", "run", "--lr", "1e6", "--set", "weightDecay=1e6")
    assert ran.code == 1
    assert "there is no checkpoint yet. Begin a new run with a lower learning rate (--lr 100000)" in ran.err
    assert not (house.folder / "run/last.safetensors").exists()


class FakeSession:
    """A fake session that returns given results and counts its steps."""

    def __init__(self, losses: list[float], state: dict[str, Any] | None = None) -> None:
        entries = training_state(with_classes(tiny, 2), tinyConfig)
        self.losses, self.kept, self.steps = losses, state or initial_state(entries, 0), 0

    def step(self, images: Any, labels: Any, rate: float, *more: Any) -> Any:
        self.steps += 1
        return self.losses[(self.steps - 1) % len(self.losses)]

    def number(self, buffer: Any) -> float:
        return float(buffer)

    def state(self) -> dict[str, Any]:
        return self.kept

    def evaluate(self, images: Any, labels: Any, *, averaged: bool = True) -> Arrays:
        known = labels[labels >= 0]
        counts = {"loss_sum": float(len(known)), "correct": int((known == 1).sum())}
        return {name: np.array(count) for name, count in counts.items()}


def image_set(train: int, val: int) -> ImageSet:
    def split(count: int) -> Split:
        pixels = np.zeros((count, 37, 37, 3), np.uint8)
        return Split(pixels, (np.arange(count) % 2).astype(np.int32), tuple(map(str, range(count))), (0,) * count)

    return ImageSet(("a", "b"), split(train), split(val), False, ())


def trainer(
    folder: Path, session: Any, *, epochs: int = 2, count: int = 16, whole_epochs: bool = True, **more: Any
) -> Trainer:
    config = dataclasses.replace(tinyConfig, batchSize=4, epochs=epochs, warmupEpochs=0)
    folder.mkdir(exist_ok=True)
    steps = steps_per_epoch(count, config.batchSize, whole_epochs=whole_epochs)
    prepared = Prepared(with_classes(tiny, 2), config, image_set(count, 7), "f", steps, whole_epochs)
    report = Report(live=False, stream=io.StringIO())
    return Trainer(prepared=prepared, session=session, run=Run(folder), report=report, **more)


@pytest.mark.parametrize(("count", "batch"), [(7, 4), (8, 4), (1, 4), (5, 5), (9, 1)])
def test_evaluation_counts_every_image_once_whatever_the_batch(count: int, batch: int) -> None:
    accuracy = evaluate(FakeSession([1.0]), image_set(4, count).val, tiny, batch, lambda done, total: None)  # type: ignore[arg-type]
    assert accuracy == Accuracy(count // 2, count, 1.0)


@pytest.mark.parametrize(("count", "whole"), [(16, True), (16, False), (18, False)])
def test_an_epoch_is_the_whole_batches_and_its_loss_their_mean(count: int, whole: bool, tmp_path: Path) -> None:
    session = FakeSession([1.0, 2.0, 3.0, 6.0])
    assert trainer(tmp_path, session, count=count, whole_epochs=whole).train(Position())
    assert session.steps == 8
    assert [row["train_loss"] for row in without_clock(tmp_path)] == ["3.0", "3.0"]
    assert load(tmp_path / "last.safetensors").whole_epochs == whole


def test_an_epoch_of_a_small_set_has_a_batch_more_for_the_rest(tmp_path: Path) -> None:
    session = FakeSession([1.0, 2.0, 3.0, 6.0, 8.0])
    assert trainer(tmp_path, session, count=18).train(Position())
    assert session.steps == 10
    assert [(row["step"], row["train_loss"]) for row in without_clock(tmp_path)] == [("5", "4.0"), ("10", "4.0")]


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
def test_any_loss_that_is_not_finite_names_its_step(bad: float, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=rf"^step 6: the loss is {bad}; the last checkpoint is kept\."):
        trainer(tmp_path, FakeSession([1.0, 1, 1, 1, 1, 1, bad, 1])).train(Position())
    assert load(tmp_path / "last.safetensors").position.epoch == 1


def test_state_that_is_not_finite_is_named_and_not_saved(tmp_path: Path) -> None:
    session = FakeSession([1.0], {"w": np.zeros(1, np.float32), "v": np.array([1, np.nan], np.float32)})
    with pytest.raises(TrainingError, match=r"^epoch 1, step 0: v is not finite any more; there is no checkpoint yet"):
        trainer(tmp_path, session).train(Position())
    assert not list(tmp_path.glob("*.safetensors"))


def test_a_signal_is_obeyed_after_the_step_and_the_run_goes_on_from_there(tmp_path: Path) -> None:
    class Signalled(FakeSession):
        def step(self, images: Any, labels: Any, rate: float, *more: Any) -> Any:
            if self.steps == 5:
                os.kill(os.getpid(), signal.SIGTERM)
            return super().step(images, labels, rate)

    handlers = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    session = Signalled([1.0])
    stopped = trainer(tmp_path, session)
    assert not stopped.train(Position())
    assert stopped.interrupted
    assert session.steps == 6
    position = load(tmp_path / "last.safetensors").position
    assert (position.epoch, position.step, position.loss_sum) == (1, 2, 2.0)
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == handlers


def test_a_second_signal_interrupts_at_once(tmp_path: Path) -> None:
    class Signalled(FakeSession):
        def step(self, images: Any, labels: Any, rate: float, *more: Any) -> Any:
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGINT)
            return super().step(images, labels, rate)

    with pytest.raises(KeyboardInterrupt):
        trainer(tmp_path, Signalled([1.0])).train(Position())


def test_a_stop_between_an_epochs_steps_and_its_validation_validates_when_it_goes_on(tmp_path: Path) -> None:
    class Signalled(FakeSession):
        def evaluate(self, images: Any, labels: Any, *, averaged: bool = True) -> Arrays:
            os.kill(os.getpid(), signal.SIGINT)
            return super().evaluate(images, labels)

    assert not trainer(tmp_path, Signalled([1.0, 3.0])).train(Position())
    position = load(tmp_path / "last.safetensors").position
    assert (position.epoch, position.step, position.loss_sum) == (0, 4, 8.0)
    assert not (tmp_path / "metrics.csv").exists()
    session = FakeSession([1.0, 3.0])
    assert trainer(tmp_path, session).train(position)
    assert session.steps == 4
    assert [row["train_loss"] for row in without_clock(tmp_path)] == ["2.0", "2.0"]


def test_the_best_checkpoint_is_the_first_of_equals(tmp_path: Path) -> None:
    assert trainer(tmp_path, FakeSession([1.0]), epochs=3).train(Position())
    assert load(tmp_path / "best.safetensors").position.epoch == 1
    assert load(tmp_path / "last.safetensors").position.epoch == 3


def test_a_new_folder_has_the_networks_name_and_the_time_and_a_number_when_it_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(time, "strftime", lambda _: "20260102-030405")
    assert paths.new_folder("Tiny Net/2") == Path("runs/tiny-net-2-20260102-030405")
    Path("runs/tiny-20260102-030405").mkdir(parents=True)
    assert paths.new_folder("Tiny") == Path("runs/tiny-20260102-030405-2")
    assert len(paths.new_folder("x" * 500).name) < 100
    assert paths.new_folder("../..").parts[0] == "runs"
    assert len(paths.new_folder("../..").parts) == 2


def test_metrics_come_back_as_they_were_written(tmp_path: Path) -> None:
    rows = [
        Row(1, 5, 0.1, 1 / 3, 2 / 3, 0.5, 1.25, 9.5, 0.5, 0.25),
        Row(2, 10, 1e-9, 1e9, 0.1, 1.0, 0.0, 0.0, 0.0, 0.0),
    ]
    run = Run(tmp_path)
    for row in rows:
        run.record(row)
    assert runs.read_rows(tmp_path / "metrics.csv") == rows


def test_metrics_of_before_waiting_was_measured_are_read(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    columns = "epoch,step,learning_rate,train_loss,val_loss,val_accuracy,seconds,images_per_second"
    path.write_text(f"{columns}\n1,5,0.1,1,2,0.5,3,9.5\n")
    (row,) = runs.read_rows(path)
    assert row.images_per_second == 9.5
    assert math.isnan(row.waiting_seconds)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"epoch\nx\n", b"epoch,step\n" + b"1" * 200_000])
def test_damaged_metrics_are_reported_or_empty(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    path.write_bytes(content)
    if not content:
        assert runs.read_rows(path) == []
        return
    with pytest.raises(InputError, match=r"expected the metrics that train wrote|expected text in UTF-8"):
        runs.read_rows(path)


# Signals to a real process.


def wait_for(process: subprocess.Popen[str], text: str) -> str:
    """Read a process's output up to a line that holds a text."""
    assert process.stdout is not None
    read = ""
    for line in process.stdout:
        read += line
        if text in line:
            return read
    raise AssertionError(f"the process ended without {text!r}: {read}{ended(process).err}")


@ordinary
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_finishes_the_step_saves_says_how_to_go_on_and_the_run_ends_with_the_same_bits(
    number: signal.Signals, house: House
) -> None:
    arguments = list(training(house, "it's a run"))
    arguments[arguments.index("--epochs") + 1] = 16
    process = house.start(*arguments)
    wait_for(process, "Epoch 2/16")
    process.send_signal(number)
    stopped = ended(process)
    assert stopped.code == 130
    assert stopped.err == ""
    written = [str(argument) for argument in arguments]
    written[written.index("it's a run")] = """'it'"'"'s a run'"""
    last = stopped.out.splitlines()[-1]
    assert last == f"""stopped and saved; go on with: netspec {" ".join(written)} --resume 'it'"'"'s a run'"""
    position = load(house.folder / "it's a run/last.safetensors").position
    assert 2 <= position.epoch < 16
    assert house.run(*arguments, "--resume", "it's a run").code == 0
    arguments[arguments.index("it's a run")] = "whole"
    assert house.run(*arguments).code == 0
    same_end(house.folder / "it's a run", house.folder / "whole")


@ordinary
def test_a_folder_in_which_another_process_trains_is_refused(tmp_path: Path) -> None:
    first, second = Run(tmp_path / "run"), Run(tmp_path / "run")
    with first.claimed():
        with pytest.raises(InputError, match=r"another process is training in it"), second.claimed():
            pass
        (first.folder / "spec.py").write_text("mine")
    assert sorted(path.name for path in first.folder.iterdir()) == [".lock", "spec.py"]


def test_a_run_that_never_began_leaves_no_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError), Run(tmp_path / "runs" / "run").claimed():
        raise InputError("no images")
    assert not any(tmp_path.iterdir())


@ordinary
def test_a_run_resumed_into_another_folder_takes_its_metrics_and_its_best_along(house: House) -> None:
    assert house.train("first", "--max-steps", STEPS + 1).code == 0
    assert house.train("second", "--resume", "first/last.safetensors").code == 0
    rows = (house.folder / "second/metrics.csv").read_text().splitlines()
    assert [row.split(",")[0] for row in rows] == ["epoch", "1", "2", "3"]
    assert load(house.folder / "second/best.safetensors").position.epoch >= 1
    refused = house.train("second", "--resume", "second/best.safetensors")
    assert refused.code == 2
    assert "which would be lost; choose another --output" in refused.err
