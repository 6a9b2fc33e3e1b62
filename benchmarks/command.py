"""Shared by the two command lines: options, jobs, and the handling of errors."""

import os
import signal
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

from benchmarks import table
from benchmarks.contenders import PEERS, able
from benchmarks.driver import Row, measure
from benchmarks.job import RATE, Job, Kind
from benchmarks.network import comparable
from netspec.check import training_net
from netspec.errors import InputError, NetSpecError
from runtime.cli.networks import scale_options
from runtime.cli.specs import listed
from runtime.networks import ImageSize, open_spec
from runtime.system.paths import bundled

F = TypeVar("F", bound=Callable[..., Any])


def options(*kinds: Kind, rounds: int = 7) -> Callable[[F], F]:
    """A decorator that adds the options of a command line for these kinds of work."""
    peers = sorted({peer for kind in kinds for peer in able(kind)})
    listed = [
        click.option("--spec", metavar="SPEC", help="A bundled network or a spec file; mobilenet_v2."),
        scale_options,
        click.option("--batch-size", type=click.IntRange(1, 65536), metavar="N", help="Images a step or a call."),
        click.option("--rounds", type=click.IntRange(1), default=rounds, show_default=True, help="Counted rounds."),
        click.option(
            "--peer", "peers", multiple=True, type=click.Choice(peers), help="Whom to compare with; may be repeated."
        ),
        click.option(
            "--json",
            "json_file",
            type=click.Path(dir_okay=False, path_type=Path),
            metavar="FILE",
            help="Also write the rows here.",
        ),
        click.option("--all", "everything", is_flag=True, help="The project's table: all networks."),
    ]

    def add(command: F) -> F:
        for option in reversed(listed):
            command = option(command)
        return command

    return add


def job(kind: Kind, spec: str, image_size: ImageSize | None, width: float | None, batch_size: int) -> Job:
    """A job. Raises SpecError, and InputError for a recipe that the peers do not implement."""
    opened = open_spec(spec, image_size=image_size, width=width)
    if kind == "train" and not opened.config.useAdam:
        raise InputError(f"{spec}: expected a recipe with Adam, which the peers have, received one with SGD.")
    config = replace(opened.config, batchSize=batch_size, learningRate=RATE)
    net = training_net(opened.net, config) if kind == "train" else opened.net
    title = Path(spec).name.replace(".py", "")  # also of `nets.py:small`
    return Job(kind, title if width is None else f"{title} {width:g}", comparable(net), config)


def others(measured: Iterable[str], size: int) -> list[tuple[str, int]]:
    """The bundled networks of such images or larger that are not measured yet, and a batch that fits the memory."""
    known, every = set(measured), [each for page in bundled().values() for each in listed(page)]
    left = [each for each in every if each.name not in known and min(each.image) >= size]
    found = []
    for each in left:
        macs = each.macs * size**2 / (each.image[0] * each.image[1])
        found.append((each.name, next((batch for most, batch in _BATCHES if macs <= most), 8)))
    return found


# The most MACs of an image, and the batch.
_BATCHES = ((1.2e9, 32), (5e9, 16))


def refuse_with_all(**given: object) -> None:
    """Raises InputError where another option is given with `--all`, which says what is measured."""
    for name, value in given.items():
        if value:
            raise InputError(f"--all measures the project's table: leave out --{name.replace('_', '-')}.")


def check_writable(json_file: Path | None) -> None:
    """Raises InputError where the rows could not be written, before anything is measured."""
    if json_file is not None and not os.access(json_file.absolute().parent, os.W_OK):
        raise InputError(f"--json {json_file}: expected a folder that can be written to, found none.")


def run(jobs: Sequence[Job], peers: Sequence[str], rounds: int, json_file: Path | None) -> None:
    """Measure, print the table, and write the file after every job. Raises NetSpecError."""
    check_writable(json_file)
    rows: list[Row] = []
    failed = []
    for work in jobs:
        chosen = [peer for peer in peers or PEERS[work.kind] if peer in able(work.kind)]
        try:
            rows += measure(work, chosen, rounds, _say)
        except NetSpecError as wrong:
            if len(jobs) == 1:
                raise
            _say(str(wrong))
            failed.append(str(work))
        if json_file is not None:
            table.write(json_file, rows)
    if rows:
        table.show(rows)
    if failed:
        raise NetSpecError(f"{len(failed)} of {len(jobs)} were not measured, see above: {', '.join(failed)}.")
    if not rows:
        raise NetSpecError("no peer was there to compare with, so nothing was measured.")


def main(command: click.Command, name: str) -> NoReturn:
    """Run a command line: an error is a sentence and an exit code, never a traceback."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup sets it
            signal.signal(number, signal.default_int_handler)  # as Ctrl-C: no worker is left
    try:
        code = command.main(prog_name=f"python -m benchmarks.{name}", standalone_mode=False)
    except click.ClickException as wrong:
        wrong.show()
        code = wrong.exit_code
    except NetSpecError as wrong:
        code = _stop(name, str(wrong), wrong.exit_code)
    except (KeyboardInterrupt, click.Abort):
        code = _stop(name, "stopped.", 130)
    except OSError as wrong:
        code = _stop(name, f"{wrong.filename or wrong}: {wrong.strerror}.", 1)
    sys.exit(code if isinstance(code, int) else 0)


def _say(text: str) -> None:
    click.echo(text, err=True)


def _stop(name: str, message: str, code: int) -> int:
    click.echo(f"{name}: {message}", err=True)
    return code
