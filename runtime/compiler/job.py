"""The compilation of one program, by one process after the other."""

import contextlib
import errno
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from emit.program import Program
from netspec.errors import CompileError
from netspec.text import shown
from runtime.compiler import pipeline
from runtime.compiler.target import Target
from runtime.compiler.tiling.cpu import CpuTarget
from runtime.compiler.tiling.tables import NO_TILES, Table, rules_of
from runtime.report import Report
from runtime.system import cache, child, files, paths
from runtime.system.cpus import usable_cpus
from runtime.system.host import host

_COMMON = ("--iree-input-type=stablehlo", "--iree-vm-bytecode-module-strip-source-map=true")
PASSES = pipeline.PASSES
PASSES_LIMIT = 120.0  # seconds: they take one or two
FALLS_BACK = True  # where the passes fail, or IREE rejects their result, go on without them; False: in tests
# Verifying after every pass takes a third of the time; after a failure it is on, for a better message.
_TRUSTING, _CHECKING = "--verify=false", "--verify"
_ALONE = "--mlir-disable-threading"  # until then there is nothing to share, and threads cost a quarter of the time
_UNLINKED = "--iree-hal-link-executables=false"  # the pass `group_executables` has grouped them
_LAYER = re.compile(r"^\s*// ((?:backward, )?layer \d+: .*|optimizer: .*|loss: .*)$")


def compiler_path() -> Path:
    """The compiler itself; the script of that name on the path is a wrapper in Python."""
    import iree.compiler

    return Path(next(iter(iree.compiler.__path__))) / "_mlir_libs" / "iree-compile"


def passes_command(request: str) -> list[str]:
    """The process that runs the passes: this Python, with the modules that it has here, not the environment's."""
    code = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from runtime.compiler.pipeline import main; "
    return [sys.executable, "-I", "-c", f"{code}main(sys.argv[2])", json.dumps(sys.path), request]


def flags(target: Target) -> tuple[str, ...]:
    """The options that a program for a target is compiled with."""
    return (*target.flags, *_COMMON)


def until(phase: str) -> tuple[str, ...]:
    """The options that make the compiler stop after a phase, and print the IR."""
    return (f"--compile-to={phase}", "--mlir-print-debuginfo")


class Job:
    """The compilation of one program.

    `iree-compile` brings it to IREE's flow phase; for a CPU, the passes rewrite it there (`pipeline.py`); and
    `iree-compile` goes on from there with all cores. Where the passes fail, or IREE rejects their result, it goes
    on from the unchanged flow phase, and that is reported.

    Args:
        strict: fail instead.
        passes: whether they run, where the target has them.
        end: options of the last process beside those that a program is compiled with: where it stops. None: there is no
            such process; the flow phase that it would read is the result.
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
        passes: bool = True,
        end: tuple[str, ...] | None = (),
    ) -> None:
        self.name = program.manifest.entry_point
        self.text = program.text
        self.tiles = tiles
        # Kernels of one image are divided among the CPUs; other programs are the same for any number of them.
        one_image = any(len(entry.shape) == 4 and entry.shape[0] == 1 for entry in program.manifest.arguments[:1])
        threads = usable_cpus() if one_image else 1
        self.cpu = CpuTarget(tiles, rules_of(target), threads) if passes and target.backend == "cpu" else None
        self.flags = flags(target)
        self.end = end
        self.strict = strict
        self.seconds = 0.0
        self.rewrites: dict[str, int] = {}
        self.program = b""
        self.code = 0  # of the process that it ended with
        self.died = False  # of a signal, once
        self.without = "ours was rejected"  # why the program is IREE's own, where it is
        self.process: subprocess.Popen[bytes] | None = None
        self.passes: subprocess.Popen[bytes] | None = None
        processor = host() if target.chip == "host" else ""
        last = (_ALONE,) if end is None else (_ALONE, *end)
        parts = [program.text, *self.flags, *until("flow"), *last, release, processor, str(self.cpu), *PASSES]
        parts += [pipeline.digest(), _UNLINKED, "sealed"]
        self.key = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
        self.vmfb = paths.programs_cache() / f"{self.name}-{self.key}{suffix}"

    @property
    def refusal(self) -> Path:
        """The log of what IREE rejected, kept as long as the program is IREE's own."""
        return self.vmfb.with_suffix(".refused.log")

    def fetch(self, report: Report) -> bool:
        """Read the program from the cache; whether it is there, undamaged."""
        kept = cache.fetch(self.vmfb, report.say)
        self.program = kept or b""
        return kept is not None

    def start(self, folder: Path, scratch: Path) -> None:
        """Begin in a folder. `scratch`: where the compiler may keep files of its own."""
        self.folder, self.scratch = folder, scratch
        self.started = time.monotonic()
        self.refusal.unlink(missing_ok=True)
        self.flow, self.rewritten = (folder / f"{self.name}-{stage}.mlir" for stage in ("flow", "rewritten"))
        source = folder / f"{self.name}.mlir"
        with files.errors_about(source, "written"):
            source.write_text(self.text, encoding="utf-8")
        self._compile("flow", source)
        if self.cpu:
            self._start_passes(self.cpu)

    def _compile(self, phase: str, source: Path, check: str = _TRUSTING) -> None:
        """Start the compiler on a file: up to the flow phase, or from there ("code"; "plain" without the passes)."""
        self.phase, self.source, self.trusting = phase, source, check == _TRUSTING
        self.output = self.flow if phase == "flow" else self.folder / f"{self.name}.out"
        onward = ("--compile-from=flow", *(self.end or ()), *((_UNLINKED,) if phase == "code" and self.cpu else ()))
        options = (*until("flow"), _ALONE) if phase == "flow" else onward
        self.log = self.folder / f"{self.name}-{phase}.log"
        with files.errors_about(self.log, "written"), source.open("rb") as text, self.log.open("wb") as log:
            self.process = child.start(
                [compiler_path(), "-", "-o", self.output, *self.flags, *options, check],
                stdin=text,
                stdout=log,
                stderr=log,
                env={
                    **os.environ,
                    "TMPDIR": str(self.scratch),
                },  # so that what a stopped compiler leaves is removed too
            )

    def _start_passes(self, cpu: CpuTarget) -> None:
        """Start the process of the passes, which loads what it needs and waits for the flow phase."""
        self.counts = self.folder / f"{self.name}-passes.json"
        self.passes_log = self.folder / f"{self.name}-passes.log"
        request = json.dumps({"passes": PASSES, "target": cpu.to_plain()})
        with (
            files.errors_about(self.passes_log, "written"),
            self.counts.open("wb") as counts,
            self.passes_log.open("wb") as log,
        ):
            self.passes = child.start(passes_command(request), stdin=subprocess.PIPE, stdout=counts, stderr=log)

    def finished(self) -> bool:
        """Whether the last process has ended; when one ends before it, the next is started."""
        assert self.process is not None
        code = self.process.poll()
        if self.seconds or code is None:
            if self.phase == "passes" and time.monotonic() - self.passes_started > PASSES_LIMIT:
                self._go_on_without(f"they were stopped after {PASSES_LIMIT:g} s", remember=False)
            return bool(self.seconds)
        {"flow": self._after_flow, "passes": self._after_passes}.get(self.phase, self._after_code)(code)
        return bool(self.seconds)

    def _go_on(self, phase: str, source: Path) -> None:
        """Compile the flow phase, or end with it if it is the result."""
        if self.end is None:
            self.output = source
            self._end(0)
        else:
            self._compile(phase, source)

    def _end(self, code: int) -> None:
        self.code, self.seconds = code, time.monotonic() - self.started

    def _after_flow(self, code: int) -> None:
        if code or not self.flow.is_file():
            self._try_again(code)
        elif self.passes is None:
            self._go_on("code", self.flow)
        else:
            assert self.passes.stdin is not None
            self.phase, self.process, self.passes_started = "passes", self.passes, time.monotonic()
            with contextlib.suppress(BrokenPipeError):  # it has ended: its exit code says why
                self.passes.stdin.write(json.dumps([str(self.flow), str(self.rewritten)]).encode())
                self.passes.stdin.close()

    def _after_passes(self, code: int) -> None:
        if code == 0 and self.rewritten.is_file():
            self.rewrites = files.parse_json(self.counts.read_bytes())
            self._go_on("code", self.rewritten)
            return
        self._check_room(self.passes_log)
        # All but a pass that fails by itself is from outside, for want of memory say: nothing is remembered of it.
        ended = f"died of signal {signal.Signals(-code).name}" if code < 0 else f"left with code {code}"
        self._go_on_without(f"their process {ended}", remember=code == pipeline.FAILED)

    def _after_code(self, code: int) -> None:
        if code == 0 and self.output.is_file():
            self._end(code)
        elif code < 0 or self.phase != "code" or self.cpu is None or self.strict or not FALLS_BACK:
            self._try_again(code)
        else:
            self._check_room(self.log)
            self.log.replace(self.refusal)
            self._compile("plain", self.flow)

    def _try_again(self, code: int) -> None:
        """Once more after a signal, for want of memory say; and once with verification on, for a better message."""
        if code < 0 and not self.died:
            self.died = True
            self._compile(self.phase, self.source, _TRUSTING if self.trusting else _CHECKING)
            return
        if code >= 0:
            self._check_room(self.log)
            if self.trusting:
                self._compile(self.phase, self.source, _CHECKING)
                return
        self._end(code)

    def _go_on_without(self, why: str, remember: bool) -> None:
        """Compile the flow phase as it is, because the passes failed."""
        self._stop(self.passes)
        said = self.passes_log.read_text(encoding="utf-8", errors="replace")
        if self.strict or not FALLS_BACK:
            self._stop(self.process)
            last = shown(said.strip().rpartition("\n")[2], 1000)
            raise CompileError(f"{self.name}: the passes over IREE's flow phase failed: {why}: {last}")
        self.without = f"the passes failed: {why}"
        if not remember:
            self.vmfb = self.vmfb.with_name(f"untuned-{self.vmfb.name}")  # a name that is never looked up
        files.write_whole(self.refusal, f"The passes over IREE's flow phase failed: {why}.\n{said}".encode(), 0o600)
        self._go_on("plain", self.flow)

    def _check_room(self, log: Path) -> None:
        """A full disk is no refusal. Raises FileError."""
        full = os.strerror(errno.ENOSPC)
        files.check_room(self.folder, 2**63 if full.encode() in log.read_bytes() else 2**20)

    def stop(self) -> None:
        """End its processes."""
        self._stop(self.process)
        self._stop(self.passes)

    @staticmethod
    def _stop(process: subprocess.Popen[bytes] | None) -> None:
        if process is not None:
            if process.poll() is None:
                process.kill()
                process.wait()
            if process.stdin:
                with contextlib.suppress(BrokenPipeError):
                    process.stdin.close()

    def kept_log(self) -> str:
        """Keep the log in the cache; where it is, as the end of a sentence. An empty log is not kept."""
        said = self.log.read_bytes()
        if not said:
            return "."
        path = self.vmfb.with_suffix(".log")
        files.write_whole(path, said, 0o600)
        return f"; its log is {path}."

    def keep(self) -> None:
        """Put the result into the cache. Raises CompileError where there is none."""
        if self.code != 0 or not self.output.is_file():
            raise CompileError(self._failure())
        self.program = files.read_whole(self.output)
        if self.end is not None:  # the flow phase is shown, never read again
            cache.keep(self.vmfb, self.program)

    def _failure(self) -> str:
        code = self.code
        log = self.log.read_text(encoding="utf-8", errors="replace")
        if code < 0:
            return (
                f"{self.name}: the compiler died of signal {signal.Signals(-code).name}, twice: most likely memory, or "
                "the number of processes allowed, ran out. Close other programs, allow it more, or lower --batch-size "
                f"or --image-size{self.kept_log()}"
            )
        first = next((line for line in log.splitlines() if "error:" in line), None)
        if first is None:
            return f"{self.name}: the compiler left with code {code} and named no error{self.kept_log()}"
        place = re.search(r"<stdin>:(\d+):\d+", first)
        where = _layer_at(self.text, int(place[1])) if place else None
        message = shown(first.split("error:", 1)[1].strip(), 1000)
        return f"{self.name}{f', {where}' if where else ''}: the compiler says: {message}{self.kept_log()}"


def _layer_at(text: str, line: int) -> str | None:
    """The heading above a line of a program: layer and direction."""
    for above in reversed(text.splitlines()[:line]):
        if match := _LAYER.match(above):
            return match[1]
    return None
