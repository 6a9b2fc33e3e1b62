"""`netspec recipes`."""

from dataclasses import asdict

import click

from netspec.recipes import Recipe, bundled_recipes, find_recipe
from runtime.cli.terminal import echo_json


@click.command(epilog="Example: netspec recipes finetune")
@click.argument("recipe", required=False)
@click.option("--json", "as_json", is_flag=True, help="Machine-readable: every field of each.")
def command(recipe: str | None, as_json: bool) -> None:
    """List the recipes that come with NetSpec, or the fields of RECIPE (one of them, or a TOML file).

    netspec train takes one by --recipe. Fields that are not named have their defaults.
    """
    found = list(bundled_recipes()) if recipe is None else [find_recipe(recipe)]
    if as_json:
        echo_json([{"name": each.name, "about": each.about, "config": asdict(each.config)} for each in found])
    else:
        _show(found)


def _show(found: list[Recipe]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from runtime.cli.screen import Screen

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("RECIPE", no_wrap=True)
    table.add_column("what it is, and its fields")
    for each in found:
        changes = ", ".join(f"{name}={value}" for name, value in each.changes().items())
        table.add_row(each.name, "\n".join(filter(None, (each.about, changes))))
        table.add_section()
    screen = Screen(width=120)
    screen.print(table)
