"""Which network is meant by a name, a file, a run's folder or a value, and the changes that are asked of it."""

from dataclasses import replace
from pathlib import Path

from netspec.advice import did_you_mean
from netspec.check import check_config, check_net
from netspec.errors import SpecError
from netspec.language import NetSpec, TrainConfig, with_fields
from netspec.listing import listing
from netspec.loading import Spec, load_spec
from netspec.recipes import find_recipe
from netspec.text import shown
from runtime.system.paths import bundled

FINE_TUNING = "finetune"  # a recipe
LONGEST = 200  # characters of a name that may be a bundled network's; `load_spec` reports longer ones
ImageSize = tuple[int, int]  # height and width


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


def is_bundled(name: str) -> bool:
    """Whether an argument names a network of a bundled page, by its name or by the page's own path."""
    if is_run_folder(name):
        return False
    path, _ = find_spec(name)
    return any(_is_file(path) and path.resolve() == page.resolve() for page in bundled().values())


def recipe_of_weights(spec: str, weights: object) -> str | None:
    """The recipe of a run that starts from weights and is given none: fine-tuning, where the page is bundled."""
    return FINE_TUNING if weights is not None and is_bundled(spec) else None


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
    recipe: str | None = None,
) -> Spec:
    """Load a network, or what a run's folder says it trained, and change what the command line changes.

    `recipe`: the name or file of one in place of the spec's own.

    Raises InputError.
    """
    if not is_run_folder(name):
        spec = load_spec(*find_spec(name), width)
    elif width is None:
        spec = _run_spec(Path(name))
    else:
        raise SpecError(f"{shown(name)}: is a run's folder, whose network has its width: leave --width out.")
    if recipe is not None:
        spec = replace(spec, config=find_recipe(recipe).config, has_recipe=True)
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
