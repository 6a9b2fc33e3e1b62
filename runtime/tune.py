"""Finds how this machine's products are best cut: every way is compiled into the whole program and timed there.

A product alone would be timed without what IREE fuses to it, and in other caches. So one way at a time cuts all the
products that it fits; the profiler tells each shape's time, and each shape keeps the way that was fastest for it.
"""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from emit.program import Program, emit
from netspec.errors import CompileError, TargetError
from netspec.language import NetSpec, TrainConfig
from runtime.compile import compile_programs
from runtime.profile.record import Recorded, record
from runtime.report import Report
from runtime.target import Target
from runtime.tiles import Table, Tile, keep_own

WORTH = 0.03  # what a way must gain on a shape, and a hundredth of the whole, or measuring would decide by its noise
WORTH_ALL = 0.01


@dataclass(frozen=True)
class Way:
    """A family of tiles.

    Args:
        rows, columns: of what is kept in registers.
        most_rows, most_columns: of what one worker takes at a time.
    """

    rows: int
    columns: int
    most_rows: int
    most_columns: int

    def __str__(self) -> str:
        return f"{self.rows}×{self.columns} numbers in registers, {self.most_rows}×{self.most_columns} at a time"

    def tile(self, shape: str) -> Tile | None:
        """How it cuts a shape; None where it does not fit."""
        *rows, columns, inner = (int(size) for size in shape.split("x"))
        outer_columns = _divisor(columns, self.most_columns, self.columns)
        unrolled = next((size for size in UNROLLED if inner % size == 0), None)
        if outer_columns is None or unrolled is None:
            return None
        *above, lines = rows
        even = _divisor(lines, self.most_rows, self.rows)
        # An image's height is cut so that a worker gets enough of its rows; of a stack, a matrix at a time or a few.
        before = tuple(max(1, min(size, ENOUGH // lines)) for size in above)
        outer_rows = even or min(-(-lines // self.rows), self.most_rows // self.rows) * self.rows
        ones = tuple(1 for _ in above)
        return Tile((*before, outer_rows, outer_columns), (*ones, self.rows, self.columns), unrolled)


UNROLLED = (16, 12, 8, 14, 7, 4)
ENOUGH = 64
WAYS = (
    Way(7, 32, 56, 32),
    Way(7, 32, 112, 96),
    Way(7, 16, 56, 16),
    Way(7, 16, 112, 48),
    Way(8, 32, 64, 32),
    Way(8, 16, 64, 96),
    Way(14, 16, 112, 48),
)


def _divisor(size: int, most: int, multiple: int) -> int | None:
    """The largest divisor of a size that is at most `most` and a multiple of another."""
    fits = (each for each in range(min(size, most), 0, -1) if size % each == 0 and each % multiple == 0)
    return next(fits, None)


@dataclass(frozen=True)
class Choice:
    """One shape: its seconds in a run as IREE cuts it and as the tile does, and the tile."""

    shape: str
    before_s: float
    after_s: float
    tile: Tile


@dataclass(frozen=True)
class Tuned:
    """What was found. `file`: where it is kept; None where it gains too little and is not."""

    program: str
    before_s: float
    after_s: float
    choices: tuple[Choice, ...]
    file: Path | None


def tune(entry_point: str, net: NetSpec, config: TrainConfig, target: Target, report: Report, *, runs: int) -> Tuned:
    """Try every way on a program, and keep what gained. Raises TargetError and NetSpecError."""
    if target.backend != "cpu" or target.chip != "host":
        raise TargetError(
            f"tune: expected IREE_BACKEND=cpu with this machine's own processor, which it measures, found {target}."
        )
    bench = _Bench(emit(entry_point, net, config, backend=target.backend), target, report, runs)
    started = time.monotonic()
    first = bench.measured({})
    report.say(f"as IREE cuts them: {1e3 * first.step:.2f} ms, products {1e3 * sum(shapes(first).values()):.2f} ms")
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
    return Tuned(entry_point, first.step, last.step, choices, keep_own(entry_point, decisions) if worth else None)


class _Bench:
    """One program, compiled with some tiles and timed."""

    def __init__(self, program: Program, target: Target, report: Report, runs: int) -> None:
        self._program, self._target, self._report, self._runs = program, target, report, runs

    def measured(self, tiles: Table) -> Recorded:
        """Compile, run, and read the profiler."""
        (compiled,) = compile_programs([self._program], self._target, self._report, tiles=tiles)
        with self._report.clock(f"Running {compiled.entry_point} {self._runs} times") as tick:
            found = record(compiled.vmfb, self._program.manifest, self._runs, tick)
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


_PRODUCT = re.compile(r"_matmul_like_((?:\d+x)+\d+)_f32$")


def shapes(found: Recorded) -> dict[str, float]:
    """The seconds of each shape of product in a run, over all its dispatches."""
    seconds: dict[str, float] = {}
    for name, each in zip(found.names, found.seconds, strict=True):
        if match := _PRODUCT.search(name):
            seconds[match[1]] = seconds.get(match[1], 0.0) + each
    return seconds
