"""The front door: `netspec COMMAND ...`. One file a command, loaded when it is asked for."""

import importlib
import io
import os
import signal
import sys
from typing import NoReturn

import click

from netspec import __version__
from netspec.cli.surroundings import check_surroundings
from netspec.errors import NetSpecError
from netspec.text import shown

COMMANDS = {
    "train": "Train a network on an image folder.",
    "emit": "Print a network's StableHLO program.",
    "summary": "Show a network's layers, shapes, parameters and MACs.",
    "eval": "Measure a checkpoint's accuracy on an image folder.",
    "predict": "Say what a checkpoint sees in images.",
    "verify": "Prove a network's gradients, and check them on the device.",
    "bench": "Measure a program's speed, compilation, memory and size.",
    "profile": "Show where a program's time goes, by layer.",
    "tune": "Measure how products are best cut on this machine.",
    "doctor": "Show versions, devices, and what can run here.",
}


class _Commands(click.Group):
    """Loads a command's file when the command is asked for, so that `--help` stays quick."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        found = importlib.import_module(f"netspec.cli.{name}").command
        assert isinstance(found, click.Command)
        return found

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Example: netspec train mobilenet_v2 photos/ --epochs 10",
)
@click.version_option(__version__, prog_name="netspec")
def cli() -> None:
    """Networks as plain data, compiled to StableHLO, trained by IREE on whatever hardware there is.

    IREE_BACKEND (cpu, cuda, rocm, vulkan, metal) and IREE_CHIP (gfx1100, sm_86, ...) choose the device.
    """


def main() -> NoReturn:
    """Run the command line: an error is a sentence and an exit code, never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal, or a file's name, may not be UTF-8
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: no compiler and no half file stays behind
    try:
        check_surroundings()
        code = cli.main(prog_name=program_name(), standalone_mode=False)
    except click.ClickException as wrong:
        wrong.show()
        code = wrong.exit_code
    except NetSpecError as wrong:
        code = _say(str(wrong), wrong.exit_code)
    except (KeyboardInterrupt, click.Abort):
        code = _say("stopped.", 130)
    except BrokenPipeError:
        sys.stderr.close()
        code = 1
    except OSError as wrong:
        what = f"{shown(wrong.filename)}: {wrong.strerror}" if wrong.filename else shown(wrong)
        code = _say(f"{what}.", 1)
    except ImportError as wrong:
        path = os.environ.get("PYTHONPATH")
        where = f" (PYTHONPATH is {shown(path)})" if path else ""
        code = _say(f"a package cannot be loaded: {shown(wrong)}{where}; install NetSpec into a fresh environment.", 1)
    except MemoryError:
        code = _say("out of memory: lower the batch size or the image size.", 1)
    sys.exit(code if isinstance(code, int) else 0)


def program_name() -> str:
    """How the user called this: the launcher of a checkout says so in `NETSPEC_PROGRAM`."""
    return os.environ.get("NETSPEC_PROGRAM", "netspec")


def _say(message: str, code: int) -> int:
    click.echo(f"netspec: {message}", err=True)
    return code
