"""A run's folder: what is written over and what never, what it says, how a run goes on, and how one begins."""

import contextlib
import dataclasses
import io
import json
import os
import re
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from emit.manifest import Manifest
from emit.programs import ENTRY_POINTS
from netspec.errors import FileError, InputError, TrainingError
from netspec.language import NetSpec, TrainConfig, with_classes
from netspec.layers import convBn, dense, globalAvgPool, invertedResidual
from netspec.listing import listing
from netspec.loading import load_spec
from runtime.checkpoint import Checkpoint, load, save
from runtime.compiler.target import target_from_environment
from runtime.engine.iree import Device
from runtime.engine.session import Session
from runtime.report import Report
from runtime.tasks.classification import Classification
from runtime.training import plot
from runtime.training import run as runs
from runtime.training.plot import Curve, curve
from runtime.training.run import NAMES, TO_RESUME, TO_USE, Row, Run, find_checkpoint
from runtime.training.start import Start, read_weights, started_from
from runtime.weights.fold_scales import fold_parameters
from specs.mobilenet_v2 import mobilenetV2
from specs.resnet34 import resnet34
from specs.tiny import tiny, tinyConfig
from tests.runtime.sandbox import BATCH, CLASSES, ROOT, TRAIN, House, draw_folder, training

ordinary = pytest.mark.ordinary
OLD = ROOT / "tests/fixtures/ecf0936/run"
TASK = Classification()
ROW = Row(1, 5, 0.1, 1.0, 2.0, 0.5, 1.0, 9.0, 0.0)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file() and path.name != ".lock"}


# What is written over.


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("resume", [(), ("--resume", "auto")])
def test_a_folder_with_a_file_of_a_runs_name_that_is_no_runs_is_refused_and_left_as_it_is(
    name: str, resume: tuple[str, ...], bare: House
) -> None:
    folder = bare.folder / "mine"
    folder.mkdir()
    (folder / name).write_text('{"mine": true}')
    ran = bare.run(*training(bare, "mine"), *resume)
    assert ran.code == 2, ran
    assert "mine" in ran.err
    assert contents(folder) == {name: b'{"mine": true}'}


@pytest.mark.parametrize("kind", ["a link", "a pipe", "a folder", "a dangling link"])
def test_what_stands_under_a_runs_name_is_not_followed_nor_waited_for(kind: str, tmp_path: Path) -> None:
    for name in NAMES:
        folder = tmp_path / name.replace(".", "-")
        folder.mkdir()
        make: dict[str, Any] = {
            "a link": lambda path: path.symlink_to(OLD / "config.json"),
            "a pipe": os.mkfifo,
            "a folder": Path.mkdir,
            "a dangling link": lambda path: path.symlink_to("nowhere"),
        }
        make[kind](folder / name)
        if (kind, name) == ("a link", "config.json"):
            continue  # then it is a run's
        with pytest.raises(InputError, match=re.escape(f"holds {name}, which a run would write over")):
            Run(folder).check_vacant()


def test_a_run_that_was_killed_before_its_first_checkpoint_can_be_started_again(tmp_path: Path) -> None:
    record = json.loads((OLD / "config.json").read_text())
    for written in range(3):
        run = Run(tmp_path / str(written))
        with run.claimed():
            run.begin(record, "spec", resumed=False)
        if written >= 1:
            (run.folder / "spec.py").unlink()  # killed right after its record
        if written == 2:
            (run.folder / ".config.json.0123.netspec-tmp").write_text("half")
        (run.folder / ".metrics.csv.tmp").write_text("the user's own")
        run.check_vacant()
        with run.claimed():
            run.begin(record, "spec", resumed=False)
        assert {path.name for path in run.folder.iterdir()} == {"config.json", "spec.py", ".lock", ".metrics.csv.tmp"}


def test_a_best_checkpoint_without_the_last_is_gone_on_from_and_never_removed(tmp_path: Path) -> None:
    shutil.copytree(OLD, tmp_path / "run")
    (tmp_path / "run/last.safetensors").unlink()
    assert find_checkpoint(tmp_path / "run", TO_RESUME).name == "best.safetensors"
    with pytest.raises(InputError, match=r"holds a run already \(best.safetensors\)"):
        Run(tmp_path / "run").check_vacant()


def test_a_runs_folder_is_its_best_to_use_and_its_last_to_go_on_with(tmp_path: Path) -> None:
    assert find_checkpoint(OLD, TO_USE).name == "best.safetensors"
    assert find_checkpoint(OLD, TO_RESUME).name == "last.safetensors"
    shutil.copytree(OLD, tmp_path / "run")
    (tmp_path / "run/best.safetensors").unlink()
    assert find_checkpoint(tmp_path / "run", TO_USE).name == "last.safetensors"
    assert find_checkpoint(OLD / "last.safetensors", TO_USE).name == "last.safetensors"


def test_a_checkpoint_beside_other_peoples_files_is_not_gone_on_with_there(bare: House) -> None:
    folder = bare.folder / "downloads"
    folder.mkdir()
    shutil.copy(OLD / "last.safetensors", folder)
    (folder / "config.json").write_text("{}")
    before = contents(folder)
    for resume in ("downloads", "downloads/last.safetensors"):
        ran = bare.run("train", "tiny", bare.images, "--resume", resume)
        assert ran.code == 2
        assert "and is no run's folder" in ran.err
    assert contents(folder) == before


def test_a_lock_that_was_there_is_left_there(tmp_path: Path) -> None:
    (tmp_path / ".lock").write_text("mine")
    with pytest.raises(InputError), Run(tmp_path).claimed():
        raise InputError("no images")
    assert (tmp_path / ".lock").read_text() == "mine"


def test_a_lock_that_is_a_link_or_a_pipe_is_refused(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    for name in ("link", "pipe"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / ".lock").symlink_to(victim) if name == "link" else os.mkfifo(folder / ".lock")
        with pytest.raises(FileError), Run(folder).claimed():
            pass
    assert victim.read_text() == "mine"


def test_a_checkpoint_that_is_a_pipe_or_leads_nowhere_is_reported_and_not_taken_for_none(bare: House) -> None:
    for kind in ("pipe", "link"):
        folder = bare.folder / kind
        shutil.copytree(OLD, folder)
        (folder / "last.safetensors").unlink()
        last = folder / "last.safetensors"
        os.mkfifo(last) if kind == "pipe" else last.symlink_to("nowhere")
        ran = bare.run("train", "tiny", bare.images, "--output", folder, "--resume", "auto")
        assert ran.code == 2
        assert "nothing to resume" not in ran.err
        assert f"{kind}/last.safetensors: " in ran.err
        assert "expected a .safetensors file that train wrote" in ran.err


@pytest.mark.parametrize(("name", "value"), [("net", {"imageH": 64, "imageW": 64}), ("classes", ["a", "b", "c"])])
def test_a_record_of_another_network_than_the_checkpoint_beside_it_is_refused(
    name: str, value: Any, bare: House
) -> None:
    folder = bare.folder / "run"
    shutil.copytree(OLD, folder)
    record = json.loads((folder / "config.json").read_text())
    record[name] = record[name] | value if isinstance(value, dict) else value
    (folder / "config.json").write_text(json.dumps(record))
    for words in (("emit", "run"), ("summary", "run"), ("verify", "run", "--quick")):
        ran = bare.run(*words)
        assert ran.code == 2
        what = "network" if name == "net" else "classes"
        assert f"run/config.json: expected what best.safetensors beside it is of, found another {what}" in ran.err
    ran = bare.run("train", "tiny", bare.images, "--output", "run", "--resume", "auto")
    assert ran.code == 2
    assert "expected what last.safetensors beside it is of" in ran.err


def test_a_record_that_contradicts_its_checkpoint_is_refused_by_whatever_reads_it(house: House) -> None:
    for name, content in (("recipe", {"useAdam": False}), ("network", None), ("", "no JSON")):
        folder = house.folder / f"run-{name}"
        shutil.copytree(OLD, folder)
        record = json.loads((folder / "config.json").read_text())
        if name == "recipe":
            record["config"] |= content
        record["net"] |= {"activation": "relu"} if name == "network" else {}
        (folder / "config.json").write_text(content if isinstance(content, str) else json.dumps(record))
        for words in (
            ("emit", folder),
            ("predict", folder, next(house.images.glob("val/*/*"))),
            ("eval", folder, house.images),
        ):
            ran = house.run(*words)
            assert ran.code == 2
            assert f"run-{name}/config.json: expected what" in ran.err


@pytest.mark.parametrize("kind", ["of another run", "damaged", "missing", "pipe"])
def test_a_run_is_not_gone_on_with_beside_a_best_that_is_not_its_own(kind: str, tmp_path: Path) -> None:
    shutil.copytree(OLD, tmp_path / "run")
    best, last = tmp_path / "run/best.safetensors", load(OLD / "last.safetensors")
    theirs = load(best)
    best.unlink()
    if kind == "of another run":
        save(best, dataclasses.replace(theirs, config=dataclasses.replace(theirs.config, seed=7)))
    elif kind == "damaged":
        best.write_bytes(b"garbage")
    elif kind == "pipe":
        os.mkfifo(best)
    with pytest.raises(InputError, match=r"best\.safetensors: "):
        Run(tmp_path / "run").resume(last, tmp_path / "run/last.safetensors")


def test_a_run_is_gone_on_with_where_a_kill_left_a_best_of_a_later_epoch(tmp_path: Path) -> None:
    shutil.copytree(OLD, tmp_path / "run")
    best, last = tmp_path / "run/best.safetensors", load(OLD / "last.safetensors")
    ahead = dataclasses.replace(last.position, epoch=last.position.epoch + 1, best=1.0)
    save(best, dataclasses.replace(last, position=ahead))
    assert Run(tmp_path / "run").resume(last, tmp_path / "run/last.safetensors") == last.position


def test_an_early_run_that_was_resumed_before_is_gone_on_with(tmp_path: Path) -> None:
    shutil.copytree(OLD, tmp_path / "run")
    last = load(OLD / "last.safetensors")
    best = tmp_path / "run/best.safetensors"
    for ours, theirs, good in (
        ("2:aa", "bb", True),
        ("2:aa", "2:aa", True),
        ("2:aa", "2:bb", False),
        ("a", "b", False),
    ):
        save(best, dataclasses.replace(last, images=theirs))
        with contextlib.nullcontext() if good else pytest.raises(InputError, match="is of another run"):
            Run(tmp_path / "run").resume(dataclasses.replace(last, images=ours), tmp_path / "run/last.safetensors")


def test_a_lone_checkpoint_is_gone_on_with(tmp_path: Path) -> None:
    (tmp_path / "copied").mkdir()
    shutil.copy(OLD / "last.safetensors", tmp_path / "copied")
    last = load(tmp_path / "copied/last.safetensors")
    assert last.position.best >= 0
    assert Run(tmp_path / "new").resume(last, tmp_path / "copied/last.safetensors") == last.position


def test_an_output_among_the_images_is_refused(bare: House) -> None:
    before = sorted(bare.images.rglob("*"))
    for place in ("train", "train/apple", "val/new"):
        ran = bare.run("train", "tiny", bare.images, "--output", bare.images / place)
        assert ran.code == 2
        assert "lies among the images of" in ran.err
    assert sorted(bare.images.rglob("*")) == before


def test_metrics_with_numbers_that_no_epoch_has_are_a_sentence(tmp_path: Path) -> None:
    checkpoint = load(OLD / "last.safetensors")
    lines = (OLD / "metrics.csv").read_text().splitlines()
    for wrong in ("inf", "-1", "nan", "1e300"):
        values = lines[1].split(",")
        values[2] = wrong
        (tmp_path / "metrics.csv").write_text("\n".join([lines[0], ",".join(values), ""]))
        with pytest.raises(InputError, match=r"expected the metrics that train wrote, found \w+="):
            Run(tmp_path).resume(checkpoint, tmp_path / "last.safetensors")


def test_metrics_that_are_a_pipe_or_no_text_are_a_sentence(tmp_path: Path) -> None:
    checkpoint = load(OLD / "last.safetensors")
    os.mkfifo(tmp_path / "metrics.csv")
    with pytest.raises(InputError, match=r"expected a file, found a pipe"):
        Run(tmp_path).resume(checkpoint, tmp_path / "last.safetensors")


def test_a_folder_that_cannot_be_made_is_a_sentence(bare: House) -> None:
    (bare.folder / "runs").write_text("mine")
    ran = bare.run("train", "tiny", bare.images)
    assert ran.code == 2
    assert re.search(r"^netspec: runs\S*: (cannot be created|expected a folder)", ran.err), ran.err


# What a folder says.


GRAY = dataclasses.replace(tiny, name="Gray", imageC=1, layers=(convBn(1, 16, 3, 2, "same"), *tiny.layers[1:]))


@pytest.mark.parametrize("net", [tiny, mobilenetV2(), resnet34, with_classes(tiny, 3), GRAY], ids=lambda net: net.name)
def test_a_listing_loads_to_what_it_was_made_of(net: NetSpec, tmp_path: Path) -> None:
    config = dataclasses.replace(tinyConfig, learningRate=1 / 3, seed=2**62, augment=False)
    (tmp_path / "spec.py").write_text(listing(net, config, "A heading."))
    found = load_spec(tmp_path / "spec.py")
    assert (found.net, found.config) == (net, config)


def test_a_listing_takes_names_with_quotes_and_backslashes(tmp_path: Path) -> None:
    name = "it's \"a\" \\n üñ {x} '''"
    net = NetSpec(name, [globalAvgPool(), dense(3, 2, "identity")], 8, 9)
    (tmp_path / "spec.py").write_text(listing(net, TrainConfig(0.1, 2, 3), "A heading."))
    assert load_spec(tmp_path / "spec.py").net == net


@ordinary
def test_the_spec_in_a_runs_folder_is_what_was_run(unbroken: Path) -> None:
    used = load_spec(unbroken / "spec.py")
    assert used.net == with_classes(tiny, CLASSES)
    assert used.config == dataclasses.replace(tinyConfig, batchSize=BATCH, epochs=3)


@ordinary
def test_a_runs_folder_stands_for_its_network_in_every_command_that_takes_a_spec(house: House, unbroken: Path) -> None:
    for program in ENTRY_POINTS:
        batch = ("--batch-size", "1") if program == "predict" else ()
        ran = house.run("emit", unbroken, program, *batch)
        assert ran.code == 0, ran
        assert ran.out == (unbroken / f"{program}.mlir").read_text()
    assert json.loads(house.run("summary", unbroken, "--json").out)["classes"] == CLASSES
    again = house.run("train", unbroken, house.images, "--output", "again", "--plain")
    assert again.code == 0, again
    assert contents(house.folder / "again")["last.safetensors"] == contents(unbroken)["last.safetensors"]


@ordinary
def test_the_programs_in_a_runs_folder_and_its_checkpoint_are_all_that_a_host_needs(
    house: House, unbroken: Path
) -> None:
    """Loaded from the folder alone, `predict` says what the command says."""
    checkpoint = load(unbroken / "best.safetensors", to_train=False)
    picture = sorted(house.images.glob("val/*/*.jpg"))[0]
    (prediction,) = json.loads(house.run("predict", unbroken, picture, "--json").out)
    plain = json.loads((unbroken / "predict.json").read_text())
    shapes = [(item["name"], tuple(item["shape"]), item["dtype"]) for item in plain["arguments"]]
    manifest = _manifest(checkpoint)
    assert [(entry.name, entry.shape, entry.dtype) for entry in manifest.arguments] == shapes
    device = Device(target_from_environment())
    session = Session(device, {"predict": ((unbroken / "predict.vmfb").read_bytes(), manifest)})
    session.restore(fold_parameters(checkpoint.net, checkpoint.tensors, manifest), "here")
    from runtime.data.decode import load_image
    from runtime.data.reading import Reading

    found = session.predict(load_image(picture, Reading(32, 32))[None])[0]
    assert prediction["classes"] == {
        checkpoint.classes[index]: float(found[index]) for index in np.argsort(-found, kind="stable")
    }


def _manifest(checkpoint: Checkpoint) -> Manifest:
    from emit.programs import emit

    return emit("predict", checkpoint.net, dataclasses.replace(checkpoint.config, batchSize=1)).manifest


def test_a_bundled_networks_name_is_the_network_beside_a_runs_folder_of_that_name(bare: House) -> None:
    shutil.copytree(OLD, bare.folder / "tiny")
    for name, classes in (("tiny", 10), ("tiny/", 5), ("./tiny", 5)):
        assert json.loads(bare.run("summary", name, "--json").out)["classes"] == classes


def test_a_runs_folder_takes_no_width(bare: House) -> None:
    shutil.copytree(OLD, bare.folder / "run")
    ran = bare.run("summary", "run", "--width", "0.5")
    assert (ran.code, ran.err) == (
        2,
        "netspec: run: is a run's folder, whose network has its width: leave --width out.\n",
    )


def test_a_runs_record_that_may_not_be_read_is_a_sentence(bare: House, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(OLD, bare.folder / "run")

    def forbidden(path: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "is_file", forbidden)
    (bare.folder / "run/config.json").unlink()
    ran = bare.run("emit", "run")
    assert (ran.code, ran.err[:38]) == (2, "netspec: run/config.json: cannot be re")


# Going on, and beginning from weights.


@ordinary
def test_a_run_goes_on_for_more_epochs_and_its_record_says_so(house: House, unbroken: Path) -> None:
    shutil.copytree(unbroken, house.folder / "run")
    before = json.loads((house.folder / "run/config.json").read_text())
    ran = house.run(*training(house, "run"), "--resume", "auto", "--epochs", 5)
    assert ran.code == 0, ran
    assert "going on to 5 epochs, where the run began with 3; as the learning rate falls by epochs, not to" in ran.out
    assert load(house.folder / "run/last.safetensors").position.epoch == 5
    after = json.loads((house.folder / "run/config.json").read_text())
    (step,) = after.pop("resumed")
    assert (step["epoch"], step["step"], step["epochs_before"], step["epochs"]) == (3, 0, 3, 5)
    assert after == {**before, "config": {**before["config"], "epochs": 5}}
    assert load_spec(house.folder / "run/spec.py").config.epochs == 5
    refused = house.run(*training(house, "run"), "--resume", "auto", "--epochs", 4)
    assert refused.code == 2
    assert "expected at least the 5 epochs that the run has begun, found 4" in refused.err
    unasked = house.run("train", "tiny", house.images, "--output", "run", "--batch-size", BATCH, "--set", "seed=1",
                        "--resume", "auto", "--epochs", 9)  # fmt: skip
    assert unasked.code == 2
    assert "seed=1 (was 0)" in unasked.err


@ordinary
def test_epochs_that_were_not_asked_for_never_lengthen_a_run(house: House, unbroken: Path) -> None:
    ran = house.run("train", "tiny", house.images, "--output", unbroken, "--batch-size", BATCH, "--resume", "auto")
    assert ran.code == 0, ran.err
    assert "this run is complete: 3 epochs\n" in ran.out, "a bundled page says 5, and the run that it goes on with 3"
    (house.folder / "own.py").write_bytes((ROOT / "specs/tiny.py").read_bytes())
    ran = house.run("train", "own.py", house.images, "--output", unbroken, "--batch-size", BATCH, "--resume", "auto")
    assert ran.code == 2
    assert "the recipe changed: epochs=5 (was 3)" in ran.err


@ordinary
def test_a_complete_run_is_left_byte_for_byte_as_it_is(house: House, unbroken: Path) -> None:
    before = contents(unbroken)
    ran = house.train(str(unbroken), "--resume", "auto")
    assert ran.code == 0, ran
    assert "this run is complete: 3 epochs\n" in ran.out
    assert "Compiling" not in ran.out
    assert contents(unbroken) == before
    ran = house.train("elsewhere", "--resume", unbroken)
    assert ran.code == 2
    assert "there is nothing to go on with" in ran.err
    assert not (house.folder / "elsewhere").exists()


@ordinary
def test_other_images_under_the_same_names_cannot_take_up_a_run(house: House, unbroken: Path) -> None:
    other = draw_folder(house.folder / "other")
    for path in other.glob("val/*/*.jpg"):
        path.write_bytes(path.read_bytes() + b"\0")
    before = contents(unbroken)
    ran = house.run(*training(dataclasses.replace(house, images=other), str(unbroken)), "--resume", "auto")
    assert ran.code == 2
    assert "are not those that the run began with" in ran.err
    assert contents(unbroken) == before


@ordinary
def test_the_same_images_in_another_place_can_take_up_a_run(house: House) -> None:
    assert house.train("run", "--max-steps", 4).code == 0
    shutil.copytree(house.images, house.folder / "moved")
    moved = dataclasses.replace(house, images=house.folder / "moved")
    assert house.run(*training(moved, "run"), "--resume", "auto", "--max-steps", 6).code == 0
    record = json.loads((house.folder / "run/config.json").read_text())
    assert record["data"] == str(house.images)
    assert [step["data"] for step in record["resumed"]] == [str(house.folder / "moved")]


@ordinary
def test_a_run_begins_from_weights_with_the_head_or_without_it(house: House, unbroken: Path) -> None:
    best = load(unbroken / "best.safetensors")
    frozen = ("--max-steps", 1, "--lr", "1e-9", "--set", "warmupEpochs=0", "--set", "weightDecay=0")
    ran = house.train("same", "--weights", unbroken, *frozen)
    assert ran.code == 0, ran
    assert "starting from the weights of Tiny after" in ran.out
    assert "its head too, as the classes are the same\n" in ran.out
    found = load(house.folder / "same/last.safetensors")
    for name in ("stem_weight", "head_weight", "head_bias"):
        np.testing.assert_allclose(found.tensors[name], best.tensors[name], atol=1e-6)
    assert found.tensors["step"] == 1
    record = json.loads((house.folder / "same/config.json").read_text())
    assert record["weights"]["from"] == str(unbroken)
    assert "the recipe is finetune, as the run starts from weights; --recipe chooses another one\n" in ran.out
    assert (record["config"]["headLrMult"], record["config"]["weightDecay"]) == (30, 0)
    again = house.train("same", "--resume", "same", "--max-steps", 2)
    assert again.code == 0, again
    assert load(house.folder / "same/last.safetensors").config == found.config, "it goes on with its own recipe"
    unlike = house.train("same", "--resume", "same", "--recipe", "document")
    assert unlike.code == 2
    assert "cannot resume: the recipe changed: " in unlike.err
    fewer = draw_folder(house.folder / "fewer", classes=CLASSES, train=TRAIN)
    for split in ("train", "val"):
        (fewer / split / "class4").rename(fewer / split / "zebra")
    ran = house.run(
        *training(dataclasses.replace(house, images=fewer), "new"),
        "--weights",
        unbroken,
        "--recipe",
        "document",
        *frozen,
    )
    assert "the recipe is" not in ran.out
    assert ran.code == 0, ran
    assert "the head is new, as its classes are others, and starts at 0\n" in ran.out
    found = load(house.folder / "new/last.safetensors")
    np.testing.assert_allclose(found.tensors["stem_weight"], best.tensors["stem_weight"], atol=1e-6)
    np.testing.assert_allclose(found.tensors["head_weight"], 0, atol=1e-6)
    assert "go on with: netspec train tiny" in ran.out
    assert "--weights" not in ran.out.split("go on with")[1]


def of_weights(path: Path, net: NetSpec) -> Checkpoint:
    report = Report(live=False, stream=io.StringIO())
    return read_weights(Start(path), net, TrainConfig(), report)[0]


def test_weights_of_another_network_are_refused_by_the_first_layer_that_differs() -> None:
    small = dataclasses.replace(tiny, imageH=16, imageW=16, name="Other")
    assert of_weights(OLD, small).net.classes == 5
    thrice = dataclasses.replace(tiny, layers=(tiny.layers[0], invertedResidual(16, 24, 2, 2, 3), *tiny.layers[2:]))
    with pytest.raises(InputError, match=r"layer 1: expected invertedResidual\(.*, 3\), found .*, 2\)"):
        of_weights(OLD, thrice)
    with pytest.raises(InputError, match=r"expected 4 layers, activation=relu, .* found 4 layers, activation=relu6"):
        of_weights(OLD, dataclasses.replace(tiny, activation="relu"))
    with pytest.raises(InputError, match=r"there is no such checkpoint"):
        of_weights(Path("nowhere"), tiny)


def test_where_the_classes_differ_all_but_the_head_is_taken() -> None:
    checkpoint = of_weights(OLD, tiny)
    initial = {name: np.full_like(array, 7) for name, array in checkpoint.tensors.items()}
    state, anew = started_from(checkpoint, tuple("abcde"), initial)
    assert anew
    assert {name for name, array in state.items() if array is initial[name]} == {
        name for name in initial if name.endswith(("_m", "_v")) or name == "step"
    }
    assert not state["head_weight"].any()
    assert not state["head_bias"].any()
    state, anew = started_from(checkpoint, checkpoint.classes, initial)
    assert not anew
    known = dataclasses.replace(checkpoint, classes=("tench", "goldfish"))
    assert not started_from(known, ("n01440764", "n01443537"), initial)[1], "ImageNet's folders have synsets"
    assert state["head_weight"] is checkpoint.tensors["head_weight"]


def test_weights_and_resume_together_are_refused(bare: House) -> None:
    ran = bare.run("train", "tiny", bare.images, "--resume", "auto", "--weights", OLD)
    assert ran.code == 2
    assert "expected one of --weights, which begins a run, and --resume" in ran.err


# A run of an older version.


@ordinary
def test_a_run_of_an_older_version_opens_and_goes_on(house: House) -> None:
    folder = house.folder / "run"
    shutil.copytree(OLD, folder)
    picture = sorted(house.images.glob("val/*/*.jpg"))[0]
    for arguments in (
        ("eval", "run", house.images),
        ("eval", "run/last.safetensors", house.images, "--json"),
        ("predict", "run", picture),
        ("verify", "run", "--quick"),
        ("emit", "run", "evaluate"),
        ("summary", "run"),
    ):
        ran = house.run(*arguments)
        assert ran.code == 0, (arguments, ran)
    ran = house.train("run", "--resume", "auto")
    assert ran.code == 0, ran
    assert "resuming at epoch 3, step 2\n" in ran.out
    assert load(folder / "last.safetensors").position.epoch == 3
    record = json.loads((folder / "config.json").read_text())
    assert record["versions"] == json.loads((OLD / "config.json").read_text())["versions"]
    assert [step["epoch"] for step in record["resumed"]] == [2]
    assert len((folder / "metrics.csv").read_text().splitlines()) == 4


# The picture.


def test_a_curve_grows_when_the_last_one_is_old_enough_and_is_whole_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([0.0, 1.0, 21.0, 22.0, 30.0, 31.0])
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    drawn: list[int] = []

    def picture(title: str, rows: Sequence[Row], task: object) -> bytes:
        drawn.append(len(rows))
        return b"picture"

    monkeypatch.setattr(plot, "curve", picture)
    grown = Curve(tmp_path / "curve.png", "Tiny", TASK, pytest.fail)
    grown.grow([ROW])
    assert drawn == []
    grown.grow([ROW] * 2)
    assert drawn == [2]
    grown.grow([ROW] * 3)
    assert drawn == [2]
    grown.draw([ROW] * 3)
    grown.draw([ROW] * 3)
    assert drawn == [2, 3]
    assert (tmp_path / "curve.png").read_bytes() == b"picture"


def test_a_curve_older_than_the_metrics_is_drawn_again(tmp_path: Path) -> None:
    run = Run(tmp_path)
    assert not run.has_curve()
    for name, second in (("metrics.csv", 2), ("curve.png", 1)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (second, second))
    assert not run.has_curve()
    os.utime(tmp_path / "curve.png", (3, 3))
    assert run.has_curve()


def test_a_runs_curve_is_drawn_with_its_epochs(tmp_path: Path) -> None:
    run, seen = Run(tmp_path), list[int]()
    run.recorded = lambda rows: seen.append(len(rows))
    run.record(ROW)
    run.record(ROW)
    assert seen == [1, 2]


@pytest.mark.parametrize("wrong", [ValueError("\x1b[2Jbad"), OSError(28, "No space"), MemoryError(), ImportError("no")])
def test_a_picture_that_cannot_be_drawn_is_one_line_and_no_end(
    wrong: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(title: str, rows: object) -> bytes:
        raise wrong

    monkeypatch.setattr(plot, "curve", fails)
    said: list[str] = []
    drawing = Curve(tmp_path / "curve.png", "Tiny", TASK, said.append)
    drawing.draw([ROW])
    drawing.draw([ROW] * 2)
    (line,) = said
    assert line.startswith("curve.png cannot be drawn: ")
    assert line.isprintable()


def test_a_picture_goes_through_no_foreseeable_name(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (tmp_path / "curve.png").symlink_to(victim)
    (tmp_path / ".curve.png.tmp").symlink_to(victim)
    Curve(tmp_path / "curve.png", "Tiny", TASK, pytest.fail).draw([ROW])
    assert victim.read_text() == "mine"
    with Image.open(tmp_path / "curve.png") as image:
        assert image.size[0] > 500


def test_a_curve_takes_names_that_fonts_lack_and_that_look_like_formulas() -> None:
    assert curve("网络 $x $y_{ \\frac {", [ROW], TASK).startswith(b"\x89PNG")


@ordinary
@pytest.mark.parametrize(
    "variables",
    [
        {"MPLBACKEND": "module://matplotlib_inline.backend_inline"}, {"MPLBACKEND": "nonsense"},
        {"MPLCONFIGDIR": "/dev/null/x"}, {"HOME": "/nonexistent"},
    ],
)  # fmt: skip
def test_no_setting_of_matplotlibs_ends_a_run_nor_keeps_it_from_its_curve(
    variables: dict[str, str], house: House
) -> None:
    ran = house.spawn(*training(house, "run"), **variables)
    assert (ran.code, ran.err) == (0, ""), ran
    assert (house.folder / "run/curve.png").exists()
    assert "cannot be drawn" not in ran.out


@ordinary
def test_the_names_of_a_run_are_all_that_train_writes(unbroken: Path) -> None:
    assert {path.name for path in unbroken.iterdir()} == {*NAMES, runs.LOCK}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"step": 10**9}, "position.step: expected at most 5, the steps of an epoch, found 1000000000."),
        ({"epoch": 2}, "step: expected 13, the steps before its position, found 8."),
        ({"step": 2}, "step: expected 7, the steps before its position, found 8."),
    ],
)
def test_a_run_that_stands_where_none_can_is_not_gone_on_with(change: dict[str, int], said: str, house: House) -> None:
    assert house.train("run", "--max-steps", 8).code == 0
    last = house.folder / "run" / "last.safetensors"
    stopped = load(last)
    assert (stopped.position.epoch, stopped.position.step) == (1, 3)
    save(last, dataclasses.replace(stopped, position=dataclasses.replace(stopped.position, **change)))
    ran = house.train("run", "--resume", "run")
    assert ran.code == 2
    assert ran.err.endswith(f"{said}\n")


def test_a_run_whose_folder_is_moved_writes_nothing_to_its_old_path(tmp_path: Path, unbroken: Path) -> None:
    run = Run(tmp_path / "run")
    checkpoint = load(unbroken / "last.safetensors")
    with run.claimed():
        run.folder.rename(tmp_path / "elsewhere")
        run.folder.mkdir()
        with pytest.raises(TrainingError, match="was moved or removed while it ran"):
            run.keep(checkpoint)
    assert not (tmp_path / "run" / "last.safetensors").exists()
