"""`trainRes`: the training step has images of another size, and nothing else is different."""

from dataclasses import replace

import pytest

from emit.programs import ENTRY_POINTS, choices_of, emit, graph_of, net_of
from emit.programs.train_step import training_state
from netspec import NetSpec, TrainConfig
from netspec.check import training_net
from specs.efficientnet import b0
from specs.mobilenet_v2 import mobilenetV2
from specs.mobilenet_v4 import hybrid_medium
from specs.resnet34 import resnet34
from specs.tiny import tiny, tinyConfig

CONFIG = replace(tinyConfig, batchSize=4, trainRes=20)


def test_the_training_step_is_that_of_the_network_at_that_size_and_the_other_programs_stay() -> None:
    without, small = replace(CONFIG, trainRes=0), replace(tiny, imageH=20, imageW=20)
    for entry_point in ENTRY_POINTS:
        program = emit(entry_point, tiny, CONFIG)
        expected = small if entry_point == "train_step" else tiny
        assert program.manifest.arguments[0].shape == (4, expected.imageH, expected.imageW, 3)
        assert program.text == emit(entry_point, expected, without).text
        assert program.manifest == emit(entry_point, expected, without).manifest
        assert choices_of(entry_point, tiny, CONFIG, "cpu") == choices_of(entry_point, expected, without, "cpu")
        assert net_of(entry_point, tiny, CONFIG) == expected
    assert emit("train_step", tiny, replace(CONFIG, trainRes=32)).text == emit("train_step", tiny, without).text


@pytest.mark.parametrize("net", [tiny, mobilenetV2(), resnet34, b0, hybrid_medium], ids=lambda net: net.name)
def test_parameters_and_all_other_state_are_the_same_at_every_size(net: NetSpec) -> None:
    for side in (96, 160):
        config = TrainConfig(trainRes=side, useEMA=True)
        trained = training_net(net, config)
        assert graph_of("train_step", trained, config).image == (side, side, 3)
        assert training_state(trained, config) == training_state(net, config)
