"""From a program's text to a vmfb: iree-compile as a subprocess, side by side, with a cache."""

import errno
import hashlib
import inspect
import json
import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from emit.program import Program
from netspec.errors import CompileError
from netspec.text import shown
from runtime.compiler.passes.depthwise_weight_gradient import with_gradients
from runtime.compiler.passes.fill_borders import with_borders
from runtime.compiler.passes.fuse_im2col import with_patches
from runtime.compiler.passes.fuse_inverted_residual import with_fused
from runtime.compiler.passes.group_executables import UNLINKED, with_groups
from runtime.compiler.passes.inverted_residual_kernel import Block
from runtime.compiler.passes.ir import parts_of
from runtime.compiler.passes.loop_nest import Nest
from runtime.compiler.passes.lower_clamps import with_limits
from runtime.compiler.passes.match import stage_of
from runtime.compiler.passes.normalize_by_rows import with_images
from runtime.compiler.passes.packed_kernels import with_panels
from runtime.compiler.passes.pretranspose import with_turned
from runtime.compiler.passes.store_in_place import with_placed
from runtime.compiler.passes.tile import cut
from runtime.compiler.target import Target
from runtime.compiler.tiling.rules import Rules
from runtime.compiler.tiling.tables import NO_TILES, Table, fitting, rules_of, tiles_of
from runtime.report import Report
from runtime.system import cache, child, files, packages, paths, prune
from runtime.system.cpus import usable_cpus
from runtime.system.host import host

TIME_LIMIT = 1800.0
_COMMON = ("--iree-input-type=stablehlo", "--iree-vm-bytecode-module-strip-source-map=true")
# Every pass would check the whole program anew, a third of the time for the same bytes; a failure is told with it on.
_TRUSTING, _CHECKING = "--verify=false", "--verify"
_HALFWAY = "flow"
FALLS_BACK = True  # a program that IREE refuses as we cut it is compiled as IREE cuts it; False: in tests, an error
_ALONE = "--mlir-disable-threading"  # until then there is nothing to share, and threads cost a quarter of the time
# What is done to a program halfway, for the cache's key: other code makes other programs.
_REWRITING = "\0".join(
    Path(inspect.getfile(step)).read_text(encoding="utf-8")
    for step in (
        with_limits,
        with_images,
        with_fused,
        with_patches,
        stage_of,
        Block,
        Nest,
        with_gradients,
        cut,
        Rules,
        with_turned,
        with_borders,
        with_placed,
        with_panels,
        with_groups,
        parts_of,
    )
)
_LAYER = re.compile(r"^\s*// ((?:backward, )?layer \d+: .*|optimizer: .*|loss: .*)$")


@dataclass(frozen=True)
class Compiled:
    """A compiled program.

    Args:
        program: the executable, as it was checked.
        vmfb: its file in the cache, which ends with a seal of the cache's.
        seconds: 0 when it came from the cache.
        tiles: how many shapes have measured tiles.
    """

    entry_point: str
    program: bytes
    vmfb: Path
    seconds: float
    cached: bool
    tiles: int


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
        tiles: a table of products and convolutions, which goes before the target's rules; None: the target's own.
            Where IREE refuses a table that was asked for, that is an error.
        anew: compile what the cache has too, to time it.
    """
    release = check_releases()
    jobs = []
    for program in programs:
        table = tiles_of(target, program) if tiles is None else fitting(tiles, program.module)
        jobs.append(_Job(program, target, release, tiles=table, strict=bool(tiles)))
    return _through(jobs, target, report, limit, anew)


def lower_program(program: Program, target: Target, report: Report, *, limit: float = TIME_LIMIT) -> str:
    """The program as IREE's stream phase has it, with locations: what the device is told to do, in order, as text.

    It comes from the same options as the compiled program, and from the same cache. Raises CompileError.
    """
    tiles = tiles_of(target, program)
    job = _Job(program, target, check_releases(), tiles=tiles, suffix=".stream.mlir", end=_until("stream"))
    return _through([job], target, report, limit)[0].program.decode("utf-8")


def _through(
    jobs: "Sequence[_Job]", target: Target, report: Report, limit: float, anew: bool = False
) -> list[Compiled]:
    missing = [job for job in jobs if anew or not job.found(report)]
    if missing:
        with ExitStack() as held:
            for job in sorted(missing, key=lambda job: job.vmfb.name):
                waiting = f"Another process is compiling {job.name}; waiting for it."
                held.enter_context(cache.locked(job.vmfb.name, job.vmfb.parent, report.say, waiting))
            missing = [job for job in missing if anew or not job.found(report)]
            if missing:
                _run(missing, target, report, limit)
    for job in jobs:
        if job.refusal.is_file():
            report.say(
                f"  {job.name}: IREE rejected the tuned code; using its default (correct, slower). Compiler log: "
                f"{job.refusal}"
            )
    return [
        Compiled(
            job.name,
            job.program,
            job.vmfb,
            job.seconds,
            job not in missing,
            0 if job.refusal.is_file() else len(job.tiles),
        )
        for job in jobs
    ]


def compiler_path() -> Path:
    """The compiler itself; the script of that name on the path is a wrapper in Python."""
    import iree.compiler

    return Path(next(iter(iree.compiler.__path__))) / "_mlir_libs" / "iree-compile"


def flags(target: Target) -> tuple[str, ...]:
    """The options that a program for a target is compiled with."""
    return (*target.flags, *_COMMON)


def _until(phase: str) -> tuple[str, ...]:
    return (f"--compile-to={phase}", "--mlir-print-debuginfo")


class _Job:
    """One program on its way through the compiler, by one process after the other.

    Two steps make a program: to IREE's flow phase, where its executables are told how they are cut and are rewritten
    otherwise (`_rewritten`); and on from there with all cores. Where IREE refuses what it was told, the second
    step begins again with what the first gave, and that is said.

    Args:
        strict: fail instead.
        end: options of the second step beside those that a program is compiled with: where it stops.
    """

    def __init__(
        self,
        program: Program,
        target: Target,
        release: str,
        *,
        tiles: Table = NO_TILES,
        strict: bool = False,
        suffix: str = ".vmfb",
        end: tuple[str, ...] = (),
    ) -> None:
        self.name = program.manifest.entry_point
        self.text = program.text
        self.tiles = tiles
        self.rules = rules_of(target)
        self.on_cpu = target.backend == "cpu"
        # What is done to one image is shared by all that there are; other programs are the same for any number of them.
        one_image = any(len(entry.shape) == 4 and entry.shape[0] == 1 for entry in program.manifest.arguments[:1])
        self.workers = usable_cpus() if one_image else 1
        self.steps = ((*_until(_HALFWAY), _ALONE), (f"--compile-from={_HALFWAY}", *end))
        self.flags = flags(target)
        self.seconds = 0.0
        self.plain = ""  # what the first step gave, as long as the second may go back to it
        self.died = False  # of a signal, once
        self.program = b""
        self.strict = strict
        told = json.dumps({shape: asdict(tile) for shape, tile in sorted(tiles.items())})
        options = (*self.flags, *(option for step in self.steps for option in step))
        processor = host() if target.chip == "host" else ""
        order = inspect.getsource(self._rewritten) + inspect.getsource(self._begin)
        parts = [
            program.text,
            *options,
            release,
            processor,
            told,
            str(self.rules),
            str(self.workers),
            _REWRITING,
            order,
            "sealed",
        ]
        self.key = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
        self.vmfb = paths.programs_cache() / f"{self.name}-{self.key}{suffix}"
        self.refusal = self.vmfb.with_suffix(".refused.log")  # as long as the program is cut as IREE cuts it
        self.process: subprocess.Popen[bytes] | None = None

    def found(self, report: Report) -> bool:
        """Whether the cache has the program, undamaged."""
        kept = cache.fetch(self.vmfb, report.say)
        self.program = kept or b""
        return kept is not None

    def start(self, folder: Path, scratch: Path) -> None:
        """Begin in a folder. `scratch`: where the compiler may keep files of its own."""
        self.folder, self.scratch = folder, scratch
        self.started = time.monotonic()
        self.refusal.unlink(missing_ok=True)
        self.log = folder / f"{self.name}.log"
        self._begin(0, self.text)

    def _begin(self, step: int, text: str, *extra: str) -> None:
        """Start the process of a step on a text. `extra`: options that it is given beside its own."""
        self.step, self.trusting, self.given = step, not extra, text
        grouped = with_groups(text) if self.on_cpu and step else text
        options = (*self.flags, *self.steps[step], *((UNLINKED,) if grouped != text else ()))
        self.input = self.folder / f"{self.name}-{step}.mlir"
        self.output = self.input.with_suffix(".out")
        with files.errors_about(self.input, "written"):
            self.input.write_text(grouped, encoding="utf-8")
            with self.input.open("rb") as source, self.log.open("wb") as log:
                self.process = child.start(
                    [compiler_path(), "-", "-o", self.output, *options, *(extra or (_TRUSTING,))],
                    stdin=source,
                    stdout=log,
                    stderr=log,
                    env={**os.environ, "TMPDIR": str(self.scratch)},  # what a stopped compiler leaves goes too
                )

    def finished(self) -> bool:
        """Whether the last process has ended; when one ends before it, the next is started."""
        assert self.process is not None
        if self.seconds:
            return True
        code = self.process.poll()
        if code is None:
            return False
        if code < 0:  # from outside, for want of memory say: once more, and never taken for a refusal
            if not self.died:
                self.died = True
                self._begin(self.step, self.given)
                return False
            self.seconds = time.monotonic() - self.started
            return True
        made = code == 0 and self.output.is_file()
        if not made:
            self._check_room()
        if not made and self.plain:
            self.log.replace(self.refusal)
            text, self.plain = self.plain, ""
            self._begin(self.step, text)
            return False
        if not made and self.trusting:
            self._begin(self.step, self.given, _CHECKING)
            return False
        if made and self.step + 1 < len(self.steps):
            halfway = self.output.read_text(encoding="utf-8")
            rewritten = self._rewritten(halfway)
            self.plain = halfway if FALLS_BACK and not self.strict and halfway != rewritten else ""
            self._begin(self.step + 1, rewritten)
            return False
        self.seconds = time.monotonic() - self.started
        return True

    def _rewritten(self, program: str) -> str:
        """What IREE has made of the program by halfway, as it is to go on from there."""
        if not self.on_cpu:
            return program
        whole = with_fused(with_images(with_limits(program)), self.rules, self.workers)
        whole = with_patches(whole, self.rules)
        told = cut(with_gradients(whole, self.rules), self.tiles, self.rules)
        return with_panels(with_placed(with_borders(with_turned(told))))

    def _check_room(self) -> None:
        """A full disk is no refusal either. Raises FileError."""
        full = os.strerror(errno.ENOSPC)
        files.check_room(self.folder, 2**63 if full.encode() in self.log.read_bytes() else 2**20)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def kept_log(self) -> str:
        """Where the log is now, beside where the result would be, as the end of a sentence: nothing of an empty one."""
        said = self.log.read_bytes()
        if not said:
            return "."
        path = self.vmfb.with_suffix(".log")
        files.write_whole(path, said, 0o600)
        return f"; its log is {path}."

    def keep(self) -> None:
        """Put the result into the cache; raise what went wrong instead."""
        assert self.process is not None
        if self.process.returncode != 0 or not self.output.is_file():
            raise CompileError(_failure(self))
        self.program = files.read_whole(self.output)
        cache.keep(self.vmfb, self.program)


def _run(jobs: Sequence[_Job], target: Target, report: Report, limit: float) -> None:
    names = " and ".join(job.name for job in jobs)
    cache.check_writable(paths.programs_cache(), names)
    place = cache.folder(paths.programs_cache())
    clock = report.clock(f"Compiling {names} for {target}")
    with cache.remedy(), files.workspace(place, "compiling") as folder, _scratch(folder) as scratch, clock as tick:
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


def _failure(job: _Job) -> str:
    assert job.process is not None
    log = job.log.read_text(encoding="utf-8", errors="replace")
    code = job.process.returncode
    if code < 0:
        return (
            f"{job.name}: the compiler died of signal {signal.Signals(-code).name}, twice: most likely memory, or "
            "the number of processes allowed, ran out. Close other programs, allow it more, or lower --batch-size or "
            f"--image-size{job.kept_log()}"
        )
    first = next((line for line in log.splitlines() if "error:" in line), None)
    if first is None:
        return f"{job.name}: the compiler left with code {code} and named no error{job.kept_log()}"
    place = re.search(r"<stdin>:(\d+):\d+", first)
    where = _layer_at(job.text, int(place[1])) if place else None
    message = shown(first.split("error:", 1)[1].strip(), 1000)
    return f"{job.name}{f', {where}' if where else ''}: the compiler says: {message}{job.kept_log()}"


def _layer_at(text: str, line: int) -> str | None:
    """The heading above a line of a program: which layer, which direction."""
    for above in reversed(text.splitlines()[:line]):
        if match := _LAYER.match(above):
            return match[1]
    return None
