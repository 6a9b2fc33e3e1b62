"""Networks and recipes as JSON-ready data and back."""

import dataclasses
import json
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspec import NetSpec, SpecError, TrainConfig
from netspec.activations import Activation
from netspec.layers import Layer, conv2d, convBn, dense, flatten, globalAvgPool, maxPool
from netspec.plain import _BEFORE, config_from_plain, config_to_plain, net_from_plain, net_to_plain
from netspec.windows import Padding
from specs.mobilenet_v2 import mobilenetV2, mobilenetV2Config
from specs.resnet34 import resnet34, resnet34Config
from specs.tiny import tiny, tinyConfig

PADDINGS = st.sampled_from(get_args(Padding)[:2])
ACTIVATIONS = st.sampled_from(get_args(Activation))


@st.composite
def nets(draw: st.DrawFn) -> NetSpec:
    layers: list[Layer] = []
    channels = 3
    for _ in range(draw(st.integers(0, 4))):
        wide = draw(st.integers(1, 9))
        padding = draw(PADDINGS)
        layers.append(
            draw(
                st.sampled_from(
                    [
                        convBn(channels, wide, 3, draw(st.integers(1, 2)), padding),
                        conv2d(channels, wide, 3, padding, draw(ACTIVATIONS), 2),
                    ]
                )
            )
        )
        channels = wide
    layers += [maxPool(3, 2), draw(st.sampled_from([globalAvgPool(), flatten()]))]
    draft = NetSpec("x", layers, 32, 33, draw(ACTIVATIONS), draw(PADDINGS))
    shape: tuple[int, ...] = (32, 33, 3)
    for layer in draft.layers:
        shape = layer.output(shape, draft.conventions)
    layers.append(dense(shape[0], draw(st.integers(2, 9)), "identity"))
    name = draw(st.text(st.characters(categories=["L", "N", "S"]), min_size=1, max_size=9))
    return NetSpec(name, layers, 32, 33, draft.activation, draft.padding)


@given(nets())
def test_a_network_survives_json(net: NetSpec) -> None:
    assert net_from_plain(json.loads(json.dumps(net_to_plain(net)))) == net


@pytest.mark.parametrize("net", [mobilenetV2(), resnet34, tiny])
def test_a_bundled_network_survives_json(net: NetSpec) -> None:
    assert net_from_plain(json.loads(json.dumps(net_to_plain(net)))) == net


def test_channels_of_images_are_stored_where_they_are_not_three() -> None:
    assert "imageC" not in net_to_plain(tiny)
    layers = [conv2d(1, 4, 3, "same", "relu"), globalAvgPool(), dense(4, 2, "identity")]
    gray = NetSpec("gray", layers, 8, 9, imageC=1)
    assert net_to_plain(gray)["imageC"] == 1
    assert net_from_plain(json.loads(json.dumps(net_to_plain(gray)))) == gray


@pytest.mark.parametrize("config", [mobilenetV2Config, resnet34Config, tinyConfig])
def test_a_recipe_survives_json(config: TrainConfig) -> None:
    assert config_from_plain(json.loads(json.dumps(config_to_plain(config)))) == config


def test_a_stored_recipe_means_what_it_meant_whatever_the_defaults_are() -> None:
    plain = config_to_plain(TrainConfig(0.5, 3, 7, useAdam=False, cosineDecay=False, warmupEpochs=0, augment=False))
    assert set(plain) == {field.name for field in dataclasses.fields(TrainConfig)} - set(_BEFORE) | {"precision"}
    assert config_to_plain(config_from_plain(plain)) == plain
    before = {name: value for name, value in plain.items() if name not in _BEFORE}  # as it was stored at first
    assert config_from_plain(before) == config_from_plain({**plain, "precision": "f32"})
    whole = config_from_plain(plain)
    assert plain | _BEFORE == dataclasses.asdict(whole)
    other = dataclasses.replace(whole, useEMA=True, stepLREpochs=(1.0,))
    assert config_to_plain(other) == plain | {"useEMA": True, "stepLREpochs": (1.0,)}
    for name in before:
        with pytest.raises(SpecError, match=f"the stored recipe is damaged: KeyError: '{name}'"):
            config_from_plain({other: value for other, value in plain.items() if other != name})


DAMAGES: list[Any] = [
    None,
    1,
    "x",
    [],
    {},
    {"layers": None},
    {"layers": [1]},
    {"layers": [{}]},
    {"layers": [{"layer": "os.system"}]},
    {"layers": [{"layer": []}]},
    {"layers": [{"layer": "dense", "fanIn": 1}]},
    {"layers": [{"layer": "dense", "fanIn": 1, "fanOut": 2, "act": "identity", "more": 1}]},
    {"layers": [], "name": "x"},
    {**net_to_plain(tiny), "extra": 1},
    {**net_to_plain(tiny), "imageH": 10**400},
    {**net_to_plain(tiny), "imageH": True},
    {**net_to_plain(tiny), "imageC": 2},
    {**net_to_plain(tiny), "imageC": 1},
]


@pytest.mark.parametrize("data", DAMAGES)
def test_a_damaged_stored_network_is_a_spec_error(data: object) -> None:
    with pytest.raises(SpecError):
        net_from_plain(data)


@pytest.mark.parametrize(
    "data", [None, [], {}, {"learningRate": 1}, {**config_to_plain(tinyConfig), "x": 1},
             {**config_to_plain(tinyConfig), "learningRate": 10**400}]
)  # fmt: skip
def test_a_damaged_stored_recipe_is_a_spec_error(data: object) -> None:
    with pytest.raises(SpecError):
        config_from_plain(data)
