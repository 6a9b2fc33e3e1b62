"""Programs of a single operation or two, for tests of the compiler."""

import io

from emit import hlo
from emit.hlo import Block, Function, Module, Value
from emit.hlo.printer import module_text
from emit.manifest import Entry, Manifest
from emit.program import Landmarks, Program
from runtime.report import Report


def quiet() -> Report:
    return Report(live=False, stream=io.StringIO())


def matmul(rows: int, columns: int, inner: int, batch: int = 0, name: str = "predict") -> Program:
    block = Block()
    stack = (batch,) if batch else ()
    x, y = block.argument("x", (*stack, rows, inner)), block.argument("y", (*stack, inner, columns))
    return of(block, name, hlo.dot(x, y, (len(stack) + 1, len(stack)), batch=len(stack)), x, y)


def convolution(batch: int, size: int, channels: int, outputs: int, stride: int = 1) -> Program:
    block = Block()
    x, y = block.argument("x", (batch, size * stride, size * stride, channels)), (3, 3, channels, outputs)
    kernel = block.argument("k", y)
    pads = ((1, 1), (1, 1)) if stride == 1 else ((0, 1), (0, 1))
    return of(block, "predict", hlo.convolution(x, kernel, pads=pads, strides=(stride, stride)), x, kernel)


def of(block: Block, name: str, result: Value, *arguments: Value) -> Program:
    """A program that takes the positive part of a result."""
    return giving(block, name, (hlo.maximum(result, block.constant(0.0, result.shape)),), *arguments)


def giving(block: Block, name: str, results: tuple[Value, ...], *arguments: Value) -> Program:
    """A program of what a block holds."""
    module = Module(name, (), (Function(name, arguments, tuple(block.operations), results),))
    entries = tuple(Entry(value.name, "parameter", value.shape, value.dtype) for value in arguments)
    return Program(module, module_text(module), Manifest(name, name, entries, entries[: len(results)]), Landmarks({}))
