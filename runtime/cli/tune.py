"""`netspec tune`."""

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from runtime.cli.networks import open_program, program_arguments
from runtime.cli.terminal import echo_json
from runtime.networks import ImageSize

if TYPE_CHECKING:
    from rich.table import Table

    from runtime.cli.screen import Screen
    from runtime.tune.lowerings import TunedLowerings
    from runtime.tune.tiles import Tuned


@click.command(epilog="Example: netspec tune mobilenet_v2 predict --batch-size 1")
@program_arguments
@click.option(
    "--runs", type=click.IntRange(1, 10_000), default=7, show_default=True, help="Runs of each lowering and tiling."
)
@click.option("--json", "as_json", is_flag=True, help="Machine-readable: every choice and shape that gained.")
def command(
    spec: str,
    program: str,
    image_size: ImageSize | None,
    width: float | None,
    batch_size: str | None,
    runs: int,
    as_json: bool,
) -> None:
    """Find the fastest lowerings and tiles of a PROGRAM of SPEC on this machine, and keep them.

    PROGRAM is train_step (the default), evaluate or predict. First every lowering of every op is tried, then about
    twenty tilings of matmuls and convolutions. Every command that compiles uses the result; it changes speed, and
    results by rounding alone. Up to thirty compilations: a quarter of an hour for a training step. CPU only.
    """
    from runtime.compiler.target import target_from_environment
    from runtime.report import Report
    from runtime.tune.tiles import tune

    loaded = open_program(spec, image_size, width, batch_size)
    report = Report(live=sys.stderr.isatty() and not as_json, stream=sys.stderr)
    tuned = tune(program, loaded.net, loaded.config, target_from_environment(), report, runs=runs)
    if as_json:
        plain = {**asdict(tuned), "file": tuned.file and str(tuned.file)}
        echo_json(plain)
    else:
        _show(tuned)


def _show(tuned: "Tuned") -> None:
    from runtime.cli.screen import Screen

    console = Screen(width=120)
    if tuned.lowerings.faster:
        _show_lowerings(console, tuned.lowerings)
    table = _table("matmul", "before, ms", "after, ms", "ratio", "workgroup", "registers")
    for choice in sorted(tuned.tiles, key=lambda choice: choice.after_s - choice.before_s):
        table.add_row(
            choice.shape.replace("x", "×"),
            f"{1e3 * choice.before_s:.3f}",
            f"{1e3 * choice.after_s:.3f}",
            f"{choice.after_s / choice.before_s:.2f}",
            "×".join(map(str, choice.tile.outer)),
            "×".join(map(str, choice.tile.vector)),
        )
    console.print(table)
    before, after = 1e3 * tuned.before_s, 1e3 * tuned.after_s
    console.print(f"{tuned.program}: {before:.2f} ms before, {after:.2f} ms after: {after / before:.2f}")
    if tuned.file is None:
        console.print("too little to keep: nothing is changed")
    else:
        console.print(f"kept in {tuned.file}; every command that compiles uses it", soft_wrap=True)


def _show_lowerings(console: "Screen", lowerings: "TunedLowerings") -> None:
    table = _table("choice", "by rule", "fastest", "its layers before, ms", "after, ms", "ratio")
    for faster in sorted(lowerings.faster, key=lambda option: option.after_s - option.before_s):
        table.add_row(
            faster.choice.replace("x", "×"),
            str(faster.rule),
            str(faster.option),
            f"{1e3 * faster.before_s:.3f}",
            f"{1e3 * faster.after_s:.3f}",
            f"{faster.after_s / faster.before_s:.2f}",
        )
    console.print(table)
    before, after = 1e3 * lowerings.before_s, 1e3 * lowerings.after_s
    kept = "" if lowerings.chosen else ", too little to keep"
    console.print(f"lowerings: {before:.2f} ms by rule, {after:.2f} ms with the fastest: {after / before:.2f}{kept}")


def _table(first: str, *rest: str) -> "Table":
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column(first, no_wrap=True)
    for heading in rest:
        table.add_column(heading, justify="right", no_wrap=True)
    return table
