"""Networks and recipes as JSON-ready data and back, so that a checkpoint can carry them without carrying code."""

from dataclasses import asdict
from typing import Any

from netspec.check import check_config, check_net
from netspec.errors import SpecError
from netspec.language import NetSpec, TrainConfig
from netspec.layers import LAYERS


def net_to_plain(net: NetSpec) -> dict[str, Any]:
    """A network as dictionaries, lists, texts and numbers."""
    return {
        "name": net.name,
        "imageH": net.imageH,
        "imageW": net.imageW,
        "activation": net.activation,
        "padding": net.padding,
        "layers": [{"layer": type(layer).__name__, **asdict(layer)} for layer in net.layers],
    }


def net_from_plain(data: object) -> NetSpec:
    """A checked network from what `net_to_plain` gave. Raises SpecError."""
    try:
        fields = dict(data)  # type: ignore[call-overload]
        listed = [dict(entry) for entry in fields.pop("layers")]
        layers = [LAYERS[entry.pop("layer")](**entry) for entry in listed]
        net = NetSpec(layers=layers, **fields)
    except (TypeError, KeyError, ValueError, AttributeError) as wrong:
        raise SpecError(f"the stored network is damaged: {type(wrong).__name__}: {wrong}.") from None
    check_net(net)
    return net


def config_to_plain(config: TrainConfig) -> dict[str, Any]:
    """A recipe as a dictionary."""
    return asdict(config)


def config_from_plain(data: object) -> TrainConfig:
    """A checked recipe from what `config_to_plain` gave. Raises SpecError."""
    try:
        config = TrainConfig(**data)  # type: ignore[arg-type]
    except TypeError as wrong:
        raise SpecError(f"the stored recipe is damaged: {wrong}.") from None
    check_config(config)
    return config
