"""What a Keras model's own description says of its pictures."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import h5py
import pytest

from netspec import Preprocessing, TrainConfig
from netspec.errors import SpecError
from netspec.language import with_classes
from runtime.checkpoint import Checkpoint
from runtime.networks import open_spec
from runtime.report import Report
from runtime.weights.formats.keras_model import KerasModel, described
from runtime.weights.importing import Request, imported
from tests.runtime.weights import keras_files
from tests.runtime.weights.files import ours, tensors

V2 = open_spec("mobilenet_v2", width=0.25).net
WARNING = "warning: the file does not say how its pictures are read"


def layer(name: str, **config: Any) -> dict[str, Any]:
    return {"module": "keras.layers", "class_name": name, "config": config}


def model(*layers: dict[str, Any]) -> str:
    return json.dumps({"class_name": "Functional", "config": {"name": "net", "layers": list(layers)}})


INPUT = layer("InputLayer", batch_shape=[None, 160, 160, 3], dtype="float32")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (model(INPUT), KerasModel((160, 160))),
        (model(layer("InputLayer", batch_input_shape=[None, 96, 128, 3])), KerasModel((96, 128))),
        (model(layer("InputLayer", batch_shape=[None, None, None, 3])), KerasModel()),
        (model(INPUT, layer("Rescaling", scale=0.5, offset=-1)), KerasModel((160, 160), (0.5,), (-1.0,))),
        (
            model(layer("Rescaling", scale=0.5, offset=1), layer("Rescaling", scale=4, offset=[1, 2, 3])),
            KerasModel(None, (2.0,) * 3, (5.0, 6.0, 7.0)),
        ),
        (model(layer("Functional", layers=[layer("Rescaling", scale=0.5)])), KerasModel(None, (0.5,), (0.0,))),
        (model(layer("Normalization", axis=[-1])), KerasModel(normalizes=True)),
        (model(layer("Rescaling", scale="2")), KerasModel()),
        (model(layer("Rescaling", scale=[1, 2])), KerasModel()),
        (model(layer("Rescaling", scale=0)), KerasModel()),
        ("[]", None),
        ("", None),
        ("{", None),
        ("[" * 100_000, None),
        ('{"a": NaN}', None),
    ],
)
def test_sizes_and_scalings_are_read_and_what_is_not_understood_is_passed_over(
    text: str, expected: KerasModel | None
) -> None:
    assert described(text) == expected


def taken(path: Path, **asked: Any) -> tuple[Checkpoint, str]:
    said = io.StringIO()
    request = Request(path, V2, TrainConfig(), adopt=True, **asked)
    return imported(request, Report(live=False, stream=said)), said.getvalue()


def file(path: Path, text: str) -> Path:
    """A model's `.h5`."""
    state = {tensor.theirs: tensor.to_theirs(ours(V2)[tensor.ours]) for tensor in tensors(V2, "keras")}
    keras_files.written(path, state)
    with h5py.File(path, "a") as opened:
        opened.attrs["model_config"] = text
    return path


def test_the_scaling_and_the_size_of_the_model_itself_go_before_those_of_keras_networks(tmp_path: Path) -> None:
    path = file(tmp_path / "a.h5", model(INPUT, layer("Rescaling", scale=1 / 255)))
    checkpoint, said = taken(path)
    assert checkpoint.net.preprocessing == Preprocessing(
        "stretch", 1.0, "nearest", decode="whole", mean=(0.0,) * 3, std=(1.0,) * 3
    )
    assert (checkpoint.net.imageH, checkpoint.net.imageW) == (160, 160)
    assert WARNING in said, "as the file says nothing of fit and filter"
    kept, said = taken(path, keep_size=True)
    assert kept.net.imageH == 224
    assert "the source evaluates at 160 pixels a side (--image-size 160)\n" in said


def test_the_scaling_that_keras_itself_has_gives_its_own_numbers(tmp_path: Path) -> None:
    path = file(tmp_path / "a.h5", model(layer("Rescaling", scale=1 / 127.5, offset=-1)))
    plain, _ = taken(file(tmp_path / "b.h5", ""))
    assert taken(path)[0].net.preprocessing == plain.net.preprocessing
    assert plain.net.preprocessing.mean == plain.net.preprocessing.std == (0.5, 0.5, 0.5)


def test_images_that_are_not_square_are_said(tmp_path: Path) -> None:
    path = file(tmp_path / "a.h5", model(layer("InputLayer", batch_shape=[None, 96, 128, 3])))
    checkpoint, said = taken(path)
    assert checkpoint.net.imageH == 224
    assert "the source's images are 96×128 (--image-size 96x128)\n" in said


def test_the_description_in_a_keras_archive_is_read(tmp_path: Path) -> None:
    weights = file(tmp_path / "a.weights.h5", "")
    path = tmp_path / "net.keras"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", model(INPUT))
        archive.writestr("model.weights.h5", weights.read_bytes(), zipfile.ZIP_STORED)
    assert taken(path)[0].net.imageH == 160


@pytest.mark.parametrize("text", ["x" * 60_000, "x", '{"class_name": 3}', "null", "[" * 50_000])
def test_a_description_that_is_none_is_as_good_as_missing(text: str, tmp_path: Path) -> None:
    checkpoint, _ = taken(file(tmp_path / "a.h5", text))
    assert checkpoint.net.imageH == 224


def test_one_that_is_too_long_is_as_good_as_missing(tmp_path: Path) -> None:
    path = file(tmp_path / "a.h5", "")
    with h5py.File(path, "a") as opened:
        del opened.attrs["model_config"]
        long = model(INPUT) + " " * 2**20
        opened.attrs.create("model_config", long, dtype=h5py.string_dtype())
    assert taken(path)[0].net.imageH == 224


def test_a_description_of_megabytes_takes_nothing_from_what_names_may(tmp_path: Path) -> None:
    path = file(tmp_path / "a.h5", "")
    with h5py.File(path, "a") as opened:
        del opened.attrs["model_config"]
        opened.attrs.create("model_config", model(INPUT) + " " * 3 * 2**20, dtype=h5py.string_dtype())
    assert taken(path)[0].net.imageH == 224


def test_only_networks_of_other_classes_than_imagenet_s_are_unsure(tmp_path: Path) -> None:
    net = with_classes(V2, 1000)
    state = {tensor.theirs: tensor.to_theirs(ours(net)[tensor.ours]) for tensor in tensors(net, "keras")}
    _, said = taken(keras_files.written(tmp_path / "i.h5", state))
    assert WARNING not in said


def test_a_size_that_no_network_has_is_refused(tmp_path: Path) -> None:
    path = file(tmp_path / "a.h5", model(layer("InputLayer", batch_shape=[None, 60_000, 60_000, 3])))
    with pytest.raises(SpecError, match="imageH: expected"):
        taken(path)
