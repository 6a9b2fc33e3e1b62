"""`netspec cache`."""

import math
import time
from typing import TYPE_CHECKING, Any

import click

from runtime.cli.terminal import echo, echo_json, path_text

if TYPE_CHECKING:
    from runtime.system.prune import Entry

KINDS = ("programs", "images", "embedded", "devices", "tuned")  # as `runtime.system.prune.KINDS`, without loading it


@click.command(epilog="Example: netspec cache --older-than 30 --limit 10GB")
@click.option("--older-than", type=click.FloatRange(0), metavar="DAYS", help="Remove what was not used for so long.")
@click.option("--larger-than", metavar="SIZE", help="Remove what was not used for longest, until SIZE (2GB) is left.")
@click.option("--limit", metavar="SIZE|none", help="From now on keep at most SIZE, whatever is added.")
@click.option("--remove", is_flag=True, help="Remove all, or all of the kinds given.")
@click.option("--kind", "kinds", multiple=True, type=click.Choice(KINDS), help="With --remove: this kind alone.")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable, with every entry.")
def command(
    older_than: float | None,
    larger_than: str | None,
    limit: str | None,
    remove: bool,
    kinds: tuple[str, ...],
    as_json: bool,
) -> None:
    """Show what is cached and how large it is; remove what is old, or too large.

    All of it can be computed again: programs are compiled, images decoded and devices checked anew. Results of
    `netspec tune` (tuned) are removed only by --remove --kind tuned, or with everything by --remove.
    """
    from runtime.system import prune

    if kinds and not remove:
        raise click.UsageError("--kind goes with --remove.")
    if limit is not None:
        prune.set_limit(None if limit == "none" else prune.parse_size(limit))
    going: list[Entry] = []
    if remove:
        going = prune.entries(kinds or prune.KINDS)
    if older_than is not None:
        if not math.isfinite(older_than):
            raise click.BadParameter(f"expected a number of days, received {older_than}.", param_hint="--older-than")
        going += prune.older_than(older_than)
    for most in filter(None, (larger_than, limit if limit != "none" else None)):
        going += prune.beyond(prune.parse_size(most))
    going = list({entry.path: entry for entry in going}.values())
    prune.remove(going)
    if as_json:
        echo_json(_plain(going))
    else:
        _show(going)


def _plain(removed: "list[Entry]") -> dict[str, Any]:
    from runtime.system import paths, prune

    def plain(entry: "Entry") -> dict[str, Any]:
        return {"kind": entry.kind, "path": str(entry.path), "bytes": entry.bytes, "used": entry.used}

    kept = prune.entries()
    return {
        "cache": str(paths.cache_root()),
        "bytes": prune.total(kept),
        "limit": prune.limit(_warn),
        "entries": [plain(entry) for entry in kept],
        "removed": [plain(entry) for entry in removed],
    }


def _show(removed: "list[Entry]") -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from netspec.text import size_text
    from runtime.cli.screen import Screen
    from runtime.system import paths, prune

    if removed:
        echo(f"removed {len(removed)} entries, {size_text(prune.total(removed))}")
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("kind", no_wrap=True)
    for heading in ("entries", "size", "used last", "longest unused"):
        table.add_column(heading, justify="right", no_wrap=True)
    kept = prune.entries()
    for kind in prune.KINDS:
        of_kind = [entry for entry in kept if entry.kind == kind]
        ages = (_ago(of_kind[-1].used), _ago(of_kind[0].used)) if of_kind else ("", "")
        table.add_row(kind, str(len(of_kind)), size_text(prune.total(of_kind)), *ages)
    console = Screen()
    console.print(table)
    limit = prune.limit(_warn)
    at_most = "no limit (--limit SIZE sets one)" if limit is None else f"at most {size_text(limit)}"
    echo(f"{path_text(paths.cache_root())}: {size_text(prune.total(kept))}, {at_most}")


def _warn(text: str) -> None:
    echo(f"netspec: {text}", err=True)


def _ago(moment: float) -> str:
    seconds = max(time.time() - moment, 0)
    for unit, length in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit} ago"
    return "just now"
