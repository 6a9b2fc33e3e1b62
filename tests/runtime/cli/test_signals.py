"""Signals and streams as a shell, a terminal or a scheduler gives them: nothing is lost, and there is always a word."""

import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from runtime.checkpoint import load
from runtime.report import Report
from tests.runtime.sandbox import BATCH, ROOT, House, ended

pytestmark = pytest.mark.ordinary

MANY = 4000  # epochs: the run does not end by itself
LAUNCHER = ROOT / "bin" / "netspec"


def endless(house: House, run: str = "run") -> list[str]:
    """A training command that goes on until it is stopped."""
    given = ["train", "tiny", house.images, "--output", run, "--batch-size", BATCH, "--epochs", MANY, "--plain"]
    return [str(word) for word in given]


def piped(house: House, script: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """A line of a shell in the house; `$TRAIN` is the endless training."""
    words = f"{sys.executable} -m netspec {' '.join(endless(house))}"
    return subprocess.run(
        ["bash", "-c", f"set -o pipefail; {script}"],
        cwd=house.folder,
        env={**house._environment(variables), "TRAIN": words},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def saved(house: House) -> int:
    """The epochs that a stopped run has kept: more than none."""
    epoch = load(house.folder / "run" / "last.safetensors").position.epoch
    assert 0 < epoch < MANY
    return epoch


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM, signal.SIGINT])
def test_every_signal_that_asks_to_stop_finishes_the_step_and_saves(number: signal.Signals, house: House) -> None:
    process = house.start(*endless(house))
    assert process.stdout is not None
    while "Epoch 1/" not in process.stdout.readline():
        assert process.poll() is None
    process.send_signal(number)
    ran = ended(process)
    assert ran.code == 130
    assert "and saved; go on with: " in ran.out
    saved(house)


def test_a_hangup_that_was_to_be_ignored_is_ignored(house: House) -> None:
    done = piped(house, "trap '' HUP; $TRAIN --max-steps 400 & p=$!; sleep 1; kill -HUP $p; wait $p")
    assert done.returncode == 0, done
    assert "stopped after 400 steps" in done.stdout


def test_a_log_whose_reader_leaves_stops_the_run_and_all_is_saved(house: House) -> None:
    done = piped(house, "$TRAIN | head -25")
    assert done.returncode == 130, done
    assert len(done.stdout.splitlines()) == 25
    assert "and saved; go on with: " in done.stderr
    saved(house)


def test_ctrl_c_in_a_pipe_whose_reader_dies_of_it_too_saves(house: House) -> None:
    done = piped(
        house,
        "set -m; (exec $TRAIN | tee log) & until grep -q 'Epoch 2/' log 2>/dev/null; do sleep 0.05; done; "
        "kill -INT -- -$!; wait $!",
    )
    assert done.returncode == 130, done
    assert "Traceback" not in done.stderr
    saved(house)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full")
def test_a_log_on_a_full_disk_ends_nothing(house: House) -> None:
    done = piped(house, "$TRAIN --max-steps 12 > /dev/full")
    assert done.returncode == 0
    assert done.stderr.startswith("stopped after 12 steps (--max-steps) and saved; go on with: ")
    assert (house.folder / "run" / "last.safetensors").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full")
def test_a_result_that_cannot_be_written_is_a_failure_with_a_sentence(house: House) -> None:
    words = f"{sys.executable} -m netspec emit tiny > /dev/full"
    done = piped(house, words)
    assert (done.returncode, done.stderr) == (1, "netspec: standard output: No space left on device.\n")


@pytest.mark.parametrize("closed", ["<&-", "2>&-", "<&- 2>&-"])
def test_a_run_with_closed_streams_runs(closed: str, house: House) -> None:
    done = piped(house, f"$TRAIN --max-steps 12 {closed}")
    assert done.returncode == 0, done
    assert "stopped after 12 steps" in done.stdout


def test_a_closed_output_ends_no_run_and_never_becomes_a_file_of_it(house: House) -> None:
    done = piped(house, "$TRAIN --max-steps 12 >&-")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.startswith("stopped after 12 steps")
    load(house.folder / "run" / "last.safetensors")


def test_a_result_for_a_closed_output_is_a_failure_with_a_sentence(house: House) -> None:
    done = piped(house, f"{sys.executable} -m netspec emit tiny >&-")
    assert done.returncode == 1, done
    assert done.stderr.startswith("netspec: standard output: ")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_at_any_moment_of_the_start_is_handled(number: signal.Signals, bare: House) -> None:
    for turn in range(10):
        process = subprocess.Popen(
            [LAUNCHER, "summary", "tiny"],
            cwd=bare.folder,
            env=bare._environment({}),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        # Python's own start comes before any line of ours, of which the first holds signals back.
        status = Path(f"/proc/{process.pid}/status")
        held = sum(1 << number - 1 for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM))
        while f"SigBlk:\t{held:016x}" not in status.read_text():
            time.sleep(0.001)
        time.sleep(0.02 * turn)
        process.send_signal(number)
        ran = ended(process)
        # An interrupt within code that is made from a text, a dataclass say, has Python end itself by SIGINT: 130 too.
        allowed = ((130, "netspec: stopped."), (-signal.SIGINT, "netspec: stopped."), (0, ""))
        assert (ran.code, ran.err.strip()) in allowed or "batch norms" in ran.out, (turn, ran)


def test_a_log_line_cannot_act_on_the_terminal(bare: House) -> None:
    odd = bare.folder / "\x1b[2Jimages"
    for live in (False, True):
        stream = io.StringIO()
        Report(live=live, stream=stream).say(f"Reading {odd}\r\x07, \u202e and\nmore")
        assert f"Reading {bare.folder}/\\x1b[2Jimages\\r\\x07, \\u202e and\nmore" in stream.getvalue()
    ran = bare.run("train", "tiny", odd)
    assert ran.code == 2
    assert "\x1b" not in ran.out + ran.err
    assert "\\x1b[2Jimages" in ran.err


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="root alone may become another user")
@pytest.mark.parametrize("processes", [1, 2, 3, 4])
def test_too_low_a_limit_of_processes_is_reported(processes: int, house: House) -> None:
    script = f"""
import os, resource, sys
import runtime.cli, click, rich.console, rich.progress, numpy, PIL.Image
os.setgid(54321), os.setuid(54321)
resource.setrlimit(resource.RLIMIT_NPROC, ({processes}, {processes}))
sys.argv = ["netspec", "doctor"]
runtime.cli.main()
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd="/", env=house._environment({"NETSPEC_CACHE": "/nowhere/cache"}),
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    assert done.returncode in (1, 2)


@pytest.mark.parametrize("closed", [">&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_the_launcher_starts_with_closed_streams_too(closed: str, bare: House) -> None:
    done = piped(bare, f"{LAUNCHER} summary tiny {closed}")
    assert done.returncode == 1
    assert done.stderr == ("" if "2>" in closed else "netspec: standard output: Bad file descriptor.\n")
    done = piped(bare, f"{LAUNCHER} summary nothing {closed}")
    assert done.returncode == 2


@pytest.mark.parametrize("word", [["--output", ""], ["--output="], ["--resume", ""], ["--weights="]])
def test_an_empty_word_is_no_path(word: list[str], bare: House) -> None:
    before = sorted(bare.folder.iterdir())
    ran = bare.run("train", "tiny", bare.images, *word)
    assert ran.code == 2
    assert "expected no empty argument, found one; is a variable of the shell empty?" in ran.err
    assert sorted(bare.folder.iterdir()) == before


MET = """
import os, signal, sys, time, weakref
from runtime.cli import _take_signals

class Watched:
    def __del__(self): signalled("{when}" == "destructor")

def signalled(now):
    if now: os.kill(os.getpid(), signal.{name}); time.sleep(0)

_take_signals()
watched = Watched()
reference = weakref.ref(watched, lambda _: signalled("{when}" == "callback"))
try:
    del watched
    time.sleep(20)
except KeyboardInterrupt:
    sys.exit(130)
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
@pytest.mark.parametrize("when", ["callback", "destructor"])
def test_a_signal_that_meets_a_callback_or_a_destructor_is_not_forgotten(when: str, name: str) -> None:
    code = MET.format(when=when, name=name)
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (130, "")
