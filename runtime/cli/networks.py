"""Arguments and options of the commands that take a network."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from netspec import language
from netspec.fields import parse
from netspec.language import Width
from netspec.loading import Spec
from netspec.text import shown
from runtime.networks import ImageSize, open_spec

PROGRAMS = ("train_step", "evaluate", "predict")  # as `emit.programs.ENTRY_POINTS`, without loading the compiler
F = TypeVar("F", bound=Callable[..., Any])


class _ImageSize(click.ParamType[ImageSize]):
    """`96` for 96 × 96 pixels, or `192x256` for height and width."""

    name = "image size"

    def convert(
        self, value: str | ImageSize, parameter: click.Parameter | None, context: click.Context | None
    ) -> ImageSize:
        """Height and width."""
        if not isinstance(value, str):
            return value
        height, cross, width = value.partition("x")
        try:
            return _side(height), _side(width if cross else height)
        except ValueError:
            self.fail(
                "expected pixels as in 96 or, for height and width, 192x256, each from 1 to 4096, received "
                f"{shown(repr(value))}.",
                parameter,
                context,
            )


def _side(text: str) -> int:
    """Pixels along one side, within the bounds of the language. Raises ValueError."""
    if not (text.isascii() and text.isdigit()):
        raise ValueError(text)
    return int(str(parse(language.ImageSize, text)))


class _Width(click.ParamType[float]):
    """A factor of the channels."""

    name = "width"

    def convert(self, value: str | float, parameter: click.Parameter | None, context: click.Context | None) -> float:
        """A number within the bounds of the language."""
        try:
            return value if isinstance(value, float) else float(str(parse(Width, value)))
        except ValueError as wrong:
            self.fail(f"{wrong}.", parameter, context)


image_size_option = click.option("--image-size", type=_ImageSize(), metavar="H|HxW", help="Pixels of an input image.")
_width_option = click.option(
    "--width", type=_Width(), metavar="ALPHA", help="Channels times ALPHA, of a network that has a width."
)


def field_settings(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """`FIELD=VALUE`, given any number of times, by field. Raises BadParameter."""
    settings = {}
    for value in values:
        name, equals, text = value.partition("=")
        if not equals:
            raise click.BadParameter(f"expected FIELD=VALUE, received {shown(repr(value))}.")
        if name in settings:
            raise click.BadParameter(f"{shown(name)} is given twice.")
        settings[name] = text
    return settings


preprocess_option = click.option(
    "--preprocess",
    multiple=True,
    callback=field_settings,
    metavar="FIELD=VALUE",
    help="Change how pictures are read: fit, crop, filter, antialias, decode, color, scale, mean or std.",
)


def scale_options(command: F) -> F:
    """The options of a network's scale: `--image-size` and `--width`."""
    return image_size_option(_width_option(command))


def program_arguments(command: F) -> F:
    """The arguments of one program: SPEC, PROGRAM (default train_step), its scale and `--batch-size`."""
    for add in (
        click.option("--batch-size", metavar="N", help="Images a step."),
        scale_options,
        click.argument("program", type=click.Choice(PROGRAMS), default=PROGRAMS[0]),
        click.argument("spec"),
    ):
        command = add(command)
    return command


def open_program(spec: str, image_size: ImageSize | None, width: float | None, batch_size: str | None) -> Spec:
    """The spec of one program, changed as the command line says. Raises SpecError."""
    settings = {} if batch_size is None else {"batchSize": batch_size}
    return open_spec(spec, image_size=image_size, width=width, settings=settings)
