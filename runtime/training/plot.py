"""Pictures of a run, drawn by matplotlib. A picture that cannot be drawn is a line in the log, and never ends a run."""

import io
import logging
import os
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from netspec.text import shown
from runtime.system.files import write_whole
from runtime.tasks.task import Task
from runtime.training.run import Row

PAUSE = 20.0  # seconds at least between two pictures, as one takes a third of a second


class Curve:
    """A run's curve, redrawn while it trains. `say` logs once that it cannot be drawn."""

    def __init__(self, path: Path, title: str, task: Task, say: Callable[[str], None]) -> None:
        self._path, self._title, self._task, self._say = path, title, task, say
        self._drawn, self._epochs = time.monotonic(), 0
        self._reported = False

    def grow(self, rows: Sequence[Row]) -> None:
        """Draw it when the last picture is old enough."""
        if time.monotonic() - self._drawn >= PAUSE:
            self.draw(rows)

    def draw(self, rows: Sequence[Row]) -> None:
        """Draw it, unless the last picture has these rows."""
        if len(rows) == self._epochs:
            return
        self._epochs = len(rows)
        try:
            write_whole(self._path, curve(self._title, rows, self._task))
        except Exception as wrong:  # whatever fonts, settings and disks may do
            if not self._reported:
                self._say(f"{self._path.name} cannot be drawn: {type(wrong).__name__}: {shown(wrong)}; going on")
            self._reported = True
        self._drawn = time.monotonic()


def curve(title: str, rows: Sequence[Row], task: Task) -> bytes:
    """Loss and the validation's score by epoch, as a PNG."""
    with _quietly():
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        figure = Figure(figsize=(8, 3.4), dpi=120, layout="constrained")
        FigureCanvasAgg(figure)
        losses, accuracy = figure.subplots(1, 2)
        epochs = [row.epoch for row in rows]
        trained, validated = [row.train_loss for row in rows], [row.val_loss for row in rows]
        losses.plot(
            epochs, trained, marker="o", markersize=3, label="training, with the recipe's augmentation and smoothing"
        )
        losses.plot(epochs, validated, marker="o", markersize=3, label="validation")
        losses.set(xlabel="epoch", ylabel=task.loss_label, title=title.replace("$", r"\$"))  # a pair: a formula
        figure.legend(loc="outside lower left", ncols=2, frameon=False)  # below, where no curve is
        shares = [100 * row.val_accuracy for row in rows]
        accuracy.plot(epochs, shares, marker="o", markersize=3, color="tab:green")
        accuracy.set(
            xlabel="epoch",
            ylabel=f"validation {task.measures} (%)",
            title=f"best {max(shares):.2f} %, last {shares[-1]:.2f} %",
        )
        for axes in (losses, accuracy):
            axes.grid(alpha=0.3)
            axes.spines[["top", "right"]].set_visible(False)
            axes.xaxis.get_major_locator().set_params(integer=True)
        picture = io.BytesIO()
        figure.savefig(picture, format="png")
        return picture.getvalue()


@contextmanager
def _quietly() -> Iterator[None]:
    """Without matplotlib's warnings about characters that a font lacks, and without MPLBACKEND.

    That variable is for windows and notebooks; some values of it keep matplotlib from being imported at all.
    """
    logging.getLogger("matplotlib").setLevel(logging.CRITICAL)
    backend = os.environ.pop("MPLBACKEND", None)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        if backend is not None:
            os.environ["MPLBACKEND"] = backend
