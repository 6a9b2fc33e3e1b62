"""What this machine can do at most, by two small programs: a matrix product, and a sum of two large vectors."""

import time
from dataclasses import dataclass

import numpy as np

from emit import hlo
from emit.hlo import Block, Function, Module
from emit.hlo.printer import module_text
from emit.manifest import Entry, Manifest
from emit.program import Landmarks, Program
from runtime.compile import compile_programs
from runtime.device import Device
from runtime.report import Report
from runtime.target import Target

ROWS, INNER, COLUMNS = 16384, 128, 128  # a product whose parts stay in a core's cache
NUMBERS = 2**25
ROUNDS = 12


@dataclass(frozen=True)
class Peaks:
    """Multiply-accumulates a second in f32, and bytes a second, read and written together."""

    macs: float
    bytes: float

    @property
    def ridge(self) -> float:
        """The intensity, in MACs a byte, above which the arithmetic is what takes the time."""
        return self.macs / self.bytes


def measure_peaks(target: Target, report: Report) -> Peaks:
    """The best of `ROUNDS` of each. What is written here is what our own programs could reach: IREE compiles both."""
    programs = [_product(), _pass()]
    compiled = compile_programs(programs, target, report)
    device = Device(target)
    best = []
    for program, made in zip(programs, compiled, strict=True):
        loaded = device.load(made.program, made.entry_point)
        entries = program.manifest.arguments
        arguments = [device.put(np.ones(entry.shape, np.float32), entry.dtype) for entry in entries]
        seconds = []
        for _ in range(ROUNDS):
            started = time.perf_counter()
            loaded(arguments)
            seconds.append(time.perf_counter() - started)
        best.append(min(seconds))
    return Peaks(ROWS * INNER * COLUMNS / best[0], 3 * 4 * NUMBERS / best[1])


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
