"""How every command prints: text from outside is escaped, and JSON is valid. No command prints in another way.

Tables are printed by `runtime.cli.screen`, which loads more.
"""

import io
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import click

from netspec.text import printable, shown

LONGEST_OUTPUT = 2**28  # bytes of a file that a command may replace
LONGEST_PATH = 4096  # characters, the longest path


def echo(text: str, *, err: bool = False, nl: bool = True) -> None:
    """Print lines of text."""
    click.echo(printable(text), err=err, nl=nl)


def echo_json(data: Any, indent: int | None = 1) -> None:
    """Print plain data as JSON."""
    from runtime.system.files import json_text

    click.echo(json_text(data, indent))


class Forgiving(io.TextIOBase):
    """A stream for messages that accompany a result; errors of writing to it are ignored."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """As the stream does; errors are ignored."""
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """As the stream does; errors are ignored."""
        with suppress(OSError):
            self._stream.flush()

    def isatty(self) -> bool:
        """The stream's."""
        return self._stream.isatty()


def path_text(path: Path) -> str:
    """A path within a line."""
    return shown(path, LONGEST_PATH)


def passes_text(counts: Mapping[str, int]) -> str:
    """How often each pass applied, within a line."""
    return "passes: " + ", ".join(f"{name.replace('_', '-')} {count}" for name, count in counts.items())


def check_output(option: str, path: Path, is_ours: Callable[[bytes], bool]) -> None:
    """Raises BadParameter unless `path` can be written: it does not exist, is empty, or is one of our files.

    `is_ours`: whether a file of this content is one.
    """
    from runtime.system.files import check_writable, errors_about, read_whole
    from runtime.training.run import NAMES, is_run

    with errors_about(path, "written"):
        if not path.absolute().parent.is_dir():
            raise click.BadParameter(
                f"{path_text(path)}: there is no folder {path_text(path.parent)}.", param_hint=option
            )
        if path.is_symlink():
            raise click.BadParameter(
                f"{path_text(path)}: is a link, which would be replaced: name the file itself.", param_hint=option
            )
        check_writable(path.absolute().parent)
        exists = path.exists()
    content = read_whole(path, LONGEST_OUTPUT) if exists else b""
    if content and not is_ours(content):
        raise click.BadParameter(
            f"{path_text(path)}: holds something else than netspec writes there, which would be lost: choose another "
            "name.",
            param_hint=option,
        )
    if path.name in NAMES and is_run(path.absolute().parent):
        raise click.BadParameter(
            f"{path_text(path)}: belongs to the run in that folder: choose another name.", param_hint=option
        )
    if exists and not os.access(path, os.W_OK):
        raise click.BadParameter(
            f"{path_text(path)}: may not be written to, by its permissions: choose another name.", param_hint=option
        )
