"""Runs a program under IREE's profiler and reads the time of each dispatch."""

import json
import os
import statistics
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import iree._runtime_libs as tools
import numpy as np
from numpy.typing import NDArray

from emit.manifest import Manifest
from netspec.errors import NetSpecError
from runtime.engine.session import initial_state, random_sources
from runtime.system import child
from runtime.system.files import errors_about

WARM_UP = 3
# As in `runtime.engine.iree` and the launcher: freed memory is kept, in large pages.
_TUNABLES = "glibc.malloc.hugetlb=1:glibc.malloc.mmap_max=0:glibc.malloc.trim_threshold=9223372036854775807"
_TIME_LIMIT = 900.0


@dataclass(frozen=True)
class Recorded:
    """Median seconds of each dispatch, in the order of their recording, and of a whole run.

    A run's time is divided among its dispatches without rest: while several run, in equal parts; time before a dispatch
    begins (a fill, a wait) is its own.
    """

    names: tuple[str, ...]
    seconds: tuple[float, ...]
    step: float


def record(program: bytes, manifest: Manifest, runs: int, tick: Callable[[str], None]) -> Recorded:
    """Run a program on the CPU `runs` times, after `WARM_UP` runs that are not counted. Raises NetSpecError."""
    with tempfile.TemporaryDirectory(prefix="netspec-profile-") as folder:
        root = Path(folder)
        with errors_about(root, "written"):
            flags = _inputs(manifest, root)
            vmfb = root / "program.vmfb"  # a copy of its own: the cache may be pruned meanwhile
            vmfb.write_bytes(program)
        raw = root / "run.ireeprof"
        _call(
            [
                *(_tool("iree-benchmark-module"), "--device=local-task", f"--module={vmfb}"),
                *(f"--function={manifest.entry_point}", f"--benchmark_min_time={runs + WARM_UP}x"),
                *("--device_profiling_mode=host-execution", f"--device_profiling_output={raw}"),
                f"--flagfile={flags}",
            ],
            tick,
        )
        events = _call([_tool("iree-profile"), "dispatch", "--dispatch_events", "--format=jsonl", str(raw)], tick)
    return _read([json.loads(line) for line in events.splitlines() if line])


def _tool(name: str) -> str:
    return str(Path(next(iter(tools.__path__))) / name)


def _inputs(manifest: Manifest, folder: Path) -> Path:
    """Write the arguments of a first step, and a file of flags that names them: noise for images, initial state."""
    source = np.random.default_rng(0)
    state, sources = initial_state(manifest.state(), 0), random_sources(0)
    flags: list[str] = []
    for entry in manifest.arguments:
        array: NDArray[Any]
        if entry.role == "images":
            array = source.integers(0, 256, entry.shape, dtype=np.uint8)
        elif entry.role == "labels":
            array = np.arange(entry.shape[0], dtype=np.int32) % 2
        elif entry.role == "share":
            array = np.full(entry.shape, 0.5, np.float32)
        elif entry.role == "teacher":
            array = np.full(entry.shape, 1 / entry.shape[1], np.float32)
        elif entry.role == "learning_rate":
            array = np.array(1e-5, np.float32)
        elif entry.role in sources:
            array = sources[entry.role]
        else:
            array = state[entry.name]
        file = folder / f"{len(flags)}.npy"
        np.save(file, array)
        flags.append(f"--input=@{file}")
    path = folder / "flags.txt"
    path.write_text("\n".join(flags) + "\n", encoding="utf-8")
    return path


def _call(command: Sequence[str], tick: Callable[[str], None]) -> str:
    environment = {**os.environ, "GLIBC_TUNABLES": _TUNABLES}
    process: subprocess.Popen[str] = child.start(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace", env=environment
    )
    try:
        waited = 0.0
        while True:
            try:
                out, wrong = process.communicate(timeout=0.2)
                break
            except subprocess.TimeoutExpired:
                waited += 0.2
                tick(Path(command[0]).name)
                if waited > _TIME_LIMIT:
                    raise NetSpecError(
                        f"{Path(command[0]).name} was stopped after {_TIME_LIMIT:g} s without a result; lower "
                        "--batch-size or --image-size."
                    ) from None
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()
    if process.returncode:
        said = (wrong.strip() or out.strip() or "nothing").splitlines()[-1][:300]
        raise NetSpecError(f"{Path(command[0]).name} left with code {process.returncode} and said: {said}")
    return out


def _read(events: Sequence[Mapping[str, Any]]) -> Recorded:
    """The median over the runs of each dispatch's part of a run's time."""
    runs: dict[int, list[Mapping[str, Any]]] = {}
    for event in events:
        if event["type"] == "host_dispatch_event":
            runs.setdefault(event["submission_id"], []).append(event)
    most = max(map(len, runs.values()), default=0)  # a program may prepare constants of its own, once
    counted = [runs[key] for key in sorted(runs) if len(runs[key]) == most][WARM_UP:]
    if not counted:
        raise NetSpecError("the profiler recorded no run; is the program larger than this machine's memory?")
    names = {event["command_index"]: str(event["key"]) for event in counted[0]}
    seconds: dict[int, list[float]] = {index: [] for index in names}
    steps = []
    for run in counted:
        spans = {
            event["command_index"]: (event["start_host_time_ns"] / 1e9, event["end_host_time_ns"] / 1e9)
            for event in run
        }
        parts = _divided(spans)
        steps.append(sum(parts.values()))
        for index, part in parts.items():
            seconds[index].append(part)
    order = sorted(names)
    medians = tuple(statistics.median(seconds[index]) for index in order)
    return Recorded(tuple(names[index] for index in order), medians, statistics.median(steps))


def _divided(spans: Mapping[int, tuple[float, float]]) -> dict[int, float]:
    """The time from the first start to the last end, divided among dispatches by their (start, end).

    While several run, they have equal parts; while none runs, the time is that of the next one.
    """
    moments = sorted({moment for span in spans.values() for moment in span})
    waiting = sorted(spans, key=lambda index: spans[index][0], reverse=True)
    running: list[int] = []
    parts = dict.fromkeys(spans, 0.0)
    for since, until in pairwise(moments):
        while waiting and spans[waiting[-1]][0] <= since:
            running.append(waiting.pop())
        running = [index for index in running if spans[index][1] > since]
        sharing = running or waiting[-1:]
        for index in sharing:
            parts[index] += (until - since) / len(sharing)
    return parts
