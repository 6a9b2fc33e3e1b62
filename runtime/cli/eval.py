"""`netspec eval`."""

from pathlib import Path

import click

from runtime.cli.networks import preprocess_option
from runtime.cli.terminal import echo, echo_json


@click.command(epilog="Example: netspec eval runs/mobilenet-v2-20260101-120000/best.safetensors photos/")
@click.argument("checkpoint", type=click.Path(path_type=Path))
@click.argument("data", type=click.Path(path_type=Path))
@click.option(
    "--max-unreadable",
    type=click.IntRange(0),
    metavar="N",
    help="Leave out up to N images that cannot be read (5, or 1 % of all).",
)
@preprocess_option
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def command(
    checkpoint: Path, data: Path, max_unreadable: int | None, preprocess: dict[str, str], as_json: bool
) -> None:
    """Measure the accuracy of a CHECKPOINT (a file, or a run folder: its best) on the validation images of DATA.

    DATA is DIR/val/<class>/*; training images need not be there.
    """
    import sys

    from runtime.compiler.target import target_from_environment
    from runtime.inference import Trained
    from runtime.report import Report

    report = Report(live=sys.stderr.isatty() and not as_json, stream=sys.stderr)
    accuracy = Trained(checkpoint, target_from_environment(), report, preprocess).measure(data, max_unreadable)
    if as_json:
        values = {
            "correct": accuracy.correct,
            "total": accuracy.total,
            "accuracy": accuracy.share,
            "loss": accuracy.loss,
        }
        echo_json(values, indent=None)
    else:
        echo(f"val accuracy (running BN): {accuracy}, loss {accuracy.loss:.6f}")
