"""`netspec import`."""

from pathlib import Path

import click

from runtime.cli.networks import preprocess_option, scale_options
from runtime.cli.terminal import path_text
from runtime.cli.weights import import_options
from runtime.networks import ImageSize, open_spec


@click.command(epilog="Example: netspec import v2.pth --spec mobilenet_v2 --conventions source -o v2.safetensors")
@click.argument("weights")
@click.option("--spec", required=True, metavar="SPEC", help="The network: a spec file, or a bundled name.")
@click.option(
    *("-o", "--output"),
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The checkpoint to write (.safetensors).",
)
@scale_options
@import_options
@click.option(
    "--labels",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Names of the classes, one a line (default: ImageNet's where there are 1000, else numbers).",
)
@preprocess_option
def command(
    weights: str,
    spec: str,
    output: Path,
    image_size: ImageSize | None,
    width: float | None,
    source: str | None,
    conventions: str | None,
    config_file: Path | None,
    labels: Path | None,
    preprocess: dict[str, str],
) -> None:
    """Read WEIGHTS that another framework wrote into a checkpoint, which train, eval and predict take.

    WEIGHTS is a state dict of torchvision's or timm's (.safetensors, .pth, .bin), a float TFLite file, or Keras' .h5;
    or one on the Hugging Face hub: hf:OWNER/NAME, timm/NAME. Nothing in a file is run. What a file does not say, such
    as batch norm's epsilon and padding, comes from its source; a spec that says otherwise is refused.
    """
    import sys

    from runtime.checkpoint import save
    from runtime.report import Report
    from runtime.weights.hub import located
    from runtime.weights.importing import Request, imported, is_imported
    from runtime.weights.labels import read_labels
    from runtime.weights.output import check_replaceable

    check_replaceable(output, is_imported)
    report = Report(live=False, stream=sys.stderr)
    loaded = open_spec(spec, image_size=image_size, width=width)
    file = located(weights)
    request = Request(
        file.path,
        loaded.net,
        loaded.config,
        source,  # type: ignore[arg-type]
        conventions == "source",
        read_labels(labels) if labels is not None else (),
        preprocess,
        image_size is not None,
        config_file,
        file.repository,
    )
    checkpoint = imported(request, report)
    save(output, checkpoint)
    report.say(f"{path_text(output)}: {checkpoint.net.name}, {len(checkpoint.classes)} classes")
