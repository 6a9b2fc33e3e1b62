"""Weights of other libraries as checkpoints: what is taken, what is said, and what is refused."""

import io
import json
import os
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import safetensors.numpy

from netspec import NetSpec, Preprocessing, TrainConfig
from netspec.errors import InputError
from netspec.language import with_classes
from netspec.layers import bottleneckBlock
from runtime.checkpoint import Checkpoint, load, save
from runtime.cli.weights import SOURCES
from runtime.networks import open_spec
from runtime.report import Report
from runtime.weights import imagenet, published
from runtime.weights.exporting import export
from runtime.weights.importing import Request, imported, is_imported
from runtime.weights.labels import read_labels
from runtime.weights.output import check_replaceable
from runtime.weights.sources import Source
from tests.runtime.weights.files import Arrays, state_dict, tensors, timm_config, write

V2 = open_spec("mobilenet_v2", width=0.25).net
V3 = open_spec("mobilenet_v3:small", width=0.25).net
RESNET = open_spec("resnet18").net


def request(path: Path, net: NetSpec, **changes: Any) -> Request:
    return Request(path, net, TrainConfig(), **changes)


def taken(asked: Request) -> tuple[Checkpoint, str]:
    """The checkpoint, and what is said of it."""
    said = io.StringIO()
    return imported(asked, Report(live=False, stream=said)), said.getvalue()


def refused(asked: Request) -> str:
    with pytest.raises(InputError) as wrong:
        imported(asked, Report(live=False, stream=io.StringIO()))
    text = str(wrong.value)
    assert "\n" not in text
    assert asked.weights.name in text or (asked.config_file is not None and asked.config_file.name in text)
    return text.replace(str(asked.weights), "FILE")


@pytest.fixture
def v2(tmp_path: Path) -> Path:
    return write(tmp_path / "v2.safetensors", state_dict(V2, "torchvision"))


# What is taken.


def test_every_number_is_taken_and_given_back(v2: Path, tmp_path: Path) -> None:
    checkpoint, _ = taken(request(v2, V2, adopt=True))
    save(tmp_path / "c.safetensors", checkpoint)
    again = load(tmp_path / "c.safetensors", to_train=False)
    assert again.net == checkpoint.net
    assert again.origin == {
        "file": "v2.safetensors",
        "sha256": sha256(v2.read_bytes()).hexdigest(),
        "source": "torchvision",
        "conventions": "source",
    }
    assert not any("warning" in note for note in export(again, "torchvision", tmp_path / "back.safetensors"))
    back, given = (safetensors.numpy.load_file(path) for path in (tmp_path / "back.safetensors", v2))
    assert back.keys() == given.keys()
    for name, array in given.items():
        if not name.endswith("num_batches_tracked"):
            np.testing.assert_array_equal(back[name], array)


def test_a_file_of_timm_s_goes_out_as_torchvision_s(tmp_path: Path) -> None:
    path = write(tmp_path / "v3.safetensors", state_dict(V3, "timm"))
    checkpoint, _ = taken(request(path, V3, source="timm", adopt=True))
    _, width, conventions = export(checkpoint, "torchvision", tmp_path / "back.safetensors")
    assert "torchvision scales MobileNetV3's channels otherwise" in width
    assert "epsilon 1e-05) are not those of torchvision's" in conventions
    back = safetensors.numpy.load_file(tmp_path / "back.safetensors")
    assert {name for name in back if "num_batches" not in name} == {each.theirs for each in tensors(V3, "torchvision")}


def test_the_source_s_conventions_are_adopted_where_that_is_asked(v2: Path) -> None:
    checkpoint, said = taken(request(v2, V2, adopt=True))
    net = checkpoint.net
    assert (V2.padding, net.padding, net.activation, net.bnEps) == ("same", "symmetric", "relu6", 1e-5)
    assert str(net.layers[0]).endswith('2, "symmetric")')
    assert net.preprocessing == Preprocessing("cover", 224 / 256, "bilinear", decode="whole")
    assert "torchvision's MobileNetV2: relu6, padding symmetric, epsilon 1e-05\n" in said
    assert "pictures are read as Preprocessing(fit='cover', decode='whole')\n" in said
    assert "warning: the file does not say how its pictures are read" in said, "as its checksum is none that is known"


def test_a_file_that_torchvision_publishes_is_known_by_its_checksum(v2: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = {sha256(v2.read_bytes()).hexdigest()[:8]: (232, 224, "bicubic")}
    monkeypatch.setattr(published, "_TORCHVISION", known)
    checkpoint, said = taken(request(v2, V2, adopt=True))
    assert checkpoint.net.preprocessing == Preprocessing("cover", 224 / 232, "bicubic", decode="whole")
    assert "warning" not in said
    assert taken(request(v2, V2, source="torchvision", adopt=True))[0].net == checkpoint.net


def test_the_image_size_is_that_of_the_source_unless_one_is_asked_for(tmp_path: Path) -> None:
    net = open_spec("efficientnet:b2").net
    path = write(tmp_path / "b2.safetensors", state_dict(net, "torchvision"))
    checkpoint, said = taken(request(path, net, adopt=True))
    assert checkpoint.net.image == (288, 288, 3)
    assert "the image size is the source's, 288×288, where it was 260×260\n" in said
    checkpoint, said = taken(request(path, net, adopt=True, keep_size=True))
    assert checkpoint.net.image == (260, 260, 3)
    assert "the source evaluates at 288 pixels a side (--image-size 288)\n" in said


def test_classes_are_imagenet_s_or_numbers_or_those_of_a_file(tmp_path: Path) -> None:
    few = write(tmp_path / "few.safetensors", state_dict(with_classes(V2, 3), "torchvision"))
    many = write(tmp_path / "many.safetensors", state_dict(with_classes(V2, 1000), "torchvision"))
    assert taken(request(few, V2, adopt=True))[0].classes == ("0", "1", "2")
    assert taken(request(many, V2, adopt=True))[0].classes == imagenet.names()
    labels = tmp_path / "labels.txt"
    labels.write_text("ant\nbee\ncat\n\n")
    assert taken(request(few, V2, adopt=True, classes=read_labels(labels)))[0].classes == ("ant", "bee", "cat")
    assert "expected 10 names of classes in --labels, one for each output, found 3." in refused(
        request(
            write(tmp_path / "ten.safetensors", state_dict(V2, "torchvision")), V2, adopt=True, classes=tuple("abc")
        )
    )


def test_a_background_class_is_tensorflow_s_alone(tmp_path: Path) -> None:
    net = with_classes(V3, 1001)
    path = write(tmp_path / "v3.safetensors", state_dict(net, "timm"))
    assert taken(request(path, V3, source="timm-tf", adopt=True))[0].classes[:2] == ("background", "tench")
    assert "has 1001 classes, where timm has ImageNet's 1000: give --labels with the names of all." in refused(
        request(path, V3, source="timm", adopt=True)
    )


def test_imagenet_s_names_are_a_thousand_different_ones_by_synset() -> None:
    names = imagenet.names()
    assert len({name.casefold() for name in names}) == len(names) == len(imagenet.by_synset()) == 1000
    assert (names[0], names[281], names[999]) == ("tench", "tabby", "toilet tissue")
    assert imagenet.by_synset()["n01440764"] == "tench"
    assert sorted(imagenet.by_synset()) == list(imagenet.by_synset())


def test_labels_are_checked(tmp_path: Path) -> None:
    for content, said in {"a\n\nb\n": "line 2: expected a name of 1", "a\na\n": "found a twice"}.items():
        (tmp_path / "labels.txt").write_text(content)
        with pytest.raises(InputError, match=said):
            read_labels(tmp_path / "labels.txt")


# What the file does not say.


@pytest.mark.parametrize(
    ("net", "library", "source", "said"),
    [
        (V2, "torchvision", None, 'padding="symmetric"; layer 0: convBn(3, 8, 3, 2, "symmetric")'),
        (V2, "timm", None, 'padding="symmetric"; layer 0: convBn(3, 8, 3, 2, "symmetric")'),
        (V3, "timm", "timm", "expected bnEps=1e-05; write"),
        (V3, "timm", "timm-tf", 'expected padding="same"; layer 0: convBn(3, 16, 3, 2, "same"); write'),
        (replace(V3, activation="relu"), "torchvision", None, 'expected activation="hswish"; write'),
        (replace(V3, bnEps=1e-5), "torchvision", None, "expected bnEps=0.001; write"),
        (replace(RESNET, activation="relu6"), "torchvision", "torchvision", 'expected activation="relu"; write'),
    ],
)
def test_other_conventions_are_refused_with_what_to_write(
    net: NetSpec, library: str, source: Any, said: str, tmp_path: Path
) -> None:
    path = write(tmp_path / "x.safetensors", state_dict(net, library))
    text = refused(request(path, net, source=source))
    assert said in text
    assert "where the spec says otherwise, so that the numbers would be wrong: expected" in text
    assert text.endswith("write this in the spec, or give --conventions source.")
    checkpoint, _ = taken(request(path, net, source=source, adopt=True))
    taken(request(path, checkpoint.net, source=source))  # with what was to be written there is nothing left


def test_what_is_to_be_written_is_enough(v2: Path) -> None:
    first = replace(V2.layers[0], pad="symmetric")  # type: ignore[call-arg]
    written = replace(V2, padding="symmetric", layers=(first, *V2.layers[1:]))
    assert taken(request(v2, written))[0].net.padding == "symmetric"


def test_a_block_s_own_activation_or_stride_is_a_convention_too(tmp_path: Path) -> None:
    net = open_spec("resnet50").net
    layers = tuple(
        replace(layer, strideFirst=True) if isinstance(layer, bottleneckBlock) else layer for layer in net.layers
    )
    path = write(tmp_path / "r50.safetensors", state_dict(net, "torchvision"))
    text = refused(request(path, replace(net, layers=layers), source="torchvision"))
    assert "expected layer 2: bottleneckBlock(64, 256, 3, 1); layer 3" in text
    own = replace(V3.layers[1], act="relu6")  # type: ignore[call-arg]
    path = write(tmp_path / "v3.safetensors", state_dict(V3, "torchvision"))
    assert 'layer 1: mbConvV3(16, 8, 16, 3, 2, True, "relu")' in refused(
        request(path, replace(V3, layers=(V3.layers[0], own, *V3.layers[2:])))
    )


def test_a_source_has_to_be_said_where_names_do_not(tmp_path: Path) -> None:
    path = write(tmp_path / "v3.safetensors", state_dict(V3, "timm"))
    assert "its names are those of timm and of timm-tf" in refused(request(path, V3))
    assert "expected the --source of a timm file, timm or timm-tf, received keras." in refused(
        request(path, V3, source="keras")
    )
    resnet = write(tmp_path / "r18.safetensors", state_dict(RESNET, "torchvision"))
    assert "its names are those of torchvision and of timm" in refused(request(resnet, RESNET))


def test_a_config_beside_the_weights_says_how_pictures_are_read(tmp_path: Path) -> None:
    path = write(tmp_path / "model.safetensors", state_dict(V3, "timm"))
    config = timm_config(tmp_path / "config.json", crop_pct=0.9, input_size=[3, 256, 256])
    checkpoint, said = taken(request(path, V3, adopt=True))
    assert checkpoint.origin is not None
    assert checkpoint.origin["source"] == "timm-tf"
    half = (0.5, 0.5, 0.5)
    assert checkpoint.net.preprocessing == Preprocessing(
        "cover", 256 / 284, "bicubic", decode="whole", mean=half, std=half
    )
    assert checkpoint.net.image == (256, 256, 3)
    assert "warning" not in said
    assert "config.json: tf_mobilenetv3_small_100\n" in said
    with pytest.raises(InputError, match="says tf_mobilenetv3_small_100, which is of timm-tf, and --source says timm"):
        taken(request(path, V3, source="timm", adopt=True))
    config.write_text("{}")  # of something else: as if it were not there
    assert "timm and of timm-tf" in refused(request(path, V3))
    assert "expected timm's config.json, with input_size" in refused(request(path, V3, config_file=config))


@pytest.mark.parametrize(
    "changes",
    [
        {"crop_pct": 0},
        {"crop_pct": "x"},
        {"interpolation": "random"},
        {"crop_mode": "border"},
        {"mean": 3},
        {"std": ["a"]},
        {"input_size": [3]},
        {"mean": [0.5]},
        {"crop_pct": 1e-300},
        {"std": [0, 0, 0]},
    ],
)
def test_a_config_that_cannot_be_used_is_refused(changes: dict[str, Any], tmp_path: Path) -> None:
    path = write(tmp_path / "model.safetensors", state_dict(V3, "timm"))
    config = timm_config(tmp_path / "other.json", **changes)
    with pytest.raises(InputError):
        taken(request(path, V3, adopt=True, config_file=config))


def test_where_a_source_s_files_differ_it_is_said(tmp_path: Path) -> None:
    path = write(tmp_path / "v2.safetensors", state_dict(V2, "timm"))
    _, said = taken(request(path, V2, adopt=True))
    assert "warning: the file does not say how its pictures are read, and the source's files differ in it" in said
    checkpoint, said = taken(request(path, V2, adopt=True, preprocess={"filter": "bilinear", "mean": "0,0,0"}))
    assert "warning" in said, "of the fields that are not changed"
    assert "--preprocess: filter is bilinear, where it was bicubic\n" in said
    assert (checkpoint.net.preprocessing.filter, checkpoint.net.preprocessing.mean) == ("bilinear", (0.0, 0.0, 0.0))


def test_a_spec_that_reads_pictures_otherwise_is_refused(v2: Path) -> None:
    net = replace(V2, preprocessing=Preprocessing(fit="stretch"))
    assert "is for pictures read as Preprocessing(fit='cover', decode='whole'), and the spec says" in refused(
        request(v2, net, adopt=True)
    )


# What is no file of this network.


def without(name: str) -> Callable[[Arrays], Arrays]:
    return lambda arrays: {key: value for key, value in arrays.items() if key != name}


def changed(name: str, change: Callable[[Any], Any]) -> Callable[[Arrays], Arrays]:
    return lambda arrays: arrays | {name: np.ascontiguousarray(change(arrays[name]))}


STEM, HEAD = "features.0.0.weight", "classifier.1.weight"
WRONG: dict[str, tuple[Callable[[Arrays], Arrays], str]] = {
    "a tensor is missing": (without(STEM), f"the file lacks 1 tensors of it, the first {STEM}; is it of another"),
    "a bias is missing": (without("classifier.1.bias"), "lacks 1 tensors of it, the first classifier.1.bias"),
    "statistics are missing": (without("features.0.1.running_var"), "the first features.0.1.running_var"),
    "a tensor is left over": (
        lambda arrays: arrays | {"features.20.bias": np.zeros(3, np.float32)},
        "the file has 1 that it has not, the first features.20.bias",
    ),
    "one is renamed": (
        lambda arrays: without(STEM)(arrays) | {"stem": arrays[STEM]},
        f"lacks 1 tensors of it, the first {STEM} and has 1 that it has not, the first stem",
    ),
    "the axes are TensorFlow's": (
        changed(STEM, lambda x: x.transpose(2, 3, 1, 0)),
        f"{STEM}: expected the shape (8, 3, 3, 3) of MobileNet-v2 0.25, found (3, 3, 3, 8); are its axes",
    ),
    "another width": (changed(STEM, lambda x: x[:4]), "found (4, 3, 3, 3); is it of another --width or network?"),
    "the head is turned": (changed(HEAD, lambda x: x.T), f"{HEAD}: expected the shape (1280, 1280)"),
    "the head is a scalar": (changed(HEAD, lambda x: x[0, 0]), f"{HEAD}: expected the shape (10, 1280)"),
    "one class": (changed(HEAD, lambda x: x[:1]), "has one output, as for a sigmoid, where a head here has at least 2"),
    "whole numbers": (changed(STEM, lambda x: x.astype(np.int32)), STEM),
    "no number": (
        changed(STEM, lambda x: x * np.nan),
        f"{STEM} (stem_weight): expected finite numbers, found others; the file is damaged, or its",
    ),
    "infinity": (changed(HEAD, lambda x: x / 0), f"{HEAD} (head_weight): expected finite numbers"),
    "a negative variance": (
        changed("features.0.1.running_var", lambda x: -x),
        "features.0.1.running_var (stem_bn_running_variance): expected no negative numbers",
    ),
    "too large": (changed(STEM, lambda x: x * 1e30), f"{STEM} (stem_weight): expected numbers of a size up to 1e+18"),
    "another network": (lambda _: state_dict(RESNET, "torchvision"), "expected the tensors of MobileNet-v2 0.25"),
    "nothing": (lambda _: {}, "found none of them, but 0 others, such as none; is it of another network?"),
}


@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value")
@pytest.mark.parametrize("name", WRONG)
def test_a_file_that_does_not_fit_is_refused_by_the_first_tensor_that_does_not(name: str, tmp_path: Path) -> None:
    change, said = WRONG[name]
    path = write(tmp_path / "x.safetensors", change(state_dict(V2, "torchvision")))
    assert said in refused(request(path, V2, adopt=True))


def test_another_width_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "x.safetensors", state_dict(open_spec("mobilenet_v2", width=0.5).net, "torchvision"))
    assert "is it of another --width or network?" in refused(request(path, V2, adopt=True))


def test_a_network_that_a_library_has_not_is_not_written_for_it(tmp_path: Path) -> None:
    net = open_spec("mnasnet:a1").net
    path = write(tmp_path / "a1.safetensors", state_dict(net, "timm"))
    checkpoint, _ = taken(request(path, net, adopt=True))
    assert not any("warning" in note for note in export(checkpoint, "timm", tmp_path / "back.safetensors"))
    lite = open_spec("efficientnet_lite:lite0").net
    path = write(tmp_path / "lite.safetensors", state_dict(lite, "efficientnet-pytorch"))
    checkpoint, _ = taken(request(path, lite, adopt=True))
    with pytest.raises(InputError, match="torchvision has no such network; choose another --layout"):
        list(export(checkpoint, "torchvision", tmp_path / "back.safetensors"))


def test_a_header_s_origin_is_checked(v2: Path, tmp_path: Path) -> None:
    checkpoint, _ = taken(request(v2, V2, adopt=True))
    damaged: tuple[object, ...] = ([], {"file": 3}, "x")
    for origin in damaged:
        save(tmp_path / "c.safetensors", replace(checkpoint, origin={"file": "MARK"}))
        data = (tmp_path / "c.safetensors").read_bytes()
        stored = json.dumps(json.dumps({"file": "MARK"}))[1:-1]
        size = int.from_bytes(data[:8], "little")
        head = data[8 : 8 + size].decode().replace(stored, json.dumps(json.dumps(origin))[1:-1]).encode()
        (tmp_path / "c.safetensors").write_bytes(len(head).to_bytes(8, "little") + head + data[8 + size :])
        with pytest.raises(InputError, match="origin: expected names and texts"):
            load(tmp_path / "c.safetensors", to_train=False)


@pytest.mark.parametrize(
    "architecture",
    [
        "mobilenetv3_rw",
        "tf_mobilenetv3_small_minimal_100",
        "mobilenetv4_conv_small",
        "efficientnet_blur_b0",
        "",
        "resnetaa50",
    ],
)
def test_a_config_of_another_network_is_refused(architecture: str, tmp_path: Path) -> None:
    path = write(tmp_path / "model.safetensors", state_dict(V3, "timm"))
    text = timm_config(tmp_path / "config.json").read_text().replace("tf_mobilenetv3_small_100", architecture)
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(InputError, match="which computes something else than the spec, MobileNetV3"):
        taken(request(path, V3, adopt=True))


def test_a_config_beside_a_file_that_is_not_timm_s_is_not_used_and_it_is_said(tmp_path: Path) -> None:
    path = write(tmp_path / "model.safetensors", state_dict(V3, "torchvision"))
    config = timm_config(tmp_path / "config.json")
    checkpoint, said = taken(request(path, V3, adopt=True))
    assert "config.json is timm's, and the weights are not: it is not used\n" in said
    assert checkpoint.net.preprocessing.mean == ()
    with pytest.raises(InputError, match="is timm's, and the weights are not: leave --config out"):
        taken(request(path, V3, adopt=True, config_file=config))


def changed_layers(net: NetSpec, index: int, **changes: Any) -> NetSpec:
    layer = replace(net.layers[index], **changes)
    return replace(net, layers=(*net.layers[:index], layer, *net.layers[index + 1 :]))


V4 = open_spec("mobilenet_v4:conv_small").net
OTHERS: dict[str, tuple[NetSpec, str]] = {
    "the stem has another stride": (changed_layers(V3, 0, stride=1), "torchvision"),
    "a pool has another window": (changed_layers(RESNET, 1, size=2), "torchvision"),
    "there is no pool": (replace(RESNET, layers=(RESNET.layers[0], *RESNET.layers[2:])), "torchvision"),
    "the stride is in the other convolution": (changed_layers(V4, 5, middleDwDownsample=False), "timm"),
    "a stage has another stride": (changed_layers(V2, 3, stride=1), "torchvision"),
    "the stem is dilated": (changed_layers(V3, 0, stride=1, dilation=2), "torchvision"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_has_no_tensors_has_to_be_as_it_is_published(name: str, tmp_path: Path) -> None:
    net, library = OTHERS[name]
    path = write(tmp_path / "x.safetensors", state_dict(net, library))
    source = "torchvision" if net.activation == "relu" and library == "torchvision" else None
    for adopt in (True, False):
        assert "expected a spec with the layers of a published" in refused(
            request(path, net, source=source, adopt=adopt)
        )


def test_padding_by_none_is_another_convention(tmp_path: Path) -> None:
    net = changed_layers(V3, 0, pad="valid")
    path = write(tmp_path / "x.safetensors", state_dict(net, "torchvision"))
    assert 'expected layer 0: convBn(3, 16, 3, 2, "symmetric")' in refused(request(path, net))
    assert str(taken(request(path, net, adopt=True))[0].net.layers[0]).endswith('"symmetric")')


def test_names_of_classes_in_a_config_are_used_where_they_fit_and_else_it_is_said(tmp_path: Path) -> None:
    path = write(tmp_path / "model.safetensors", state_dict(with_classes(V3, 3), "timm"))
    for labels, names in (
        (["a", "b", "c"], ("a", "b", "c")),
        (["a", "a", "c"], ("0", "1", "2")),
        (["x" * 300, "b", "c"], ("0", "1", "2")),
    ):
        timm_config(tmp_path / "config.json", label_names=labels)
        checkpoint, said = taken(request(path, V3, adopt=True))
        assert checkpoint.classes == names
        assert ("published with the weights are not used" in said) == (names[0] == "0")


def test_a_gray_network_takes_the_mean_that_all_channels_have(tmp_path: Path) -> None:
    net = changed_layers(replace(open_spec("mobilenet_v1", width=0.25).net, imageC=1), 0, ic=1)
    path = write(tmp_path / "gray.safetensors", state_dict(net, "timm"))
    checkpoint, _ = taken(request(path, net, adopt=True))
    assert (checkpoint.net.preprocessing.mean, checkpoint.net.preprocessing.std) == ((0.5,), (0.5,))
    notes = list(export(checkpoint, "timm", tmp_path / "back.safetensors"))
    assert any("for gray images" in note for note in notes)


def test_a_reader_of_torchvision_s_mnasnet_is_told_of_its_version(tmp_path: Path) -> None:
    net = open_spec("mnasnet:b1").net
    checkpoint, _ = taken(request(write(tmp_path / "w.safetensors", state_dict(net, "torchvision")), net, adopt=True))
    notes = list(export(checkpoint, "torchvision", tmp_path / "back.safetensors"))
    assert any('state._metadata = {"": {"version": 2}}' in note for note in notes)
    assert not any("_metadata" in note for note in export(checkpoint, "timm", tmp_path / "timm.safetensors"))


def test_a_pipe_in_a_file_s_place_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.safetensors")
    assert "expected a file, found a pipe" in refused(request(tmp_path / "pipe.safetensors", V2))
    with pytest.raises(InputError, match="is there already, and this command did not write it"):
        check_replaceable(tmp_path / "pipe.safetensors", is_imported)


def test_the_command_line_knows_every_source() -> None:
    assert get_args(Source) == SOURCES
