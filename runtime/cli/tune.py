"""`netspec tune`."""

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from runtime.cli.specs import open_program, program_arguments
from runtime.cli.terminal import echo_json

if TYPE_CHECKING:
    from rich.table import Table

    from runtime.cli.screen import Screen
    from runtime.tune.forms import TunedForms
    from runtime.tune.tiles import Tuned


@click.command(epilog="Example: netspec tune mobilenet_v2 predict --batch-size 1")
@program_arguments
@click.option("--runs", type=click.IntRange(1, 10_000), default=7, show_default=True, help="Runs of each way.")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable: every shape that gained, and its tile.")
def command(spec: str, program: str, image_size: int | None, batch_size: str | None, runs: int, as_json: bool) -> None:
    """Measure which forms of a PROGRAM of SPEC are fastest here and how its products are best cut, and keep it.

    PROGRAM is train_step (the default), evaluate or predict. Every form of every op of the network is tried, then a
    dozen ways to cut products and convolutions into tiles. Every command that compiles uses what is kept; it changes
    speed, and results by rounding alone. Up to thirty compilations: a quarter of an hour for a training step. On the
    CPU alone.
    """
    from runtime.compiler.target import target_from_environment
    from runtime.report import Report
    from runtime.tune.tiles import tune

    loaded = open_program(spec, image_size, batch_size)
    report = Report(live=sys.stderr.isatty() and not as_json, stream=sys.stderr)
    found = tune(program, loaded.net, loaded.config, target_from_environment(), report, runs=runs)
    if as_json:
        plain = {**asdict(found), "file": found.file and str(found.file)}
        echo_json(plain)
    else:
        _show(found)


def _show(found: "Tuned") -> None:
    from runtime.cli.screen import Screen

    console = Screen(width=120)
    if found.forms.forms:
        _show_forms(console, found.forms)
    table = _table("product", "before, ms", "after, ms", "ratio", "at a time", "in registers")
    for choice in sorted(found.choices, key=lambda each: each.after_s - each.before_s):
        table.add_row(
            choice.shape.replace("x", "×"),
            f"{1e3 * choice.before_s:.3f}",
            f"{1e3 * choice.after_s:.3f}",
            f"{choice.after_s / choice.before_s:.2f}",
            "×".join(map(str, choice.tile.outer)),
            "×".join(map(str, choice.tile.vector)),
        )
    console.print(table)
    before, after = 1e3 * found.before_s, 1e3 * found.after_s
    console.print(f"{found.program}: {before:.2f} ms before, {after:.2f} ms after: {after / before:.2f}")
    if found.file is None:
        console.print("all that is too little to keep: nothing is changed")
    else:
        console.print(f"kept in {found.file}; every command that compiles uses it", soft_wrap=True)


def _show_forms(console: "Screen", found: "TunedForms") -> None:
    table = _table("form", "by rule", "here", "its layers before, ms", "after, ms", "ratio")
    for form in sorted(found.forms, key=lambda each: each.after_s - each.before_s):
        table.add_row(
            form.question.replace("x", "×"),
            str(form.rule),
            str(form.answer),
            f"{1e3 * form.before_s:.3f}",
            f"{1e3 * form.after_s:.3f}",
            f"{form.after_s / form.before_s:.2f}",
        )
    console.print(table)
    before, after = 1e3 * found.before_s, 1e3 * found.after_s
    kept = "" if found.chosen else ", too little to keep"
    console.print(f"forms: {before:.2f} ms by rule, {after:.2f} ms here: {after / before:.2f}{kept}")


def _table(first: str, *rest: str) -> "Table":
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column(first, no_wrap=True)
    for heading in rest:
        table.add_column(heading, justify="right", no_wrap=True)
    return table
