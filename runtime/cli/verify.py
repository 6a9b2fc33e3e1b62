"""`netspec verify`."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from netspec.text import printable
from runtime.cli.networks import open_program, scale_options
from runtime.cli.terminal import Forgiving, echo, echo_json
from runtime.networks import ImageSize, is_run_folder

if TYPE_CHECKING:
    from netspec.language import NetSpec, TrainConfig
    from runtime.verify.check import Check


@click.command(epilog="Example: netspec verify mobilenet_v2 --quick")
@click.argument("spec")
@click.option(
    "--quick", is_flag=True, help="Rules, composition, and the device's self-check: compiles no training step."
)
@scale_options
@click.option("--batch-size", metavar="N", help="Images a step.")
@click.option("--output", type=click.Path(path_type=Path), metavar="DIR", help="Folder of the certificate.")
@click.option("--json", "as_json", is_flag=True, help="The certificate on standard output.")
def command(
    spec: str,
    quick: bool,
    image_size: ImageSize | None,
    width: float | None,
    batch_size: str | None,
    output: Path | None,
    as_json: bool,
) -> None:
    """Prove the gradients of SPEC where they can be proved, and check them on the device where they must be.

    SPEC is a spec file, the name of a bundled network, or a run folder: then what that run trained is verified, and the
    certificate is written beside its checkpoints. Exit code 1 when anything does not hold.
    """
    from runtime.compiler.target import target_from_environment
    from runtime.verify.verify import Job, verify

    net, config, folder = _opened(spec, image_size, width, batch_size)
    if config.precision != "f32":
        echo(f"the recipe's {config.precision} is rounding: what is verified is the same step in f32", err=True)
        config = replace(config, precision="f32")
    job = Job(net, config, target_from_environment(), output or folder, quick)
    lines = _Lines(Forgiving(sys.stderr) if as_json else sys.stdout)
    with lines:
        certificate = verify(job, lines.show, lines.doing)
    if as_json:
        echo_json(certificate.to_plain())
    else:
        echo(certificate.summary)
    raise SystemExit(0 if certificate.passed else 1)


def _opened(
    spec: str, image_size: ImageSize | None, width: float | None, batch_size: str | None
) -> "tuple[NetSpec, TrainConfig, Path | None]":
    """Network and recipe, and the folder of the run that they are from."""
    loaded = open_program(spec, image_size, width, batch_size)
    return loaded.net, loaded.config, Path(spec) if is_run_folder(spec) else None


class _Lines:
    """The table, printed line by line; on a terminal the line below it shows the check in progress."""

    def __init__(self, stream: Any) -> None:
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        from runtime.cli.screen import Screen

        live = stream.isatty()
        self._console = Screen(width=140, stream=stream)
        columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
        self._progress = Progress(*columns, console=self._console, transient=True, disable=not live)
        self._task = self._progress.add_task("")
        self._doing = self._part = ""

    def __enter__(self) -> "_Lines":
        self._progress.start()
        return self

    def __exit__(self, *failure: object) -> None:
        self._progress.stop()

    def doing(self, text: str) -> None:
        """Show the check in progress, and its time so far."""
        if text != self._doing:
            self._doing = text
            self._progress.reset(self._task, description=printable(text))

    def show(self, part: str, check: "Check") -> None:
        """One line of a part of the table."""
        if part != self._part:
            self._part = part
            self._console.print(f"\n{part}", style="bold")
            self._console.print(self._row(" ", "what", "must hold", "computed in", "over", "found", "s", style="dim"))
        mark, style = ("✓", "") if check.passed else ("✗", "red")
        holds = f"{check.identity}, {check.theorem.number}" if check.theorem else check.identity
        plain = (check.subject, holds, check.arithmetic, check.extent, check.found)
        self._console.print(self._row(mark, *plain, f"{check.seconds:.1f}", style=style))

    def _row(self, mark: str, *cells: str, style: str) -> Any:
        from rich.table import Table

        row = Table.grid(padding=(0, 2, 0, 0), expand=True)
        row.add_column(width=1, style="green" if mark == "✓" else "bold")
        for ratio in (6, 7, 4, 4, 9):
            row.add_column(ratio=ratio)
        row.add_column(width=6, justify="right")
        row.add_row(mark, *cells, style=style)
        return row
