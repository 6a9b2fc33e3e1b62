"""`netspec predict`."""

from pathlib import Path

import click

from netspec.text import shown
from runtime.cli.terminal import echo, echo_json, path_text


@click.command(epilog="Example: netspec predict runs/mobilenet-v2-20260101-120000/best.safetensors apple.jpg")
@click.argument("checkpoint", type=click.Path(path_type=Path))
@click.argument("images", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def command(checkpoint: Path, images: tuple[Path, ...], as_json: bool) -> None:
    """Say what a CHECKPOINT (a file, or a run's folder: its best) sees in IMAGES: the five likeliest classes."""
    import sys

    from runtime.compiler.target import target_from_environment
    from runtime.inference import Trained
    from runtime.report import Report

    report = Report(live=sys.stderr.isatty() and not as_json, stream=sys.stderr)
    answers, unread = Trained(checkpoint, target_from_environment(), report).see(images)
    if as_json:
        listed = [{"image": str(seen.image), "classes": dict(seen.classes)} for seen in answers]
        echo_json(listed)
    else:
        for seen in answers:
            echo(path_text(seen.image))
            for name, probability in seen.classes:
                echo(f"  {100 * probability:6.2f} %  {'█' * round(30 * probability):<30} {shown(name)}")
    for wrong in unread[:-1]:
        report.say(str(wrong))
    if unread:
        raise unread[-1]
