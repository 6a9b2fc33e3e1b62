"""Starts one process a contender, compares their results, and times them interleaved."""

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.agree import agreement
from benchmarks.contenders import CONTENDERS, OURS
from benchmarks.job import THREADS, Folder, Job
from benchmarks.machine import busy, machine
from netspec import __version__
from netspec.errors import NetSpecError

WARM_UP = 2
BUSY = 0.05  # share of the machine used by others from which on a warning is printed
PAUSE = 0.1  # seconds between two processes' rounds: idle threads may spin for a while
ROOT = Path(__file__).resolve().parent.parent
Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One peer compared with ours. Times are medians of the rounds; ratios are ours over the peer's, round by round.

    Fields that older results lack are None.

    Args:
        quickest_ratio: our quickest round over the peer's quickest.
        others_busy: the share of the machine, 0 to 1, that other processes used just before.
    """

    work: str
    peer: str
    ours_s: float
    peer_s: float
    ratio: float
    ratio_min: float
    ratio_max: float
    ours_peak_mb: float
    peer_peak_mb: float
    memory_ratio: float
    rounds: int
    quickest_ratio: float | None = None
    ours_rounds_s: list[float] | None = None
    peer_rounds_s: list[float] | None = None
    agreement: str | None = None
    versions: dict[str, str]
    machine: dict[str, str | int]
    others_busy: float | None = None
    date: str

    @property
    def kind(self) -> str:
        """`train`, `inference` or `evaluation`."""
        return self.work.partition(" ")[0]

    @property
    def network(self) -> str:
        """As the command line names it, with its width where it has another."""
        return self.work.partition(" ")[2].rpartition(" ")[0]

    @property
    def batch(self) -> int:
        """Images a step or a call."""
        return int(self.work.rpartition(" b")[2].partition("@")[0])


class Worker:
    """A contender's process, used as a context; leaving it kills the process and its children."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker", name, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=environment(),
            # Its own group: Ctrl-C reaches the driver alone, and the worker's children end with it.
            start_new_session=True,
        )

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()

    def request(self, name: str) -> dict[str, Any]:
        """Send a request and wait for the response. Raises NetSpecError."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # `receive` says how it ended
            print(json.dumps(name), file=self._process.stdin, flush=True)
        return self.receive()

    def receive(self) -> dict[str, Any]:
        """The next response. Raises NetSpecError."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            code = self._process.wait()
            how = f"was ended by signal {signal.Signals(-code).name}" if code < 0 else f"left with code {code}"
            hint = "; perhaps memory ran out: lower --batch-size" if code == -signal.SIGKILL else ""
            raise NetSpecError(f"{self.name}: its process {how} and gave no response{hint}.")
        response: dict[str, Any] = json.loads(line)
        if "error" in response:
            raise NetSpecError(f"{self.name}: {response['error']}")
        return response


def environment() -> dict[str, str]:
    """The environment of every worker: large pages as in our launcher, two threads for IREE, JAX on the CPU."""
    variables = dict(os.environ)
    variables.setdefault("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1")
    variables["IREE_PY_RUNTIME_FLAGS"] = f"--task_topology_max_group_count={THREADS}"
    variables["JAX_PLATFORMS"] = "cpu"
    variables["TF_CPP_MIN_LOG_LEVEL"] = "1"
    return variables


def measure(job: Job, peers: Sequence[str], rounds: int, say: Say) -> list[Row]:
    """Time ours and the installed peers on one job, in interleaved rounds. Raises NetSpecError when results differ."""
    present = installed(peers, say)
    if not present:
        return []
    taken = busy()
    if taken is not None and taken > BUSY:
        say(f"Others take {taken:.0%} of this machine: expect times, and PyTorch's above all, that mean little.")
    with tempfile.TemporaryDirectory(prefix="netspec-benchmark-") as folder, ExitStack() as stack:
        Folder(Path(folder)).write(job)
        workers: dict[str, Worker] = {}
        results: dict[str, dict[str, Any]] = {}
        agreed: dict[str, str] = {}
        for name in (OURS, *present):
            say(f"{job}: {name} is built and checked ...")
            workers[name] = stack.enter_context(Worker(name, Path(folder)))
            workers[name].receive()
            results[name] = workers[name].request("check")
            if name != OURS:
                agreed[name] = agreement(job, name, results[OURS], results[name])
                say(f"  {name} agrees with netspec: {agreed[name]}")
        seconds = _rounds(workers, rounds, lambda text: say(f"{job}: {text}"))
        peaks = {name: float(worker.request("end")["peak_mb"]) for name, worker in workers.items()}
    return [_row(job, name, seconds, peaks, agreed[name], taken) for name in present]


def installed(peers: Sequence[str], say: Say) -> list[str]:
    """The peers that can be imported; missing ones are reported."""
    for name in peers:
        if not CONTENDERS[name].installed:
            say(f"{CONTENDERS[name].product} is not installed: pip install 'netspec[peers]'")
    return [name for name in peers if CONTENDERS[name].installed]


def _rounds(workers: dict[str, Worker], rounds: int, say: Say) -> dict[str, list[float]]:
    """Seconds by contender, round by round, after the warm-up."""
    seconds: dict[str, list[float]] = {name: [] for name in workers}
    for number in range(1 - WARM_UP, rounds + 1):
        for name, worker in workers.items():
            time.sleep(PAUSE)
            taken = float(worker.request("round")["seconds"])
            if number > 0:
                seconds[name].append(taken)
        if number > 0:
            say(f"round {number} of {rounds}: " + ", ".join(f"{name} {s[-1]:.4g} s" for name, s in seconds.items()))
    return seconds


def _row(
    job: Job, name: str, seconds: dict[str, list[float]], peaks: dict[str, float], agreed: str, taken: float | None
) -> Row:
    ours, peer = seconds[OURS], seconds[name]
    ratios = [mine / other for mine, other in zip(ours, peer, strict=True)]
    return Row(
        work=str(job),
        peer=name,
        ours_s=statistics.median(ours),
        peer_s=statistics.median(peer),
        ratio=statistics.median(ratios),
        ratio_min=min(ratios),
        ratio_max=max(ratios),
        ours_peak_mb=round(peaks[OURS], 1),
        peer_peak_mb=round(peaks[name], 1),
        memory_ratio=peaks[OURS] / peaks[name],
        rounds=len(ratios),
        quickest_ratio=min(ours) / min(peer),
        ours_rounds_s=ours,
        peer_rounds_s=peer,
        agreement=agreed,
        versions={"netspec": __version__, **CONTENDERS[OURS].versions(), **CONTENDERS[name].versions()},
        machine=machine(),
        others_busy=taken,
        date=datetime.now(UTC).isoformat(timespec="seconds"),
    )
