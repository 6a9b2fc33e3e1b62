"""Finds which forms are fastest on this machine, and then how its products and convolutions are best cut.

Each way to cut is timed in the whole program.

A product alone would be timed without what IREE fuses to it, and in other caches. So one way at a time cuts all the
products that it fits; the profiler tells each shape's time, and each shape keeps the way that was fastest for it.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from emit.program import Program, emit
from netspec.errors import CompileError, TargetError
from netspec.language import NetSpec, TrainConfig
from runtime.compiler.compile import compile_programs
from runtime.compiler.target import Target
from runtime.compiler.tiling.rules import WAYS, Tile
from runtime.compiler.tiling.tables import Table, is_host, keep_own, shape_named
from runtime.compiler.tiling.tuned import keep
from runtime.profile.record import Recorded, record
from runtime.report import Report
from runtime.tune.forms import TunedForms, tune_forms

WORTH = 0.03  # what a way must gain on a shape, and a hundredth of the whole, or measuring would decide by its noise
WORTH_ALL = 0.01


@dataclass(frozen=True)
class Choice:
    """One shape: its seconds in a run as it is cut without a table and as the tile does, and the tile."""

    shape: str
    before_s: float
    after_s: float
    tile: Tile


@dataclass(frozen=True)
class Tuned:
    """What was found: seconds without tables and with the tiles, in the forms that are kept.

    `file`: where it is kept; None where neither forms nor tiles gain enough and nothing is.
    """

    program: str
    forms: TunedForms
    before_s: float
    after_s: float
    choices: tuple[Choice, ...]
    file: Path | None


def tune(entry_point: str, net: NetSpec, config: TrainConfig, target: Target, report: Report, *, runs: int) -> Tuned:
    """Try every way on a program, and keep what gained. Raises TargetError and NetSpecError."""
    if not is_host(target):
        raise TargetError(
            f"tune: expected IREE_BACKEND=cpu with this machine's own processor, which it measures, found {target}."
        )
    forms = tune_forms(entry_point, net, config, target, report, runs=runs)
    file = keep("forms", entry_point, forms.chosen) if forms.chosen else None
    program = emit(entry_point, net, config, backend=target.backend, chosen=forms.chosen)
    bench = _Bench(program, target, report, runs)
    started = time.monotonic()
    first = bench.measured({})
    report.say(f"cut without a table: {1e3 * first.step:.2f} ms, products {1e3 * sum(shapes(first).values()):.2f} ms")
    best: dict[str, tuple[float, Tile | None]] = {shape: (seconds, None) for shape, seconds in shapes(first).items()}
    for turn, way in enumerate(WAYS, 1):
        tiles = {shape: tile for shape in best if (tile := way.tile(shape)) is not None}
        gained = 0
        for shape, seconds in bench.tried(tiles, str(way)).items():
            if shape in tiles and seconds < (1 - WORTH) * best[shape][0]:
                best[shape] = seconds, tiles[shape]
                gained += 1
        left = (len(WAYS) - turn + 1) * (time.monotonic() - started) / (turn + 1)
        together = 1e3 * sum(seconds for seconds, _ in best.values())
        report.say(
            f"{turn}/{len(WAYS)}: {way}: best for {gained} of {len(tiles)} shapes; products {together:.2f} ms, "
            f"about {left:.0f} s left"
        )
    decisions = {shape: tile for shape, (_, tile) in best.items()}
    chosen = {shape: tile for shape, tile in decisions.items() if tile is not None}
    last = bench.measured(chosen)
    after = shapes(last)
    choices = tuple(Choice(shape, shapes(first)[shape], after.get(shape, 0.0), tile) for shape, tile in chosen.items())
    worth = bool(chosen) and last.step < (1 - WORTH_ALL) * first.step
    file = keep_own(entry_point, decisions) if worth else file
    return Tuned(entry_point, forms, first.step, last.step, choices, file)


class _Bench:
    """One program, compiled with some tiles and timed."""

    def __init__(self, program: Program, target: Target, report: Report, runs: int) -> None:
        self._program, self._target, self._report, self._runs = program, target, report, runs

    def measured(self, tiles: Table) -> Recorded:
        """Compile, run, and read the profiler."""
        (compiled,) = compile_programs([self._program], self._target, self._report, tiles=tiles)
        with self._report.clock(f"Running {compiled.entry_point} {self._runs} times") as tick:
            found = record(compiled.program, self._program.manifest, self._runs, tick)
        if tiles and not compiled.cached:
            compiled.vmfb.unlink()  # of no further use, or made again under the table that is kept
        return found

    def tried(self, tiles: Table, way: str) -> Mapping[str, float]:
        """The seconds of each shape; none where IREE refuses the tiles."""
        try:
            return shapes(self.measured(tiles))
        except CompileError as wrong:
            self._report.say(f"{way}: left out, as the compiler refuses it ({wrong})")
            return {}


def shapes(found: Recorded) -> dict[str, float]:
    """The seconds of each shape of product and convolution in a run, over all its dispatches."""
    seconds: dict[str, float] = {}
    for name, each in zip(found.names, found.seconds, strict=True):
        if shape := shape_named(name):
            seconds[shape] = seconds.get(shape, 0.0) + each
    return seconds
