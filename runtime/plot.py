"""Pictures of a run, drawn by matplotlib."""

from collections.abc import Sequence
from pathlib import Path

from runtime.run import Row


def draw_curve(path: Path, title: str, rows: Sequence[Row]) -> None:
    """Loss and validation accuracy by epoch, as a PNG."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 3.2), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    losses, accuracy = figure.subplots(1, 2)
    epochs = [row.epoch for row in rows]
    losses.plot(
        epochs,
        [row.train_loss for row in rows],
        marker="o",
        markersize=3,
        label="training (smoothed labels, augmented)",
    )
    losses.plot(epochs, [row.val_loss for row in rows], marker="o", markersize=3, label="validation")
    losses.set(xlabel="epoch", ylabel="cross-entropy", title=title.replace("$", r"\$"))  # a pair would be a formula
    losses.legend(frameon=False)
    accuracy.plot(epochs, [100 * row.val_accuracy for row in rows], marker="o", markersize=3, color="tab:green")
    accuracy.set(
        xlabel="epoch",
        ylabel="validation accuracy (%)",
        title=f"best {100 * max(row.val_accuracy for row in rows):.2f} %, last {100 * rows[-1].val_accuracy:.2f} %",
    )
    for axes in (losses, accuracy):
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
        axes.xaxis.get_major_locator().set_params(integer=True)
    temporary = path.with_name(f".{path.name}.tmp")
    figure.savefig(temporary, format="png")
    temporary.replace(path)
