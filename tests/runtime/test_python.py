"""NetSpec from Python: what the commands do, with plain values in and out."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import netspec
from netspec import InputError, NetSpec, SpecError, TrainConfig, convBn, dense, globalAvgPool
from runtime.summary import Summary
from specs.tiny import tiny
from tests.runtime.sandbox import CLASSES, ROOT, VAL, House

MICRO = NetSpec("Micro", [convBn(3, 8, 3, 2, "same"), globalAvgPool(), dense(8, 5, "identity")], 16, 16, "relu")
RECIPE: dict[str, Any] = {"batchSize": 8, "epochs": 2, "useAdam": False, "momentum": 0.5, "learningRate": 0.01}


@pytest.fixture
def python(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """The house as this process's surroundings."""
    monkeypatch.chdir(house.folder)
    monkeypatch.setenv("NETSPEC_CACHE", str(house.cache))
    return house


@pytest.mark.ordinary
def test_a_network_is_trained_loaded_asked_and_evaluated(python: House, capsys: pytest.CaptureFixture[str]) -> None:
    run = netspec.train(MICRO, python.images, output="run", **RECIPE)
    assert run.finished
    assert [row.epoch for row in run.history] == [1, 2]
    assert run.accuracy == run.history[-1].val_accuracy
    assert run.best_accuracy == max(row.val_accuracy for row in run.history)
    assert "Epoch 2/2: loss=" in capsys.readouterr().out, "which a notebook shows"
    used = netspec.load_spec(run.folder / "spec.py")
    assert used.config == TrainConfig(**RECIPE, warmupEpochs=1)
    assert used.net == MICRO

    model = run.load()
    assert model.net.name == "Micro"
    assert model.classes == tuple(f"class{label}" for label in range(CLASSES))
    accuracy = model.evaluate(python.images)
    assert (accuracy.total, accuracy.share) == (CLASSES * VAL, run.best_accuracy)

    file = python.images / "val/class3/0.jpg"
    with Image.open(file) as picture:
        array = np.asarray(picture)
        by_kind = [model.predict(each) for each in (file, str(file), picture, array)]
    assert len({each.classes for each in by_kind}) == 1, "a small JPEG is decoded whole"
    assert (by_kind[0].label, by_kind[0].probability) == by_kind[0].classes[0]
    assert sum(probability for _, probability in by_kind[0].classes) == pytest.approx(1, abs=1e-5)
    several = model.predict([array, np.zeros((30, 50), np.uint8)], top=2)
    assert [len(each.classes) for each in several] == [2, 2]
    assert several[0].classes == by_kind[0].classes[:2]
    batch = np.stack([array, array[::-1]])
    np.testing.assert_array_equal(model.probabilities(batch)[0], model.probabilities(array)[0])
    assert model.probabilities([]).shape == (0, CLASSES)
    command = python.run("predict", "run", file, "--json")
    assert f'"{by_kind[0].label}"' in command.out


@pytest.mark.ordinary
def test_a_run_goes_on_and_another_begins_from_its_weights(python: House, capsys: pytest.CaptureFixture[str]) -> None:
    stopped = netspec.train(MICRO, python.images, output="run", max_steps=3, quiet=True, **RECIPE)
    assert (stopped.finished, stopped.history, stopped.accuracy, stopped.best_accuracy) == (False, (), None, None)
    assert capsys.readouterr().out == ""
    whole = netspec.train(MICRO, python.images, output="run", resume="run", quiet=True, **RECIPE)
    assert whole.finished
    other = netspec.train(MICRO, python.images, output="other", weights="run", quiet=True, **{**RECIPE, "epochs": 1})
    assert other.finished


def test_a_summary_is_plain_values_and_prints_as_the_command_s(bare: House) -> None:
    found = netspec.summary("mobilenet_v2", width=0.5, image_size=96, classes=7)
    assert isinstance(found, Summary)
    assert (found.network, found.image, found.classes) == ("MobileNet-v2 0.5", (96, 96, 3), 7)
    assert found.params == sum(layer.params for layer in found.layers)
    assert netspec.summary(tiny).macs == netspec.summary(ROOT / "specs/tiny.py").macs
    printed = bare.run("summary", "tiny", COLUMNS="120").out
    assert str(netspec.summary("tiny")).split() == printed.split()


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: netspec.train("tiny", "nowhere"), "nowhere"),
        (lambda: netspec.train("tiny", "nowhere", epoch=3), "train: has no option 'epoch' (did you mean epochs?)."),
        (lambda: netspec.train("tiny", "nowhere", epochs="3"), "TrainConfig.epochs: expected a whole number"),
        (lambda: netspec.train("tiny", "x", momentum=0.9), "TrainConfig.momentum: 0.9 is without use"),
        (lambda: netspec.train("tiny", "x", weights="y", conventions="mine"), "conventions: expected spec or source"),  # type: ignore[arg-type]
        (
            lambda: netspec.train("tiny", "x", source="timm"),
            "source and conventions are of weights, which are not given",
        ),
        (lambda: netspec.train("tiny", "x", conventions="source"), "source and conventions are of weights"),
        (lambda: netspec.train(tiny, "x", width=2.0), "width: is of a spec that is given by its name or file"),
        (lambda: netspec.summary("mobilenet_v9"), "no such file, nor a bundled spec"),
        (lambda: netspec.load("nowhere"), "nowhere"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(
    call: Any, said: str, bare: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(bare.folder)
    monkeypatch.setenv("NETSPEC_CACHE", str(bare.cache))
    with pytest.raises((SpecError, InputError)) as wrong:
        call()
    assert said in str(wrong.value)


def test_arrays_that_are_no_images_are_refused() -> None:
    from runtime.python import _picture

    wrong: list[Any] = [np.zeros((4, 4, 3), np.float32), np.zeros((4, 4, 2), np.uint8), np.zeros((0, 4, 3), np.uint8)]
    for array in wrong:
        with pytest.raises(InputError, match="expected an array of bytes"):
            _picture(array)


def test_importing_netspec_and_all_of_its_language_loads_neither_the_compiler_nor_the_runtime() -> None:
    code = (
        "from netspec import *; import netspec, sys; print({'runtime', 'emit', 'numpy', 'iree'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
    with pytest.raises(AttributeError, match="module 'netspec' has no attribute 'fit'"):
        netspec.fit  # noqa: B018


def test_a_picture_is_left_as_it_is(tmp_path: Path) -> None:
    from runtime.data.decode import load_picture
    from runtime.data.reading import reading_of

    picture = Image.fromarray(np.random.default_rng(0).integers(0, 256, (50, 70, 4), np.uint8))
    before = picture.tobytes()
    found = load_picture(picture, reading_of(tiny))
    assert found.shape == (32, 32, 3)
    assert picture.tobytes() == before
    with pytest.raises(InputError, match="an image cannot be read: its pixels are fractions"):
        load_picture(Image.fromarray(np.zeros((5, 5), np.float32)), reading_of(tiny))


@pytest.mark.ordinary
def test_the_notebook_in_the_docs_runs_from_its_first_cell_to_its_last(
    python: House, capsys: pytest.CaptureFixture[str]
) -> None:
    notebook = json.loads((ROOT / "docs/python.ipynb").read_text(encoding="utf-8"))
    cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    names: dict[str, Any] = {}
    for cell in cells:
        exec(compile(cell, "docs/python.ipynb", "exec"), names)
    shown = capsys.readouterr().out
    assert "TrainConfig.momentum: 0.9 is without use in this recipe" in shown
    assert "Epoch 3/3: loss=" in shown
    assert names["run"].accuracy > 0.3, "of ten classes"
    assert all(cell["outputs"] == [] for cell in notebook["cells"] if cell["cell_type"] == "code")
