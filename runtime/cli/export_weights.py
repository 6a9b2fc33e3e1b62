"""`netspec export-weights`."""

from pathlib import Path

import click

from runtime.cli.terminal import path_text


@click.command(
    epilog="Example: netspec export-weights runs/mobilenet-v2-1/best.safetensors --layout torchvision -o v2.safetensors"
)
@click.argument("checkpoint", type=click.Path(path_type=Path))
@click.option("--layout", required=True, type=click.Choice(("torchvision", "timm")), help="Whose names.")
@click.option(
    *("-o", "--output"),
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The state dict to write (.safetensors).",
)
def command(checkpoint: Path, layout: str, output: Path) -> None:
    """Write the weights of a CHECKPOINT (a file, or a run folder: its best) as a state dict of another library.

    It loads there with strict=True, into a network of as many classes.
    """
    import sys

    from runtime.checkpoint import load
    from runtime.report import Report
    from runtime.training.run import TO_USE, find_checkpoint
    from runtime.weights.exporting import export

    report = Report(live=False, stream=sys.stderr)
    file = find_checkpoint(checkpoint, TO_USE)
    for note in export(load(file, to_train=False), layout, output):
        report.say(note)
    report.say(f"wrote {path_text(output)}")
