"""The run of a job, a new one or one that is resumed, and every check of the checkpoint that it is resumed from."""

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from emit.optimizer import STEP
from emit.update import PART
from netspec.check import check_config
from netspec.errors import InputError
from netspec.language import NetSpec, TrainConfig, with_classes
from netspec.loading import Spec
from netspec.plain import net_to_plain
from netspec.recipe import Cosine, schedule_of
from netspec.text import shown
from runtime.checkpoint import SOURCE, Checkpoint, Position, load
from runtime.data.cache import ImageSet
from runtime.data.folder import is_within_classes
from runtime.report import Report
from runtime.system.paths import new_folder
from runtime.training import run as runs
from runtime.training.fingerprint import early_fingerprint_of
from runtime.training.start import Start, read_weights, with_conventions_of


@dataclass(frozen=True)
class Chosen:
    """The run of a job. `source`: the checkpoint to resume from; None for a new run."""

    run: runs.Run
    source: Path | None = None


@dataclass(frozen=True)
class Origin:
    """A checkpoint that a run resumes, or whose weights it starts from. `source`: its file; of weights, as given."""

    checkpoint: Checkpoint
    source: Path


@dataclass(frozen=True)
class Opened:
    """A run in its claimed folder.

    Args:
        resumed: the checkpoint to resume from; None for a new run.
        weights: the checkpoint whose weights a new run starts from, if any.
        net: the network to train, with the conventions of its weights' source where it takes those.
        origin: of imported weights that the run started from, as in `Checkpoint`.
    """

    run: runs.Run
    resumed: Origin | None
    weights: Origin | None
    net: NetSpec
    origin: Mapping[str, str] | None = None


def choose_run(name: str, *, data: Path, output: Path | None, resume: str | None, report: Report) -> Chosen:
    """The run of a network called `name`. The other arguments are those of `Job`. Raises InputError."""
    if output is not None and is_within_classes(output, data):
        raise InputError(
            f"{shown(output)}: lies among the images of {shown(data)}, and a run's picture would be one of them; "
            "choose another --output."
        )
    if resume is None:
        return _new_run(output or new_folder(name))
    if resume != "auto":
        return _resumed_run(runs.find_checkpoint(Path(resume), runs.TO_RESUME), output)
    folder = output or runs.newest(name)
    source = folder and runs.find_checkpoint(folder, runs.TO_RESUME)
    if folder is None or source is None or not os.path.lexists(source):
        report.say(f"nothing to resume in {shown(folder or Path('runs'))}: starting anew")
        return _new_run(folder or new_folder(name))
    report.say(f"resuming {shown(folder)}")
    return _resumed_run(source, output)


def _new_run(folder: Path) -> Chosen:
    run = runs.Run(folder)
    run.check_vacant()
    return Chosen(run)


def _resumed_run(source: Path, output: Path | None) -> Chosen:
    """The run that resumes from a checkpoint, in its folder or in a new one."""
    checkpoint = load(source)
    if runs.is_run(source.parent):
        runs.check_record(source.parent, runs.read_record(source.parent), source, checkpoint)
    run = runs.Run(output or source.parent)
    if not runs.same_folder(run.folder, source.parent):
        run.check_vacant()
        return Chosen(run, source)
    run.check_ours()
    if run.last.exists() and source.name != runs.LAST:
        raise InputError(
            f"{shown(run.folder)}: holds a {runs.LAST} other than {shown(source)}, which would be lost; choose another "
            "--output."
        )
    return Chosen(run, source)


def open_run(chosen: Chosen, spec: Spec, start: Start | None, report: Report) -> Opened:
    """Read the checkpoints that a run needs, once its folder is claimed. Raises InputError.

    Args:
        start: the weights that the network starts from.
    """
    net = spec.net
    if chosen.source is not None:
        checkpoint = load(chosen.source)
        origin = checkpoint.origin
        if origin is not None and origin.get("conventions") == SOURCE:
            net = with_conventions_of(checkpoint, net)
        return Opened(chosen.run, Origin(checkpoint, chosen.source), None, net, origin)
    chosen.run.check_vacant()
    if start is None:
        return Opened(chosen.run, None, None, net)
    weights, net = read_weights(start, net, spec.config, report)
    origin = weights.origin and {**weights.origin, "conventions": "spec" if start.adopt is False else SOURCE}
    return Opened(chosen.run, None, Origin(weights, start.path), net, origin)


def resumed_recipe(resumed: Origin, config: TrainConfig, *, more_epochs: bool, report: Report) -> TrainConfig:
    """The recipe of a resumed run: its own, with the epochs that were given. Raises InputError."""
    checkpoint = resumed.checkpoint
    before, after = asdict(checkpoint.config), asdict(config)
    changed = {name for name in after if after[name] != before[name]}
    if not changed:
        return config
    if more_epochs and "epochs" in changed and changed <= {"epochs", "warmupEpochs"}:
        return _with_epochs(checkpoint, config.epochs, report)
    listed = ", ".join(f"{name}={after[name]} (was {before[name]})" for name in after if name in changed)
    raise InputError(
        f"cannot resume: the recipe changed: {listed}; give the recipe that the run began with (--epochs alone may "
        f"differ), or start a new run from its weights: --weights {shown(resumed.source)}."
    )


def _with_epochs(checkpoint: Checkpoint, epochs: int, report: Report) -> TrainConfig:
    before, position = checkpoint.config, checkpoint.position
    begun = position.epoch + (1 if position.step else 0)
    if epochs < begun:
        raise InputError(f"cannot resume: expected at least the {begun} epochs that the run has begun, found {epochs}.")
    config = replace(before, epochs=epochs)
    check_config(config)
    falls = isinstance(schedule_of(before).after, Cosine)
    bits = "as the learning rate falls by epochs, not to the bits of an unbroken run" if falls else ""
    report.say(f"going on to {epochs} epochs, where the run began with {before.epochs}{bits and '; ' + bits}")
    return config


def check_unchanged(resumed: Origin, net: NetSpec, images: ImageSet, fingerprint: str, data: Path) -> None:
    """Raises InputError unless network, classes and images are those of the run to resume."""
    checkpoint = resumed.checkpoint
    elsewhere = f"start a new run from its weights: --weights {shown(resumed.source)}"
    if net_to_plain(checkpoint.net) != net_to_plain(with_classes(net, checkpoint.net.classes)):
        raise InputError(
            "cannot resume: the network, its width or its image size is not the one that the run began with; "
            f"{elsewhere}."
        )
    if checkpoint.classes != images.classes:
        before, after = (shown(", ".join(names)) for names in (checkpoint.classes, images.classes))
        raise InputError(
            f"cannot resume: the run began with the classes {before}; the images have {after}; {elsewhere}."
        )
    if checkpoint.images not in (fingerprint, early_fingerprint_of(images)):
        raise InputError(
            f"cannot resume: the images in {shown(data)} are not those that the run began with (files were added, "
            f"removed or changed); give those, or {elsewhere}."
        )


def check_position(resumed: Origin, steps: int) -> None:
    """Raises InputError unless a checkpoint's position is valid and agrees with the optimizer's counters.

    `steps`: of an epoch.
    """
    checkpoint = resumed.checkpoint
    position, parts = checkpoint.position, checkpoint.config.gradAccumSteps
    if position.step > steps:
        raise InputError(
            f"{shown(resumed.source)}: position.step: expected at most {steps}, the steps of an epoch, found "
            f"{position.step}."
        )
    taken = position.epoch * steps + position.step
    for name, expected in ((STEP, taken // parts), (PART, taken % parts)):
        counted = checkpoint.tensors.get(name)
        if counted is not None and int(counted) != expected:
            what = "steps before its position" if parts == 1 else f"of updates of {parts} batches before its position"
            raise InputError(f"{shown(resumed.source)}: {name}: expected {expected}, the {what}, found {int(counted)}.")


def is_complete(position: Position, config: TrainConfig) -> bool:
    """Whether a run has done all epochs of a recipe, or has stopped early as that asks for."""
    return position.epoch >= config.epochs or stopped_early(position, config)


def stopped_early(position: Position, config: TrainConfig) -> bool:
    """Whether no epoch was better for as long as a recipe has patience."""
    return 0 < config.earlyStopEpochs <= position.stale and not position.step
