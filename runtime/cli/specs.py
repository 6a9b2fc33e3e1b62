"""Which spec file an argument names, and the changes that options make to it."""

from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

import click

from netspec.advice import did_you_mean
from netspec.check import check_config, check_net
from netspec.errors import SpecError
from netspec.language import NetSpec, TrainConfig, with_fields
from netspec.listing import listing
from netspec.load import Spec, load_spec
from netspec.text import shown

PROGRAMS = ("train_step", "evaluate", "predict")  # as `emit.programs.ENTRY_POINTS`, without loading the compiler
LONGEST = 200  # characters of a name that may be a bundled network's; `load_spec` reports longer ones
F = TypeVar("F", bound=Callable[..., Any])


def program_arguments(command: F) -> F:
    """The arguments of one program: SPEC, PROGRAM (default train_step), `--image-size` and `--batch-size`."""
    size = click.IntRange(1, 4096)
    for add in (
        click.option("--batch-size", metavar="N", help="Images a step."),
        click.option("--image-size", type=size, metavar="PIXELS", help="Height and width of an input image."),
        click.argument("program", type=click.Choice(PROGRAMS), default=PROGRAMS[0]),
        click.argument("spec"),
    ):
        command = add(command)
    return command


def open_program(spec: str, image_size: int | None, batch_size: str | None) -> Spec:
    """The spec of one program, changed as the command line says. Raises SpecError."""
    return open_spec(spec, image_size=image_size, settings={} if batch_size is None else {"batchSize": batch_size})


def _bundled() -> dict[str, Path]:
    return {Path(str(entry)).stem: Path(str(entry)) for entry in files("specs").iterdir() if entry.name[0] != "_"}


def find_spec(name: str) -> Path:
    """The path of a spec file, or of a bundled network by its bare name. Raises SpecError."""
    path = Path(name)
    if path.suffix or len(path.parts) != 1 or len(name) > LONGEST or _is_file(path):
        return path
    bundled = _bundled()
    if name not in bundled:
        raise SpecError(
            f"{shown(name)}: no such file, nor a bundled spec{did_you_mean(name, bundled)}: choose one of "
            f"{', '.join(sorted(bundled))}."
        )
    return bundled[name]


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # in a folder that may not be looked into
        return False


def is_run_folder(name: str) -> bool:
    """Whether an argument names the folder of a run instead of a spec. A bundled network's bare name is the network."""
    if name in _bundled():
        return False
    try:
        return (Path(name) / "config.json").is_file()
    except PermissionError:
        return True
    except OSError:  # a text that no path can be
        return False


def _run_spec(folder: Path) -> Spec:
    """The network and recipe that a run folder says it trained."""
    from runtime.training.run import read_used

    net, config = read_used(folder)
    return Spec(net, config, listing(net, config, "What a run of netspec trained."))


def open_spec(name: str, *, image_size: int | None = None, settings: dict[str, str] | None = None) -> Spec:
    """Load a spec, or what a run's folder says it trained, and change what the command line changes.

    Raises InputError.
    """
    spec = _run_spec(Path(name)) if is_run_folder(name) else load_spec(find_spec(name))
    return changed(spec, image_size=image_size, settings=settings)


def changed(spec: Spec, *, image_size: int | None, settings: dict[str, str] | None = None) -> Spec:
    """A spec with what the command line changes. Raises SpecError."""
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
    config = with_fields(config, settings)
    check_config(config)
    return config
