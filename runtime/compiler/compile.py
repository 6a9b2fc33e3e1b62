"""From a program's text to a vmfb: iree-compile as a subprocess, side by side, with a cache."""

import re
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from emit.program import Program
from netspec.errors import CompileError
from netspec.text import shown
from runtime.compiler.job import Job, until
from runtime.compiler.target import Target
from runtime.compiler.tiling.tables import Table, fitting, tiles_of
from runtime.report import Report
from runtime.system import cache, files, packages, paths, prune

TIME_LIMIT = 1800.0


@dataclass(frozen=True)
class Compiled:
    """A compiled program.

    Args:
        program: the executable, as it was checked.
        vmfb: its file in the cache, with the cache's seal at its end.
        seconds: 0 when it came from the cache.
        tiles: how many shapes have measured tiles.
        rewrites: how often each pass applied, if it was compiled now and for a CPU.
    """

    entry_point: str
    program: bytes
    vmfb: Path
    seconds: float
    cached: bool
    tiles: int
    rewrites: Mapping[str, int]


def check_releases() -> str:
    """The release that compiler and runtime share. Raises CompileError when they differ."""
    compiler, runtime = (packages.release(f"iree-base-{part}") for part in ("compiler", "runtime"))
    if compiler != runtime:
        raise CompileError(
            f"iree-base-compiler is {compiler} and iree-base-runtime is {runtime}: expected one release, because "
            f"programs of another release can hang; install iree-base-runtime=={compiler}."
        )
    return compiler


def compile_programs(
    programs: Sequence[Program],
    target: Target,
    report: Report,
    *,
    limit: float = TIME_LIMIT,
    tiles: Table | None = None,
    anew: bool = False,
) -> list[Compiled]:
    """Compile what the cache lacks, all at once. Raises CompileError.

    Args:
        limit: seconds after which a compilation is given up.
        tiles: tiles of matmuls and convolutions, which go before the target's rules; None: the target's own table. That
            IREE rejects a table given here is an error.
        anew: compile what the cache has too, to time it.
    """
    release = check_releases()
    jobs = []
    for program in programs:
        table = tiles_of(target, program) if tiles is None else fitting(tiles, program.module)
        jobs.append(Job(program, target, release, tiles=table, strict=bool(tiles)))
    return _through(jobs, target, report, limit, anew)


def lower_program(program: Program, target: Target, report: Report, *, limit: float = TIME_LIMIT) -> str:
    """The program at IREE's stream phase, with locations: the device's commands in order, as text.

    Compiled with the same options as the executable, and cached beside it. Raises CompileError.
    """
    tiles = tiles_of(target, program)
    job = Job(program, target, check_releases(), tiles=tiles, suffix=".stream.mlir", end=until("stream"))
    return _through([job], target, report, limit)[0].program.decode("utf-8")


def flow_phase(
    program: Program, target: Target, report: Report, *, passes: bool, limit: float = TIME_LIMIT
) -> tuple[str, Mapping[str, int]]:
    """The program at IREE's flow phase, as text without locations, and how often each of our passes applied.

    Brought there with the options of the executable. Where the target has no passes, or they fail (that is reported),
    it is the phase as IREE makes it and no pass is counted. Raises CompileError.

    Args:
        passes: after them, instead of as IREE makes it.
    """
    from iree.compiler import ir

    from runtime.compiler.passes.ir import parse

    tiles = tiles_of(target, program)
    job = Job(program, target, check_releases(), tiles=tiles, suffix=".flow.mlir", passes=passes, end=None)
    (lowered,) = _through([job], target, report, limit, anew=True)
    with ir.Context():
        return str(parse(lowered.program.decode("utf-8")).get_asm(use_local_scope=True)), lowered.rewrites


def _through(jobs: Sequence[Job], target: Target, report: Report, limit: float, anew: bool = False) -> list[Compiled]:
    missing = [job for job in jobs if anew or not job.fetch(report)]
    if missing:
        with ExitStack() as held:
            for job in sorted(missing, key=lambda job: job.vmfb.name):
                waiting = f"Another process is compiling {job.name}; waiting for it."
                held.enter_context(cache.locked(job.vmfb.name, job.vmfb.parent, report.say, waiting))
            missing = [job for job in missing if anew or not job.fetch(report)]
            if missing:
                _run(missing, target, report, limit)
    for job in jobs:
        if job.refusal.is_file():
            report.say(
                f"  {job.name}: IREE's own code is used (correct, slower), as {job.without}; see "
                f"{shown(job.refusal, 4096)}"
            )
    return [
        Compiled(
            job.name,
            job.program,
            job.vmfb,
            job.seconds,
            job not in missing,
            0 if job.refusal.is_file() else len(job.tiles),
            job.rewrites,
        )
        for job in jobs
    ]


def _run(jobs: Sequence[Job], target: Target, report: Report, limit: float) -> None:
    names = " and ".join(job.name for job in jobs)
    cache.check_writable(paths.programs_cache(), names)
    programs = cache.folder(paths.programs_cache())
    clock = report.clock(f"Compiling {names} for {target}")
    with cache.remedy(), files.workspace(programs, "compiling") as folder, _scratch(folder) as scratch, clock as tick:
        try:
            for job in jobs:
                job.start(folder, scratch)
            while waiting := [job for job in jobs if not job.finished()]:
                for job in waiting:
                    if time.monotonic() - job.started > limit:
                        raise CompileError(
                            f"{job.name}: the compiler was stopped after {limit:g} s without a result for "
                            f"{target}{job.kept_log()}"
                        )
                tick(", ".join(job.name for job in waiting))
                time.sleep(0.05)
        finally:
            for job in jobs:
                job.stop()
        for job in jobs:
            job.keep()
            report.say(f"  {job.name} compiled ({job.seconds:.1f} s)")
    prune.keep_limit(report.say, [job.vmfb for job in jobs])


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    """A folder whose path has no blank, which IREE's linker (3.13.0) would read as two paths: this one if it can be."""
    if not re.search(r"\s", str(folder)):
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="netspec-compiling-") as elsewhere:
        yield Path(elsewhere)
