"""The errors for wrong networks and recipes, word for word."""

import math
from dataclasses import replace
from typing import Any, get_args

import pytest

from emit.programs import emit
from netspec import (
    Layer,
    NetSpec,
    SpecError,
    TrainConfig,
    attention,
    bottleneckBlock,
    check_config,
    check_net,
    conv2d,
    convBn,
    dense,
    depthwiseBn,
    dropout,
    featureMap,
    flatten,
    globalAvgPool,
    invertedResidual,
    maxPool,
    mbConvV3,
    parallel,
    residual,
    residualBlock,
    squeezeExcite,
    uib,
)
from netspec.activations import Activation, written
from netspec.check import check_fits, check_learns, doubts, training_net
from netspec.layers import LAYERS, nested
from netspec.recipe import frozen_layers
from specs.mobilenet_v2 import mobilenetV2
from specs.resnet34 import resnet34

STEM = convBn(3, 4, 3, 2, "same")
END = (globalAvgPool(), dense(4, 3, "identity"))
CHANNELS = "a whole number at least 1 and at most 65536"
LAYER_NAMES = ", ".join(LAYERS)
NAMED = ", ".join(f'"{name}"' for name in get_args(Activation))
LARGER = "use a larger image, fewer strides before it, or more padding."


def net(*layers: Any, **fields: Any) -> NetSpec:
    given = {"name": "Net", "imageH": 8, "imageW": 8, "activation": "relu", "padding": "same", "layers": list(layers)}
    return NetSpec(**{**given, **fields})


def wrong(layer: type[Layer], *arguments: Any) -> Layer:
    """A layer whose arguments are of types that the type checker would refuse."""
    return layer(*arguments)


RGB = "write ic=3 here: images are read as RGB, gray ones with three equal channels"
GRAY = f"{RGB}; or add imageC=1 to the NetSpec."
WRONG_NETS: list[tuple[NetSpec, str]] = [
    (
        net(conv2d(1, 4, 3, "same", "relu"), *END),
        'layer 0, conv2d(1, 4, 3, "same", "relu"): expected ic=3, the channels that reach it, received ic=1; ' + GRAY,
    ),
    (
        net(maxPool(2, 2), residualBlock(1, 4, 1, 1), *END),
        "layer 1, residualBlock(1, 4, 1, 1): expected ic=3, the channels that reach it, received ic=1; " + GRAY,
    ),
    (
        net(STEM, convBn(8, 16, 3, 1, "same"), *END),
        'layer 1, convBn(8, 16, 3, 1, "same"): expected ic=4, the channels that reach it, '
        "received ic=8; write ic=4 here, or give 8 channels before it.",
    ),
    (
        net(STEM, invertedResidual(5, 16, 6, 1, 2), *END),
        "layer 1, invertedResidual(5, 16, 6, 1, 2): expected ic=4, the channels that reach it, "
        "received ic=5; write ic=4 here, or give 5 channels before it.",
    ),
    (
        net(STEM, globalAvgPool(), dense(5, 3, "identity")),
        'layer 2, dense(5, 3, "identity"): expected fanIn=4, received fanIn=5; write dense(4, ...).',
    ),
    (
        net(conv2d(3, 4, 3, "valid", "relu"), conv2d(4, 4, 7, "valid", "relu"), *END),
        'layer 1, conv2d(4, 4, 7, "valid", "relu"): expected an image of at least 7 pixels a side for a 7×7 window '
        f"without padding, received 6×6; {LARGER}",
    ),
    (
        net(STEM, maxPool(5, 1), *END, padding="valid"),
        "layer 1, maxPool(5, 1): expected an image of at least 5 pixels a side for a 5×5 window without padding, "
        f"received 4×4; {LARGER}",
    ),
    (
        net(maxPool(6, 1), *END, imageH=1, imageW=2, padding="symmetric"),
        f"layer 0, maxPool(6, 1): expected an image that a 6×6 window fits in, received 1×2; {LARGER}",
    ),
    (
        net(STEM, dense(4, 3, "identity")),
        'layer 1, dense(4, 3, "identity"): expected a vector of features, received an image 4×4×4; put globalAvgPool() '
        "or flatten() before it.",
    ),
    (
        net(STEM, globalAvgPool(), convBn(4, 4, 1, 1, "same"), dense(4, 3, "identity")),
        'layer 2, convBn(4, 4, 1, 1, "same"): expected an image (height, width, channels), received a vector of 4 '
        "features; move it before globalAvgPool() or flatten().",
    ),
    (
        net(wrong(convBn, 3, "4", 3, 2, "same"), *END),
        f"layer 0, convBn: oc: expected {CHANNELS}, received '4'.",
    ),
    (
        net(wrong(convBn, 3, True, 3, 2, "same"), *END),
        f"layer 0, convBn: oc: expected {CHANNELS}, received True.",
    ),
    (
        net(wrong(convBn, 3, 4.0, 3, 2, "same"), *END),
        f"layer 0, convBn: oc: expected {CHANNELS}, received 4.0.",
    ),
    (
        net(wrong(convBn, 3, math.nan, 3, 2, "same"), *END),
        f"layer 0, convBn: oc: expected {CHANNELS}, received nan.",
    ),
    (
        net(wrong(convBn, 3, 4, 3, None, "same"), *END),
        "layer 0, convBn: stride: expected a whole number at least 1 and at most 64, received None.",
    ),
    (
        net(convBn(3, 4, 3, 0, "same"), *END),
        "layer 0, convBn: stride: expected a whole number at least 1 and at most 64, received 0.",
    ),
    (
        net(convBn(3, 10**400, 3, 1, "same"), *END),
        f"layer 0, convBn: oc: expected {CHANNELS}, received 1{'0' * 59}....",
    ),
    (
        net(wrong(convBn, 3, 4, 3, 2, "full"), *END),
        'layer 0, convBn: pad: expected one of "same", "symmetric", "even", "valid", received \'full\'.',
    ),
    (
        net(wrong(convBn, 3, 4, 3, 2, ["same"]), *END),
        'layer 0, convBn: pad: expected one of "same", "symmetric", "even", "valid", received [\'same\'] (list).',
    ),
    (
        net(STEM, globalAvgPool(), wrong(dense, 4, 4, "softplus"), dense(4, 3, "identity")),
        f"layer 2, dense: act: expected one of {NAMED}, received 'softplus'.",
    ),
    (net(STEM, "dropout", *END), f"layer 1: expected a layer, received str; choose from {LAYER_NAMES}."),
    (net(STEM, None, *END), f"layer 1: expected a layer, received NoneType; choose from {LAYER_NAMES}."),
    (net(STEM, Layer(), *END), f"layer 1: expected a layer, received Layer; choose from {LAYER_NAMES}."),
    (
        net(STEM, globalAvgPool, dense(4, 3, "identity")),
        "layer 1: expected a layer, received the constructor globalAvgPool itself; write globalAvgPool(...).",
    ),
    (
        net(STEM, *END, activation=None),
        'layer 0, convBn(3, 4, 3, 2, "same"): expected the network to say its activation, received none; add '
        f"{written()} to the NetSpec, or act= to the layer.",
    ),
    (
        net(STEM, maxPool(2, 2), *END, padding=None),
        'layer 1, maxPool(2, 2): expected the network to say its padding, received none; add padding="same" (XLA\'s) '
        'or padding="symmetric" (torch\'s) to the NetSpec.',
    ),
    (
        net(STEM, residualBlock(4, 4, 1, 1), *END, padding="valid"),
        'layer 1, residualBlock(4, 4, 1, 1): expected padding "same" or "symmetric", so that a block keeps its size '
        'for the residual add, received "valid"; change the network\'s padding.',
    ),
    (
        net(STEM, globalAvgPool()),
        "layer 1, globalAvgPool(): expected the network to end with its head, received globalAvgPool; "
        'add dense(features, classes, "identity").',
    ),
    (
        net(STEM, globalAvgPool(), dense(4, 3, "relu")),
        'layer 2, dense(4, 3, "relu"): expected act="identity" in the head, whose outputs are logits, received '
        'act="relu"; write dense(4, 3, "identity").',
    ),
    (
        net(STEM, globalAvgPool(), dense(4, 1, "identity")),
        'layer 2, dense(4, 1, "identity"): expected at least 2 classes, received fanOut=1; give the head one output '
        "a class.",
    ),
    (
        net(),
        'Net: expected at least one layer, received an empty list; end it with dense(features, classes, "identity").',
    ),
    (net(layers=None), "NetSpec.layers: expected a list of layers, received NoneType."),
    (net(layers=STEM), "NetSpec.layers: expected a list of layers, received convBn."),
    (net(STEM, *END, name=""), "NetSpec.name: expected a printable name, received ''."),
    (net(STEM, *END, name="a\nb"), "NetSpec.name: expected a printable name, received 'a\\nb'."),
    (net(STEM, *END, name=5), "NetSpec.name: expected a text, received 5."),
    (net(STEM, *END, imageH="8"), "NetSpec.imageH: expected a whole number at least 1 and at most 4096, received '8'."),
    (net(STEM, *END, imageW=8.0), "NetSpec.imageW: expected a whole number at least 1 and at most 4096, received 8.0."),
    (net(STEM, *END, imageH=0), "NetSpec.imageH: expected a whole number at least 1 and at most 4096, received 0."),
    *(
        (net(STEM, *END, imageC=value), f"NetSpec.imageC: expected 1 or 3, received {value!r}.")
        for value in (0, 2, 4, -1, 3.0, True, "3", None)
    ),
    (net(STEM, *END, imageC=[3]), "NetSpec.imageC: expected 1 or 3, received [3] (list)."),
    (
        net(conv2d(4, 4, 3, "same", "relu"), *END),
        f'layer 0, conv2d(4, 4, 3, "same", "relu"): expected ic=3, the channels that reach it, received ic=4; {RGB}.',
    ),
    (
        net(maxPool(2, 2), STEM, *END, imageC=1),
        f"layer 1, {STEM}: expected ic=1, the channels that reach it, received ic=3; write ic=1 here: images are read "
        "as gray, as the NetSpec says imageC=1.",
    ),
    (
        net(residual([convBn(3, 4, 1, 1, "same"), convBn(3, 3, 1, 1, "same")]), *END),
        'layer 0, residual([convBn(3, 4, 1, 1, "same"), convBn(3, 3, 1, 1, "same")]), layer 1 in it, convBn(3, 3, 1, '
        '1, "same"): expected ic=4, the channels that reach it, received ic=3; write ic=4 here, or give 3 channels '
        "before it.",
    ),
    (
        net(STEM, *END, activation="softplus"),
        f"NetSpec.activation: expected one of {NAMED} or None, received 'softplus'.",
    ),
    (
        net(STEM, *END, padding=3),
        'NetSpec.padding: expected one of "same", "symmetric", "even", "valid" or None, received 3.',
    ),
    (
        net(STEM, residual([convBn(4, 6, 1, 1, "same")]), *END),
        'layer 1, residual([convBn(4, 6, 1, 1, "same")]): expected its layers to give 4×4×4, as what they are added '
        "to, received 4×4×6; give them as many channels, stride 1 and a padding that keeps the size, or give it a "
        "shortcut.",
    ),
    (
        net(STEM, residual([convBn(4, 4, 1, 1, "same"), convBn(5, 4, 1, 1, "same")]), *END),
        'layer 1, residual([convBn(4, 4, 1, 1, "same"), convBn(5, 4, 1, 1, "same")]), layer 1 in it, convBn(5, 4, '
        '1, 1, "same"): expected ic=4, the channels that reach it, received ic=5; write ic=4 here, or give 5 channels '
        "before it.",
    ),
    (
        net(STEM, residual([]), *END),
        "layer 1, residual([]): expected at least one layer, received none; write its layers, or remove it.",
    ),
    (
        net(STEM, residual(wrong(convBn, 4, 4, 1, 1, "same")), *END),  # type: ignore[arg-type]
        "layer 1, residual: layers: expected a list of layers, received convBn(ic=4, oc=4, kSize=1, stride=1, "
        "pad='same', act=None, ... (convBn).",
    ),
    (
        net(STEM, residual([parallel([[wrong(convBn, 4, 4, 0, 1, "same")], []], "add")]), *END),
        "layer 1, residual: layers, layer 0, parallel: branches, branch 0, layer 0, convBn: kSize: expected a whole "
        "number at least 1 and at most 64, received 0.",
    ),
    (
        net(STEM, parallel([[]], "add"), *END),
        'layer 1, parallel([[]], "add"): expected at least two branches, received 1; write its layers without '
        "parallel.",
    ),
    (
        net(STEM, parallel([[], [maxPool(3, 2)]], "concat"), *END),
        'layer 1, parallel([[], [maxPool(3, 2)]], "concat"): expected branches that give one height and width, '
        "received 4×4×4 and 2×2×4; give them the same strides, and a padding that keeps the size.",
    ),
    (
        net(STEM, wrong(parallel, [convBn(4, 4, 1, 1, "same")], "add"), *END),
        "layer 1, parallel: branches: expected a list of lists of layers, received (convBn(ic=4, oc=4, kSize=1, "
        "stride=1, pad='same', act=None,... (tuple).",
    ),
    (
        net(STEM, uib(4, 4, 4, 2, 0, 0), *END),
        "layer 1, uib(4, 4, 4, 2, 0, 0): expected a depthwise convolution that has the stride 2, received none; write "
        "stride 1, or give preDWk or postDWk a size.",
    ),
    (
        net(STEM, uib(4, 4, 4, 2, 0, 3, False), *END),
        "layer 1, uib(4, 4, 4, 2, 0, 3, False): expected a depthwise convolution that has the stride 2, received none; "
        "write stride 1, or give preDWk a size.",
    ),
    (
        net(STEM, bottleneckBlock(4, 6, 1, 1), *END),
        "layer 1, bottleneckBlock(4, 6, 1, 1): expected an oc of which a quarter is a whole number, received 6; write "
        "a multiple of 4.",
    ),
    (
        net(STEM, mbConvV3(4, 4, 8, 4, 1, False), *END, padding="symmetric"),
        "layer 1, mbConvV3(4, 4, 8, 4, 1, False): expected its layers to give 4×4×4, as what they are added to, "
        "received 3×3×4; give them as many channels, stride 1 and a padding that keeps the size, or give it a "
        "shortcut.",
    ),
    (
        net(STEM, attention(2, 3, [], [conv2d(4, 3, 1, "same", "identity")], []), *END),
        'layer 1, attention(2, 3, [], [conv2d(4, 3, 1, "same", "identity")], []): expected a query of heads·keyDim=6 '
        "channels, received 4; change the last layer of query.",
    ),
    (
        net(STEM, squeezeExcite(5, 2), *END),
        "layer 1, squeezeExcite(5, 2): expected ic=4, the channels that reach it, received ic=5; write ic=4 here, or "
        "give 5 channels before it.",
    ),
    (
        net(STEM, featureMap("a b"), *END),
        'layer 1, featureMap("a b"): expected a name of letters, digits and _, other than "logits", received \'a b\'; '
        "rename it.",
    ),
    (
        net(STEM, featureMap("c1"), featureMap("c1"), *END),
        "Net: two feature maps have the name c1; rename one.",
    ),
    (
        net(STEM, wrong(dropout, 1.0), *END),
        "layer 1, dropout: rate: expected a number at least 0 and below 1, received 1.0.",
    ),
    (
        net(STEM, convBn(4, 6, 3, 1, "same", groups=3), *END),
        'layer 1, convBn(4, 6, 3, 1, "same", None, 3): expected groups that divide ic=4 and oc=6, received groups=3; '
        "write another number of groups.",
    ),
    (
        net(STEM, depthwiseBn(4, 3, 2, "same", dilation=2), *END),
        'layer 1, depthwiseBn(4, 3, 2, "same", None, 2): expected a dilation of 1 where there is a stride, or a single '
        "place, received dilation=2; write stride 1 and kSize above 1, or leave the dilation out.",
    ),
    (
        net(STEM, conv2d(4, 4, 3, "valid", "relu", dilation=2), *END),
        'layer 1, conv2d(4, 4, 3, "valid", "relu", 1, True, 1, 2): expected an image of at least 5 pixels a side for a '
        "5×5 window without padding, received 4×4; use a larger image, fewer strides before it, or more padding.",
    ),
]


@pytest.mark.parametrize(("net", "said"), WRONG_NETS)
def test_the_error_for_a_network_names_the_layer_what_was_expected_what_was_found_and_what_to_do(
    net: NetSpec, said: str
) -> None:
    with pytest.raises(SpecError) as wrong:
        check_net(net)
    assert str(wrong.value) == said
    assert wrong.value.exit_code == 2


NUMBER, RATE = "a whole number at least", "a number above 0 and at most 1e+06"
WRONG_RECIPES: list[tuple[dict[str, Any], str]] = [
    ({"learningRate": math.nan}, f"TrainConfig.learningRate: expected {RATE}, received nan."),
    ({"learningRate": math.inf}, f"TrainConfig.learningRate: expected {RATE}, received inf."),
    ({"learningRate": "0.1"}, f"TrainConfig.learningRate: expected {RATE}, received '0.1'."),
    ({"learningRate": True}, f"TrainConfig.learningRate: expected {RATE}, received True."),
    ({"learningRate": 0}, f"TrainConfig.learningRate: expected {RATE}, received 0."),
    ({"learningRate": 10**400}, f"TrainConfig.learningRate: expected {RATE}, received 1{'0' * 59}...."),
    ({"batchSize": 8.0}, f"TrainConfig.batchSize: expected {NUMBER} 1 and at most 65536, received 8.0."),
    ({"batchSize": True}, f"TrainConfig.batchSize: expected {NUMBER} 1 and at most 65536, received True."),
    ({"epochs": 0}, f"TrainConfig.epochs: expected {NUMBER} 1 and at most 1e+06, received 0."),
    ({"useAdam": 1}, "TrainConfig.useAdam: expected True or False, received 1."),
    ({"useAdam": "yes"}, "TrainConfig.useAdam: expected True or False, received 'yes'."),
    ({"weightDecay": -1}, "TrainConfig.weightDecay: expected a number at least 0 and at most 1e+06, received -1."),
    ({"cosineDecay": None}, "TrainConfig.cosineDecay: expected True or False, received None."),
    ({"augment": []}, "TrainConfig.augment: expected True or False, received [] (list)."),
    ({"labelSmoothing": 1}, "TrainConfig.labelSmoothing: expected a number at least 0 and below 1, received 1."),
    ({"momentum": 1.0}, "TrainConfig.momentum: expected a number at least 0 and below 1, received 1.0."),
    ({"warmupEpochs": -1}, f"TrainConfig.warmupEpochs: expected {NUMBER} 0 and at most 1e+06, received -1."),
    ({"seed": -1}, f"TrainConfig.seed: expected {NUMBER} 0 and at most 9.22337e+18, received -1."),
    (
        {"warmupEpochs": 5},
        "TrainConfig.warmupEpochs: expected fewer than epochs=5, received 5; "
        "lower it (--set warmupEpochs=0) or train for longer.",
    ),
    (
        {"useAdam": True, "momentum": 0.9},
        'TrainConfig.momentum: 0.9 is without use in this recipe; write optimizer="sgd" or optimizer="rmsprop", or '
        "remove momentum.",
    ),
]


@pytest.mark.parametrize(("fields", "said"), WRONG_RECIPES)
def test_the_error_for_a_recipe_names_the_field_what_was_expected_and_what_was_found(
    fields: dict[str, Any], said: str
) -> None:
    with pytest.raises(SpecError) as wrong:
        check_config(TrainConfig(**{"learningRate": 0.1, "batchSize": 8, "epochs": 5, **fields}))
    assert str(wrong.value) == said


def test_momentum_without_a_word_on_the_optimizer_is_refused_and_not_dropped() -> None:
    with pytest.raises(SpecError, match=r"TrainConfig.momentum: 0.9 is without use in this recipe"):
        check_config(TrainConfig(0.1, 8, 5, momentum=0.9))
    check_config(TrainConfig(0.1, 8, 5, useAdam=False, momentum=0.9))


def test_weights_of_classes_are_as_many_as_the_classes_and_not_all_0() -> None:
    three = net(STEM, *END)
    check_fits(three, TrainConfig(classWeights=[1.0] * three.classes))
    for weights, said in (
        ([1.0], "classWeights: expected .* numbers, one for each class of .*, received 1"),
        ([0.0] * three.classes, "expected a number above 0 among them, received none"),
    ):
        with pytest.raises(SpecError, match=said):
            check_fits(three, TrainConfig(classWeights=weights))
        with pytest.raises(SpecError, match=said):
            emit("train_step", three, TrainConfig(classWeights=weights))


TRAINED = TrainConfig(batchSize=1)


@pytest.mark.parametrize(
    "layers",
    [
        [convBn(3, 4, 3, 8, "same"), *END],
        [STEM, convBn(4, 4, 3, 4, "same"), *END],
        [STEM, invertedResidual(4, 4, 2, 4, 1), *END],
        [STEM, residualBlock(4, 4, 1, 4), *END],
    ],
)
def test_batch_norm_of_a_single_number_is_refused_as_nothing_before_it_learns(layers: list[Layer]) -> None:
    with pytest.raises(
        SpecError, match=r"^layer \d, \w+\(.*\): expected more than one number a channel .* --batch-size"
    ):
        check_learns(net(*layers), TRAINED)
    check_learns(net(*layers), replace(TRAINED, batchSize=2))
    check_learns(net(*layers, imageW=16), TRAINED)


def test_batch_norm_of_a_single_number_counts_at_the_size_of_training_images() -> None:
    small, large = net(STEM, *END, imageH=2, imageW=2), net(STEM, *END)
    check_learns(small, replace(TRAINED, trainRes=3))
    with pytest.raises(SpecError, match="use a larger --batch-size or trainRes"):
        check_learns(large, replace(TRAINED, trainRes=2))


def test_batch_norm_that_is_frozen_learns_nothing_and_needs_no_more_than_one_number() -> None:
    frozen = replace(TRAINED, freeze=-1)
    check_learns(net(convBn(3, 4, 3, 8, "same"), *END), frozen)
    assert not any("batch size 1" in doubt for doubt in doubts(net(STEM, *END), frozen))
    assert any("batch size 1" in doubt for doubt in doubts(net(STEM, *END), TRAINED))


def test_more_layers_are_not_frozen_than_there_are_before_the_head() -> None:
    small = net(STEM, *END)
    check_fits(small, TrainConfig(freeze=2))
    with pytest.raises(SpecError, match=r"TrainConfig\.freeze: expected at most 2, the layers of .* before its head"):
        check_fits(small, TrainConfig(freeze=3))


def test_stochastic_depth_of_a_network_without_residuals_that_are_trained_is_refused() -> None:
    blocks = net(STEM, residualBlock(4, 4, 1, 1), *END)
    check_fits(blocks, TrainConfig(dropPath=0.2, freeze=1))
    for each, config in ((net(STEM, *END), TrainConfig()), (blocks, TrainConfig(freeze=2))):
        check_fits(each, replace(config, dropPath=0.0))
        with pytest.raises(SpecError, match=r"TrainConfig\.dropPath: 0\.2 is without use in "):
            check_fits(each, replace(config, dropPath=0.2))


def test_rates_of_a_recipe_take_the_place_of_the_network_s() -> None:
    own = net(STEM, residual([convBn(4, 4, 1, 1, "same"), dropout(0.1)]), dropout(0.4), *END)
    changed = training_net(own, TrainConfig(dropout=0.3, dropPath=0.2))
    assert changed.dropPath == 0.2
    assert [layer.rate for layer in nested(changed.layers) if isinstance(layer, dropout)] == [0.3, 0.3]
    assert training_net(own, TrainConfig()) == own
    without = net(STEM, *END)
    added = training_net(without, TrainConfig(dropout=0.3, freeze=-1))
    assert added.layers == (*without.layers[:-1], dropout(0.3), without.layers[-1])
    assert training_net(added, TrainConfig(dropout=0.3)) == added
    assert [frozen_layers(each, TrainConfig(freeze=-1)) for each in (without, added)] == [2, 2]


def test_the_training_network_is_the_network_at_another_size() -> None:
    base = net(STEM, *END)
    assert training_net(base, TrainConfig()) is base
    for side in (5, 8, 300):
        trained = training_net(base, TrainConfig(trainRes=side))
        assert trained == replace(base, imageH=side, imageW=side)
        assert training_net(trained, TrainConfig(trainRes=side)) == trained


FLAT = (STEM, flatten(), dense(4 * 4 * 4, 3, "identity"))


@pytest.mark.parametrize(
    ("network", "side", "said"),
    [
        (net(STEM, *END, imageW=9), 6,
         "TrainConfig.trainRes: expected 0 for Net, whose images of 8×9 pixels are not square, received 6; remove "
         "trainRes, or give the network a square image."),
        (net(*FLAT), 6,
         'TrainConfig.trainRes: expected a size that Net can have, received 6 (layer 2, dense(64, 3, "identity"): '
         "expected fanIn=36, received fanIn=64); choose another, or 0."),
        (net(convBn(3, 4, 3, 1, "valid"), *END), 2,
         'TrainConfig.trainRes: expected a size that Net can have, received 2 (layer 0, convBn(3, 4, 3, 1, "valid"): '),
    ],
)  # fmt: skip
def test_a_size_that_the_network_cannot_be_trained_at_is_refused(network: NetSpec, side: int, said: str) -> None:
    check_net(network)
    config = TrainConfig(trainRes=side)
    for use in (lambda: training_net(network, config), lambda: emit("train_step", network, config)):
        with pytest.raises(SpecError) as wrong:
            use()
        assert str(wrong.value).startswith(said)
        assert str(wrong.value).endswith((", or 0.", "a square image."))
    emit("evaluate", network, config)


def test_a_batch_of_one_image_under_batch_norm_is_reported_and_without_batch_norm_is_not() -> None:
    check_learns(net(STEM, *END), TRAINED)
    (said,) = doubts(net(STEM, *END), TRAINED)
    assert said.startswith("batch size 1: batch norm normalises each image by itself")
    assert doubts(net(STEM, *END), replace(TRAINED, batchSize=2)) == []
    plain = net(conv2d(3, 4, 1, "same", "relu", 8), *END, activation=None)
    check_learns(plain, TRAINED)
    assert doubts(plain, TRAINED) == []


def test_an_activation_that_no_layer_takes_is_reported() -> None:
    own = replace(STEM, act="hswish")
    (said,) = doubts(net(own, *END), replace(TRAINED, batchSize=2))
    assert said.startswith('activation="')
    assert "of the network is not used: no layer of it has batch norm and no act of its own" in said
    assert doubts(net(own, *END, activation=None), replace(TRAINED, batchSize=2)) == []


def test_adam_at_a_rate_for_sgd_is_reported() -> None:
    (said,) = doubts(net(STEM, *END), TrainConfig(0.1))
    assert said.startswith("Adam with learningRate=0.1 seldom learns (the default is 0.001)")
    assert doubts(net(STEM, *END), TrainConfig(0.1, useAdam=False)) == []
    assert doubts(net(STEM, *END), TrainConfig()) == []


def test_a_name_that_would_act_on_a_terminal_is_shown_escaped() -> None:
    class Odd:
        def __repr__(self) -> str:
            return "\x1b[2J"

    for wrong_net in (net(STEM, *END, imageH=Odd()), net(STEM, type("\x1b[2J", (), {})(), *END)):
        with pytest.raises(SpecError) as said:
            check_net(wrong_net)
        assert r"\x1b[2J" in str(said.value)
        assert str(said.value).isprintable()


def test_a_value_whose_repr_raises_or_is_long_is_still_reported() -> None:
    class Odd:
        def __repr__(self) -> str:
            raise RuntimeError

    with pytest.raises(SpecError, match=r"received a value that cannot be shown \(Odd\)\.$"):
        check_net(net(STEM, *END, imageH=Odd()))
    with pytest.raises(SpecError, match=r"received '1{59}\.\.\.\.$"):
        check_net(net(STEM, *END, imageH="1" * 1000))


def test_a_whole_number_is_a_number_and_a_tuple_is_a_list_of_layers() -> None:
    check_config(TrainConfig(1, 8, 5, weightDecay=0, labelSmoothing=0))
    check_net(net(layers=(STEM, *END)))


def test_the_bundled_networks_give_the_papers_shapes() -> None:
    assert check_net(mobilenetV2()) == (
        (112, 112, 32), (112, 112, 16), (56, 56, 24), (28, 28, 32), (14, 14, 64), (14, 14, 96), (7, 7, 160),
        (7, 7, 320), (7, 7, 1280), (1280,), (10,),
    )  # fmt: skip
    assert check_net(resnet34) == (
        (112, 112, 64), (56, 56, 64), (56, 56, 64), (28, 28, 128), (14, 14, 256), (7, 7, 512), (512,), (10,),
    )  # fmt: skip
