"""`netspec specs`."""

import ast
import re
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from runtime.cli.terminal import echo_json
from runtime.system.paths import bundled


@dataclass(frozen=True)
class Listed:
    """A bundled network, at its own image size and width. `width`: whether it takes `--width`.

    `attention_macs`: of attention's products, which `macs` and published figures leave out.
    """

    name: str
    network: str
    image: tuple[int, int]
    classes: int
    params: int
    macs: int
    attention_macs: int
    width: bool
    source: str


@click.command(epilog="Example: netspec specs --json")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def command(as_json: bool) -> None:
    """List the bundled networks, as every command takes them for SPEC: parameters, MACs of one image, size, source.

    MACs of attention's products, which published figures leave out, come after a plus. Those with a width take --width.
    """
    found = [network for page in bundled().values() for network in listed(page)]
    if as_json:
        echo_json([asdict(network) for network in found])
    else:
        _show(found)


def listed(page: Path) -> list[Listed]:
    """The networks of a page, in its order. Raises SpecError."""
    from netspec.loading import list_networks, load_spec
    from runtime.summary import summarise

    networks, rows = list_networks(page), []
    for name, has_width in networks.items():
        spec = load_spec(page, name)
        summary = summarise(spec.net)
        rows.append(
            Listed(
                name=page.stem if len(networks) == 1 else f"{page.stem}:{name}",
                network=spec.net.name,
                image=(spec.net.imageH, spec.net.imageW),
                classes=spec.net.classes,
                params=summary.params,
                macs=summary.macs,
                attention_macs=summary.attention_macs,
                width=has_width,
                source=_source(spec.source),
            )
        )
    return rows


def _source(text: str) -> str:
    """What the first line of a page has in brackets: paper and table."""
    found = re.search(r"\((.*?)\)", (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0])
    return found[1] if found else ""


def _show(networks: list[Listed]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from runtime.cli.screen import Screen

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("SPEC", no_wrap=True)
    for heading in ("parameters", "MACs", "image"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("--width")
    table.add_column("source")
    for each in networks:
        height, width = each.image
        macs = f"{each.macs:,}" + (f" + {each.attention_macs:,}" if each.attention_macs else "")
        taken = "yes" if each.width else ""
        table.add_row(each.name, f"{each.params:,}", macs, f"{height}×{width}", taken, each.source)
    screen = Screen(width=130)
    screen.print(table)
