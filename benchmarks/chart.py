"""`python -m benchmarks.chart`: draws `docs/speed.png`, ours beside the peers, from `benchmarks/results/*.json`."""

import warnings
from collections.abc import Sequence
from pathlib import Path

import click
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from benchmarks.contenders import CONTENDERS
from benchmarks.driver import Row
from benchmarks.table import FOLDER, results

PICTURE = FOLDER.parent / "docs" / "speed.png"
FASTER, SLOWER, PEER = "#2b6cb0", "#c05621", "#d9dde3"
NETWORKS = {"mobilenet_v2": "MobileNetV2", "resnet34": "ResNet-34"}
DONE = {"train": "training step", "evaluation": "evaluation", "inference": "inference"}


def draw(files: Sequence[Sequence[Row]]) -> Figure:
    """One panel a machine, its newest rows, one bar a peer: the median ratio of our time to the peer's.

    Args:
        files: rows by machine and day, the newest first. Raises click.ClickException where work and peers differ.
    """
    newest: dict[str, Sequence[Row]] = {}
    for rows in files:
        newest.setdefault(str(rows[0].machine["cpu"]), rows)
    machines = list(newest.values())
    if len({tuple((row.work, row.peer) for row in rows) for rows in machines}) != 1:
        raise click.ClickException("benchmarks/results/: expected the same work and peers for every machine.")
    figure = Figure(figsize=(11, 5.4), dpi=160, layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(1, len(machines), sharey=True, squeeze=False)[0]
    for axes, rows in zip(panels, machines, strict=True):
        _panel(axes, rows)
    panels[0].set_yticks(range(len(machines[0])), [_label(row) for row in machines[0]], fontsize=10)
    panels[0].invert_yaxis()
    figure.suptitle(
        "Time of NetSpec (coloured) beside its peers (grey, 1): shorter is faster", fontsize=13, fontweight="bold"
    )
    return figure


def _panel(axes: Axes, rows: Sequence[Row]) -> None:
    places = range(len(rows))
    ratios = [row.ratio for row in rows]
    axes.barh(places, [1.0] * len(rows), height=0.74, color=PEER)
    axes.barh(places, ratios, height=0.42, color=[FASTER if ratio < 1 else SLOWER for ratio in ratios])
    for place, ratio in zip(places, ratios, strict=True):
        axes.text(max(ratio, 1) + 0.03, place, f"{ratio:.2f}", va="center", fontsize=11)
    axes.axvline(1, color="#4a5568", linewidth=1)
    axes.set(xlim=(0, max(1.5, max(ratios) + 0.25)), xticks=(0, 0.5, 1))
    cpu = str(rows[0].machine["cpu"]).replace(" (", "\n").removesuffix(")")
    axes.set_title(f"{cpu}\n{rows[0].machine['cores']} cores, {rows[0].date[:10]}", fontsize=10.5)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(left=False)


def _label(row: Row) -> str:
    kind, network, size = row.work.split(" ")
    batch, image = size[1:].split("@")
    images = "1 image" if batch == "1" else f"{batch} images"
    return f"{NETWORKS[network]} {DONE[kind]}, {images}, {image} px\nbeside {CONTENDERS[row.peer].product}"


@click.command()
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), default=PICTURE, show_default=True)
def chart(output: Path) -> None:
    """Draw the bar chart of the README from benchmarks/results/*.json."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        draw(results()).savefig(output, metadata={"Software": None})


if __name__ == "__main__":
    chart()
