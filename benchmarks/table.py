"""The table of a run, for a terminal and for a file; and `python -m benchmarks.table`, the tables of `README.md`."""

import json
import re
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median

import click
from rich.console import Console
from rich.table import Table

from benchmarks.contenders import CONTENDERS
from benchmarks.driver import Row

PIPE_WIDTH = 140
FOLDER = Path(__file__).resolve().parent
README = FOLDER / "README.md"
RESULTS = FOLDER / "results"
# The project's targets: the largest ratio; of other rows by work and peer, and of the median of all such rows.
TARGETS = {
    ("train mobilenet_v2 b32@224", "pytorch"): 0.75,
    ("train mobilenet_v2 b32@128", "pytorch"): 0.75,
    ("train mobilenet_v2 b8@224", "pytorch"): 0.75,
    ("train resnet34 b16@224", "pytorch"): 1.0,
    ("evaluation mobilenet_v2 b32@224", "pytorch"): 0.75,
    ("inference mobilenet_v2 b1@224", "onnxruntime"): 0.85,
    ("inference mobilenet_v2 b1@224", "litert"): 1.2,
}
OTHERS = {("train", "pytorch"): 1.0}
MEDIANS = {("train", "pytorch"): 0.8, ("inference", "onnxruntime"): 1.1}
_GENERATED = re.compile(r"(?<=<!-- results -->\n\n).*?(?=\n<!-- end of results -->)", re.DOTALL)


def show(rows: Sequence[Row]) -> None:
    """Print the table and the machine it was measured on."""
    console = Console(highlight=False, emoji=False, width=None if sys.stdout.isatty() else PIPE_WIDTH)
    table = Table()
    for heading in ("work", "peer"):
        table.add_column(heading, no_wrap=True)
    for heading in ("ours", "peer", "ours / peer (min-max)", "peak MB, ours", "peer"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(
            row.work,
            CONTENDERS[row.peer].title,
            _seconds(row.ours_s),
            _seconds(row.peer_s),
            f"{row.ratio:.3f} ({row.ratio_min:.3f}-{row.ratio_max:.3f})",
            f"{row.ours_peak_mb:.0f}",
            f"{row.peer_peak_mb:.0f}",
        )
    console.print(table)
    if rows:
        console.print(
            f"Medians of {rows[0].rounds} rounds, contenders interleaved; {rows[0].date}; "
            f"{rows[0].machine['cpu']}, {_machine(rows[0])}; {_versions(rows)}",
            markup=False,
            soft_wrap=True,
        )


def write(path: Path, rows: Sequence[Row]) -> None:
    """Write all rows as JSON, atomically."""
    part = path.with_name(f"{path.name}.part")
    part.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n", encoding="utf-8")
    part.replace(path)


def results() -> list[list[Row]]:
    """The rows of every file in `results/`, the newest measurement first."""
    files = [[Row(**row) for row in json.loads(path.read_text(encoding="utf-8"))] for path in RESULTS.glob("*.json")]
    return sorted(files, key=lambda rows: rows[0].date, reverse=True)


def markdown(rows: Sequence[Row]) -> str:
    """The rows of one machine and day as a section of `README.md`."""
    lines = [
        f"### {rows[0].machine['cpu']}, {rows[0].date[:10]}",
        "",
        f"{_machine(rows[0])}.",
        f"{_versions(rows)}.",
        "",
        "| work | peer | ours | peer | ours / peer (min-max) | quickest rounds | target | rounds | peak MB (ratio) |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        quickest = row.quickest_ratio
        target = TARGETS.get((row.work, row.peer), OTHERS.get((row.kind, row.peer)))
        cells = (
            row.work,
            CONTENDERS[row.peer].title,
            _seconds(row.ours_s),
            _seconds(row.peer_s),
            f"{row.ratio:.2f} ({row.ratio_min:.2f}-{row.ratio_max:.2f})",
            "" if quickest is None else f"{quickest:.2f}",
            "" if target is None else f"{target:.2f}",
            str(row.rounds),
            f"{row.ours_peak_mb:.0f} / {row.peer_peak_mb:.0f} ({row.memory_ratio:.2f})",
        )
        lines.append(f"| {' | '.join(cells)} |")
    for (kind, peer), target in MEDIANS.items():
        if len(ratios := [row.ratio for row in rows if (row.kind, row.peer) == (kind, peer)]) > 2:
            said = f"{kind} beside {CONTENDERS[peer].title}: {median(ratios):.2f}, target {target:.2f}"
            lines += ["", f"Median of the {len(ratios)} ratios of {said}."]
    return "\n".join(lines) + "\n"


def _machine(row: Row) -> str:
    """Cores, memory, Python and measured peaks, as far as they are known."""
    known = {"cores": "{} cores", "memory_gb": "{} GB", "python": "Python {}", "peaks": "peaks: {}"}
    return ", ".join(template.format(row.machine[name]) for name, template in known.items() if name in row.machine)


def _versions(rows: Sequence[Row]) -> str:
    versions = {name: number for row in rows for name, number in row.versions.items()}
    return ", ".join(f"{name} {number}" for name, number in versions.items())


def _seconds(value: float) -> str:
    return f"{value:.3f} s" if value >= 0.1 else f"{value * 1000:.3g} ms"


@click.command()
@click.option("--write", "writes", is_flag=True, help="Put them into benchmarks/README.md, in place of those there.")
def tables(writes: bool) -> None:
    """Print the tables of benchmarks/README.md, made from benchmarks/results/*.json, the newest first."""
    text = "\n".join(map(markdown, results()))
    if writes:
        README.write_text(_GENERATED.sub(lambda _: text, README.read_text(encoding="utf-8")), encoding="utf-8")
    else:
        click.echo(text, nl=False)


if __name__ == "__main__":
    tables()
