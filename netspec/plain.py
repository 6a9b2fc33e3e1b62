"""Networks and recipes as JSON-ready data and back, so that a checkpoint contains no code."""

from dataclasses import asdict, fields
from typing import Any

from netspec.check import DEEPEST, check_config, check_net
from netspec.errors import SpecError
from netspec.fields import annotations
from netspec.language import NetSpec, TrainConfig
from netspec.layers import LAYERS, Layer
from netspec.preprocessing import Preprocessing
from netspec.text import shown


def net_to_plain(net: NetSpec) -> dict[str, Any]:
    """A network as dictionaries, lists, texts and numbers."""
    return {
        "name": net.name,
        "imageH": net.imageH,
        "imageW": net.imageW,
        "activation": net.activation,
        "padding": net.padding,
        "layers": _plain(net.layers),
        **{name: getattr(net, name) for name in _NEWER if getattr(net, name) != getattr(NetSpec, name)},
        **({"preprocessing": changes} if (changes := net.preprocessing.changes()) else {}),
    }


# Fields whose defaults are left out, as older networks say nothing of them.
_NEWER = ("bnEps", "bnMomentum", "convInit", "denseInit", "imageC", "dropPath")


def _plain(value: Any) -> Any:
    """A field's value; a layer as its name and the fields that are not None, nor defaults that older ones lack."""
    if isinstance(value, Layer):
        given = {field.name: getattr(value, field.name) for field in fields(value)}
        later = _LATER.get(type(value).__name__, {})
        kept = {name: each for name, each in given.items() if each is not None and (name, each) not in later.items()}
        return {"layer": type(value).__name__} | {name: _plain(each) for name, each in kept.items()}
    return [_plain(each) for each in value] if isinstance(value, (list, tuple)) else value


# Fields that layers got later, left out where they say what was always so.
_LATER: dict[str, dict[str, object]] = {
    "conv2d": {"bias": True, "groups": 1, "dilation": 1},
    "convBn": {"groups": 1, "dilation": 1},
    "globalAvgPool": {"keepDims": False},
}


def _layers(value: Any, depth: int = 0) -> Any:
    """The layers in the result of `_plain`. Raises TypeError, KeyError, ValueError or AttributeError."""
    if depth > 4 * DEEPEST:
        raise ValueError("layers inside layers too deep")
    if isinstance(value, dict):
        stored = {name: _layers(each, depth + 1) for name, each in value.items()}
        return LAYERS[stored.pop("layer")](**stored)
    return [_layers(each, depth + 1) for each in value] if isinstance(value, list) else value


def net_from_plain(data: object) -> NetSpec:
    """A checked network from the result of `net_to_plain`. Raises SpecError."""
    try:
        stored = dict(data)  # type: ignore[call-overload]
        listed = [dict(entry) for entry in stored.pop("layers")]
        images = Preprocessing(**dict(stored.pop("preprocessing", {})))
        net = NetSpec(layers=_layers(listed), preprocessing=images, **stored)
    except (TypeError, KeyError, ValueError, AttributeError) as wrong:
        raise SpecError(f"the stored network is damaged: {type(wrong).__name__}: {shown(wrong)}.") from None
    check_net(net)
    return net


def config_to_plain(config: TrainConfig) -> dict[str, Any]:
    """A recipe as a dictionary, without fields that older ones lack where they say what was always so."""
    return {
        name: value for name, value in asdict(config).items() if name not in _LATER_FIELDS or value != _BEFORE[name]
    }


# The values of fields that older stored recipes lack. Other fields are always stored: no default ever applies.
_BEFORE: dict[str, object] = {
    "precision": "f32",
    "optimizer": None,
    "nesterov": False,
    "rmspropDecay": 0.9,
    "rmspropEps": 0.001,
    "coupledDecay": False,
    "wdExcludeNormBias": True,
    "gradClipNorm": 0.0,
    "gradAccumSteps": 1,
    "useEMA": False,
    "emaDecay": 0.9999,
    "randomResizedCrop": 0.0,
    "cropPadding": 0,
    "colorJitter": 0.0,
    "useRandAugment": False,
    "randAugmentN": 2,
    "randAugmentM": 9.0,
    "trivialAugment": False,
    "randomErasing": 0.0,
    "trainRes": 0,
    "useMixup": False,
    "mixupAlpha": 0.2,
    "useCutmix": False,
    "cutmixAlpha": 1.0,
    "classWeights": (),
    "expLRDecayRate": 0.0,
    "expLRDecayEpochs": 1.0,
    "stepLREpochs": (),
    "stepLRRate": 0.1,
    "dropout": None,
    "dropPath": None,
    "headLrMult": 1.0,
    "freeze": 0,
    "freezeBN": False,
    "repeatedAug": 1,
    "balancedSampling": False,
    "earlyStopEpochs": 0,
    "distillWeight": 0.0,
    "distillTemperature": 2.0,
}
_LATER_FIELDS = _BEFORE.keys() - {"precision"}


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
