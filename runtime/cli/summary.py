"""`netspec summary`."""

from typing import Any

import click

from runtime.cli.networks import ImageSize, open_spec, scale_options
from runtime.cli.terminal import echo_json


@click.command(epilog="Example: netspec summary resnet34 --json")
@click.argument("spec")
@scale_options
@click.option("--classes", type=click.IntRange(2, 65536), metavar="N", help="Outputs of the head.")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def command(spec: str, image_size: ImageSize | None, width: float | None, classes: int | None, as_json: bool) -> None:
    """Show each layer of SPEC: its output's shape (height, width, channels), parameters, MACs for one image."""
    from netspec.check import check_net
    from netspec.language import with_classes

    net = open_spec(spec, image_size=image_size, width=width).net
    if classes is not None:
        net = with_classes(net, classes)
        check_net(net)
    summary = summarise(net)
    if as_json:
        echo_json(summary)
        return
    _print(summary)


def summarise(net: Any) -> dict[str, Any]:
    """Rows, one per layer, and totals, JSON-ready. MACs are counted as published: attention's products apart."""
    from emit.expand import expand
    from emit.graph import size
    from emit.ops.batch_norm import BatchNorm
    from netspec.check import check_net

    graph = expand(net)
    nodes = list(graph.nodes.values())
    rows = []
    for index, (layer, shape) in enumerate(zip(net.layers, check_net(net), strict=True)):
        own = [node for node in nodes if node.layer == index]
        rows.append(
            {
                "layer": str(layer),
                "output": list(shape),
                "params": sum(size(node.parameters()) for node in own),
                "macs": sum(graph.macs(node) for node in own),
                "attention_macs": sum(graph.attention_macs(node) for node in own),
            }
        )
    return {
        "network": net.name,
        "image": list(net.image),
        "classes": net.classes,
        "layers": rows,
        "params": size(graph.parameters()),
        "param_tensors": len(graph.parameters()),
        "batch_norms": sum(isinstance(node.op, BatchNorm) for node in nodes),
        "statistics": size(graph.statistics()),
        "macs": sum(graph.macs(node) for node in nodes),
        "attention_macs": sum(graph.attention_macs(node) for node in nodes),
    }


def _print(summary: dict[str, Any]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from runtime.cli.screen import Screen

    height, width, channels = summary["image"]
    image = f"{height}×{width}{' gray' if channels == 1 else ''}"
    table = Table(box=SIMPLE_HEAD, title=f"{summary['network']}, {image}, {summary['classes']} classes")
    table.add_column("layer")
    for heading in ("output", "params", "MACs"):
        table.add_column(heading, justify="right")
    for row in summary["layers"]:
        shape = "×".join(map(str, row["output"]))
        table.add_row(row["layer"], shape, f"{row['params']:,}", f"{row['macs']:,}")
    table.add_section()
    table.add_row("total", "", f"{summary['params']:,}", f"{summary['macs']:,}")
    console = Screen()
    console.print(table)
    console.print(
        f"{summary['param_tensors']} parameter tensors, {summary['batch_norms']} batch norms, "
        f"{summary['statistics']:,} running-statistic floats"
    )
    if summary["attention_macs"]:
        console.print(
            f"and {summary['attention_macs']:,} MACs of attention's products, which published figures leave out"
        )
