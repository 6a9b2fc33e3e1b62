"""`netspec summary`."""

import click

from runtime.cli.networks import scale_options
from runtime.cli.terminal import echo_json
from runtime.networks import ImageSize, open_spec


@click.command(epilog="Example: netspec summary resnet34 --json")
@click.argument("spec")
@scale_options
@click.option("--classes", type=click.IntRange(2, 65536), metavar="N", help="Outputs of the head.")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def command(spec: str, image_size: ImageSize | None, width: float | None, classes: int | None, as_json: bool) -> None:
    """Show each layer of SPEC: its output's shape (height, width, channels), parameters, MACs for one image."""
    from dataclasses import asdict

    from netspec.check import check_net
    from netspec.language import with_classes
    from runtime.cli.screen import Screen
    from runtime.summary import print_summary, summarise

    net = open_spec(spec, image_size=image_size, width=width).net
    if classes is not None:
        net = with_classes(net, classes)
        check_net(net)
    summary = summarise(net)
    if as_json:
        echo_json(asdict(summary))
    else:
        print_summary(summary, Screen())
