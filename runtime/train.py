"""A training job from a checked spec to a trained checkpoint: images, programs, session, loop."""

import hashlib
import platform
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from emit.expand import expand
from emit.graph import size
from emit.op import Tensor
from emit.ops import BatchNorm
from emit.program import Program
from netspec import __version__
from netspec.check import check_learns, check_net, doubts
from netspec.errors import DeviceError, InputError
from netspec.language import NetSpec, TrainConfig, with_classes
from netspec.load import Spec
from netspec.plain import config_to_plain, net_to_plain
from runtime import run as runs
from runtime.checkpoint import Checkpoint, Position, load
from runtime.compile import check_releases, compile_programs
from runtime.data.batches import epoch_note, steps_per_epoch
from runtime.data.cache import ImageSet, open_images
from runtime.device import Device
from runtime.loop import Trainer
from runtime.plot import draw_curve
from runtime.report import Report
from runtime.session import Session, initial_state
from runtime.target import Target
from runtime.tuned import chosen_forms, program_for
from runtime.verify.selfcheck import self_check


@dataclass(frozen=True)
class Job:
    """What was asked for.

    Args:
        data: the image folder.
        output: the run's folder; None: a new one under `runs`.
        resume: `auto`, a checkpoint, a run's folder, or None.
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


def _train_in(run: runs.Run, source: Path | None, job: Job, device: Device, report: Report) -> Outcome:
    """The job in a folder that no other process is in, from a checkpoint or from the start."""
    checkpoint = load(source) if source is not None else None
    net, config = job.spec.net, job.spec.config
    images = _images(job, net, report)
    net = _fit_head(net, images, report)
    check_learns(net, config)
    for doubt in doubts(net, config):
        report.say(f"warning: {doubt}")
    whole_epochs = checkpoint is None or checkpoint.whole_epochs
    steps = steps_per_epoch(len(images.train.labels), config.batchSize, whole=whole_epochs)
    fingerprint = _fingerprint(images)
    if checkpoint is not None:
        _check_resumed(checkpoint, net, config, images, fingerprint, report)
    _check_device(job, device, report)

    graph = expand(net)
    parameters, statistics = graph.parameters(), graph.statistics()
    count = size(parameters)
    report.say(f"{net.name}: {count} params")
    report.say("Generating train step MLIR...")
    programs = [program_for(name, net, config, job.target) for name in ("train_step", "evaluate")]
    report.say(f"{len(programs[0].text)} chars")
    session = _session(device, programs, job.target, report)
    position = Position()
    if checkpoint is not None and source is not None:
        session.restore(checkpoint.tensors, str(source))
        position = run.resume(checkpoint, source)
    else:
        session.restore(initial_state(programs[0].manifest.state(), config.seed), "the initial state")
    report.say("session loaded")
    _announce(net, config, images, programs[0], steps, count, statistics, report)
    if note := epoch_note(len(images.train.labels), config.batchSize, whole=whole_epochs):
        report.say(note)
    if checkpoint is not None:
        done = position.epoch >= config.epochs
        place = f"at epoch {position.epoch + 1}, step {position.step}"
        report.say(f"this run is complete: {config.epochs} epochs" if done else f"resuming {place}")

    asked = _as_used(job, net, config, images)
    run.create(source=job.spec.source, config=asked, programs=programs, resumed=checkpoint is not None)
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
    if run.rows:
        draw_curve(run.folder / "curve.png", net.name, run.rows)
    accuracies = [row.val_accuracy for row in run.rows]
    last, best = (accuracies[-1], max(accuracies)) if accuracies else (None, None)
    return Outcome(run.folder, finished, trainer.interrupted and not finished, last, best)


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
        run = runs.Run(job.output or runs.new_folder(name))
        run.check_vacant()
        return run, None
    if job.resume != "auto":
        path = runs.find_checkpoint(Path(job.resume))
        load(path)
        run = runs.Run(job.output or path.parent)
        if run.last.exists() and run.last.resolve() != path.resolve():
            raise InputError(
                f"{run.folder}: holds a {runs.LAST} other than {path}, which would be lost; choose another --output."
            )
        return run, path
    folder = job.output or runs.newest(name)
    if folder is None or not (folder / runs.LAST).exists():
        where = folder or Path("runs")
        report.say(f"nothing to resume in {where}: starting anew")
        run = runs.Run(folder or runs.new_folder(name))
        run.check_vacant()
        return run, None
    report.say(f"resuming {folder}")
    return runs.Run(folder), folder / runs.LAST


def _images(job: Job, net: NetSpec, report: Report) -> ImageSet:
    with report.bar(f"Reading images of {job.data}", "images") as progress:
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
    """What decides which images a step sees."""
    digest = hashlib.sha256()
    for file, label in zip(images.train.files, images.train.labels, strict=True):
        digest.update(f"{file}\0{label}\n".encode("utf-8", "surrogatepass"))  # names that are no valid UTF-8
    return digest.hexdigest()[:32]


def _check_resumed(
    checkpoint: Checkpoint, net: NetSpec, config: TrainConfig, images: ImageSet, fingerprint: str, report: Report
) -> None:
    """The run to go on with is the one that was begun."""
    before, after = config_to_plain(checkpoint.config), config_to_plain(config)
    changed = [f"{name}={after[name]} (was {before[name]})" for name in after if after[name] != before[name]]
    if changed:
        raise InputError(f"cannot resume: the recipe changed: {', '.join(changed)}; ask for what the run began with.")
    if net_to_plain(checkpoint.net) != net_to_plain(net):
        raise InputError("cannot resume: the network, or its image size, is not the one that the run began with.")
    if checkpoint.classes != images.classes:
        raise InputError(
            f"cannot resume: the run began with the classes {', '.join(checkpoint.classes)}; the images have "
            f"{', '.join(images.classes)}."
        )
    if checkpoint.images != fingerprint:
        report.say("the training images are not those that the run began with: it will not repeat them bit by bit")


def _as_used(job: Job, net: NetSpec, config: TrainConfig, images: ImageSet) -> dict[str, object]:
    packages = ("iree-base-compiler", "iree-base-runtime", "numpy", "pillow", "safetensors")
    return {
        "net": net_to_plain(net),
        "config": config_to_plain(config),
        "seed": config.seed,
        "data": str(job.data.resolve()),
        "classes": list(images.classes),
        "target": {"backend": job.target.backend, "chip": job.target.chip, "flags": list(job.target.flags)},
        "versions": {
            "netspec": __version__,
            "python": platform.python_version(),
            **{name: version(name) for name in packages},
        },
        "machine": f"{platform.system()} {platform.machine()}",
        "command": sys.argv,
    }


def _session(device: Device, programs: list[Program], target: Target, report: Report) -> Session:
    compiled = compile_programs(programs, target, report)
    cached = [program.entry_point for program in compiled if program.cached]
    if cached:
        report.say(f"{' and '.join(cached)}: compiled before, taken from the cache")
    tiled = max(program.tiles for program in compiled)
    if tiled:
        report.say(f"products and convolutions: {tiled} shapes cut by measured tiles")
    if forms := sum(len(chosen_forms(target, program.manifest.entry_point)) for program in programs):
        report.say(f"forms: {forms} measured here go before the rules, where the programs ask for them")
    pairs = zip(programs, compiled, strict=True)
    return Session(device, {made.entry_point: (made.program, program.manifest) for program, made in pairs})


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
