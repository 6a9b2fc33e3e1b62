"""Files whose head is another, under another name, or missing; and names that all begin with the same word."""

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from netspec import TrainConfig
from netspec.errors import InputError
from netspec.language import with_classes
from runtime.checkpoint import save
from runtime.networks import open_spec
from runtime.report import Report
from runtime.training.start import Start, read_weights, started_from
from runtime.weights.importing import Request, imported
from tests.runtime.weights import keras_files
from tests.runtime.weights.files import Arrays, ours, state_dict, tensors, write

V1, V2 = (open_spec(name, width=0.25).net for name in ("mobilenet_v1", "mobilenet_v2"))
V3 = open_spec("mobilenet_v3:small", width=0.25).net
WEIGHT, BIAS = "classifier.1.weight", "classifier.1.bias"
DRAW = np.random.default_rng(5)
ELSEWHERE = "netspec train --weights takes the rest of it, with a new head."


def drawn(*shape: int) -> np.ndarray:
    return DRAW.standard_normal(shape).astype(np.float32)


def renamed(changes: dict[str, str]) -> Callable[[Arrays], Arrays]:
    return lambda state: {changes.get(name, name): array for name, array in state.items()}


def with_head(**head: np.ndarray) -> Callable[[Arrays], Arrays]:
    """In place of torchvision's own; names have two underscores for a dot."""
    own = {name.replace("__", "."): array for name, array in head.items()}
    return lambda state: {name: array for name, array in state.items() if name not in (WEIGHT, BIAS)} | own


def file(folder: Path, change: Callable[[Arrays], Arrays]) -> Path:
    return write(folder / "w.safetensors", change(state_dict(V2, "torchvision")))


def taken(path: Path, net: Any = V2, **asked: Any) -> tuple[Any, str]:
    said = io.StringIO()
    checkpoint = imported(Request(path, net, TrainConfig(), adopt=True, **asked), Report(live=False, stream=said))
    return checkpoint, said.getvalue()


def refused(path: Path, net: Any = V2) -> str:
    with pytest.raises(InputError) as wrong:
        taken(path, net)
    return str(wrong.value).replace(str(path), "FILE")


def test_the_only_dense_layer_is_the_head_whatever_its_name(tmp_path: Path) -> None:
    path = file(tmp_path, renamed({WEIGHT: "classifier.weight", BIAS: "classifier.bias"}))
    checkpoint, said = taken(path)
    own, _ = taken(file(tmp_path, lambda state: state))
    assert "the head is classifier in the file, classifier.1 in torchvision's own\n" in said
    for name, array in own.tensors.items():
        np.testing.assert_array_equal(checkpoint.tensors[name], array)


def test_a_head_of_other_classes_under_another_name_gives_the_network_as_many(tmp_path: Path) -> None:
    path = file(tmp_path, with_head(fc__weight=drawn(7, 1280), fc__bias=drawn(7)))
    checkpoint, _ = taken(path)
    assert checkpoint.net.classes == 7
    assert checkpoint.tensors["head_weight"].shape == (1280, 7)


def test_a_matrix_stands_for_a_convolution_of_one_pixel(tmp_path: Path) -> None:
    state = {tensor.theirs: tensor.to_theirs(ours(V1)[tensor.ours]) for tensor in tensors(V1, "keras")}
    whole, _ = taken(keras_files.written(tmp_path / "a.h5", state), V1)
    state["dense/kernel"] = state.pop("conv_preds/kernel")[0, 0]
    state["dense/bias"] = state.pop("conv_preds/bias")
    flat, said = taken(keras_files.written(tmp_path / "b.h5", state), V1)
    assert "the head is dense in the file, conv_preds in keras's own\n" in said
    for name, array in whole.tensors.items():
        np.testing.assert_array_equal(flat.tensors[name], array)


OTHER_HEADS: dict[str, tuple[Callable[[Arrays], Arrays], str, str]] = {
    "none": (
        with_head(),
        "has no head (classifier.1), as Keras writes it with include_top=False",
        "the file has no head\n",
    ),
    "one output": (
        with_head(classifier__1__weight=drawn(1, 1280), classifier__1__bias=drawn(1)),
        "has one output, as for a sigmoid, where a head here has at least 2 classes",
        "the file's head has one output: it is left out\n",
    ),
    "two layers under the same module": (
        with_head(
            classifier__1__weight=drawn(64, 1280),
            classifier__1__bias=drawn(64),
            classifier__4__weight=drawn(5, 64),
            classifier__4__bias=drawn(5),
        ),
        "has another head than MobileNet-v2 0.25: classifier.4 where classifier.1 is expected",
        "the file has another head, which is left out: classifier.4\n",
    ),
    "two layers of other names": (
        with_head(a__weight=drawn(64, 1280), a__bias=drawn(64), b__weight=drawn(5, 64), b__bias=drawn(5)),
        "has another head than MobileNet-v2 0.25: a, b where classifier.1 is expected",
        "the file has another head, which is left out: a, b\n",
    ),
    "of other features": (
        with_head(fc__weight=drawn(5, 99), fc__bias=drawn(5)),
        "has another head than MobileNet-v2 0.25: fc where classifier.1 is expected",
        "the file has another head, which is left out: fc\n",
    ),
}


@pytest.mark.parametrize("name", OTHER_HEADS)
def test_another_head_is_refused_by_import_and_training_takes_the_rest(name: str, tmp_path: Path) -> None:
    change, wrong, note = OTHER_HEADS[name]
    path = file(tmp_path, change)
    assert refused(path) == f"FILE: {wrong}; {ELSEWHERE}"
    said = io.StringIO()
    start = Start(path, adopt=True)
    checkpoint, net = read_weights(start, V2, TrainConfig(), Report(live=False, stream=said))
    assert note in said.getvalue()
    assert net.classes == V2.classes
    initial = ours(V2, seed=3)
    state, new_head = started_from(checkpoint, ("a", "b"), initial)
    whole, _ = taken(file(tmp_path, lambda state: state))
    assert new_head
    assert state.keys() == initial.keys()
    for each, array in state.items():
        expected = np.zeros_like(array) if each.startswith("head_") else whole.tensors[each]
        np.testing.assert_array_equal(array, expected)


def test_a_hidden_layer_that_is_missing_with_the_head_is_new_too(tmp_path: Path) -> None:
    state = {tensor.theirs: tensor.to_theirs(ours(V3)[tensor.ours]) for tensor in tensors(V3, "keras")}
    for layer in ("conv_2", "logits"):
        del state[f"{layer}/kernel"], state[f"{layer}/bias"]
    path = keras_files.written(tmp_path / "top.h5", state)
    checkpoint, _ = read_weights(Start(path, adopt=True), V3, TrainConfig(), Report(live=False, stream=io.StringIO()))
    initial = ours(V3, seed=3)
    started, _ = started_from(checkpoint, ("a", "b"), initial)
    new = {name for name, array in started.items() if np.array_equal(array, initial[name])}
    assert new == {"dense1_weight", "dense1_bias"}
    assert not started["head_weight"].any()
    assert not started["head_bias"].any()


def test_a_tensor_of_the_backbone_that_is_missing_is_no_other_head(tmp_path: Path) -> None:
    def without(state: Arrays) -> Arrays:
        return {name: array for name, array in state.items() if name not in (WEIGHT, BIAS, "features.0.0.weight")}

    path = file(tmp_path, without)
    with pytest.raises(InputError, match=r"lacks 3 tensors of it, the first features\.0\.0\.weight"):
        read_weights(Start(path, adopt=True), V2, TrainConfig(), Report(live=False, stream=io.StringIO()))


def test_a_word_before_all_names_is_left_out_and_said(tmp_path: Path) -> None:
    path = file(tmp_path, lambda state: {f"net.{name}": array for name, array in state.items()})
    checkpoint, said = taken(path)
    own, _ = taken(file(tmp_path, lambda state: state))
    assert "all names in the file begin with net., which is left out\n" in said
    assert checkpoint.tensors.keys() == own.tensors.keys()
    np.testing.assert_array_equal(checkpoint.tensors["stem_weight"], own.tensors["stem_weight"])


def test_names_in_messages_are_the_file_s_own(tmp_path: Path) -> None:
    path = write(tmp_path / "w.safetensors", {"conv1.weight": drawn(8, 3, 3, 3), "fc.bias": drawn(5)})
    assert "found none of them, but 2 others, such as conv1.weight; is it" in refused(path)


def test_a_keras_file_of_a_network_that_keras_is_not_read_for_is_said_to_be_one(tmp_path: Path) -> None:
    path = keras_files.written(tmp_path / "w.h5", {"stem/kernel": drawn(3, 3, 3, 8), "stem/bias": drawn(8)})
    assert refused(path, open_spec("resnet18").net) == (
        "FILE: is a Keras file, and of Keras' networks MobileNetV1 to V3 alone are read, not ResNet."
    )


def test_a_bundled_network_takes_the_conventions_of_its_weights_and_a_checkpoint_without_a_source_has_none(
    tmp_path: Path,
) -> None:
    page = open_spec("mobilenet_v2", width=0.25).net
    quiet = Report(live=False, stream=io.StringIO())
    path = file(tmp_path, lambda state: state)
    checkpoint, net = read_weights(Start(path, adopt=None), page, TrainConfig(), quiet)
    assert (page.padding, net.padding) == ("same", "symmetric")
    with pytest.raises(InputError, match='expected padding="symmetric"'):
        read_weights(Start(path), page, TrainConfig(), quiet)
    same = with_classes(page, checkpoint.net.classes)
    for each, padding in ((checkpoint, "symmetric"), (replace(checkpoint, net=same, origin=None), "same")):
        save(tmp_path / "kept.safetensors", each)
        _, net = read_weights(Start(tmp_path / "kept.safetensors", adopt=None), page, TrainConfig(), quiet)
        assert net.padding == padding
