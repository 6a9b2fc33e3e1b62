"""The command line: `netspec COMMAND ...`. One file a command, loaded when it is called."""

import contextlib
import importlib
import io
import keyword
import os
import signal
import sys
from pathlib import Path
from typing import NoReturn

import click

from netspec import __version__
from netspec.errors import NetSpecError
from netspec.text import printable, shown

LONGEST_MESSAGE = 8000  # characters of an error
COMMANDS = {
    "train": "Train a network on an image folder.",
    "import": "Read another framework's weights into a checkpoint.",
    "export-weights": "Write a checkpoint's weights for another framework.",
    "emit": "Print a network's StableHLO program.",
    "specs": "List the bundled networks.",
    "recipes": "List the recipes that come with NetSpec.",
    "summary": "Show a network's layers, shapes, parameters and MACs.",
    "eval": "Measure a checkpoint's accuracy on an image folder.",
    "predict": "Classify images with a checkpoint.",
    "verify": "Prove a network's gradients, and check them on the device.",
    "bench": "Measure a program's speed, compilation, memory and size.",
    "profile": "Show where a program's time goes, by layer.",
    "tune": "Find the fastest lowerings and tiles on this machine.",
    "cache": "Show what is cached, and remove what is old or too large.",
    "doctor": "Show versions, devices, and what can run here.",
}


class _Commands(click.Group):
    """Loads a command's file when the command is called, so that `--help` is fast."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module = name.replace("-", "_") + ("_" if keyword.iskeyword(name) else "")
        command = importlib.import_module(f"runtime.cli.{module}").command
        assert isinstance(command, click.Command)
        return command

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
    try:
        _take_streams()
        _take_signals()
        # Where no thread can be started OpenBLAS interrupts the process; and our matmuls on the host are small: its
        # threads wait for one another, on a busy machine for seconds in all.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        _check_words(sys.argv[1:])
        code = cli.main(prog_name=program_name(), standalone_mode=False)
    except click.ClickException as wrong:
        with contextlib.suppress(OSError):
            _show(wrong)
        code = wrong.exit_code
    except NetSpecError as wrong:
        code = _say(str(wrong), wrong.exit_code)
    except (KeyboardInterrupt, click.Abort):
        code = _say("stopped.", 130)
    except BrokenPipeError:
        code = 1
    except OSError as wrong:
        # What is written to a file names it; what is left is what was to be printed.
        code = _say(f"{shown(wrong.filename or 'standard output')}: {wrong.strerror or wrong}.", 1)
    except MemoryError:
        code = _say("out of memory: lower the batch size or the image size.", 1)
    except ImportError as wrong:
        path = os.environ.get("PYTHONPATH")
        ours = str(Path(__file__).resolve().parents[2])  # as the launcher of a checkout sets it
        where = f" (PYTHONPATH is {shown(path)})" if path and path != ours else ""
        code = _say(
            f"a package cannot be loaded: {shown(wrong)}{where}; install NetSpec into a fresh environment, or allow "
            "this user more processes and memory (ulimit -u, ulimit -v).",
            1,
        )
    except RuntimeError as wrong:
        if "start new thread" not in str(wrong):
            raise
        code = _say("no further thread can be started: allow this user more processes (ulimit -u).", 1)
    _give_up_streams()
    sys.exit(code if isinstance(code, int) else 0)


def program_name() -> str:
    """How the user called this: the launcher of a checkout says so in `NETSPEC_PROGRAM`."""
    return os.environ.get("NETSPEC_PROGRAM", "netspec")


def _check_words(words: list[str]) -> None:
    """A path that is empty would be the current folder. Raises UsageError."""
    if any(not word or (word.startswith("--") and word.endswith("=")) for word in words):
        raise click.UsageError("expected no empty argument, found one; is a variable of the shell empty?")


def _take_signals() -> None:
    """Handle termination signals as Ctrl-C: no compiler and no partial file is left."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup
        signal.signal(signal.SIGHUP, signal.default_int_handler)
    sys.unraisablehook = _raise_again
    # The launcher of a checkout blocks them until now, when they can be handled.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})


def _raise_again(ignored: "sys.UnraisableHookArgs") -> None:
    """Raise an interrupt again that hit a callback or a destructor, where Python would report and drop it."""
    if not issubclass(ignored.exc_type, KeyboardInterrupt):
        sys.__unraisablehook__(ignored)
        return
    signal.signal(signal.SIGALRM, lambda *_: signal.raise_signal(signal.SIGINT))
    signal.setitimer(signal.ITIMER_REAL, 0.01)


def _take_streams() -> None:
    """Open closed standard streams on /dev/null: the next opened file would get their descriptor."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDONLY)  # the lowest free descriptor; a write fails, and is not lost silently
            setattr(sys, name, open(number, "w" if number else "r", closefd=False))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal, or a file's name, may not be UTF-8


def _give_up_streams() -> None:
    """Flush now: at exit a failure would be a traceback and another exit code."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            with contextlib.suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _show(wrong: click.ClickException) -> None:
    """Print as click does: a usage line and the sentence."""
    said = io.StringIO()
    wrong.show(said)
    click.echo(_truncated(said.getvalue()), err=True, nl=False)


def _say(message: str, code: int) -> int:
    with contextlib.suppress(OSError):
        click.echo(printable(f"netspec: {_truncated(message)}"), err=True)
    return code


def _truncated(message: str) -> str:
    """An error's sentence, of at most `LONGEST_MESSAGE` characters."""
    if len(message) <= LONGEST_MESSAGE:
        return message
    return f"{message[:LONGEST_MESSAGE]}... ({len(message)} characters)"
