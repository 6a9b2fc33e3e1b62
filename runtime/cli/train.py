"""`netspec train`."""

import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from netspec.fields import parse_fields
from netspec.language import NetSpec, TrainConfig, recipe_fields
from netspec.loading import Spec
from runtime.cli import program_name
from runtime.cli.networks import field_settings, preprocess_option, scale_options
from runtime.cli.terminal import echo, path_text
from runtime.cli.weights import import_options
from runtime.networks import ImageSize, changed, is_bundled, open_spec, recipe_of_weights

DEMONSTRATION_EPOCHS = 20
DEMONSTRATION_SIZE = 96


class _Train(click.Command):
    """Lists the fields of a recipe after the options, in `--help`."""

    def format_options(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_options(context, formatter)
        with formatter.section("Fields of TrainConfig, for the spec or --set, and their defaults"):
            formatter.write_dl([(f"{name}={default}", text) for name, default, text in recipe_fields()])


@click.command(
    cls=_Train,
    epilog="Example: netspec train specs/mobilenet_v2.py data/imagenette --image-size 128 --set augment=false",
)
@click.argument("spec")
@click.argument("data", required=False, type=click.Path(path_type=Path))
@click.option(
    "--recipe",
    metavar="NAME|FILE",
    help="A recipe in place of the spec's: one that netspec recipes lists, or a TOML file with fields of TrainConfig.",
)
@click.option("--epochs", metavar="N", help="Epochs: passes over the training images.")
@click.option("--batch-size", metavar="N", help="Images a step.")
@click.option("--lr", metavar="RATE", help="The peak learning rate.")
@click.option("--seed", metavar="N", help="Seed of weights, order of images, augmentation.")
@click.option(
    "--precision",
    metavar="f32|bf16",
    help="Precision of matmuls and saved activations in a training step: f32 (default) or bf16.",
)
@scale_options
@click.option(
    *("--set", "settings"),
    multiple=True,
    callback=field_settings,
    metavar="FIELD=VALUE",
    help="Any field of TrainConfig, listed below.",
)
@click.option(
    "--output", type=click.Path(path_type=Path), metavar="DIR", help="Run folder (default: a new one under runs/)."
)
@click.option("--resume", metavar="auto|PATH", help="Resume from a checkpoint or a run folder (its last).")
@click.option(
    "--weights",
    metavar="PATH",
    help="Start a new run from the weights of a checkpoint, a run folder (its best), or a file of torchvision, timm, "
    "Keras or TFLite, as netspec import takes it.",
)
@import_options
@click.option(
    "--teacher",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Learn from the probabilities of a checkpoint, or of a run folder (its best): see distillWeight.",
)
@click.option(
    "--max-steps", type=click.IntRange(1), metavar="N", help="Stop after N steps, counted from the start of the run."
)
@click.option(
    "--max-unreadable",
    type=click.IntRange(0),
    metavar="N",
    help="Leave out up to N images that cannot be read (5, or 1 % of all).",
)
@preprocess_option
@click.option("--ignore-self-check", is_flag=True, help="Go on although the device fails its self-check.")
@click.option("--plain", is_flag=True, help="Plain log lines, as when the output is not a terminal.")
def command(
    spec: str,
    data: Path | None,
    recipe: str | None,
    epochs: str | None,
    batch_size: str | None,
    lr: str | None,
    seed: str | None,
    precision: str | None,
    image_size: ImageSize | None,
    width: float | None,
    settings: dict[str, str],
    output: Path | None,
    resume: str | None,
    weights: str | None,
    source: str | None,
    conventions: str | None,
    config_file: Path | None,
    teacher: Path | None,
    max_steps: int | None,
    max_unreadable: int | None,
    preprocess: dict[str, str],
    ignore_self_check: bool,
    plain: bool,
) -> None:
    """Train the network of SPEC (a file, or a bundled name) on the images of DATA.

    DATA is DIR/{train,val}/<class>/*: images in most formats, directly in the class folders. The training
    folder may be called training; the validation folder valid or validation, and where there is none of
    these, test or testing. Without DATA, a demonstration runs on images that are drawn here, smaller and
    shorter than the spec says. A spec without a TrainConfig trains with the defaults below.

    A new run from --weights trains a bundled network with the recipe finetune, and with the padding, activation and
    epsilon of the weights' source; --recipe and --conventions choose others.

    --resume with more --epochs trains for longer; --weights starts a new run, on other images, with other classes or
    another recipe, from trained weights. Ctrl-C finishes the step and saves; a second one stops at once.
    """
    if weights is not None and resume is not None:
        raise click.UsageError("expected one of --weights, which begins a run, and --resume, which goes on with one.")
    if weights is None and (source or config_file or conventions):
        raise click.UsageError("--source, --conventions and --config are of --weights, which is not given.")
    options = {
        "epochs": epochs,
        "batchSize": batch_size,
        "learningRate": lr,
        "seed": seed,
        "precision": precision,
    }
    for name, text in options.items():
        if text is None:
            continue
        if name in settings:
            raise click.UsageError(f"{name} is given twice: by its own option and by --set.")
        settings[name] = text
    chosen = recipe or recipe_of_weights(spec, weights)
    original = open_spec(spec, width=width, recipe=chosen)
    more_epochs = "epochs" in settings
    demonstration: list[str] = []
    if data is None:
        if "epochs" not in settings:
            settings["epochs"] = str(DEMONSTRATION_EPOCHS)
            demonstration.append(f"{DEMONSTRATION_EPOCHS} epochs")
        if image_size is None:
            image_size = _demonstration_size(original.net)
            settings.setdefault("trainRes", "0")
            demonstration.append(f"{image_size[0]}×{image_size[1]} pixels")
    loaded = changed(original, image_size=image_size, settings=settings)

    from runtime.compiler.target import target_from_environment
    from runtime.data.demo.embedded import embedded_folder
    from runtime.report import Report
    from runtime.training.job import Job, train
    from runtime.training.start import Start
    from runtime.weights.hub import located

    report = Report(live=sys.stdout.isatty() and not plain)
    target = target_from_environment()
    if chosen != recipe:
        report.say(f"the recipe is {chosen}, as the run starts from weights; --recipe chooses another one")
    for note in _notes(original, loaded, settings):
        report.say(note)
    if data is None:
        if demonstration:
            report.say(
                f"no DATA: a demonstration on drawn images, {' of '.join(demonstration)} "
                "(--epochs and --image-size change it)"
            )
        with report.bar("Drawing images", "images") as progress:
            data = embedded_folder(report.say, progress)
    start = None
    if weights is not None:
        file = located(weights)
        adopt = conventions == "source" if conventions or not is_bundled(spec) else None
        start = Start(file.path, source, adopt, config_file, file.repository)  # type: ignore[arg-type]
    job = Job(
        loaded,
        data,
        target,
        output,
        resume,
        max_steps,
        ignore_self_check,
        max_unreadable,
        more_epochs,
        start,
        preprocess,
        parse_fields(TrainConfig, settings) if recipe is None and is_bundled(spec) else None,
        teacher,
    )
    outcome = train(job, report)
    if not outcome.finished:
        why = "stopped" if outcome.interrupted else f"stopped after {max_steps} steps (--max-steps)"
        command_line = shlex.join([program_name(), *_without_ends(sys.argv[1:]), "--resume", str(outcome.folder)])
        hint = f"{why} and saved; go on with: {command_line}"
        report.say(hint)
        if report.lost:
            echo(hint, err=True)
    if outcome.interrupted:
        raise SystemExit(130)
    report.say(f"run folder: {path_text(outcome.folder)}")


def _notes(original: Spec, loaded: Spec, settings: dict[str, str]) -> Iterator[str]:
    """Sentences on values of the recipe that neither the spec nor the command line gives."""
    if not original.has_recipe:
        yield "the spec has no TrainConfig: the default recipe is used (netspec train --help lists it)"
    before, after = original.config.warmupEpochs, loaded.config.warmupEpochs
    if before != after and "warmupEpochs" not in settings:
        yield f"the warm-up is shortened from {before} to {after} epochs: of {loaded.config.epochs} in all"


def _demonstration_size(net: NetSpec) -> ImageSize:
    """Height and width: small enough for minutes on a laptop, and never larger than the spec's own."""
    return min(DEMONSTRATION_SIZE, net.imageH), min(DEMONSTRATION_SIZE, net.imageW)


ENDED = ("--resume", "--weights", "--source", "--conventions", "--config", "--max-steps")


def _without_ends(arguments: list[str]) -> list[str]:
    """The same command line without the options that say where it starts and stops."""
    kept: list[str] = []
    skip = False
    for argument in arguments:
        if skip or argument.startswith(tuple(f"{name}=" for name in ENDED)):
            skip = False
        elif argument in ENDED:
            skip = True
        else:
            kept.append(argument)
    return kept
