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
from emit.ops.batch_norm import BatchNorm
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
from runtime.data.folder import is_within_classes
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
    """The request of `netspec train`.

    Args:
        data: the image folder.
        output: the run folder; None: a new one under `runs`.
        resume: `auto`, a checkpoint, a run folder, or None.
        more_epochs: whether the epochs were given, so that a resumed run trains for so many.
        weights: a checkpoint, or a run folder, whose weights a new run starts from.
        max_steps: stop after so many steps, counted from the start of the run.
        max_unreadable: how many images may be left out because they cannot be read; None: a few, or 1 %.
        ignore_self_check: train although the device fails its self-check.
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
        interrupted: a signal requested a stop.
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
class _Resumed:
    """A run to resume: its checkpoint, and the checkpoint's file."""

    checkpoint: Checkpoint
    source: Path

    def is_complete(self, config: TrainConfig) -> bool:
        return self.checkpoint.position.epoch >= config.epochs


def _train_in(run: runs.Run, source: Path | None, job: Job, device: Device, report: Report) -> Outcome:
    """Run a job in a claimed folder, from a checkpoint or from the start."""
    resumed = _Resumed(load(source), source) if source is not None else None
    weights = read_weights(job.weights, job.spec.net) if job.weights is not None else None
    net, config = job.spec.net, job.spec.config
    images = _images(job, net, report)
    net = _fit_head(net, images, report)
    fingerprint = _fingerprint(images)
    if resumed is not None:
        config = _resumed_recipe(resumed, config, job, report)
        _check_resumed(resumed, net, images, fingerprint, job)
    check_learns(net, config)
    for doubt in doubts(net, config):
        report.say(f"warning: {doubt}")
    whole_epochs = resumed is None or resumed.checkpoint.whole_epochs
    steps = steps_per_epoch(len(images.train.labels), config.batchSize, whole_epochs=whole_epochs)
    if resumed is not None:
        _check_position(resumed, steps)
    artefacts = _Artefacts(run, net, config, job.target, report)
    if resumed is not None and resumed.is_complete(config):
        return _completed(run, resumed, config, artefacts, report)
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
    session = Session(device, {binary.entry_point: (binary.program, program.manifest) for program, binary in pairs})
    if resumed is None:
        position = Position()
        session.restore(_initial(programs[0], config, images, weights, report), "the initial state")
    else:
        session.restore(resumed.checkpoint.tensors, shown(resumed.source))
        position = run.resume(resumed.checkpoint, resumed.source)
    report.say("session loaded")
    _announce(net, config, images, programs[0], steps, count, statistics, report)
    if note := epoch_note(len(images.train.labels), config.batchSize, whole_epochs=whole_epochs):
        report.say(note)
    if resumed is not None:
        report.say(f"resuming at epoch {position.epoch + 1}, step {position.step}")

    record = _record(job, net, config, images, weights)
    heading = f"What this run of netspec {__version__} trains, as it was asked for."
    run.begin(
        record if resumed is None else _resumed_record(record, resumed, config),
        listing(net, config, heading),
        resumed=resumed is not None,
    )
    for program, binary in pairs:
        run.add_program(program, binary.program)
    run.add_program(artefacts.predict)
    run.recorded = artefacts.curve.grow
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
    artefacts.curve.draw(run.rows)
    if finished:
        artefacts.complete()
    return _outcome(run, finished, trainer.interrupted and not finished)


def _outcome(run: runs.Run, finished: bool, interrupted: bool) -> Outcome:
    accuracies = [row.val_accuracy for row in run.rows]
    last, best = (accuracies[-1], max(accuracies)) if accuracies else (None, None)
    return Outcome(run.folder, finished, interrupted, last, best)


def _completed(
    run: runs.Run, resumed: _Resumed, config: TrainConfig, artefacts: "_Artefacts", report: Report
) -> Outcome:
    """The outcome of a run with no epochs left: what a kill may have left out is written."""
    report.say(f"this run is complete: {config.epochs} epochs")
    if not runs.same_folder(run.folder, resumed.source.parent):
        raise InputError(
            f"{shown(resumed.source)}: there is nothing to go on with in {shown(run.folder)}; ask for more --epochs."
        )
    run.resume(resumed.checkpoint, resumed.source)
    artefacts.complete()
    return _outcome(run, True, False)


class _Artefacts:
    """A run folder's curve, and its program `predict`, which is compiled when training is over."""

    def __init__(self, run: runs.Run, net: NetSpec, config: TrainConfig, target: Target, report: Report) -> None:
        self._run, self._target, self._report = run, target, report
        self.predict = program_for("predict", net, replace(config, batchSize=1), target)
        self.curve = Curve(run.folder / runs.CURVE, net.name, report.say)

    def complete(self) -> None:
        """Write what is missing. A failure is reported and does not fail the run: its checkpoints are saved."""
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
    """The initial state of a new run."""
    initial = initial_state(program.manifest.state(), config.seed)
    if weights is None:
        return initial
    state, new_head = started_from(weights, images.classes, initial)
    head = "the head is new, as its classes are others" if new_head else "its head too, as the classes are the same"
    report.say(f"starting from the weights of {weights.net.name} after {weights.position.epoch} epochs; {head}")
    return state


def _check_device(job: Job, device: Device, report: Report) -> None:
    """Run the self-check. Raises DeviceError where it fails, unless the job ignores that."""
    check = self_check(device, job.target, report)
    if check.passed:
        return
    wrong = f"{job.target} computes wrong numbers: {check.found}"
    if not job.ignore_self_check:
        raise DeviceError(
            f"{wrong}; update its driver or choose another IREE_BACKEND or IREE_CHIP, and see `netspec verify`, which "
            "narrows it down; --ignore-self-check trains all the same."
        )
    report.say(f"warning: {wrong}; going on, as --ignore-self-check asks")


def _choose_run(job: Job, report: Report) -> tuple[runs.Run, Path | None]:
    """The run, and the checkpoint to resume from; None for a new run."""
    if job.output is not None and is_within_classes(job.output, job.data):
        raise InputError(
            f"{shown(job.output)}: lies among the images of {shown(job.data)}, and a run's picture would be one of "
            "them; choose another --output."
        )
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
    """The run that resumes from a checkpoint, in its folder or in a new one. Raises InputError."""
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
    classes = len(images.classes)
    if net.classes == classes:
        return net
    report.say(f"the head has {net.classes} classes and the images have {classes}: the head is resized to {classes}")
    fitted = with_classes(net, classes)
    check_net(fitted)
    return fitted


def _fingerprint(images: ImageSet) -> str:
    """A hash of what a run trains on: name, label and size of every file of both splits."""
    digest = hashlib.sha256()
    for split in (images.train, images.val):
        files = zip(split.files, split.labels.tolist(), split.sizes, strict=True)
        lines = "".join(f"{file}\0{label}\0{size}\n" for file, label, size in files)
        digest.update(f"{lines}\n".encode("utf-8", "surrogatepass"))  # names that are no valid UTF-8
    return f"2:{digest.hexdigest()[:32]}"


def _older_fingerprint(images: ImageSet) -> str:
    """The fingerprint of early checkpoints: training images alone, without sizes."""
    digest = hashlib.sha256()
    for file, label in zip(images.train.files, images.train.labels, strict=True):
        digest.update(f"{file}\0{label}\n".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:32]


def _resumed_recipe(resumed: _Resumed, config: TrainConfig, job: Job, report: Report) -> TrainConfig:
    """The recipe of a resumed run: its own, with the epochs that were given. Raises InputError."""
    checkpoint = resumed.checkpoint
    before, after = config_to_plain(checkpoint.config), config_to_plain(config)
    changed = {name for name in after if after[name] != before[name]}
    if not changed:
        return config
    if job.more_epochs and "epochs" in changed and changed <= {"epochs", "warmupEpochs"}:
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
    bits = "as the learning rate falls by epochs, not to the bits of an unbroken run" if before.cosineDecay else ""
    report.say(f"going on to {epochs} epochs, where the run began with {before.epochs}{bits and '; ' + bits}")
    return config


def _check_position(resumed: _Resumed, steps: int) -> None:
    """Raises InputError unless a checkpoint's position is valid and agrees with the optimizer's step counter."""
    position, counted = resumed.checkpoint.position, resumed.checkpoint.tensors.get("step")
    if position.step > steps:
        raise InputError(
            f"{shown(resumed.source)}: position.step: expected at most {steps}, the steps of an epoch, found "
            f"{position.step}."
        )
    taken = position.epoch * steps + position.step
    if counted is not None and int(counted) != taken:
        raise InputError(
            f"{shown(resumed.source)}: step: expected {taken}, the steps before its position, found {int(counted)}."
        )


def _check_resumed(resumed: _Resumed, net: NetSpec, images: ImageSet, fingerprint: str, job: Job) -> None:
    """Raises InputError unless network, classes and images are those of the run to resume."""
    checkpoint = resumed.checkpoint
    elsewhere = f"start a new run from its weights: --weights {shown(resumed.source)}"
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
    """The record of a run (`config.json`): the request, and where it started."""
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


def _resumed_record(record: dict[str, Any], resumed: _Resumed, config: TrainConfig) -> dict[str, Any]:
    """The record of a resumed run: the earlier record, and under `resumed` where and how it went on."""
    folder, position = resumed.source.parent, resumed.checkpoint.position
    known = runs.read_record(folder) if runs.is_run(folder) else record
    earlier = known.get("resumed", [])
    resumption = {
        "from": str(resumed.source.absolute()),
        "epoch": position.epoch,
        "step": position.step,
        "epochs": config.epochs,
        "epochs_before": resumed.checkpoint.config.epochs,
        **{name: record[name] for name in ("data", "target", "versions", "machine", "command")},
    }
    return {
        **known,
        "config": config_to_plain(config),
        "resumed": [*(earlier if isinstance(earlier, list) else []), resumption],
    }


def _compiled(programs: list[Program], target: Target, report: Report) -> list[Compiled]:
    compiled = compile_programs(programs, target, report)
    cached = [program.entry_point for program in compiled if program.cached]
    if cached:
        report.say(f"{' and '.join(cached)}: compiled before, taken from the cache")
    tiled = max(program.tiles for program in compiled)
    if tiled:
        report.say(f"matmuls and convolutions: {tiled} shapes with measured tiles")
    if measured := sum(len(chosen_lowerings(target, program.manifest.entry_point)) for program in programs):
        report.say(f"lowerings: {measured} choices measured on this machine")
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
            f"precision: matmuls, convolutions (not depthwise) and saved activations of a step in {config.precision}; "
            "accumulation, weights, statistics, optimizer and evaluation in f32"
        )
    layers = sum(isinstance(node.op, BatchNorm) for node in expand(net).nodes.values())
    report.say(f"BN layers: {layers}, BN stat floats: {size(statistics)}")
