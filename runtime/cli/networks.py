"""Which network an argument names, and the changes that options make to it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click

from netspec import language
from netspec.advice import did_you_mean
from netspec.check import check_config, check_net
from netspec.errors import SpecError
from netspec.fields import parse
from netspec.language import NetSpec, TrainConfig, Width, with_fields
from netspec.listing import listing
from netspec.load import Spec, load_spec
from netspec.text import shown
from runtime.system.paths import bundled

PROGRAMS = ("train_step", "evaluate", "predict")  # as `emit.programs.ENTRY_POINTS`, without loading the compiler
LONGEST = 200  # characters of a name that may be a bundled network's; `load_spec` reports longer ones
ImageSize = tuple[int, int]  # height and width
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


def find_spec(text: str) -> tuple[Path, str | None]:
    """The spec file that an argument names, by path or as a bundled one by its bare name; a network's name after `:`.

    A file whose whole name is the argument comes first. Raises SpecError.
    """
    name, colon, network = text.rpartition(":")
    if not name or "/" in network or _is_file(Path(text)):
        name, colon, network = text, "", ""
    chosen = network if colon else None
    path = Path(name)
    if path.suffix or len(path.parts) != 1 or len(name) > LONGEST or _is_file(path):
        return path, chosen
    pages = bundled()
    if name not in pages:
        raise SpecError(
            f"{shown(name)}: no such file, nor a bundled spec{did_you_mean(name, pages)}: choose one of "
            f"{', '.join(pages)}."
        )
    return pages[name], chosen


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # in a folder that may not be looked into
        return False


def is_run_folder(name: str) -> bool:
    """Whether an argument names the folder of a run instead of a spec. A bundled page's bare name is the page."""
    if name in bundled():
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


def open_spec(
    name: str,
    *,
    image_size: ImageSize | None = None,
    width: float | None = None,
    settings: dict[str, str] | None = None,
) -> Spec:
    """Load a network, or what a run's folder says it trained, and change what the command line changes.

    Raises InputError.
    """
    if not is_run_folder(name):
        spec = load_spec(*find_spec(name), width)
    elif width is None:
        spec = _run_spec(Path(name))
    else:
        raise SpecError(f"{shown(name)}: is a run's folder, whose network has its width: leave --width out.")
    return changed(spec, image_size=image_size, settings=settings)


def changed(spec: Spec, *, image_size: ImageSize | None, settings: dict[str, str] | None = None) -> Spec:
    """A spec with what the command line changes. Raises SpecError."""
    return replace(spec, net=resized(spec.net, image_size), config=reset(spec.config, settings or {}))


def resized(net: NetSpec, image_size: ImageSize | None) -> NetSpec:
    """The same network for images of another height and width."""
    if image_size is None:
        return net
    net = replace(net, imageH=image_size[0], imageW=image_size[1])
    check_net(net)
    return net


def reset(config: TrainConfig, settings: dict[str, str]) -> TrainConfig:
    """The same recipe with some fields set from their texts."""
    config = with_fields(config, settings)
    check_config(config)
    return config
