"""The table of a run, for a terminal and for a file."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.contenders import CONTENDERS
from benchmarks.driver import Row

PIPE_WIDTH = 140


def show(rows: Sequence[Row]) -> None:
    """Print the table and what it was measured on."""
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
        first = rows[0]
        where = first.machine
        versions = {name: number for row in rows for name, number in row.versions.items()}
        console.print(
            f"Medians of {first.rounds} rounds, contenders in turn; {first.date}; {where['cores']} cores of "
            f"{where['cpu']}, {where['memory_gb']} GB; Python {where['python']}, "
            + ", ".join(f"{name} {number}" for name, number in versions.items()),
            markup=False,
            soft_wrap=True,
        )


def write(path: Path, rows: Sequence[Row]) -> None:
    """All rows as JSON, the file replaced whole."""
    part = path.with_name(f"{path.name}.part")
    part.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n", encoding="utf-8")
    part.replace(path)


def _seconds(value: float) -> str:
    return f"{value:.3f} s" if value >= 0.1 else f"{value * 1000:.2f} ms"
