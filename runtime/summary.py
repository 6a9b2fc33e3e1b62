"""A network's layers with their shapes, parameters and MACs, and the totals."""

import io
from dataclasses import dataclass

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from emit.expand import expand
from emit.graph import size
from emit.ops.batch_norm import BatchNorm
from netspec.check import check_net
from netspec.language import NetSpec


@dataclass(frozen=True)
class LayerSummary:
    """One layer, for one image. `output`: its shape, height, width and channels, or features."""

    layer: str
    output: tuple[int, ...]
    params: int
    macs: int
    attention_macs: int


@dataclass(frozen=True)
class Summary:
    """A network. MACs are counted as published: attention's products apart. The field names are keys of the JSON.

    Attributes:
        image: height, width and channels.
        statistics: numbers of running statistics.
    """

    network: str
    image: tuple[int, int, int]
    classes: int
    layers: tuple[LayerSummary, ...]
    params: int
    param_tensors: int
    batch_norms: int
    statistics: int
    macs: int
    attention_macs: int

    def __str__(self) -> str:
        """As `netspec summary` prints it."""
        text = io.StringIO()
        print_summary(self, Console(file=text, width=120, highlight=False, markup=False, emoji=False))
        return text.getvalue().rstrip()


def summarise(net: NetSpec) -> Summary:
    """The summary of a checked network."""
    graph = expand(net)
    nodes = list(graph.nodes.values())
    rows = []
    for index, (layer, shape) in enumerate(zip(net.layers, check_net(net), strict=True)):
        own = [node for node in nodes if node.layer == index]
        rows.append(
            LayerSummary(
                str(layer),
                shape,
                sum(size(node.parameters()) for node in own),
                sum(graph.macs(node) for node in own),
                sum(graph.attention_macs(node) for node in own),
            )
        )
    return Summary(
        net.name,
        net.image,
        net.classes,
        tuple(rows),
        size(graph.parameters()),
        len(graph.parameters()),
        sum(isinstance(node.op, BatchNorm) for node in nodes),
        size(graph.statistics()),
        sum(graph.macs(node) for node in nodes),
        sum(graph.attention_macs(node) for node in nodes),
    )


def print_summary(summary: Summary, console: Console) -> None:
    """A table, and what it leaves out."""
    height, width, channels = summary.image
    image = f"{height}×{width}{' gray' if channels == 1 else ''}"
    table = Table(box=SIMPLE_HEAD, title=f"{summary.network}, {image}, {summary.classes} classes")
    table.add_column("layer")
    for heading in ("output", "params", "MACs"):
        table.add_column(heading, justify="right")
    for row in summary.layers:
        table.add_row(row.layer, "×".join(map(str, row.output)), f"{row.params:,}", f"{row.macs:,}")
    table.add_section()
    table.add_row("total", "", f"{summary.params:,}", f"{summary.macs:,}")
    console.print(table)
    console.print(
        f"{summary.param_tensors} parameter tensors, {summary.batch_norms} batch norms, "
        f"{summary.statistics:,} running-statistic floats"
    )
    if summary.attention_macs:
        console.print(f"and {summary.attention_macs:,} MACs of attention's products, which published figures leave out")
