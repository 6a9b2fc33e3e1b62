"""The language as a spec file sees it: names, argument order, plain frozen data, recipes from the command line."""

import contextlib
import dataclasses
import inspect
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import netspec
from emit.expand import expand
from emit.programs import emit
from netspec import (
    Layer,
    NetSpec,
    SpecError,
    TrainConfig,
    bottleneckBlock,
    check_config,
    check_net,
    conv2d,
    convBn,
    dense,
    flatten,
    fusedMbConv,
    globalAvgPool,
    invertedResidual,
    maxPool,
    mbConv,
    mbConvV3,
    residual,
    residualBlock,
    separableConv,
    uib,
)
from netspec.language import recipe_fields, with_classes, with_fields
from netspec.layers import LAYERS
from netspec.plain import net_from_plain, net_to_plain
from netspec.recipe import augmentations_of, mixing_of, sampling_of, schedule_of
from runtime.checkpoint import Position
from runtime.cli import cli
from runtime.data.augmentation import Setting
from runtime.data.batches import train_batches
from runtime.data.cache import Split
from runtime.training.resume import is_complete
from runtime.training.schedule import learning_rate
from specs.mobilenet_v2 import mobilenetV2Config

NET = NetSpec(
    name="Net",
    imageH=8,
    imageW=8,
    activation="relu",
    padding="same",
    layers=[convBn(3, 4, 3, 2, "same"), globalAvgPool(), dense(4, 3, "identity")],
)


@pytest.mark.parametrize(
    ("constructor", "names"),
    [
        (conv2d, ["ic", "oc", "kSize", "pad", "act"]),
        (convBn, ["ic", "oc", "kSize", "stride", "pad"]),
        (invertedResidual, ["ic", "oc", "expandRatio", "stride", "nBlocks"]),
        (residualBlock, ["ic", "oc", "nBlocks", "firstStride"]),
        (bottleneckBlock, ["ic", "oc", "nBlocks", "firstStride"]),
        (separableConv, ["ic", "oc", "stride"]),
        (mbConv, ["ic", "oc", "expandRatio", "kSize", "stride", "nBlocks", "useSE"]),
        (mbConvV3, ["ic", "oc", "expandCh", "kSize", "stride", "useSE"]),
        (fusedMbConv, ["ic", "oc", "expandRatio", "kSize", "stride", "nBlocks", "useSE"]),
        (uib, ["ic", "oc", "expandRatio", "stride", "preDWk", "postDWk"]),
        (maxPool, ["size", "stride"]),
        (globalAvgPool, []),
        (flatten, []),
        (dense, ["fanIn", "fanOut", "act"]),
    ],
)
def test_a_constructor_takes_the_documents_arguments_in_the_documents_order(
    constructor: type[Layer], names: list[str]
) -> None:
    parameters = inspect.signature(constructor).parameters.values()
    assert [parameter.name for parameter in parameters if parameter.default is parameter.empty] == names


def test_arguments_beyond_the_document_come_last() -> None:
    optional = {
        name: [
            parameter.name
            for parameter in inspect.signature(cls).parameters.values()
            if parameter.default is not parameter.empty
        ]
        for name, cls in LAYERS.items()
    }
    assert {name: beyond for name, beyond in optional.items() if beyond not in ([], ["act"])} == {
        "conv2d": ["stride", "bias", "groups", "dilation"],
        "convBn": ["act", "groups", "dilation"],
        "depthwiseBn": ["act", "dilation"],
        "uib": ["middleDwDownsample", "scale", "act"],
        "mobileMQA": ["kvStride", "scale"],
        "bottleneckBlock": ["strideFirst", "act"],
        "squeezeExcite": ["act", "gate"],
        "layerScale": ["start"],
        "globalAvgPool": ["keepDims"],
        "residual": ["shortcut", "act", "dropPath"],
    }


def test_every_layer_is_exported_under_its_own_name() -> None:
    assert all(getattr(netspec, name) is cls and name in netspec.__all__ for name, cls in LAYERS.items())


def test_the_recipe_has_the_documents_fields() -> None:
    documented = {
        "learningRate", "batchSize", "epochs", "useAdam", "weightDecay", "cosineDecay", "warmupEpochs", "augment",
        "labelSmoothing",
    }  # fmt: skip
    assert documented < {field.name for field in dataclasses.fields(TrainConfig)}


@pytest.mark.parametrize("value", [NET, TrainConfig(0.1, 8, 1), *NET.layers])
def test_networks_recipes_and_layers_are_frozen_and_hashable(value: Any) -> None:
    field = (*dataclasses.fields(value), None)[0]
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, field.name if field else "anything", 1)
    assert hash(value) == hash(dataclasses.replace(value))
    assert value == dataclasses.replace(value)


def test_a_list_of_layers_is_kept_as_a_tuple_so_that_later_changes_of_the_list_do_not_reach_the_network() -> None:
    layers: list[Layer] = list(NET.layers)
    net = dataclasses.replace(NET, layers=layers)
    layers.clear()
    assert net == NET


def test_a_layer_prints_as_it_is_written() -> None:
    assert str(convBn(3, 32, 3, 2, "same")) == 'convBn(3, 32, 3, 2, "same")'
    assert str(globalAvgPool()) == "globalAvgPool()"


def test_a_checked_network_gives_the_shape_that_leaves_each_layer() -> None:
    assert check_net(NET) == ((4, 4, 4), (4,), (3,))


def test_another_number_of_classes_changes_the_head_alone() -> None:
    changed = with_classes(NET, 7)
    assert changed.classes == 7
    assert changed.layers[:-1] == NET.layers[:-1]
    assert NET.classes == 3


# Without anything that a recipe may leave out.
PLAIN = TrainConfig(
    learningRate=0.1,
    batchSize=8,
    epochs=5,
    useAdam=False,
    weightDecay=0,
    cosineDecay=False,
    warmupEpochs=0,
    augment=False,
    labelSmoothing=0,
)
SETTINGS: dict[str, tuple[str, object]] = {
    "learningRate": ("0.25", 0.25),
    "batchSize": ("16", 16),
    "epochs": ("9", 9),
    "useAdam": ("false", False),
    "weightDecay": ("1e-3", 0.001),
    "cosineDecay": ("YES", True),
    "warmupEpochs": ("2", 2),
    "augment": ("1", True),
    "labelSmoothing": ("0.2", 0.2),
    "momentum": ("0.9", 0.9),
    "seed": ("5", 5),
    "precision": ("bf16", "bf16"),
    "optimizer": ("rmsprop", "rmsprop"),
    "nesterov": ("true", True),
    "rmspropDecay": ("0.8", 0.8),
    "rmspropEps": ("0.1", 0.1),
    "coupledDecay": ("true", True),
    "wdExcludeNormBias": ("no", False),
    "gradClipNorm": ("2.5", 2.5),
    "gradAccumSteps": ("4", 4),
    "useEMA": ("yes", True),
    "emaDecay": ("0.99", 0.99),
    "randomResizedCrop": ("0.08", 0.08),
    "cropPadding": ("4", 4),
    "colorJitter": ("0.4", 0.4),
    "useRandAugment": ("1", True),
    "randAugmentN": ("3", 3),
    "randAugmentM": ("7.5", 7.5),
    "trivialAugment": ("1", True),
    "randomErasing": ("0.25", 0.25),
    "trainRes": ("160", 160),
    "useMixup": ("1", True),
    "mixupAlpha": ("0.4", 0.4),
    "useCutmix": ("1", True),
    "cutmixAlpha": ("0.5", 0.5),
    "classWeights": ("1,2,0.5", (1.0, 2.0, 0.5)),
    "expLRDecayRate": ("0.97", 0.97),
    "expLRDecayEpochs": ("2.4", 2.4),
    "stepLREpochs": ("30, 60", (30.0, 60.0)),
    "stepLRRate": ("0.2", 0.2),
    "dropout": ("0.3", 0.3),
    "dropPath": ("0", 0.0),
    "headLrMult": ("10", 10.0),
    "freeze": ("-1", -1),
    "freezeBN": ("true", True),
    "repeatedAug": ("3", 3),
    "balancedSampling": ("true", True),
    "earlyStopEpochs": ("5", 5),
    "distillWeight": ("0.7", 0.7),
    "distillTemperature": ("4", 4.0),
}


def test_every_field_of_the_recipe_can_be_set_from_text() -> None:
    assert set(SETTINGS) == {field.name for field in dataclasses.fields(TrainConfig)}
    for name, (text, value) in SETTINGS.items():
        assert getattr(with_fields(PLAIN, {name: text}), name) == value


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("learningrate", "1", "TrainConfig has no field 'learningrate' (did you mean learningRate?): "
         "choose one of learningRate, batchSize, epochs, "
         f"useAdam, {', '.join(list(SETTINGS)[4:])}."),
        ("batchSize", "x", "TrainConfig.batchSize: expected a whole number at least 1 and at most 65536, "
         "received 'x'."),
        ("batchSize", "0", "TrainConfig.batchSize: expected a whole number at least 1 and at most 65536, received 0."),
        ("batchSize", "1.5", "TrainConfig.batchSize: expected a whole number at least 1 and at most 65536, "
         "received '1.5'."),
        ("augment", "maybe", "TrainConfig.augment: expected True or False, received 'maybe'."),
        ("augment", "", "TrainConfig.augment: expected True or False, received ''."),
        ("learningRate", "nan", "TrainConfig.learningRate: expected a number above 0 and at most 1e+06, "
         "received nan."),
        ("learningRate", "1e999", "TrainConfig.learningRate: expected a number above 0 and at most 1e+06, "
         "received inf."),
        ("learningRate", "-0.1", "TrainConfig.learningRate: expected a number above 0 and at most 1e+06, "
         "received -0.1."),
        ("labelSmoothing", "1", "TrainConfig.labelSmoothing: expected a number at least 0 and below 1, received 1.0."),
    ],
)  # fmt: skip
def test_a_setting_that_cannot_be_honoured_says_what_was_expected(name: str, text: str, said: str) -> None:
    with pytest.raises(SpecError) as wrong:
        with_fields(PLAIN, {name: text})
    assert str(wrong.value) == said


def test_a_recipe_of_which_nothing_is_said_is_the_documents() -> None:
    assert TrainConfig() == mobilenetV2Config
    said = TrainConfig(learningRate=0.1, batchSize=8, epochs=20)
    assert said == dataclasses.replace(mobilenetV2Config, learningRate=0.1, batchSize=8, epochs=20)


@pytest.mark.parametrize(("epochs", "warmup"), [(1, 0), (2, 1), (3, 2), (4, 3), (80, 3)])
def test_a_warm_up_that_nobody_asked_for_leaves_an_epoch_for_the_rest(epochs: int, warmup: int) -> None:
    config = TrainConfig(epochs=epochs)
    assert config.warmupEpochs == warmup
    assert type(config.warmupEpochs) is int
    check_config(config)
    assert with_fields(mobilenetV2Config, {"epochs": str(epochs)}).warmupEpochs == warmup


def test_a_warm_up_that_was_asked_for_is_not_shortened() -> None:
    for config in (
        TrainConfig(epochs=2, warmupEpochs=3),
        with_fields(mobilenetV2Config, {"epochs": "2", "warmupEpochs": "3"}),
        with_fields(mobilenetV2Config, {"warmupEpochs": "80"}),
    ):
        with pytest.raises(SpecError, match="expected fewer than epochs="):
            check_config(config)


def test_help_and_readme_list_every_field_of_a_recipe_with_its_default() -> None:
    listed = recipe_fields()
    fields = {field.name: str(field.default) for field in dataclasses.fields(TrainConfig)}
    assert {name: default for name, default, _ in listed} == fields
    assert all(len(text) > 10 for _, _, text in listed)
    root = Path(__file__).parents[2]
    rows = [f"| `{name}` | `{default}` | {text} |" for name, default, text in listed]
    assert "\n".join(rows) in (root / "README.md").read_text(encoding="utf-8")
    said = " ".join(CliRunner().invoke(cli, ["train", "--help"]).output.split())
    for name, default, text in listed:
        assert f"{name}={default} {text}" in said


@given(st.sampled_from(sorted(SETTINGS)), st.text(max_size=12))
def test_any_text_is_a_valid_setting_or_a_spec_error(name: str, text: str) -> None:
    base = TrainConfig(0.1, 8, 10**6, useAdam=False)
    with contextlib.suppress(SpecError):
        check_config(with_fields(base, {name: text}))


# No field is accepted and ignored.

EFFECTS: dict[str, tuple[object, str]] = {
    "learningRate": (0.2, "schedule"),
    "batchSize": (4, "text"),
    "epochs": (6, "schedule"),
    "useAdam": (True, "text"),
    "weightDecay": (0.01, "text"),
    "cosineDecay": (False, "schedule"),
    "warmupEpochs": (2, "schedule"),
    "augment": (True, "data"),
    "labelSmoothing": (0.1, "text"),
    "momentum": (0.9, "text"),
    "seed": (1, "data"),
    "precision": ("bf16", "text"),
    "optimizer": ("lamb", "text"),
    "nesterov": (True, "text"),
    "rmspropDecay": (0.8, "text"),
    "rmspropEps": (0.1, "text"),
    "coupledDecay": (True, "text"),
    "wdExcludeNormBias": (False, "text"),
    "gradClipNorm": (1.0, "text"),
    "gradAccumSteps": (2, "text"),
    "useEMA": (True, "text"),
    "emaDecay": (0.5, "text"),
    "randomResizedCrop": (0.35, "data"),
    "cropPadding": (2, "data"),
    "colorJitter": (0.5, "data"),
    "useRandAugment": (True, "data"),
    "randAugmentN": (4, "data"),
    "randAugmentM": (30.0, "data"),
    "trivialAugment": (True, "data"),
    "randomErasing": (0.9, "data"),
    "trainRes": (6, "text"),
    "useMixup": (True, "text data"),
    "mixupAlpha": (5.0, "data"),
    "useCutmix": (True, "text data"),
    "cutmixAlpha": (5.0, "data"),
    "classWeights": ((1.0, 2.0, 0.5), "text"),
    "expLRDecayRate": (0.9, "schedule"),
    "expLRDecayEpochs": (2.0, "schedule"),
    "stepLREpochs": ((1.0,), "schedule"),
    "stepLRRate": (0.5, "schedule"),
    "dropout": (0.5, "text"),
    "dropPath": (0.5, "text"),
    "headLrMult": (10.0, "text"),
    "freeze": (1, "text"),
    "freezeBN": (True, "text"),
    "repeatedAug": (2, "data"),
    "balancedSampling": (True, "data"),
    "earlyStopEpochs": (2, "end"),
    "distillWeight": (0.5, "text"),
    "distillTemperature": (4.0, "text"),
}
# What a field needs to have an effect.
WITH: dict[str, dict[str, object]] = {
    "optimizer": {"useAdam": True},
    "nesterov": {"momentum": 0.9},
    "rmspropDecay": {"useAdam": True, "optimizer": "rmsprop"},
    "rmspropEps": {"useAdam": True, "optimizer": "rmsprop"},
    "coupledDecay": {"momentum": 0.9, "weightDecay": 0.1},
    "wdExcludeNormBias": {"weightDecay": 0.1},
    "emaDecay": {"useEMA": True},
    "randAugmentN": {"useRandAugment": True},
    "randAugmentM": {"useRandAugment": True},
    "cropPadding": {"augment": True},
    "mixupAlpha": {"useMixup": True},
    "cutmixAlpha": {"useCutmix": True},
    "expLRDecayRate": {"cosineDecay": False},
    "expLRDecayEpochs": {"cosineDecay": False, "expLRDecayRate": 0.9},
    "stepLREpochs": {"cosineDecay": False},
    "stepLRRate": {"cosineDecay": False, "stepLREpochs": (1.0,)},
    "repeatedAug": {"augment": True},
    "distillTemperature": {"distillWeight": 0.5},
}


def _effects(config: TrainConfig) -> dict[str, object]:
    images = np.random.default_rng(0).integers(0, 256, (16, 9, 9, 3), np.uint8)
    files = tuple(map(str, range(16)))
    split = Split(images, np.arange(16, dtype=np.int32), files, (0,) * 16, lambda index, crop: images[index, 1:, 1:])
    net = dataclasses.replace(NET, layers=[NET.layers[0], residual([convBn(4, 4, 1, 1, "same")]), *NET.layers[1:]])
    batches = train_batches(
        split,
        setting=Setting((8, 8)),
        batch_size=8,
        seed=config.seed,
        epoch=0,
        first_step=0,
        augmentations=augmentations_of(config),
        mixing=mixing_of(config),
        sampling=sampling_of(config),
    )
    return {
        "text": emit("train_step", net, config).text,
        "schedule": [learning_rate(schedule_of(config), step, 10) for step in range(30)],
        "end": is_complete(Position(epoch=3, stale=3), config),
        "data": [(batch.images.tobytes(), batch.labels.tobytes(), str(batch.mixed)) for batch in batches],
    }


def test_every_field_of_the_recipe_changes_the_program_the_schedule_or_the_data_and_nothing_else() -> None:
    assert set(EFFECTS) == {field.name for field in dataclasses.fields(TrainConfig)}
    for name, (value, where) in EFFECTS.items():
        base = dataclasses.replace(PLAIN, **({"cosineDecay": True, "warmupEpochs": 1} | WITH.get(name, {})))  # type: ignore[arg-type]
        before = _effects(base)
        after = _effects(dataclasses.replace(base, **{name: value}))  # type: ignore[arg-type]
        assert [part for part in before if before[part] != after[part]] == where.split(), name


def test_what_a_network_says_once_reaches_its_program() -> None:
    config = TrainConfig(0.1, 8, 5)
    wide = dataclasses.replace(NET, layers=[*NET.layers[:1], maxPool(2, 2), *NET.layers[1:]])
    texts = [
        emit("train_step", net, config).text
        for net in (
            wide,
            dataclasses.replace(wide, name="Other"),
            dataclasses.replace(wide, activation="relu6"),
            dataclasses.replace(wide, activation="identity"),
            dataclasses.replace(wide, padding="valid", imageH=9),
            dataclasses.replace(wide, imageW=9),
            dataclasses.replace(wide, imageC=1, layers=[convBn(1, 4, 3, 2, "same"), *wide.layers[1:]]),
        )
    ]
    assert len(set(texts)) == len(texts)


def test_the_shape_of_an_image_is_height_width_and_channels_of_which_there_are_three_unless_it_says_one() -> None:
    assert dataclasses.replace(NET, imageW=9).image == (8, 9, 3)
    gray = dataclasses.replace(NET, imageC=1, layers=[convBn(1, 4, 3, 2, "same"), *NET.layers[1:]])
    assert expand(gray).image == gray.image == (8, 8, 1)
    check_net(gray)
    assert [field.name for field in dataclasses.fields(NetSpec)][-3:] == ["imageC", "preprocessing", "dropPath"], (
        "older positions stay"
    )


def test_a_layer_may_have_an_activation_of_its_own_and_is_written_as_before_where_it_has_none() -> None:
    plain, own = convBn(3, 4, 3, 1, "same"), convBn(3, 4, 3, 1, "same", "hswish")
    assert (str(plain), str(own)) == ('convBn(3, 4, 3, 1, "same")', 'convBn(3, 4, 3, 1, "same", "hswish")')
    head = [globalAvgPool(), dense(4, 2, "identity")]
    nets = [NetSpec("own", [layer, *head], 8, 8, "relu") for layer in (plain, own)]
    stored = [net_to_plain(net)["layers"][0] for net in nets]
    assert stored[1] == stored[0] | {"act": "hswish"}
    assert [net_from_plain(net_to_plain(net)) for net in nets] == nets
    assert [list(expand(net).nodes)[2] for net in nets] == ["stem_relu", "stem_hswish"]
    check_net(dataclasses.replace(nets[1], activation=None))
    with pytest.raises(SpecError, match=r'add activation="relu" or .* to the NetSpec, or act= to the layer\.'):
        check_net(dataclasses.replace(nets[0], activation=None))
