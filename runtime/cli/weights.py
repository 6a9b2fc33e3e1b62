"""Options of the commands that read weights of other frameworks."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

SOURCES = ("torchvision", "timm", "timm-tf", "keras", "tflite", "efficientnet-pytorch")  # as `runtime.weights.sources`
F = TypeVar("F", bound=Callable[..., Any])


def import_options(command: F) -> F:
    """`--source`, `--conventions` and `--config`."""
    for add in (
        click.option(
            *("--config", "config_file"),
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            metavar="FILE",
            help="timm's config.json of the weights, which says how pictures are read (default: the one beside them).",
        ),
        click.option(
            "--conventions",
            type=click.Choice(("spec", "source")),
            help="Whose padding, activation and epsilon: the spec's (where the weights' differ: an error), or the "
            "source's. Without it train takes the source's for a bundled network; else they are the spec's.",
        ),
        click.option(
            "--source",
            type=click.Choice(SOURCES),
            help="Where the weights come from, where the file does not say.",
        ),
    ):
        command = add(command)
    return command
