"""Networks and recipes as JSON-ready data and back, so that a checkpoint contains no code."""

from dataclasses import asdict
from typing import Any

from netspec.check import check_config, check_net
from netspec.errors import SpecError
from netspec.fields import annotations
from netspec.language import NetSpec, TrainConfig
from netspec.layers import LAYERS, Layer
from netspec.text import shown


def net_to_plain(net: NetSpec) -> dict[str, Any]:
    """A network as dictionaries, lists, texts and numbers."""
    return {
        "name": net.name,
        "imageH": net.imageH,
        "imageW": net.imageW,
        "activation": net.activation,
        "padding": net.padding,
        "layers": [{"layer": type(layer).__name__} | _given(layer) for layer in net.layers],
        **{name: value for name, value in _norms(net).items() if value != _norms(NetSpec)[name]},
    }


def _norms(net: NetSpec | type[NetSpec]) -> dict[str, float]:
    """What batch norms have; the defaults are left out, as older networks say nothing of them."""
    return {"bnEps": net.bnEps, "bnMomentum": net.bnMomentum}


def _given(layer: Layer) -> dict[str, Any]:
    return {name: value for name, value in asdict(layer).items() if value is not None}


def net_from_plain(data: object) -> NetSpec:
    """A checked network from the result of `net_to_plain`. Raises SpecError."""
    try:
        fields = dict(data)  # type: ignore[call-overload]
        listed = [dict(entry) for entry in fields.pop("layers")]
        layers = [LAYERS[entry.pop("layer")](**entry) for entry in listed]
        net = NetSpec(layers=layers, **fields)
    except (TypeError, KeyError, ValueError, AttributeError) as wrong:
        raise SpecError(f"the stored network is damaged: {type(wrong).__name__}: {shown(wrong)}.") from None
    check_net(net)
    return net


def config_to_plain(config: TrainConfig) -> dict[str, Any]:
    """A recipe as a dictionary."""
    return asdict(config)


# The values of fields that older stored recipes lack. Other fields are always stored: their defaults never apply.
_BEFORE = {"precision": "f32"}


def config_from_plain(data: object) -> TrainConfig:
    """A checked recipe from the result of `config_to_plain`. Raises SpecError."""
    try:
        stored = _BEFORE | dict(data)  # type: ignore[call-overload]
        config = TrainConfig(**{name: stored.pop(name) for name in annotations(TrainConfig)})
        if stored:
            raise TypeError(f"unknown fields {', '.join(map(str, stored))}")
    except (TypeError, KeyError, ValueError, AttributeError) as wrong:
        raise SpecError(f"the stored recipe is damaged: {type(wrong).__name__}: {shown(wrong)}.") from None
    check_config(config)
    return config
