"""This machine's peak arithmetic and bandwidth, by two small programs: a matmul and an addition of large vectors."""

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

ROWS, INNER, COLUMNS = 16384, 128, 128  # a matmul whose operands stay in a core's cache
NUMBERS = 2**25
LEAST, MOST = 12, 5.0  # rounds of a program, and seconds: measured on while the best gets better
BUSY = 1.3  # the median round over the best one, from which on the machine counts as busy


@dataclass(frozen=True)
class Peaks:
    """Multiply-accumulates a second in f32, and bytes a second, read and written together.

    `spread`: the median round's time over the best one's, 1 or more.
    """

    macs: float
    bytes: float
    spread: float = 1.0

    @property
    def ridge(self) -> float:
        """The intensity, in MACs a byte, above which a program is bound by arithmetic."""
        return self.macs / self.bytes

    @property
    def steady(self) -> bool:
        """Whether the machine was quiet while they were measured."""
        return self.spread < BUSY


class Meter:
    """Measures the peaks that programs compiled by IREE can reach.

    Rounds are taken before and after what they are compared with, so that a busy machine is noticed.
    """

    def __init__(self, target: Target, report: Report) -> None:
        programs = [_matmul(), _addition()]
        compiled = compile_programs(programs, target, report)
        self._report, self._device = report, Device(target)
        self._executables = [self._device.load(program.program, program.entry_point) for program in compiled]
        self._entries = [program.manifest.arguments for program in programs]
        self._seconds: list[list[float]] = [[], []]

    def measure(self) -> None:
        """Take rounds of both programs."""
        with self._report.clock("Measuring this machine's peaks") as tick:
            for executable, entries, seconds in zip(self._executables, self._entries, self._seconds, strict=True):
                arguments = [self._device.put(np.ones(entry.shape, np.float32), entry.dtype) for entry in entries]
                seconds += _rounds(executable.bind(arguments))
                tick("peaks")

    @property
    def peaks(self) -> Peaks:
        """The best of all rounds so far."""
        matmul, addition = map(min, self._seconds)
        spread = max(statistics.median(seconds) / min(seconds) for seconds in self._seconds)
        return Peaks(ROWS * INNER * COLUMNS / matmul, 3 * 4 * NUMBERS / addition, spread)


def _rounds(call: Callable[[], object]) -> list[float]:
    """The seconds of each round, until the last half of them has no better one."""
    seconds: list[float] = []
    begun = time.perf_counter()
    while len(seconds) < LEAST or (
        min(seconds[len(seconds) // 2 :]) < min(seconds[: len(seconds) // 2]) and time.perf_counter() - begun < MOST
    ):
        started = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - started)
    return seconds


def _matmul() -> Program:
    block = Block()
    x, y = block.argument("x", (ROWS, INNER)), block.argument("y", (INNER, COLUMNS))
    return _program("peak_product", block, (x, y), hlo.dot(x, y, (1, 0)))


def _addition() -> Program:
    block = Block()
    x, y = block.argument("x", (NUMBERS,)), block.argument("y", (NUMBERS,))
    return _program("peak_pass", block, (x, y), hlo.add(x, y))


def _program(name: str, block: Block, arguments: tuple[hlo.Value, ...], result: hlo.Value) -> Program:
    module = Module(name, (), (Function(name, arguments, tuple(block.operations), (result,)),))
    entries = tuple(Entry(value.name, "parameter", value.shape, value.dtype) for value in arguments)
    out = (Entry("result", "parameter", result.shape, result.dtype),)
    return Program(module, module_text(module), Manifest(name, name, entries, out), Landmarks({}))
