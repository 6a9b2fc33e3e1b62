"""`netspec profile`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runtime.cli.networks import open_program, program_arguments
from runtime.cli.terminal import check_output, echo, echo_json, path_text
from runtime.networks import ImageSize

if TYPE_CHECKING:
    from runtime.profile.profile import Profile


@click.command(epilog="Example: netspec profile mobilenet_v2 --image-size 128 --html profile.html")
@program_arguments
@click.option("--runs", type=click.IntRange(1, 10_000), default=10, show_default=True, help="Counted runs.")
@click.option("--rows", type=click.IntRange(1), default=25, show_default=True, help="Rows of the table, longest first.")
@click.option("--html", "page", type=click.Path(path_type=Path, dir_okay=False), help="Also write a page of pictures.")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable: every layer and direction.")
def command(
    spec: str,
    program: str,
    image_size: ImageSize | None,
    width: float | None,
    batch_size: str | None,
    runs: int,
    rows: int,
    page: Path | None,
    as_json: bool,
) -> None:
    """Show where the time of a PROGRAM of SPEC goes, by layer and direction, compared with this machine's peaks.

    PROGRAM is train_step (the default), evaluate or predict. It is compiled as `train` compiles it and runs under
    IREE's profiler; its dispatches are mapped back to the layers that emitted them. CPU only.
    """
    from runtime.compiler.target import target_from_environment
    from runtime.profile.page import write_page
    from runtime.profile.profile import profile
    from runtime.report import Report

    loaded = open_program(spec, image_size, width, batch_size)
    if page == Path("-"):
        raise click.BadParameter("a page goes into a file: name one.", param_hint="--html")
    if page is not None:
        check_output("--html", page, _is_page)
    report = Report(live=sys.stderr.isatty() and not as_json, stream=sys.stderr)
    measured = profile(program, loaded.net, loaded.config, target_from_environment(), report, runs=runs)
    if as_json:
        echo_json(measured.to_plain())
    else:
        _show(measured, rows)
    if page is not None:
        check_output("--html", page, _is_page)  # a file may have come there meanwhile
        write_page(page, measured)
        if not as_json:
            echo(f"{path_text(page)}: bars by layer, the roofline, and every row")


def _is_page(found: bytes) -> bool:
    from runtime.profile.page import MARK

    return MARK in found[:4096]


def _show(measured: "Profile", most: int) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from runtime.cli.screen import Screen

    console = Screen(width=120)
    height, width = measured.image
    peaks = measured.peaks
    console.print(
        f"{measured.network}: {measured.program}, {height}×{width}, batch {measured.batch}: {_ms(measured.step_s)} ms, "
        f"{measured.images_per_s:.1f} images/s"
    )
    for name, parts in (("by direction", measured.directions()), ("by kind of dispatch", measured.kinds)):
        listed = ", ".join(f"{part} {_ms(seconds)} ms" for part, seconds in parts.items() if seconds)
        console.print(f"{name}: {listed}")
    console.print(f"peaks of this machine: {2 * peaks.macs / 1e9:.0f} GFLOP/s, {peaks.bytes / 1e9:.1f} GB/s")
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("layer", no_wrap=True)
    table.add_column("direction")
    for heading in ("ms", "share", "", "MACs, M", "MB"):
        table.add_column(heading, justify="left" if not heading else "right", no_wrap=True)
    table.add_column("bound by")
    table.add_column("reached", justify="right")
    ordered = sorted(measured.rows, key=lambda row: -row.seconds)
    longest = ordered[0].seconds
    for row in ordered[:most]:
        table.add_row(
            row.layer,
            row.direction,
            _ms(row.seconds),
            f"{row.share:.1%}",
            "█" * round(12 * row.seconds / longest),
            f"{row.macs / 1e6:.1f}",
            f"{row.bytes / 1e6:.1f}",
            *row.compared(peaks),
        )
    console.print(table)
    rest = ordered[most:]
    if rest:
        shorter = sum(row.seconds for row in rest)
        console.print(f"and {len(rest)} shorter ones, {_ms(shorter)} ms together (--rows, --json, --html)")
    console.print(
        "reached: the roofline's time, max(MACs / peak, bytes / peak), over the measured one; over 100 % where "
        f"numbers stay in a cache, or Winograd saves multiplications. {measured.named:.1%} of the time is spent in "
        "named layers.",
        markup=False,
    )
    if measured.caution:
        console.print(measured.caution, markup=False)


def _ms(seconds: float) -> str:
    """Milliseconds with three digits, or whole: a step takes half a second, or microseconds."""
    return f"{1e3 * seconds:.0f}" if seconds >= 1 else f"{1e3 * seconds:.3g}"
