"""What this machine can do at most, by two small programs: a matrix product, and a sum of two large vectors."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from emit import hlo
from emit.hlo import Block, Function, Module
from emit.hlo.printer import module_text
from emit.manifest import Entry, Manifest
from emit.program import Landmarks, Program
from runtime.compiler.compile import compile_programs
from runtime.compiler.target import Target
from runtime.engine.iree import Device
from runtime.report import Report

ROWS, INNER, COLUMNS = 16384, 128, 128  # a product whose parts stay in a core's cache
NUMBERS = 2**25
LEAST, MOST = 12, 5.0  # rounds of each, and seconds: it goes on while the best gets better
BUSY = 1.3  # a usual round takes so much longer than the best one where something else runs on the machine


@dataclass(frozen=True)
class Peaks:
    """Multiply-accumulates a second in f32, and bytes a second, read and written together.

    `spread`: how much longer a usual round took than the best, 1 and more.
    """

    macs: float
    bytes: float
    spread: float = 1.0

    @property
    def ridge(self) -> float:
        """The intensity, in MACs a byte, above which the arithmetic is what takes the time."""
        return self.macs / self.bytes

    @property
    def steady(self) -> bool:
        """Whether the machine was quiet enough for them to be what it can do."""
        return self.spread < BUSY


class Meter:
    """Measures a machine's peaks by what our own programs could reach: IREE compiles both.

    Rounds are taken beside what they are compared with, before it and after it: a machine that is busy then shows.
    """

    def __init__(self, target: Target, report: Report) -> None:
        programs = [_product(), _pass()]
        compiled = compile_programs(programs, target, report)
        self._report, self._device = report, Device(target)
        self._loaded = [self._device.load(made.program, made.entry_point) for made in compiled]
        self._entries = [program.manifest.arguments for program in programs]
        self._seconds: list[list[float]] = [[], []]

    def measure(self) -> None:
        """Take rounds of each."""
        with self._report.clock("Measuring this machine's peaks") as tick:
            for loaded, entries, seconds in zip(self._loaded, self._entries, self._seconds, strict=True):
                arguments = [self._device.put(np.ones(entry.shape, np.float32), entry.dtype) for entry in entries]
                seconds += _rounds(loaded.prepared(arguments))
                tick("peaks")

    @property
    def peaks(self) -> Peaks:
        """The best of all rounds so far."""
        product, passing = map(min, self._seconds)
        spread = max(statistics.median(each) / min(each) for each in self._seconds)
        return Peaks(ROWS * INNER * COLUMNS / product, 3 * 4 * NUMBERS / passing, spread)


def _rounds(call: Callable[[], object]) -> list[float]:
    """The seconds of each round, until the last half of them brought no better one."""
    seconds: list[float] = []
    begun = time.perf_counter()
    while len(seconds) < LEAST or (
        min(seconds[len(seconds) // 2 :]) < min(seconds[: len(seconds) // 2]) and time.perf_counter() - begun < MOST
    ):
        started = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - started)
    return seconds


def _product() -> Program:
    block = Block()
    x, y = block.argument("x", (ROWS, INNER)), block.argument("y", (INNER, COLUMNS))
    return _program("peak_product", block, (x, y), hlo.dot(x, y, (1, 0)))


def _pass() -> Program:
    block = Block()
    x, y = block.argument("x", (NUMBERS,)), block.argument("y", (NUMBERS,))
    return _program("peak_pass", block, (x, y), hlo.add(x, y))


def _program(name: str, block: Block, arguments: tuple[hlo.Value, ...], result: hlo.Value) -> Program:
    module = Module(name, (), (Function(name, arguments, tuple(block.operations), (result,)),))
    entries = tuple(Entry(value.name, "parameter", value.shape, value.dtype) for value in arguments)
    out = (Entry("result", "parameter", result.shape, result.dtype),)
    return Program(module, module_text(module), Manifest(name, name, entries, out), Landmarks({}))
