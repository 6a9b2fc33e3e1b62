"""A network and its recipe as the text of a spec file, which loads to equal values."""

import dataclasses
import json

from netspec.language import NetSpec, TrainConfig
from netspec.layers import nested


def listing(net: NetSpec, config: TrainConfig, heading: str) -> str:
    """The text of a spec file for a checked network and recipe. `heading`: its docstring, one line."""
    layers = sorted({type(layer).__name__ for layer in nested(net.layers)})
    imported = ", ".join(["NetSpec", "Preprocessing", "TrainConfig", *layers])
    fields = _fields(net, leaving_out="layers")
    listed = "".join(f"        {layer},\n" for layer in net.layers)
    return (
        f'"""{heading}"""\n\n'
        f"from netspec import {imported}\n\n"
        f"net = NetSpec(\n{fields}    layers=[\n{listed}    ],\n)\n\n"
        f"config = TrainConfig(\n{_fields(config)})\n"
    )


def _fields(data: NetSpec | TrainConfig, leaving_out: str = "") -> str:
    named = ((field.name, getattr(data, field.name)) for field in dataclasses.fields(data))
    return "".join(f"    {name}={_value(value)},\n" for name, value in named if name != leaving_out)


def _value(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
