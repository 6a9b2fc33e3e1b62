"""`python -m benchmarks.chart`: draws `docs/speed.png` and `docs/networks.png` from `benchmarks/results/*.json`.

The first has what was measured on every machine; the second every network, from the newest machine that has many.
"""

import warnings
from collections.abc import Sequence
from pathlib import Path

import click
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from benchmarks.contenders import CONTENDERS
from benchmarks.driver import Row
from benchmarks.table import FOLDER, MEDIANS, TARGETS, results

FASTER, SLOWER, PEER = "#2b6cb0", "#c05621", "#d9dde3"
FEW = 10  # networks
NETWORKS = {"mobilenet_v2": "MobileNetV2", "resnet34": "ResNet-34"}
DONE = {"train": "training step", "evaluation": "evaluation", "inference": "inference"}


def draw(files: Sequence[Sequence[Row]]) -> Figure:
    """One panel a machine, one bar a piece of work that all of them have: the median ratio of our time to the peer's.

    Args:
        files: rows by machine and day, the newest first, of which each machine's newest are drawn. Raises
            click.ClickException where the machines have nothing in common.
    """
    newest: dict[str, dict[tuple[str, str], Row]] = {}
    for row in (row for rows in files for row in rows):
        newest.setdefault(str(row.machine["cpu"]), {}).setdefault((row.work, row.peer), row)
    shared = [key for key in TARGETS if all(key in each for each in newest.values())]
    if not shared:
        raise click.ClickException("benchmarks/results/: expected some of the same work on every machine, found none.")
    machines = [[each[key] for key in shared] for each in newest.values()]
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
    axes.set_title(
        f"{cpu}\n{rows[0].machine['cores']} cores, {' and '.join(sorted({row.date[:10] for row in rows}))}",
        fontsize=10.5,
    )
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(left=False)


def draw_networks(files: Sequence[Sequence[Row]]) -> Figure:
    """One panel a kind of work, one bar a network at 224 pixels, from the newest file of many networks."""
    many = next((rows for rows in files if len({row.network for row in rows}) > FEW), None)
    if many is None:
        raise click.ClickException("benchmarks/results/: expected a file of many networks, found none.")
    figure = Figure(figsize=(11, 7), dpi=160, layout="constrained")
    FigureCanvasAgg(figure)
    for axes, (kind, peer) in zip(figure.subplots(1, len(MEDIANS)), MEDIANS, strict=True):
        rows = [row for row in many if (row.kind, row.peer) == (kind, peer) and row.work.endswith("@224")]
        largest = {row.network: row for row in sorted(rows, key=lambda row: row.batch)}
        drawn = sorted(largest.values(), key=lambda row: row.network)
        _panel(axes, drawn)
        axes.set_yticks(range(len(drawn)), [f"{row.network} b{row.batch}" for row in drawn], fontsize=9)
        axes.invert_yaxis()
        axes.set_title(f"{DONE[kind]} beside {CONTENDERS[peer].product}", fontsize=10.5)
    title = (
        f"Time of NetSpec beside its peers (grey, 1): shorter is faster. {many[0].machine['cpu']}, {many[0].date[:10]}"
    )
    figure.suptitle(title, fontsize=12, fontweight="bold")
    return figure


def _label(row: Row) -> str:
    images = "1 image" if row.batch == 1 else f"{row.batch} images"
    pixels = row.work.partition("@")[2]
    return f"{NETWORKS[row.network]} {DONE[row.kind]}, {images}, {pixels} px\nbeside {CONTENDERS[row.peer].product}"


@click.command()
@click.option("-o", "--output", type=click.Path(file_okay=False, path_type=Path), default=FOLDER.parent / "docs")
def chart(output: Path) -> None:
    """Draw the README's bar charts from benchmarks/results/*.json into a folder, docs by default."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        files = results()
        draw(files).savefig(output / "speed.png", metadata={"Software": None})
        draw_networks(files).savefig(output / "networks.png", metadata={"Software": None})


if __name__ == "__main__":
    chart()
