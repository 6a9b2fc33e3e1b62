"""A program's profile: each layer's time in each direction, and the roofline's time for it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from emit.graph import Graph
from emit.program import Program
from emit.programs import graph_of, net_of
from netspec.errors import NetSpecError, TargetError
from netspec.language import NetSpec, TrainConfig
from runtime.compiler.compile import compile_programs, lower_program
from runtime.compiler.target import Target
from runtime.compiler.tiling.tuned import program_for
from runtime.profile.origin import DIRECTIONS, UNKNOWN, Origin, Work, commands, fused_layers, origins, work
from runtime.profile.peaks import Meter, Peaks
from runtime.profile.record import Recorded, record
from runtime.report import Report


@dataclass(frozen=True)
class Row:
    """One layer in one direction.

    Args:
        share: of the whole step's time, 0 to 1.
        macs, bytes: see `origin.Work`.
        model_s: max(MACs / peak MACs a second, bytes / peak bytes a second), the roofline's time (MobileNetV4, Qin et
            al. 2024, section 3).
        bound: which of the two it is, `arithmetic` or `memory`; `cache` where it is faster than memory allows, as its
            numbers stay in a cache.
        dispatches: the number of IREE's dispatches.
    """

    layer: str
    direction: str
    seconds: float
    share: float
    macs: int
    bytes: int
    model_s: float
    bound: str
    dispatches: int

    @property
    def reached(self) -> float:
        """The model's time over the measured one: 1 is the roof."""
        return self.model_s / self.seconds if self.seconds else 0.0

    def compared(self, peaks: Peaks) -> tuple[str, str]:
        """What bounds it and how much of that it reaches, as text; "?" where the peaks are not known."""
        if not peaks.steady:
            return "?", "?"
        return self.bound, "over 100%" if self.reached > 1 else f"{self.reached:.0%}"


@dataclass(frozen=True)
class Profile:
    """Where a program's time goes. `kinds`: seconds by kind of dispatch, the longest first."""

    network: str
    program: str
    image: tuple[int, int]
    batch: int
    step_s: float
    peaks: Peaks
    rows: tuple[Row, ...]
    kinds: dict[str, float]

    @property
    def named(self) -> float:
        """The share of the time that is spent in a named layer."""
        return sum((row.share for row in self.rows if row.layer != UNKNOWN), 0.0)

    @property
    def caution(self) -> str:
        """A warning where the machine was too busy for its peaks to be measured; else empty."""
        if self.peaks.steady:
            return ""
        return (
            f"This machine was busy: its peaks varied by {self.peaks.spread:.1f} times while they were measured, so "
            "what bounds a layer, and how much of that it reaches, is not known. Run it again when nothing else runs."
        )

    @property
    def images_per_s(self) -> float:
        """Images a second."""
        return self.batch / self.step_s

    def directions(self) -> dict[str, float]:
        """Seconds by direction."""
        return {
            direction: sum(row.seconds for row in self.rows if row.direction == direction) for direction in DIRECTIONS
        }

    def to_plain(self) -> dict[str, Any]:
        """JSON-ready."""
        plain = asdict(self)
        plain["peaks"] = {
            "macs_per_s": self.peaks.macs,
            "bytes_per_s": self.peaks.bytes,
            "spread": self.peaks.spread,
            "steady": self.peaks.steady,
        }
        plain["rows"] = [{**asdict(row), "reached": row.reached} for row in self.rows]
        return {**plain, "images_per_s": self.images_per_s, "named_share": self.named}


def profile(
    entry_point: str, net: NetSpec, config: TrainConfig, target: Target, report: Report, *, runs: int
) -> Profile:
    """Compile a program as `train` does, and run it under IREE's profiler.

    Raises TargetError for a device that IREE does not profile, and NetSpecError.
    """
    if target.backend != "cpu":
        raise TargetError(f"profile: expected IREE_BACKEND=cpu, whose dispatches IREE times, found {target.backend}.")
    net = net_of(entry_point, net, config)
    program = program_for(entry_point, net, config, target)
    graph = graph_of(entry_point, net, config)
    meter = Meter(target, report)
    meter.measure()
    recorded, times = timed(program, graph, target, report, runs=runs)
    meter.measure()
    peaks = meter.peaks
    joined = fused_layers(recorded.names, [origin for origin, _ in times], graph)
    # Medians of single dispatches need not add up to the median of a run.
    scale = recorded.step / (sum(recorded.seconds) or 1.0)
    times = [(_joined(origin, joined), scale * seconds) for origin, seconds in times]
    known = {name: _joined(origin, joined) for name, origin in origins(program.module, graph).items()}
    tasks = work(program.module, graph, config.batchSize, known, joined)
    return Profile(
        net.name,
        entry_point,
        (net.imageH, net.imageW),
        config.batchSize,
        recorded.step,
        peaks,
        _rows(times, tasks, peaks),
        _kinds(recorded.names, [seconds for _, seconds in times]),
    )


def _joined(origin: Origin, joined: Mapping[str, str]) -> Origin:
    return replace(origin, layer=joined.get(origin.layer, origin.layer))


def timed(
    program: Program, graph: Graph, target: Target, report: Report, *, runs: int
) -> tuple[Recorded, list[tuple[Origin, float]]]:
    """Compile and run a program: the profiler's record, and each dispatch's origin and seconds.

    Raises NetSpecError.
    """
    name = program.manifest.entry_point
    (compiled,) = compile_programs([program], target, report)
    stream = lower_program(program, target, report)
    known = origins(program.module, graph)
    dispatches = [command for command in commands(stream, program.text, known) if command.kind == "dispatch"]
    with report.clock(f"Running {name} {runs} times") as tick:
        recorded = record(compiled.program, program.manifest, runs, tick)
    if [command.name for command in dispatches] != list(recorded.names):
        raise NetSpecError(
            f"{name}: the {len(recorded.names)} dispatches that ran are not the {len(dispatches)} that the "
            "compiler listed; is another release of the runtime on the path?"
        )
    return recorded, [(command.origin, seconds) for command, seconds in zip(dispatches, recorded.seconds, strict=True)]


def _rows(times: Sequence[tuple[Origin, float]], tasks: dict[Origin, Work], peaks: Peaks) -> tuple[Row, ...]:
    """Rows in the order in which layers first run; a layer that IREE fused into another's dispatch has none."""
    total = sum(seconds for _, seconds in times)
    parts: dict[Origin, list[float]] = {}
    for origin, seconds in times:
        parts.setdefault(origin, []).append(seconds)
    return tuple(_row(origin, part, tasks.get(origin, Work(0, 0)), peaks, total) for origin, part in parts.items())


def _row(origin: Origin, parts: Sequence[float], task: Work, peaks: Peaks, total: float) -> Row:
    arithmetic, memory = task.macs / peaks.macs, task.bytes / peaks.bytes
    seconds = sum(parts)
    bound = "arithmetic" if arithmetic > memory else ("memory" if memory <= seconds else "cache")
    return Row(
        origin.layer,
        origin.direction,
        seconds,
        seconds / total,
        task.macs,
        task.bytes,
        max(arithmetic, memory),
        bound,
        len(parts),
    )


# Kinds of dispatches, by the names that IREE and our passes give them. Others keep their own name.
_KINDS = (
    ("fused inverted residuals", re.compile(r"^block\d")),
    ("matrix products", re.compile(r"mat(mul|vec)")),
    ("convolutions", re.compile(r"conv|places|patches")),
    ("reductions", re.compile(r"reduction")),
    ("transposes", re.compile(r"turned|transpose")),
    ("elementwise", re.compile(r"elementwise|broadcast")),
    ("border fills", re.compile(r"border")),
    ("copies", re.compile(r"memcpy|encode|pack|slice")),
)
_WORDS = re.compile(r"[a-z]+(?:_[a-z]+)*")


def _kinds(names: Sequence[str], seconds: Sequence[float]) -> dict[str, float]:
    totals: dict[str, float] = {}
    for name, dispatch_seconds in zip(names, seconds, strict=True):
        stem = name.rpartition("_dispatch_")[2].lstrip("0123456789_")
        own = _WORDS.match(stem)
        kind = next((kind for kind, words in _KINDS if words.search(stem)), own[0] if own else stem)
        totals[kind] = totals.get(kind, 0.0) + dispatch_seconds
    return dict(sorted(totals.items(), key=lambda item: -item[1]))
