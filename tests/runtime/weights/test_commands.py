"""The commands on weights of other libraries: import, train, resume, predict, evaluate, and back."""

import json
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from netspec import NetSpec, Preprocessing, load_spec
from netspec.language import with_classes
from runtime.checkpoint import load
from tests.runtime.sandbox import House, bare, draw, images, shared
from tests.runtime.weights.files import state_dict, write

__all__ = ["bare", "images", "shared"]

SPEC = """from dataclasses import replace

from netspec import TrainConfig
from specs.mobilenet_v1 import mobilenetV1

_v1 = mobilenetV1(0.25)
_first = replace(_v1.layers[0], pad="{padding}")
small = replace(_v1, name="Small", imageH=32, imageW=32, padding="{padding}", layers=[_first, *_v1.layers[1:]])
smallConfig = TrainConfig(
    learningRate=0.001, batchSize=16, epochs=2, useAdam=False, weightDecay=0, cosineDecay=False, warmupEpochs=0,
    augment=True, labelSmoothing=0,
)
"""


@pytest.fixture
def net(bare: House) -> NetSpec:
    """The network of `own.py`, which has the conventions of timm's MobileNetV1; `other.py` pads otherwise."""
    (bare.folder / "own.py").write_text(SPEC.format(padding="symmetric"))
    (bare.folder / "other.py").write_text(SPEC.format(padding="same"))
    return load_spec(bare.folder / "own.py").net


@pytest.mark.ordinary
def test_a_run_starts_from_a_file_goes_on_without_its_options_and_gives_the_weights_back(
    bare: House, net: NetSpec
) -> None:
    given = state_dict(with_classes(net, 7), "timm")
    write(bare.folder / "w.safetensors", given)
    train = ("train", "other.py", bare.images, "--output", "run", "--plain")
    refused = bare.run(*train, "--weights", "w.safetensors")
    assert refused.code == 2
    assert 'expected padding="symmetric"; layer 0: convBn(3, 8, 3, 2, "symmetric"); write this' in refused.err
    assert not (bare.folder / "run/last.safetensors").exists()

    began = bare.run(
        *train, "--weights", "w.safetensors", "--conventions", "source", "--preprocess", "filter=box", "--max-steps", 1
    )
    assert began.code == 0, began.err
    assert "timm's MobileNetV1: relu6, padding symmetric, epsilon 1e-05\n" in began.out
    assert "--preprocess: filter is box, where it was bicubic\n" in began.out
    assert (
        "starting from the weights of Small in w.safetensors; the head is new, as its classes are others" in began.out
    )
    assert "--conventions" not in began.out.split("go on with: ")[1]
    first = load(bare.folder / "run/last.safetensors")
    assert (first.net.padding, first.net.preprocessing.fit, first.net.preprocessing.filter) == (
        "symmetric",
        "cover",
        "box",
    )
    stem = given["conv_stem.weight"].transpose(2, 3, 1, 0)
    assert np.abs(first.tensors["stem_weight"] - stem).max() < 0.2, "a step from there"

    went_on = bare.run(*train, "--resume", "auto")
    assert went_on.code == 0, went_on.err
    last = load(bare.folder / "run/last.safetensors")
    assert last.net == first.net
    assert last.origin == first.origin is not None
    assert json.loads((bare.folder / "run/config.json").read_text())["weights"]["origin"] == last.origin
    assert last.position.epoch == 2

    gone_out = bare.run("export-weights", "run", "--layout", "timm", "-o", "back.safetensors")
    assert gone_out.code == 0, gone_out.err
    back = safetensors.numpy.load_file(bare.folder / "back.safetensors")
    assert {name: array.shape for name, array in back.items()} == {
        name: ((5, *array.shape[1:]) if name.startswith("classifier") else array.shape) for name, array in given.items()
    }
    best = load(bare.folder / "run/best.safetensors", to_train=False)
    np.testing.assert_array_equal(back["classifier.bias"], best.tensors["head_bias"])

    again = bare.run(*train, "--weights", "run", "--output", "second", "--conventions", "source", "--max-steps", 1)
    assert again.code == 0, again.err
    assert "its head too, as the classes are the same" in again.out
    assert load(bare.folder / "second/last.safetensors").net.preprocessing.filter == "box"
    without = bare.run(*train, "--weights", "run", "--output", "third", "--max-steps", 1)
    assert without.code == 2
    assert "--conventions source takes theirs" in without.err


@pytest.mark.ordinary
def test_imported_weights_predict_and_are_evaluated_on_folders_of_synsets(bare: House, net: NetSpec) -> None:
    write(bare.folder / "w.safetensors", state_dict(with_classes(net, 1000), "timm"))
    ran = bare.run("import", "w.safetensors", "--spec", "own.py", "-o", "net.safetensors")
    assert ran.code == 0, ran.err
    assert "net.safetensors: Small, 1000 classes\n" in ran.err
    for synset in ("n01440764", "n02123045"):
        for number in range(3):
            draw(bare.folder / "photos" / "val" / synset / f"{number}.jpg", number, number)
    measured = bare.run("eval", "net.safetensors", "photos", "--json")
    assert measured.code == 0, measured.err
    assert json.loads(measured.out)["total"] == 6
    picture = bare.folder / "photos/val/n01440764/0.jpg"
    plain = bare.run("predict", "net.safetensors", picture, "--json")
    assert len(json.loads(plain.out)[0]["classes"]) == 5
    changed = bare.run(
        "predict", "net.safetensors", picture, "--json", "--preprocess", "mean=0,0,0", "--preprocess", "std=1,1,1"
    )
    assert changed.code == 0, changed.err
    assert "--preprocess: mean is (0.0, 0.0, 0.0), where it was (0.5, 0.5, 0.5)" in changed.err
    assert json.loads(changed.out) != json.loads(plain.out)


def test_a_checkpoint_s_pictures_are_read_as_it_says(bare: House, net: NetSpec) -> None:
    write(bare.folder / "w.safetensors", state_dict(net, "timm"))
    assert bare.run("import", "w.safetensors", "--spec", "own.py", "-o", "net.safetensors").code == 0
    said = load(bare.folder / "net.safetensors", to_train=False).net.preprocessing
    half = (0.5, 0.5, 0.5)
    assert said == Preprocessing("cover", 32 / 36, "bicubic", decode="whole", mean=half, std=half)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("import", "gone.pth", "--spec", "own.py", "-o", "x.safetensors"), "gone.pth"),
        (("import", "own.py", "--spec", "own.py", "-o", "x.safetensors"), "expected a file of weights"),
        (("import", "w.safetensors", "--spec", "gone.py", "-o", "x.safetensors"), "there is no such spec file"),
        (
            ("import", "w.safetensors", "--spec", "own.py", "-o", "x.safetensors", "--preprocess", "fits=cover"),
            "has no field 'fits'",
        ),
        (
            ("import", "w.safetensors", "--spec", "own.py", "-o", "x.safetensors", "--preprocess", "crop=0"),
            "Preprocessing.crop",
        ),
        (
            ("import", "w.safetensors", "--spec", "own.py", "-o", "x.safetensors", "--labels", "own.py"),
            "line 2: expected a name",
        ),
        (("import", "w.safetensors", "--spec", "own.py", "-o", "x.pth"), "expected a name that ends in .safetensors"),
        (("train", "own.py", "photos", "--source", "timm"), "are of --weights, which is not given"),
        (("train", "own.py", "photos", "--weights", "hf:x"), "expected hf:OWNER/NAME"),
        (("export-weights", "w.safetensors", "--layout", "timm", "-o", "x.safetensors"), "not a checkpoint of netspec"),
    ],
)
def test_wrong_words_are_refused_in_a_sentence(words: tuple[str, ...], said: str, bare: House, net: NetSpec) -> None:
    write(bare.folder / "w.safetensors", state_dict(net, "timm"))
    ran = bare.run(*words)
    assert ran.code == 2
    assert said in ran.err
    assert "Traceback" not in ran.err
    assert not (bare.folder / "x.safetensors").exists()


def test_what_is_written_is_complete_or_not_there(bare: House, net: NetSpec) -> None:
    write(bare.folder / "w.safetensors", state_dict(net, "timm"))
    kept = bare.folder / "kept.safetensors"
    imported = ("import", "w.safetensors", "--spec", "own.py", "-o", kept)
    assert bare.run(*imported).code == 0
    before = kept.read_bytes()
    arrays = state_dict(net, "timm") | {"conv_stem.weight": np.full((8, 3, 3, 3), np.nan, np.float32)}
    write(bare.folder / "bad.safetensors", arrays)
    ran = bare.run("import", "bad.safetensors", "--spec", "own.py", "-o", "kept.safetensors")
    assert ran.code == 2
    assert kept.read_bytes() == before
    assert bare.run(*imported).code == 0, "its own file may be replaced"
    for name in ("w.safetensors", "notes.safetensors"):
        (bare.folder / "notes.safetensors").write_text("notes")
        ran = bare.run("import", "w.safetensors", "--spec", "own.py", "-o", name)
        assert ran.code == 2
        assert "is there already, and this command did not write it: choose another name." in ran.err
        ran = bare.run("export-weights", kept, "--layout", "timm", "-o", name)
        assert ran.code == 2
        assert "is there already" in ran.err
    for _ in range(2):
        assert bare.run("export-weights", kept, "--layout", "timm", "-o", "out.safetensors").code == 0
    assert [path.name for path in Path(bare.folder).iterdir() if path.name.startswith(".")] == []
