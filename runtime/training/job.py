"""A training job, from a checked spec to a trained checkpoint: the stages in order, each a function in its own file."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from netspec.check import training_net
from netspec.errors import InputError
from netspec.loading import Spec
from netspec.text import shown
from runtime.compiler.compile import check_releases
from runtime.compiler.target import Target
from runtime.engine.iree import Device
from runtime.report import Report
from runtime.training.announce import announcement
from runtime.training.artefacts import Artefacts, artefacts_of, complete
from runtime.training.build import Built, build, check_device
from runtime.training.loop import Trainer
from runtime.training.prepare import Prepared, prepare
from runtime.training.preprocess import with_preprocessing
from runtime.training.record import Record, record_of
from runtime.training.resume import Opened, Origin, choose_run, is_complete, open_run
from runtime.training.run import Row, Run, same_folder
from runtime.training.start import Start
from runtime.training.teacher import find_teacher


@dataclass(frozen=True)
class Job:
    """The request of `netspec train`.

    Args:
        data: the image folder.
        output: the run folder; None: a new one under `runs`.
        resume: `auto`, a checkpoint, a run folder, or None.
        more_epochs: whether the epochs were given, so that a resumed run trains for so many.
        weights: what a new run starts from.
        preprocess: fields of `Preprocessing`, as texts, in place of what the spec or the weights say.
        max_steps: stop after so many steps, counted from the start of the run.
        max_unreadable: how many images may be left out because they cannot be read; None: a few, or 1 %.
        ignore_self_check: train although the device fails its self-check.
        fields: of the recipe, those that were given, where the rest is that of a bundled page: a run that is resumed
            has its own instead. None: all of the recipe was given, in a spec of the user's own or as `--recipe`.
        teacher: a checkpoint, or a run's folder, that the run learns from; a resumed run knows its own.
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
    weights: Start | None = None
    preprocess: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, object] | None = None
    teacher: Path | None = None


@dataclass(frozen=True)
class Outcome:
    """How a job ended.

    Args:
        finished: all epochs are done.
        interrupted: a signal requested a stop.
        accuracy, best_accuracy: on the validation images, 0 to 1, of the last epoch and of the best one; None before
            the first has ended.
        history: one row an epoch.
    """

    folder: Path
    finished: bool
    interrupted: bool
    accuracy: float | None = None
    best_accuracy: float | None = None
    history: tuple[Row, ...] = ()


def train(job: Job, report: Report) -> Outcome:
    """Run a job. Raises NetSpecError."""
    check_releases()
    device = Device(job.target)
    if job.target.note:
        report.say(job.target.note)
    chosen = choose_run(job.spec.net.name, data=job.data, output=job.output, resume=job.resume, report=report)
    with chosen.run.claimed():
        return _train(open_run(chosen, job.spec, job.weights, report), job, device, report)


def _train(opened: Opened, job: Job, device: Device, report: Report) -> Outcome:
    """Run a job in its claimed folder."""
    run, resumed = opened.run, opened.resumed
    net = with_preprocessing(opened, job.preprocess, report)
    config = job.spec.config
    if resumed is not None and job.fields is not None:
        config = replace(resumed.checkpoint.config, **job.fields)  # type: ignore[arg-type]
    prepared = prepare(
        replace(job.spec, net=net, config=config),
        resumed,
        origin=opened.origin,
        teacher=find_teacher(job.teacher, opened, training_net(net, config), config),
        data=job.data,
        max_unreadable=job.max_unreadable,
        more_epochs=job.more_epochs,
        report=report,
    )
    artefacts = artefacts_of(run, prepared, job.target, report)
    if resumed is not None and is_complete(resumed.checkpoint.position, prepared.config):
        return _completed(run, resumed, prepared, artefacts, report)
    check_device(device, job.target, ignore=job.ignore_self_check, report=report)
    built = build(opened, prepared, device, job.target, report)
    for line in announcement(prepared, resumed):
        report.say(line)
    _begin(opened, record_of(opened, prepared, data=job.data, target=job.target), built, artefacts)
    trainer = Trainer(
        prepared=prepared,
        session=built.session,
        teaching=built.teaching,
        run=run,
        report=report,
        max_steps=job.max_steps,
    )
    finished = trainer.train(built.position)
    artefacts.curve.draw(run.rows)
    if finished:
        complete(artefacts, run, report)
    return _outcome(run, finished, trainer.interrupted and not finished)


def _begin(opened: Opened, record: Record, built: Built, artefacts: Artefacts) -> None:
    """Write what a run's folder has before the first step."""
    run = opened.run
    run.begin(record.config, record.spec, resumed=opened.resumed is not None)
    for program, compiled in zip(built.programs, built.compiled, strict=True):
        run.add_program(program, compiled.program)
    run.add_program(artefacts.predict)
    run.recorded = artefacts.curve.grow


def _completed(run: Run, resumed: Origin, prepared: Prepared, artefacts: Artefacts, report: Report) -> Outcome:
    """The outcome of a run with no epochs left: what a kill may have left out is written."""
    position = resumed.checkpoint.position
    early = ", where it was stopped early" if position.epoch < prepared.config.epochs else ""
    report.say(f"this run is complete: {position.epoch} epochs{early}")
    if not same_folder(run.folder, resumed.source.parent):
        raise InputError(
            f"{shown(resumed.source)}: there is nothing to go on with in {shown(run.folder)}; ask for more --epochs."
        )
    run.resume(resumed.checkpoint, resumed.source)
    complete(artefacts, run, report)
    return _outcome(run, True, False)


def _outcome(run: Run, finished: bool, interrupted: bool) -> Outcome:
    accuracies = [row.val_accuracy for row in run.rows]
    last, best = (accuracies[-1], max(accuracies)) if accuracies else (None, None)
    return Outcome(run.folder, finished, interrupted, last, best, tuple(run.rows))
