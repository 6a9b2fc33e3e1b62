"""Finds the lowerings that are fastest on this machine, and then the tiles of matmuls and convolutions.

Tiling strategies are timed within the program: a matmul alone would be timed without its epilogue, and with other data
in the caches. So one strategy at a time tiles all shapes that it fits; the profiler gives each shape's time, and each
shape keeps the strategy that was fastest for it.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from emit.program import Program
from emit.programs import emit
from netspec.errors import CompileError, TargetError
from netspec.language import NetSpec, TrainConfig
from runtime.compiler.compile import compile_programs
from runtime.compiler.target import Target
from runtime.compiler.tiling.names import shape_named
from runtime.compiler.tiling.rules import STRATEGIES, Tile
from runtime.compiler.tiling.tables import Table, is_host, keep_own
from runtime.compiler.tiling.tuned import keep
from runtime.profile.record import Recorded, record
from runtime.report import Report
from runtime.tune.lowerings import TunedLowerings, tune_lowerings

WORTH = 0.03  # what a strategy must gain on a shape, or noise would decide
WORTH_ALL = 0.01  # what all tiles together must gain


@dataclass(frozen=True)
class FasterTile:
    """One shape: its seconds in a run without a table and with a tile, and the tile."""

    shape: str
    before_s: float
    after_s: float
    tile: Tile


@dataclass(frozen=True)
class Tuned:
    """Seconds of a run without a table and with the tiles, both with the lowerings that are kept.

    `file`: where the results are kept; None where neither lowerings nor tiles gain enough. The field names are the keys
    of `netspec tune --json`.
    """

    program: str
    lowerings: TunedLowerings
    before_s: float
    after_s: float
    tiles: tuple[FasterTile, ...]
    file: Path | None


def tune(entry_point: str, net: NetSpec, config: TrainConfig, target: Target, report: Report, *, runs: int) -> Tuned:
    """Try every lowering and every tiling strategy on a program, and keep what gained. Raises NetSpecError."""
    if not is_host(target):
        raise TargetError(
            f"tune: expected IREE_BACKEND=cpu with this machine's own processor, which it measures, found {target}."
        )
    lowerings = tune_lowerings(entry_point, net, config, target, report, runs=runs)
    file = keep("forms", entry_point, lowerings.chosen) if lowerings.chosen else None
    program = emit(entry_point, net, config, backend=target.backend, chosen=lowerings.chosen)
    bench = _Bench(program, target, report, runs)
    started = time.monotonic()
    first = bench.measured({})
    report.say(f"tiles by rule: {1e3 * first.step:.2f} ms, matmuls {1e3 * sum(shapes(first).values()):.2f} ms")
    best: dict[str, tuple[float, Tile | None]] = {shape: (seconds, None) for shape, seconds in shapes(first).items()}
    for number, strategy in enumerate(STRATEGIES, 1):
        tiles = {shape: tile for shape in best if (tile := strategy.tile(shape)) is not None}
        gained = 0
        for shape, seconds in bench.tried(tiles, str(strategy)).items():
            if shape in tiles and seconds < (1 - WORTH) * best[shape][0]:
                best[shape] = seconds, tiles[shape]
                gained += 1
        left = (len(STRATEGIES) - number + 1) * (time.monotonic() - started) / (number + 1)
        together = 1e3 * sum(seconds for seconds, _ in best.values())
        report.say(
            f"{number}/{len(STRATEGIES)}: {strategy}: best for {gained} of {len(tiles)} shapes; "
            f"matmuls {together:.2f} ms, about {left:.0f} s left"
        )
    decisions = {shape: tile for shape, (_, tile) in best.items()}
    chosen = {shape: tile for shape, tile in decisions.items() if tile is not None}
    last = bench.measured(chosen)
    after = shapes(last)
    faster = tuple(
        FasterTile(shape, shapes(first)[shape], after.get(shape, 0.0), tile) for shape, tile in chosen.items()
    )
    worth = bool(chosen) and last.step < (1 - WORTH_ALL) * first.step
    file = keep_own(entry_point, decisions) if worth else file
    return Tuned(entry_point, lowerings, first.step, last.step, faster, file)


class _Bench:
    """One program, compiled with some tiles and timed."""

    def __init__(self, program: Program, target: Target, report: Report, runs: int) -> None:
        self._program, self._target, self._report, self._runs = program, target, report, runs

    def measured(self, tiles: Table) -> Recorded:
        """Compile the program with tiles, run it, and read the profiler."""
        (compiled,) = compile_programs([self._program], self._target, self._report, tiles=tiles)
        with self._report.clock(f"Running {compiled.entry_point} {self._runs} times") as tick:
            recorded = record(compiled.program, self._program.manifest, self._runs, tick)
        if tiles and not compiled.cached:
            compiled.vmfb.unlink()  # not needed again: with the table that is kept it is compiled anew
        return recorded

    def tried(self, tiles: Table, title: str) -> Mapping[str, float]:
        """The seconds of each shape; none where IREE rejects the tiles."""
        try:
            return shapes(self.measured(tiles))
        except CompileError as wrong:
            self._report.say(f"{title}: skipped, as the compiler rejects it ({wrong})")
            return {}


def shapes(recorded: Recorded) -> dict[str, float]:
    """The seconds of each shape of matmul and convolution in a run, over all its dispatches."""
    totals: dict[str, float] = {}
    for name, seconds in zip(recorded.names, recorded.seconds, strict=True):
        if shape := shape_named(name):
            totals[shape] = totals.get(shape, 0.0) + seconds
    return totals
