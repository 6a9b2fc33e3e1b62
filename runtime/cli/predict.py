"""`netspec predict`."""

from pathlib import Path

import click

from netspec.text import shown
from runtime.cli.networks import preprocess_option
from runtime.cli.terminal import echo, echo_json, path_text


@click.command(epilog="Example: netspec predict runs/mobilenet-v2-20260101-120000/best.safetensors apple.jpg")
@click.argument("checkpoint", type=click.Path(path_type=Path))
@click.argument("images", nargs=-1, required=True, type=click.Path(path_type=Path))
@preprocess_option
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def command(checkpoint: Path, images: tuple[Path, ...], preprocess: dict[str, str], as_json: bool) -> None:
    """Predict the five likeliest classes of IMAGES with a CHECKPOINT (a file, or a run folder: its best)."""
    import sys

    from runtime.compiler.target import target_from_environment
    from runtime.inference import Trained
    from runtime.report import Report

    report = Report(live=sys.stderr.isatty() and not as_json, stream=sys.stderr)
    predictions, unread = Trained(checkpoint, target_from_environment(), report, preprocess).predict(images)
    if as_json:
        listed = [{"image": str(prediction.image), "classes": dict(prediction.classes)} for prediction in predictions]
        echo_json(listed)
    else:
        for prediction in predictions:
            echo(path_text(prediction.image))
            for name, probability in prediction.classes:
                echo(f"  {100 * probability:6.2f} %  {'█' * round(30 * probability):<30} {shown(name)}")
    for wrong in unread[:-1]:
        report.say(str(wrong))
    if unread:
        raise unread[-1]
