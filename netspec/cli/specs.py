"""Which spec file an argument names, and what every command does to it."""

from dataclasses import replace
from importlib.resources import files
from pathlib import Path

from netspec.check import check_config, check_net
from netspec.errors import SpecError
from netspec.language import NetSpec, TrainConfig, with_field
from netspec.load import Spec, load_spec


def find_spec(name: str) -> Path:
    """A file as it is; a bare name is a bundled network. Raises SpecError."""
    path = Path(name)
    if path.is_file() or path.suffix or len(path.parts) != 1:
        return path
    bundled = {Path(str(entry)).stem: Path(str(entry)) for entry in files("specs").iterdir() if entry.name[0] != "_"}
    if name not in bundled:
        raise SpecError(f"{name}: no such file, nor a bundled spec: choose one of {', '.join(sorted(bundled))}.")
    return bundled[name]


def open_spec(name: str, *, image_size: int | None = None, settings: dict[str, str] | None = None) -> Spec:
    """Load a spec and change what the command line changes. Raises SpecError."""
    spec = load_spec(find_spec(name))
    return replace(spec, net=resized(spec.net, image_size), config=reset(spec.config, settings or {}))


def resized(net: NetSpec, image_size: int | None) -> NetSpec:
    """The same network for another square image."""
    if image_size is None:
        return net
    net = replace(net, imageH=image_size, imageW=image_size)
    check_net(net)
    return net


def reset(config: TrainConfig, settings: dict[str, str]) -> TrainConfig:
    """The same recipe with some fields set from their texts."""
    for name, text in settings.items():
        config = with_field(config, name, text)
    check_config(config)
    return config
