"""The training loop: epochs of steps, validation after every epoch, checkpoints, and a stop that loses nothing."""

import math
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import FrameType

import numpy as np

from netspec.check import training_net
from netspec.errors import TrainingError
from netspec.recipe import augmentations_of, mixing_of, sampling_of, schedule_of
from runtime.checkpoint import Checkpoint, Position
from runtime.data.augmentation import setting_of
from runtime.data.batches import Batch, prefetch, train_batches
from runtime.engine.iree import Buffer
from runtime.engine.session import Session
from runtime.report import Report, TrainingLine
from runtime.tasks import task_of
from runtime.tasks.evaluate import evaluate
from runtime.tasks.task import Score
from runtime.training.prepare import Prepared
from runtime.training.resume import is_complete
from runtime.training.run import Row, Run
from runtime.training.schedule import learning_rate
from runtime.training.teacher import Teaching

PLAIN_LINES_AN_EPOCH = 4
REDRAW_SECONDS = 0.25


class Stop:
    """Whether a run is to stop: after Ctrl-C, a termination signal, a closed terminal, or a broken pipe of the log.

    A handler prints nothing: it may interrupt a line that is being written.
    """

    def __init__(self) -> None:
        self.requested = False
        self._by_user = False

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Handle signals: the first requests a stop, the second interrupts; a broken pipe, which repeats, never."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def request(number: int, frame: FrameType | None) -> None:
            self.requested = True
            if number == signal.SIGPIPE:
                return
            if self._by_user:
                raise KeyboardInterrupt
            self._by_user = True

        numbers = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE}
        if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:  # as nohup wants it
            numbers.remove(signal.SIGHUP)
        before = {number: signal.signal(number, request) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


class Trainer:
    """The training loop of one run."""

    def __init__(
        self,
        *,
        prepared: Prepared,
        session: Session,
        run: Run,
        report: Report,
        teaching: Teaching | None = None,
        max_steps: int | None = None,
    ) -> None:
        self._net, self._config, self._images = prepared.net, prepared.config, prepared.images
        self._fingerprint, self._steps = prepared.fingerprint, prepared.steps
        self._whole_epochs, self._origin = prepared.whole_epochs, prepared.origin
        self._session, self._run, self._report = session, run, report
        self._teacher, self._teaching = prepared.teacher, teaching
        self._schedule = schedule_of(prepared.config)
        self._max_steps = max_steps
        self._pending: list[tuple[int, Buffer]] = []
        self._latest: float | None = None
        self._losses = 0.0
        self._waited = 0.0
        self._stop = Stop()

    def train(self, start: Position) -> bool:
        """Train from a position to the end; False when it was stopped before. The state is saved either way.

        Raises TrainingError when a loss, or the state to save, is not finite.
        """
        with self._stop.listening(), self._report.training() as line:
            position = start
            while not is_complete(position, self._config):
                position = self._epoch(position, line)
                if position.step < self._steps:
                    return self._stopped_at(position)
                score = self._validate(position, line)
                plain = self._validate(position, line, averaged=False) if score and self._config.useEMA else score
                if score is None or plain is None:
                    return self._stopped_at(position)
                position = self._finish_epoch(position, score, plain)
                if self._stop.requested and not is_complete(position, self._config):
                    return False
            if position.epoch < self._config.epochs:
                self._report.say(f"stopped early: {position.stale} epochs without a better validation")
            return True

    def _validate(self, position: Position, line: TrainingLine, *, averaged: bool = True) -> Score | None:
        without = "" if averaged else " without averages"
        title = f"Epoch {position.epoch + 1}/{self._config.epochs}, validating{without}"
        return evaluate(
            self._session,
            self._images.val,
            self._net,
            self._config.batchSize,
            lambda done, total: line.count(title, done, total),
            lambda: self._stop.requested,
            averaged=averaged,
        )

    def _epoch(self, position: Position, line: TrainingLine) -> Position:
        """Run the remaining steps of an epoch; the position reached, before the epoch's end when it was stopped."""
        config, epoch = self._config, position.epoch
        self._losses, self._latest = position.loss_sum, None
        self._started, self._first, self._waited = time.monotonic(), position.step, 0.0
        if position.step >= self._steps:
            return position
        source = train_batches(
            self._images.train,
            setting=setting_of(training_net(self._net, config)),
            batch_size=config.batchSize,
            seed=config.seed,
            epoch=epoch,
            first_step=position.step,
            augmentations=augmentations_of(config),
            mixing=mixing_of(config),
            sampling=sampling_of(config),
            whole_epochs=self._whole_epochs,
        )
        batches = prefetch(source)
        drawn, step = 0.0, position.step
        log_every = max(self._steps // PLAIN_LINES_AN_EPOCH, 1)
        try:
            for batch in self._awaited(batches):
                global_step = epoch * self._steps + step
                if self._stop.requested or (self._max_steps is not None and global_step >= self._max_steps):
                    break
                before = time.monotonic()
                rate = learning_rate(self._schedule, global_step, self._steps)
                # What is dropped at random differs among the batches of an update.
                first = global_step % config.gradAccumSteps * config.batchSize
                taught = None if self._teaching is None else self._teaching.probabilities(*batch[:2])
                loss = self._session.step(*batch[:2], rate, batch.mixed, first, taught)
                self._pending.append((global_step, loss))
                now = time.monotonic()
                first_of_all = step == position.step and epoch == 0
                if first_of_all or (not line.live and step % log_every == 0):
                    self._read_losses()
                    milliseconds = 1000 * (time.monotonic() - before)
                    self._report.say(f"step {step}/{self._steps}: loss={self._latest:.6f} ({milliseconds:.0f}ms)")
                step += 1
                if line.live and now - drawn >= REDRAW_SECONDS:
                    self._read_losses()
                    drawn = now
                    self._draw(line, epoch, step)
        finally:
            batches.close()
        self._read_losses()
        self._draw(line, epoch, step)
        return replace(position, step=step, loss_sum=self._losses)

    def _awaited(self, batches: Iterator[Batch]) -> Iterator[Batch]:
        """The same batches, adding the time that the device waits for them to `_waited`: it has one batch at a time."""
        while True:
            started = time.monotonic()
            batch = next(batches, None)
            self._waited += time.monotonic() - started
            if batch is None:
                return
            yield batch

    def _finish_epoch(self, position: Position, score: Score, plain: Score) -> Position:
        """`score`: with averages where the recipe keeps those, `plain`: without."""
        epoch, config = position.epoch + 1, self._config
        seconds = time.monotonic() - self._started
        loss = position.loss_sum / self._steps
        rate = learning_rate(self._schedule, epoch * self._steps - 1, self._steps)
        trained = (self._steps - self._first) * config.batchSize
        self._report.say(f"Epoch {epoch}/{config.epochs}: loss={loss:.6f} lr={rate:.6f} ({1000 * seconds:.0f}ms)")
        measures = task_of(self._net).measures
        if config.useEMA:
            self._report.say(f"val {measures} (running BN, without averages): {plain}")
        averages = ", averages" if config.useEMA else ""
        self._report.say(f"val {measures} (running BN{averages}): {score}")
        better = score.share > position.best
        after = (
            Position(epoch, 0, 0.0, score.share, 0)
            if better
            else Position(epoch, 0, 0.0, position.best, position.stale + 1)
        )
        checkpoint = self._checkpoint(after)
        if not math.isfinite(score.loss):
            raise self._diverged(f"epoch {epoch}: the validation loss is {score.loss}")
        self._run.record(
            Row(
                epoch,
                epoch * self._steps,
                rate,
                loss,
                score.loss,
                score.share,
                round(seconds, 3),
                round(trained / seconds, 2) if seconds else 0.0,
                round(self._waited, 3),
                plain.share,
            )
        )
        self._run.keep(checkpoint, best=better)
        return after

    def _stopped_at(self, position: Position) -> bool:
        self._run.keep(self._checkpoint(position))
        return False

    def _checkpoint(self, position: Position) -> Checkpoint:
        state = self._session.state()
        for name, array in state.items():
            if not np.isfinite(array).all():
                raise self._diverged(f"epoch {position.epoch}, step {position.step}: {name} is not finite any more")
        return Checkpoint(
            self._net,
            self._config,
            self._images.classes,
            position,
            self._fingerprint,
            state,
            self._whole_epochs,
            self._origin,
            None if self._teacher is None else self._teacher.to_plain(),
        )

    def _diverged(self, what: str) -> TrainingError:
        kept = "the last checkpoint is kept" if self._run.last.exists() else "there is no checkpoint yet"
        return TrainingError(
            f"{what}; {kept}. Begin a new run with a lower learning rate (--lr {self._config.learningRate / 10:g}) or "
            "more warm-up (--set warmupEpochs=N)."
        )

    def _read_losses(self) -> None:
        """Read the losses of the steps since the last report, in order. Raises TrainingError unless all are finite."""
        for step, buffer in self._pending:
            loss = self._session.number(buffer)
            if not math.isfinite(loss):
                raise self._diverged(f"step {step}: the loss is {loss}")
            self._losses += loss
            self._latest = loss
        self._pending.clear()

    def _draw(self, line: TrainingLine, epoch: int, step: int) -> None:
        seconds = max(time.monotonic() - self._started, 1e-9)
        pace = (step - self._first) / seconds
        last = self._config.epochs * self._steps
        if self._max_steps is not None:
            last = min(last, self._max_steps)
        left = (last - epoch * self._steps - step) / pace if pace else 0.0
        title = f"Epoch {epoch + 1}/{self._config.epochs}"
        line.show(title, step, self._steps, self._latest, pace * self._config.batchSize, left)

    @property
    def interrupted(self) -> bool:
        """Whether a signal requested a stop."""
        return self._stop.requested
