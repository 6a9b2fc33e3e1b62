"""A training job from a checked spec to a trained checkpoint: images, programs, session, loop."""

import hashlib
import os
import platform
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from emit.expand import expand
from emit.graph import size
from emit.op import Tensor
from emit.ops import BatchNorm
from emit.program import Program
from netspec import __version__
from netspec.check import check_config, check_learns, check_net, doubts
from netspec.errors import DeviceError, InputError, NetSpecError
from netspec.language import NetSpec, TrainConfig, with_classes
from netspec.listing import listing
from netspec.load import Spec
from netspec.plain import config_to_plain, net_to_plain
from netspec.text import shown
from runtime.checkpoint import Checkpoint, Position, load
from runtime.compiler.compile import Compiled, check_releases, compile_programs
from runtime.compiler.target import Target
from runtime.compiler.tiling.tuned import chosen_lowerings, program_for
from runtime.data.batches import epoch_note, steps_per_epoch
from runtime.data.cache import ImageSet, open_images
from runtime.engine.iree import Device
from runtime.engine.session import Arrays, Session, initial_state
from runtime.report import Report
from runtime.system.packages import release
from runtime.system.paths import new_folder
from runtime.training import run as runs
from runtime.training.loop import Trainer
from runtime.training.plot import Curve
from runtime.training.start import read_weights, started_from
from runtime.verify.selfcheck import self_check


@dataclass(frozen=True)
class Job:
    """What was asked for.

    Args:
        data: the image folder.
        output: the run's folder; None: a new one under `runs`.
        resume: `auto`, a checkpoint, a run's folder, or None.
        more_epochs: whether the epochs were asked for, so that a run that began with others goes on to them.
        weights: a checkpoint, or a run's folder, whose weights a new run starts from.
        max_steps: stop after so many steps of the whole run.
        max_unreadable: how many images may be left out because they cannot be read; None: a few, or 1 %.
        ignore_self_check: go on although the device fails its self-check.
    """

    spec: Spec
    data: Path
    target: Target
    output: Path | None = None
    resume: str | None = None
    max_steps: int | None = None
    ignore_self_check: bool = False
    max_unreadable: int | None = None
    more_epochs: bool = False
    weights: Path | None = None


@dataclass(frozen=True)
class Outcome:
    """How a job ended.

    Args:
        finished: all epochs are done.
        interrupted: a signal asked it to stop.
        accuracy, best_accuracy: on the validation images, 0 to 1, of the last epoch and of the best one; None before
            the first has ended.
    """

    folder: Path
    finished: bool
    interrupted: bool
    accuracy: float | None = None
    best_accuracy: float | None = None


def train(job: Job, report: Report) -> Outcome:
    """Run a job. Raises NetSpecError."""
    check_releases()
    device = Device(job.target)
    if job.target.note:
        report.say(job.target.note)
    run, source = _choose_run(job, report)
    with run.claimed():
        if source is None:
            run.check_vacant()
        return _train_in(run, source, job, device, report)


@dataclass(frozen=True)
class _Begun:
    """A run that was begun before: the checkpoint to go on from, and its file."""

    checkpoint: Checkpoint
    source: Path

    def is_complete(self, config: TrainConfig) -> bool:
        return self.checkpoint.position.epoch >= config.epochs


def _train_in(run: runs.Run, source: Path | None, job: Job, device: Device, report: Report) -> Outcome:
    """The job in a folder that no other process is in, from a checkpoint or from the start."""
    begun = _Begun(load(source), source) if source is not None else None
    weights = read_weights(job.weights, job.spec.net) if job.weights is not None else None
    net, config = job.spec.net, job.spec.config
    images = _images(job, net, report)
    net = _fit_head(net, images, report)
    fingerprint = _fingerprint(images)
    if begun is not None:
        config = _resumed_recipe(begun, config, job, report)
        _check_resumed(begun, net, images, fingerprint, job)
    check_learns(net, config)
    for doubt in doubts(net, config):
        report.say(f"warning: {doubt}")
    whole_epochs = begun is None or begun.checkpoint.whole_epochs
    steps = steps_per_epoch(len(images.train.labels), config.batchSize, whole=whole_epochs)
    if begun is not None:
        _check_position(begun, steps)
    ending = _Ending(run, net, config, job.target, report)
    if begun is not None and begun.is_complete(config):
        return _completed(run, begun, config, ending, report)
    _check_device(job, device, report)

    graph = expand(net)
    parameters, statistics = graph.parameters(), graph.statistics()
    count = size(parameters)
    report.say(f"{net.name}: {count} params")
    report.say("Generating train step MLIR...")
    programs = [program_for(name, net, config, job.target) for name in ("train_step", "evaluate")]
    report.say(f"{len(programs[0].text)} chars")
    compiled = _compiled(programs, job.target, report)
    pairs = list(zip(programs, compiled, strict=True))
    session = Session(device, {made.entry_point: (made.program, program.manifest) for program, made in pairs})
    if begun is None:
        position = Position()
        session.restore(_initial(programs[0], config, images, weights, report), "the initial state")
    else:
        session.restore(begun.checkpoint.tensors, shown(begun.source))
        position = run.resume(begun.checkpoint, begun.source)
    report.say("session loaded")
    _announce(net, config, images, programs[0], steps, count, statistics, report)
    if note := epoch_note(len(images.train.labels), config.batchSize, whole=whole_epochs):
        report.say(note)
    if begun is not None:
        report.say(f"resuming at epoch {position.epoch + 1}, step {position.step}")

    record = _record(job, net, config, images, weights)
    heading = f"What this run of netspec {__version__} trains, as it was asked for."
    run.begin(
        record if begun is None else _resumed_record(record, begun, config),
        listing(net, config, heading),
        resumed=begun is not None,
    )
    for program, made in pairs:
        run.add_program(program, made.program)
    run.add_program(ending.predict)
    run.recorded = ending.curve.grow
    trainer = Trainer(
        net=net,
        config=config,
        images=images,
        fingerprint=fingerprint,
        session=session,
        run=run,
        report=report,
        max_steps=job.max_steps,
        whole_epochs=whole_epochs,
    )
    finished = trainer.train(position)
    ending.curve.draw(run.rows)
    if finished:
        ending.complete()
    return _outcome(run, finished, trainer.interrupted and not finished)


def _outcome(run: runs.Run, finished: bool, interrupted: bool) -> Outcome:
    accuracies = [row.val_accuracy for row in run.rows]
    last, best = (accuracies[-1], max(accuracies)) if accuracies else (None, None)
    return Outcome(run.folder, finished, interrupted, last, best)


def _completed(run: runs.Run, begun: _Begun, config: TrainConfig, ending: "_Ending", report: Report) -> Outcome:
    """Nothing is left to train: no more than what a kill may have left undone is written."""
    report.say(f"this run is complete: {config.epochs} epochs")
    if not runs.same_folder(run.folder, begun.source.parent):
        raise InputError(
            f"{shown(begun.source)}: there is nothing to go on with in {shown(run.folder)}; ask for more --epochs."
        )
    run.resume(begun.checkpoint, begun.source)
    ending.complete()
    return _outcome(run, True, False)


class _Ending:
    """What a run's folder gets beside checkpoints: its curve, and `predict`, compiled when training is over."""

    def __init__(self, run: runs.Run, net: NetSpec, config: TrainConfig, target: Target, report: Report) -> None:
        self._run, self._target, self._report = run, target, report
        self.predict = program_for("predict", net, replace(config, batchSize=1), target)
        self.curve = Curve(run.folder / runs.CURVE, net.name, report.say)

    def complete(self) -> None:
        """Whatever of it is not there yet. What fails here is said, and ends no run: all that was learnt is saved."""
        if not self._run.has_curve():
            self.curve.draw(self._run.rows)
        try:
            if not (self._run.folder / "predict.vmfb").exists():
                (compiled,) = compile_programs([self.predict], self._target, self._report)
                self._run.add_program(self.predict, compiled.program)
        except NetSpecError as wrong:
            self._report.say(f"the run is complete, without its predict.vmfb: {wrong}")


def _initial(
    program: Program, config: TrainConfig, images: ImageSet, weights: Checkpoint | None, report: Report
) -> Arrays:
    """The state that a new run begins with."""
    initial = initial_state(program.manifest.state(), config.seed)
    if weights is None:
        return initial
    state, new_head = started_from(weights, images.classes, initial)
    head = "the head is new, as its classes are others" if new_head else "its head too, as the classes are the same"
    report.say(f"starting from the weights of {weights.net.name} after {weights.position.epoch} epochs; {head}")
    return state


def _check_device(job: Job, device: Device, report: Report) -> None:
    """The device must compute right numbers. Raises DeviceError."""
    found = self_check(device, job.target, report)
    if found.passed:
        return
    wrong = f"{job.target} computes wrong numbers: {found.found}"
    if not job.ignore_self_check:
        raise DeviceError(
            f"{wrong}; update its driver or choose another IREE_BACKEND or IREE_CHIP, and see `netspec verify`, which "
            "narrows it down; --ignore-self-check trains all the same."
        )
    report.say(f"warning: {wrong}; going on, as --ignore-self-check asks")


def _choose_run(job: Job, report: Report) -> tuple[runs.Run, Path | None]:
    """The run's folder, and the checkpoint to go on from."""
    name = job.spec.net.name
    if job.resume is None:
        run = runs.Run(job.output or new_folder(name))
        run.check_vacant()
        return run, None
    if job.resume != "auto":
        return _resumed_run(runs.find_checkpoint(Path(job.resume), runs.TO_RESUME), job)
    folder = job.output or runs.newest(name)
    source = folder and runs.find_checkpoint(folder, runs.TO_RESUME)
    if folder is None or source is None or not os.path.lexists(source):
        report.say(f"nothing to resume in {shown(folder or Path('runs'))}: starting anew")
        run = runs.Run(folder or new_folder(name))
        run.check_vacant()
        return run, None
    report.say(f"resuming {shown(folder)}")
    return _resumed_run(source, job)


def _resumed_run(source: Path, job: Job) -> tuple[runs.Run, Path]:
    """The run that goes on from a checkpoint, in its folder or in a new one. Raises InputError."""
    checkpoint = load(source)
    if runs.is_run(source.parent):
        runs.check_record(source.parent, runs.read_record(source.parent), source, checkpoint)
    run = runs.Run(job.output or source.parent)
    if not runs.same_folder(run.folder, source.parent):
        run.check_vacant()
        return run, source
    run.check_ours()
    if run.last.exists() and source.name != runs.LAST:
        raise InputError(
            f"{shown(run.folder)}: holds a {runs.LAST} other than {shown(source)}, which would be lost; choose another "
            "--output."
        )
    return run, source


def _images(job: Job, net: NetSpec, report: Report) -> ImageSet:
    with report.bar(f"Reading images of {shown(job.data)}", "images") as progress:
        images = open_images(
            job.data,
            net.imageH,
            net.imageW,
            report=report.say,
            progress=progress,
            max_unreadable=job.max_unreadable,
        )
    height, width = images.train.images.shape[1:3]
    source = ", from the cache" if images.from_cache else ""
    report.say(f"train: {len(images.train.labels)} images ({height}×{width}){source}")
    report.say(f"val: {len(images.val.labels)} images, {len(images.classes)} classes")
    return images


def _fit_head(net: NetSpec, images: ImageSet, report: Report) -> NetSpec:
    found = len(images.classes)
    if net.classes == found:
        return net
    report.say(f"the head has {net.classes} classes and the images have {found}: the head takes {found}")
    fitted = with_classes(net, found)
    check_net(fitted)
    return fitted


def _fingerprint(images: ImageSet) -> str:
    """What decides which images a run sees: of every file of both splits the name, the label and the size."""
    digest = hashlib.sha256()
    for split in (images.train, images.val):
        files = zip(split.files, split.labels.tolist(), split.sizes, strict=True)
        lines = "".join(f"{file}\0{label}\0{size}\n" for file, label, size in files)
        digest.update(f"{lines}\n".encode("utf-8", "surrogatepass"))  # names that are no valid UTF-8
    return f"2:{digest.hexdigest()[:32]}"


def _older_fingerprint(images: ImageSet) -> str:
    """As checkpoints had it first: training images alone, without sizes."""
    digest = hashlib.sha256()
    for file, label in zip(images.train.files, images.train.labels, strict=True):
        digest.update(f"{file}\0{label}\n".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:32]


def _resumed_recipe(begun: _Begun, config: TrainConfig, job: Job, report: Report) -> TrainConfig:
    """The recipe to go on with: the run's own, but for its epochs where others were asked for. Raises InputError."""
    checkpoint = begun.checkpoint
    before, after = config_to_plain(checkpoint.config), config_to_plain(config)
    changed = {name for name in after if after[name] != before[name]}
    if not changed:
        return config
    if job.more_epochs and "epochs" in changed and changed <= {"epochs", "warmupEpochs"}:
        return _with_epochs(checkpoint, config.epochs, report)
    listed = ", ".join(f"{name}={after[name]} (was {before[name]})" for name in after if name in changed)
    raise InputError(
        f"cannot resume: the recipe changed: {listed}; ask for what the run began with (--epochs alone may differ), or "
        f"start a new run from its weights: --weights {shown(begun.source)}."
    )


def _with_epochs(checkpoint: Checkpoint, epochs: int, report: Report) -> TrainConfig:
    before, position = checkpoint.config, checkpoint.position
    begun = position.epoch + (1 if position.step else 0)
    if epochs < begun:
        raise InputError(f"cannot resume: expected at least the {begun} epochs that the run has begun, found {epochs}.")
    config = replace(before, epochs=epochs)
    check_config(config)
    bits = "as the learning rate falls by epochs, not to the bits of an unbroken run" if before.cosineDecay else ""
    report.say(f"going on to {epochs} epochs, where the run began with {before.epochs}{bits and '; ' + bits}")
    return config


def _check_position(begun: _Begun, steps: int) -> None:
    """A run stands where a run can stand, and its optimizer has counted the same steps. Raises InputError."""
    position, counted = begun.checkpoint.position, begun.checkpoint.tensors.get("step")
    if position.step > steps:
        raise InputError(
            f"{shown(begun.source)}: position.step: expected at most {steps}, the steps of an epoch, found "
            f"{position.step}."
        )
    taken = position.epoch * steps + position.step
    if counted is not None and int(counted) != taken:
        raise InputError(
            f"{shown(begun.source)}: step: expected {taken}, as many as its position has behind it, found "
            f"{int(counted)}."
        )


def _check_resumed(begun: _Begun, net: NetSpec, images: ImageSet, fingerprint: str, job: Job) -> None:
    """The run to go on with is the one that was begun. Raises InputError."""
    checkpoint = begun.checkpoint
    elsewhere = f"start a new run from its weights: --weights {shown(begun.source)}"
    if net_to_plain(checkpoint.net) != net_to_plain(with_classes(net, checkpoint.net.classes)):
        raise InputError(
            f"cannot resume: the network, or its image size, is not the one that the run began with; {elsewhere}."
        )
    if checkpoint.classes != images.classes:
        before, after = (shown(", ".join(names)) for names in (checkpoint.classes, images.classes))
        raise InputError(
            f"cannot resume: the run began with the classes {before}; the images have {after}; {elsewhere}."
        )
    if checkpoint.images not in (fingerprint, _older_fingerprint(images)):
        raise InputError(
            f"cannot resume: the images in {shown(job.data)} are not those that the run began with (files were added, "
            f"removed or changed); give those, or {elsewhere}."
        )


def _record(
    job: Job, net: NetSpec, config: TrainConfig, images: ImageSet, weights: Checkpoint | None
) -> dict[str, Any]:
    """What a run's folder says of it: what was asked for, and where it began."""
    record = {
        "net": net_to_plain(net),
        "config": config_to_plain(config),
        "seed": config.seed,
        "classes": list(images.classes),
        **_circumstances(job),
    }
    if weights is not None and job.weights is not None:
        record["weights"] = {
            "from": str(job.weights.absolute()),
            "epoch": weights.position.epoch,
            "images": weights.images,
        }
    return record


def _circumstances(job: Job) -> dict[str, Any]:
    packages = ("iree-base-compiler", "iree-base-runtime", "numpy", "pillow", "safetensors")
    return {
        "data": str(job.data.resolve()),
        "target": {"backend": job.target.backend, "chip": job.target.chip, "flags": list(job.target.flags)},
        "versions": {
            "netspec": __version__,
            "python": platform.python_version(),
            **{name: release(name) for name in packages},
        },
        "machine": f"{platform.system()} {platform.machine()}",
        "command": sys.argv,
    }


def _resumed_record(record: dict[str, Any], begun: _Begun, config: TrainConfig) -> dict[str, Any]:
    """What the run's folder said before, and beneath it that it went on: where, from what, and under what."""
    folder, position = begun.source.parent, begun.checkpoint.position
    known = runs.read_record(folder) if runs.is_run(folder) else record
    before = known.get("resumed", [])
    step = {
        "from": str(begun.source.absolute()),
        "epoch": position.epoch,
        "step": position.step,
        "epochs": config.epochs,
        "epochs_before": begun.checkpoint.config.epochs,
        **{name: record[name] for name in ("data", "target", "versions", "machine", "command")},
    }
    return {
        **known,
        "config": config_to_plain(config),
        "resumed": [*(before if isinstance(before, list) else []), step],
    }


def _compiled(programs: list[Program], target: Target, report: Report) -> list[Compiled]:
    compiled = compile_programs(programs, target, report)
    cached = [program.entry_point for program in compiled if program.cached]
    if cached:
        report.say(f"{' and '.join(cached)}: compiled before, taken from the cache")
    tiled = max(program.tiles for program in compiled)
    if tiled:
        report.say(f"products and convolutions: {tiled} shapes cut by measured tiles")
    if forms := sum(len(chosen_lowerings(target, program.manifest.entry_point)) for program in programs):
        report.say(f"forms: {forms} measured here go before the rules, where the programs ask for them")
    return compiled


def _announce(
    net: NetSpec,
    config: TrainConfig,
    images: ImageSet,
    program: Program,
    steps: int,
    count: int,
    statistics: list[tuple[str, Tensor]],
    report: Report,
) -> None:
    slots = [entry.name for entry in program.manifest.named("slot")]
    copies = 1 + len(slots) // max(len(program.manifest.named("parameter")), 1)
    optimizer = "Adam" if config.useAdam else f"SGD, momentum={config.momentum:g}"
    kept = " + m + v" if config.useAdam else " + momentum" if copies > 1 else ""
    report.say(f"{count} params{kept} ({4 * copies * count / 2**20:.0f} MB)")
    report.say(f"training: {steps} batches/epoch, batch={config.batchSize}, {optimizer}, lr={config.learningRate:.6f},")
    decay = "cosine" if config.cosineDecay else "constant"
    report.say(
        f"{decay}, warmup={config.warmupEpochs}, label_smooth={config.labelSmoothing:g}, wd={config.weightDecay:g}, "
        f"augment={'on' if config.augment else 'off'}, seed={config.seed}"
    )
    if config.precision != "f32":
        report.say(
            f"precision: products (not depthwise ones) and kept activations of a step in {config.precision}; "
            "sums, weights, statistics, optimizer and evaluation in f32"
        )
    layers = sum(isinstance(node.op, BatchNorm) for node in expand(net).nodes.values())
    report.say(f"BN layers: {layers}, BN stat floats: {size(statistics)}")
