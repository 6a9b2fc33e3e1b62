"""Progress for a person: log lines, and on a terminal a live line below them.

A log that cannot be written (its reader has gone, its disk is full, the terminal is closed) never stops the work.
"""

import io
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, cast

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

from netspec.text import printable

HEARTBEAT = 15.0  # seconds


class Report:
    """Log lines on standard output; with `live`, a progress line that stays at the bottom of the terminal."""

    def __init__(self, *, live: bool, stream: IO[str] | None = None) -> None:
        self.live = live
        self._stream = Lasting(stream or sys.stdout)
        self._console = Console(file=cast(IO[str], self._stream), highlight=False, emoji=False, soft_wrap=True)

    @property
    def lost(self) -> bool:
        """Whether the stream can no longer be written."""
        return self._stream.lost

    def say(self, text: str) -> None:
        """One log line."""
        text = printable(text)
        if self.live:
            self._console.print(text, markup=False)
        else:
            print(text, file=self._stream, flush=True)

    @contextmanager
    def clock(self, title: str) -> Iterator[Callable[[str], None]]:
        """Work of unknown length: the elapsed time is shown, on a plain stream every 15 s. Call with a detail."""
        started = beat = time.monotonic()
        if not self.live:
            self.say(f"{title} ...")

            def tick(detail: str) -> None:
                nonlocal beat
                if time.monotonic() - beat >= HEARTBEAT:
                    beat = time.monotonic()
                    self.say(f"  {detail}: {beat - started:.0f} s so far")

            yield tick
            return
        columns = (SpinnerColumn(), TextColumn("{task.description} {task.fields[seconds]:.0f} s", markup=False))
        with Progress(*columns, console=self._console, transient=True) as progress:
            task = progress.add_task(title, total=None, seconds=0.0)
            yield lambda detail: progress.update(task, seconds=time.monotonic() - started)

    @contextmanager
    def bar(self, title: str, unit: str = "") -> Iterator[Callable[[int, int], None]]:
        """Work of known length: call with (done, total)."""
        if not self.live:
            yield _plain_bar(self.say, title, unit)
            return
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn(unit),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=self._console, transient=True) as progress:
            task = progress.add_task(title, total=None)
            yield lambda done, total: progress.update(task, completed=done, total=total)

    @contextmanager
    def training(self) -> Iterator["TrainingLine"]:
        """The live line of a training run; on a plain stream it shows nothing."""
        if not self.live:
            yield TrainingLine(None)
            return
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("loss {task.fields[loss]}  {task.fields[speed]:.1f} images/s  {task.fields[left]} left"),
        )
        with Progress(*columns, console=self._console, transient=True) as progress:
            yield TrainingLine(progress)


class TrainingLine:
    """Epoch, step, loss, images a second, time left."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._task = progress.add_task("", total=None, loss="-", speed=0.0, left="-") if progress else None

    @property
    def live(self) -> bool:
        """Whether it is shown."""
        return self._progress is not None

    def show(self, title: str, done: int, total: int, loss: float | None, speed: float, left: float) -> None:
        """Redraw. `speed` is in images a second, `left` in seconds."""
        if self._progress is None or self._task is None:
            return
        self._progress.update(
            self._task,
            description=title,
            completed=done,
            total=total,
            loss="-" if loss is None else f"{loss:.4f}",
            speed=speed,
            left=duration(left),
        )

    def count(self, title: str, done: int, total: int) -> None:
        """Redraw with another count, for validation."""
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, description=title, completed=done, total=total)


class Lasting(io.TextIOBase):
    """A stream that is dropped, without an error, when it cannot be written."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self.lost = False

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """The stream's own."""
        return getattr(self._stream, "encoding", None) or "utf-8"

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return self._stream.isatty()

    def fileno(self) -> int:
        """The stream's own."""
        return self._stream.fileno()

    def write(self, text: str) -> int:
        """Write; after an error the stream is lost."""
        if not self.lost:
            try:
                self._stream.write(text)
            except (OSError, ValueError):  # ValueError: it has been closed
                self.lost = True
        return len(text)

    def flush(self) -> None:
        """Flush; after an error the stream is lost."""
        if not self.lost:
            try:
                self._stream.flush()
            except (OSError, ValueError):
                self.lost = True


def duration(seconds: float) -> str:
    """`1:02:03` or `4:05`."""
    minutes, rest = divmod(max(round(seconds), 0), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def _plain_bar(say: Callable[[str], None], title: str, unit: str) -> Callable[[int, int], None]:
    beat = time.monotonic()
    begun = False

    def update(done: int, total: int) -> None:
        nonlocal beat, begun
        if not begun:
            begun = True
            say(f"{title} ...")
        if time.monotonic() - beat >= HEARTBEAT:
            beat = time.monotonic()
            say(f"  {done}/{total} {unit}".rstrip())

    return update
