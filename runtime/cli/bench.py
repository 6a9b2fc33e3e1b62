"""`netspec bench`."""

import sys
from typing import TYPE_CHECKING

import click

from runtime.cli.networks import open_program, program_arguments
from runtime.cli.terminal import echo_json, passes_text
from runtime.networks import ImageSize

if TYPE_CHECKING:
    from runtime.profile.bench import Bench


@click.command(epilog="Example: netspec bench mobilenet_v2 predict --batch-size 1 --json")
@program_arguments
@click.option("--runs", type=click.IntRange(1, 100_000), default=20, show_default=True, help="Counted runs.")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable, with the seconds of each run.")
def command(
    spec: str,
    program: str,
    image_size: ImageSize | None,
    width: float | None,
    batch_size: str | None,
    runs: int,
    as_json: bool,
) -> None:
    """Measure a PROGRAM of SPEC: speed, compared with this machine's peaks, compilation time, memory and size.

    PROGRAM is train_step (the default), evaluate or predict. It is compiled anew, as the other commands compile it, and
    runs on noise: a step takes as long on photographs. Reading data is not part of it.
    """
    from runtime.compiler.target import target_from_environment
    from runtime.profile.bench import bench
    from runtime.report import Report

    loaded = open_program(spec, image_size, width, batch_size)
    report = Report(live=sys.stderr.isatty() and not as_json, stream=sys.stderr)
    measured = bench(program, loaded.net, loaded.config, target_from_environment(), report, runs=runs)
    if as_json:
        echo_json(measured.to_plain())
    else:
        _show(measured)


def _show(measured: "Bench") -> None:
    from rich.table import Table

    from runtime.cli.screen import Screen

    plain = measured.to_plain()
    height, width = measured.image
    console = Screen(width=120)
    console.print(
        f"{measured.network}: {measured.program}, {height}×{width}, batch {measured.batch}, on {measured.target}"
    )
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column()
    table.add_column(justify="right", no_wrap=True)
    table.add_column()
    shortest, longest = 1e3 * min(measured.seconds), 1e3 * max(measured.seconds)
    rows = (
        (
            "a run",
            f"{1e3 * measured.step_s:.2f} ms",
            f"median of {len(measured.seconds)}, {shortest:.2f} to {longest:.2f}",
        ),
        ("images", f"{plain['images_per_s']:.1f} /s", ""),
        _compared("arithmetic", plain, "flops", "GFLOP/s"),
        _compared("traffic", plain, "bytes", "GB/s"),
        ("compilation", f"{measured.compile_s:.1f} s", f"{measured.tiles} shapes with measured tiles"),
        ("program", f"{measured.program_bytes / 1e6:.2f} MB", ""),
        ("memory", f"{measured.process_bytes / 1e6:.0f} MB", "peak of this process"),
    )
    for row in rows:
        table.add_row(*row)
    console.print(table)
    if measured.passes:
        console.print(passes_text(measured.passes), markup=False)
    if not measured.peaks.steady:
        console.print(
            f"This machine was busy: its peaks varied by {measured.peaks.spread:.1f} times while they were measured. "
            "Run it again when nothing else runs.",
            markup=False,
        )


def _compared(title: str, plain: dict[str, float], what: str, unit: str) -> tuple[str, str, str]:
    share, peak = plain[f"share_of_peak_{what}"], plain[f"peak_{what}_per_s"] / 1e9
    reached = ("over 100%" if share > 1 else f"{share:.0%}") if plain["peaks_steady"] else "an unknown share"
    return title, f"{plain[f'{what}_per_s'] / 1e9:.1f} {unit}", f"{reached} of this machine's {peak:.1f}"
