"""`netspec doctor`."""

import sys
from dataclasses import asdict
from typing import Any

import click

from runtime.cli.terminal import echo_json


@click.command(epilog="Example: IREE_BACKEND=rocm netspec doctor")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def command(as_json: bool) -> None:
    """Show versions, devices, and what can run here; run the chosen device's self-check if it never ran.

    Exit code 2 when the chosen target is not available, 1 when it computes wrong numbers.
    """
    report = examine()
    if as_json:
        echo_json(report)
    else:
        _print(report)
    raise SystemExit(report["exit_code"])


def examine() -> dict[str, Any]:
    """Versions, cache, backends with devices and chips, and whether the chosen target passes its self-check."""
    import platform

    from netspec import __version__
    from netspec.errors import NetSpecError
    from runtime.compiler.compile import check_releases
    from runtime.compiler.target import BACKENDS, target_from_environment
    from runtime.engine.iree import Device, available
    from runtime.report import Report
    from runtime.system import paths
    from runtime.system.packages import release
    from runtime.verify.selfcheck import self_check

    chosen, note, problem, exit_code, numbers = None, None, None, 0, None
    try:
        check_releases()
        target = target_from_environment()
        chosen, note = str(target), target.note
        checked = self_check(Device(target), target, Report(live=sys.stderr.isatty(), stream=sys.stderr))
        numbers = asdict(checked)
        if not checked.passed:
            problem, exit_code = f"{target} computes wrong numbers: {checked.found}.", 1
    except NetSpecError as wrong:
        problem, exit_code = str(wrong), wrong.exit_code
    devices = available()
    packages = ("iree-base-compiler", "iree-base-runtime", "numpy", "pillow", "safetensors", "rich", "click")
    return {
        "netspec": __version__,
        "python": platform.python_version(),
        "system": platform.platform(),
        "versions": {name: release(name) for name in packages},
        "cache": str(paths.cache_root()),
        "backends": [
            {"backend": name, "devices": devices[name], "chips": list(known.chips)} for name, known in BACKENDS.items()
        ],
        "target": chosen,
        "note": note,
        "self_check": numbers,
        "problem": problem,
        "exit_code": exit_code,
    }


def _print(report: dict[str, Any]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from runtime.cli.screen import Screen

    console = Screen()
    console.print(f"netspec {report['netspec']}, Python {report['python']}, {report['system']}", soft_wrap=True)
    console.print(", ".join(f"{name} {release}" for name, release in report["versions"].items()), soft_wrap=True)
    console.print(f"cache: {report['cache']}", soft_wrap=True)
    table = Table(box=SIMPLE_HEAD)
    for heading in ("IREE_BACKEND", "devices", "runs here", "IREE_CHIP, the default first"):
        table.add_column(heading)
    for row in report["backends"]:
        there = ", ".join(row["devices"])
        table.add_row(row["backend"], there or "none", "yes" if there else "compiles only", ", ".join(row["chips"]))
    console.print(table)
    if report["note"]:
        console.print(report["note"], soft_wrap=True)
    if report["problem"]:
        console.print(f"Cannot run: {report['problem']}", soft_wrap=True)
    else:
        numbers = report["self_check"]
        console.print(f"Ready to run on {report['target']}; its numbers were checked on {numbers['written'][:10]}:")
        console.print(f"  {numbers['found']}.", soft_wrap=True)
