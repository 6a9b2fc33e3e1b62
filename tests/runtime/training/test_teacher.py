"""A run that learns from another network: the same bits when it is resumed, and every teacher that cannot teach."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import netspec
from emit.programs.train_step import training_state
from netspec import NetSpec, Preprocessing, TrainConfig, convBn, dense, flatten, globalAvgPool
from netspec.errors import InputError
from netspec.recipe import augmentations_of, mixing_of
from runtime.checkpoint import Checkpoint, Position, load, save
from runtime.compiler.target import target
from runtime.data.augmentation import setting_of
from runtime.data.batches import train_batches
from runtime.data.cache import open_images
from runtime.data.reading import reading_of
from runtime.engine.session import initial_state
from runtime.inference import Trained
from runtime.report import Report
from runtime.training.resume import Opened
from runtime.training.run import Run
from runtime.training.teacher import Teacher, Teaching, check_classes, find_teacher
from runtime.weights import imagenet
from specs.tiny import tiny
from tests.runtime.sandbox import BATCH, CLASSES, House, training

ORDINARY = pytest.mark.ordinary
NAMES = tuple(f"class{label}" for label in range(CLASSES))
# Other layers, another size, another mean than the network that learns; it keeps averages, which are what is used.
OTHER = NetSpec(
    name="Other",
    imageH=24,
    imageW=20,
    activation="relu",
    layers=[convBn(3, 8, 3, 2, "same"), globalAvgPool(), dense(8, CLASSES, "identity")],
    preprocessing=Preprocessing(mean=(0.5, 0.4, 0.3), std=(0.2, 0.3, 0.4)),
)
AVERAGED = TrainConfig(batchSize=3, epochs=5, useEMA=True)
LEARNS = ("--set", "distillWeight=0.6", "--set", "distillTemperature=3", "--set", "useMixup=true")


def kept(path: Path, net: NetSpec = OTHER, classes: tuple[str, ...] = NAMES, seed: int = 1, scale: float = 1.0) -> Path:
    """A checkpoint of weights that were drawn; its averages are other weights."""
    tensors = initial_state(training_state(net, AVERAGED), seed)
    source = np.random.default_rng(seed)
    for name in tensors:
        if name.endswith(("weight_average", "bias_average")):
            tensors[name] = (scale * source.standard_normal(tensors[name].shape)).astype(np.float32)
    save(path, Checkpoint(net, AVERAGED, classes, Position(5, 0, 0.0, 0.75), "", tensors))
    return path


def learning(house: House, run: str, *more: object) -> tuple[object, ...]:
    return (*training(house, run), *LEARNS, *more)


@ORDINARY
def test_a_run_that_learns_from_a_teacher_is_resumed_to_the_same_bits_and_knows_it(house: House) -> None:
    teacher = kept(house.folder / "teacher.safetensors")
    whole = house.run(*learning(house, "whole", "--teacher", "teacher.safetensors"))
    assert whole.code == 0, whole.err
    assert (
        f"teacher: Other, 277 params, trained at 24×20, best accuracy 75.00%, from {teacher}, at 32×32; "
        "0.6 of the loss, temperature 3\n"
    ) in whole.out
    said = json.loads((house.folder / "whole/config.json").read_text())["teacher"]
    assert said.keys() == {"file", "sha256", "network", "net"}
    assert (said["file"], said["network"], said["net"]["imageH"]) == (str(teacher), "Other", 32)
    assert load(house.folder / "whole/last.safetensors").teacher == {n: said[n] for n in ("file", "sha256", "network")}

    stopped = house.run(*learning(house, "parts", "--teacher", "teacher.safetensors", "--max-steps", 3))
    assert stopped.code == 0, stopped.err
    resumed = house.run(*learning(house, "parts", "--resume", "parts"))
    assert resumed.code == 0, resumed.err
    for name in ("last.safetensors", "best.safetensors"):
        assert (house.folder / "parts" / name).read_bytes() == (house.folder / "whole" / name).read_bytes()
    record = json.loads((house.folder / "parts/config.json").read_text())
    assert record["teacher"] == record["resumed"][0]["teacher"] == said

    teacher.unlink()
    again = house.run(*learning(house, "parts", "--resume", "parts"))
    assert again.code == 0, "a run that is complete needs no teacher"
    other = house.run(*training(house, "other"), *LEARNS[4:])
    assert other.code == 0, other.err
    one, two = (load(house.folder / run / "last.safetensors").tensors["head_weight"] for run in ("whole", "other"))
    assert not np.array_equal(one, two)


@ORDINARY
def test_a_resumed_run_asks_for_the_teacher_that_it_began_with(house: House) -> None:
    teacher = kept(house.folder / "teacher.safetensors")
    stopped = house.run(*learning(house, "run", "--teacher", teacher, "--max-steps", 1))
    assert stopped.code == 0, stopped.err
    moved = teacher.rename(house.folder / "moved.safetensors")
    gone = house.run(*learning(house, "run", "--resume", "run"))
    assert (gone.code, gone.err) == (
        2,
        f"netspec: cannot resume: the teacher that the run began with, {teacher}, is not there any more; say where it "
        "is: --teacher.\n",
    )
    kept(teacher, seed=2)
    for more in ((), ("--teacher", teacher)):
        wrong = house.run(*learning(house, "run", "--resume", "run", *more))
        assert wrong.code == 2
        assert f"{teacher} is not the teacher that the run began with: expected the checksum " in wrong.err
    right = house.run(*learning(house, "run", "--resume", "run", "--teacher", moved, "--max-steps", 2))
    assert right.code == 0, right.err
    assert load(house.folder / "run/last.safetensors").teacher is not None
    changed = house.run(*training(house, "run"), "--resume", "run", "--teacher", moved, "--set", "distillWeight=0.25")
    assert "cannot resume: the recipe changed: " in changed.err


@ORDINARY
def test_the_very_batch_is_shown_to_the_teacher_as_eval_would_run_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NETSPEC_CACHE", str(house.cache))
    shown: list[tuple[bytes, bytes]] = []
    asked = Teaching.probabilities

    def seen(self: Teaching, images: np.ndarray, labels: np.ndarray) -> np.ndarray:
        found = asked(self, images, labels)
        shown.append((images.tobytes(), found.tobytes()))
        return found

    monkeypatch.setattr(Teaching, "probabilities", seen)
    teacher = kept(house.folder / "teacher.safetensors", replace(OTHER, imageH=32, imageW=32))
    monkeypatch.chdir(house.folder)
    recipe: dict[str, Any] = {
        "batchSize": BATCH,
        "epochs": 1,
        "distillWeight": 0.5,
        "useMixup": True,
        "useCutmix": True,
    }
    ended = netspec.train("tiny", house.images, output="run", teacher=teacher, quiet=True, **recipe)
    config = load(ended.folder / "last.safetensors").config
    batches = train_batches(
        open_images(house.images, reading_of(tiny), report=print, progress=lambda *_: None).train,
        setting=setting_of(tiny),
        batch_size=BATCH,
        seed=config.seed,
        epoch=0,
        first_step=0,
        augmentations=augmentations_of(config),
        mixing=mixing_of(config),
    )
    expected = [batch.images for batch in batches]
    assert [images for images, _ in shown] == [images.tobytes() for images in expected]
    trained = Trained(teacher, target("cpu"), Report(live=False))
    first = np.frombuffer(shown[0][1], np.float32).reshape(BATCH, CLASSES)
    np.testing.assert_allclose(first[3], trained.probabilities_of(expected[0][3]), rtol=1e-4)


def _gray(net: NetSpec) -> NetSpec:
    return replace(net, imageC=1, layers=(convBn(1, 8, 3, 2, "same"), *net.layers[1:]), preprocessing=Preprocessing())


FLAT = replace(OTHER, layers=(*OTHER.layers[:1], flatten(), dense(960, CLASSES, "identity")))
WRONG: dict[str, tuple[Callable[[Path], object], str]] = {
    "gray": (
        lambda path: kept(path, _gray(OTHER)),
        "is given the images of Tiny: expected one that reads RGB images, found Other, which reads gray",
    ),
    "BGR": (
        lambda path: kept(path, replace(OTHER, preprocessing=Preprocessing(color="BGR"))),
        "expected one that reads RGB images, found Other, which reads BGR",
    ),
    "a size of its own": (
        lambda path: kept(path, FLAT),
        "is given the images of Tiny, and cannot be run on 32×32 pixels: layer 2, dense(960, 5, ",
    ),
    "no checkpoint": (lambda path: path.write_bytes(b"weights"), "not a readable safetensors file"),
    "nothing": (lambda path: None, "there is no such checkpoint"),
    "classes in another order": (
        lambda path: kept(path, classes=NAMES[::-1]),
        "expected a teacher of the classes of the images, class0, class1, class2, class3, class4, in this order, found "
        "one of class4, class3, class2, class1, class0",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_teacher_that_cannot_teach_is_refused_and_leaves_no_run(wrong: str, bare: House) -> None:
    made, said = WRONG[wrong]
    made(bare.folder / "teacher.safetensors")
    ran = bare.run(*learning(bare, "run", "--teacher", "teacher.safetensors"))
    assert ran.code == 2
    assert said in ran.err
    assert not (bare.folder / "run").exists()
    assert not (bare.cache / "programs").exists()


def test_a_teacher_and_the_recipe_s_weight_of_it_go_together(bare: House) -> None:
    kept(bare.folder / "teacher.safetensors")
    without = bare.run(*learning(bare, "run"))
    assert (without.code, without.err) == (
        2,
        "netspec: the recipe has distillWeight=0.6, and no teacher is given: add --teacher with a checkpoint or a "
        "run's folder, or --set distillWeight=0.\n",
    )
    ignored = bare.run(*training(bare, "run"), "--teacher", "teacher.safetensors")
    assert (ignored.code, ignored.err) == (
        2,
        "netspec: teacher.safetensors: a teacher is given, and the recipe has no distillWeight, so that nothing is "
        "learnt from it: add --set distillWeight=0.5, or leave --teacher out.\n",
    )
    assert not (bare.folder / "run").exists()


def test_of_a_run_s_folder_the_best_checkpoint_teaches(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    kept(folder / "last.safetensors")
    best = kept(folder / "best.safetensors", seed=2)
    opened = Opened(Run(tmp_path / "new"), None, None, tiny)
    found = find_teacher(folder, opened, tiny, TrainConfig(distillWeight=0.5))
    assert found is not None
    assert (found.file, found.net) == (best, replace(OTHER, imageH=tiny.imageH, imageW=tiny.imageW))
    assert found.checkpoint.tensors == {}


def test_imagenet_s_classes_are_known_by_their_synsets_as_its_folders_are_called(tmp_path: Path) -> None:
    synsets, names = zip(*list(imagenet.by_synset().items())[:CLASSES], strict=True)
    file = tmp_path / "teacher.safetensors"
    teacher = Teacher(file, "", load(kept(file, classes=names), to_train=False), OTHER)
    check_classes(teacher, synsets)
    check_classes(teacher, names)
    with pytest.raises(InputError, match="expected a teacher of the classes of the images, "):
        check_classes(teacher, synsets[::-1])


@ORDINARY
def test_a_teacher_whose_probabilities_are_no_numbers_ends_the_run(house: House) -> None:
    kept(house.folder / "teacher.safetensors", scale=1e30)
    ran = house.run(*learning(house, "run", "--teacher", "teacher.safetensors"))
    assert ran.code == 1
    assert "teacher.safetensors: a probability of the teacher is no number" in ran.err


def test_a_checkpoint_says_its_teacher_and_a_damaged_one_is_refused(tmp_path: Path) -> None:
    path = kept(tmp_path / "a.safetensors")
    assert load(path).teacher is None
    said = {"file": "/t.safetensors", "sha256": "0" * 64, "network": "Other"}
    save(path, replace(load(path), teacher=said))
    assert load(path).teacher == said
    save(path, replace(load(path), teacher={"file": "/t"}))
    with pytest.raises(InputError, match="teacher: expected file, sha256 and network"):
        load(path)
