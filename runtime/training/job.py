"""A training job from a checked spec to a trained checkpoint: images, programs, session, loop."""

import platform
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emit.expand import expand
from emit.graph import size
from emit.ops.batch_norm import BatchNorm
from emit.program import Program
from netspec import __version__
from netspec.errors import InputError
from netspec.language import NetSpec, TrainConfig
from netspec.listing import listing
from netspec.load import Spec
from netspec.plain import config_to_plain, net_to_plain
from netspec.text import shown
from runtime.compiler.compile import check_releases
from runtime.compiler.target import Target
from runtime.data.batches import epoch_note
from runtime.data.cache import ImageSet
from runtime.engine.iree import Device
from runtime.report import Report
from runtime.system.packages import release
from runtime.training import run as runs
from runtime.training.artefacts import Artefacts, artefacts_of, complete
from runtime.training.build import build, check_device
from runtime.training.loop import Trainer
from runtime.training.prepare import Prepared, prepare
from runtime.training.resume import Opened, Origin, choose_run, is_complete, open_run


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
    chosen = choose_run(job.spec.net.name, data=job.data, output=job.output, resume=job.resume, report=report)
    with chosen.run.claimed():
        return _train(open_run(chosen, job.spec.net, job.weights), job, device, report)


def _train(opened: Opened, job: Job, device: Device, report: Report) -> Outcome:
    """Run a job in its claimed folder."""
    run, resumed, weights = opened.run, opened.resumed, opened.weights
    prepared = prepare(
        job.spec,
        resumed,
        data=job.data,
        max_unreadable=job.max_unreadable,
        more_epochs=job.more_epochs,
        report=report,
    )
    net, config, images = prepared.net, prepared.config, prepared.images
    artefacts = artefacts_of(run, prepared, job.target, report)
    if resumed is not None and is_complete(resumed, config):
        return _completed(run, resumed, prepared, artefacts, report)
    check_device(device, job.target, ignore=job.ignore_self_check, report=report)
    built = build(opened, prepared, device, job.target, report)
    _announce(net, config, images, built.programs[0], prepared.steps, report)
    if note := epoch_note(len(images.train.labels), config.batchSize, whole_epochs=prepared.whole_epochs):
        report.say(note)
    if resumed is not None:
        report.say(f"resuming at epoch {built.position.epoch + 1}, step {built.position.step}")

    record = _record(job, net, config, images, weights)
    heading = f"What this run of netspec {__version__} trains, as it was asked for."
    run.begin(
        record if resumed is None else _resumed_record(record, resumed, config),
        listing(net, config, heading),
        resumed=resumed is not None,
    )
    for program, compiled in zip(built.programs, built.compiled, strict=True):
        run.add_program(program, compiled.program)
    run.add_program(artefacts.predict)
    run.recorded = artefacts.curve.grow
    trainer = Trainer(
        net=net,
        config=config,
        images=images,
        fingerprint=prepared.fingerprint,
        session=built.session,
        run=run,
        report=report,
        max_steps=job.max_steps,
        whole_epochs=prepared.whole_epochs,
    )
    finished = trainer.train(built.position)
    artefacts.curve.draw(run.rows)
    if finished:
        complete(artefacts, run, report)
    return _outcome(run, finished, trainer.interrupted and not finished)


def _outcome(run: runs.Run, finished: bool, interrupted: bool) -> Outcome:
    accuracies = [row.val_accuracy for row in run.rows]
    last, best = (accuracies[-1], max(accuracies)) if accuracies else (None, None)
    return Outcome(run.folder, finished, interrupted, last, best)


def _completed(run: runs.Run, resumed: Origin, prepared: Prepared, artefacts: Artefacts, report: Report) -> Outcome:
    """The outcome of a run with no epochs left: what a kill may have left out is written."""
    report.say(f"this run is complete: {prepared.config.epochs} epochs")
    if not runs.same_folder(run.folder, resumed.source.parent):
        raise InputError(
            f"{shown(resumed.source)}: there is nothing to go on with in {shown(run.folder)}; ask for more --epochs."
        )
    run.resume(resumed.checkpoint, resumed.source)
    complete(artefacts, run, report)
    return _outcome(run, True, False)


def _record(job: Job, net: NetSpec, config: TrainConfig, images: ImageSet, weights: Origin | None) -> dict[str, Any]:
    """The record of a run (`config.json`): the request, and where it started."""
    record = {
        "net": net_to_plain(net),
        "config": config_to_plain(config),
        "seed": config.seed,
        "classes": list(images.classes),
        **_circumstances(job),
    }
    if weights is not None:
        record["weights"] = {
            "from": str(weights.source.absolute()),
            "epoch": weights.checkpoint.position.epoch,
            "images": weights.checkpoint.images,
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


def _resumed_record(record: dict[str, Any], resumed: Origin, config: TrainConfig) -> dict[str, Any]:
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


def _announce(
    net: NetSpec,
    config: TrainConfig,
    images: ImageSet,
    program: Program,
    steps: int,
    report: Report,
) -> None:
    graph = expand(net)
    count = size(graph.parameters())
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
    layers = sum(isinstance(node.op, BatchNorm) for node in graph.nodes.values())
    report.say(f"BN layers: {layers}, BN stat floats: {size(graph.statistics())}")
