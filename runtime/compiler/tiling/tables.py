"""Measured tiles of matmuls and convolutions for IREE's CPU compiler, by shape.

Other shapes are tiled by the rules of `runtime.compiler.tiling.rules`.

There is a table for every program, because the epilogue counts: in a training step a matmul may be followed by a mask.

The program's text does not contain them: `passes/tile.py` annotates IREE's flow phase. They change speed, and the order
in which a reduction adds. `netspec tune` measures them.
"""

from collections.abc import Mapping
from dataclasses import asdict
from math import prod
from pathlib import Path
from typing import Any

from emit.hlo import Module, Operation
from emit.program import Program
from runtime.compiler.target import Target
from runtime.compiler.tiling import tuned
from runtime.compiler.tiling.measured_avx512 import AVX512
from runtime.compiler.tiling.rules import RULES_AVX2, RULES_AVX512, Rules, Tile, is_convolution, parallel_axes
from runtime.system.host import host

# By shape as IREE names it: `[batch or rows x] rows x columns x inner`, or for a convolution
# `batch x height x width x columns x window x window x inner`, of which a depthwise one has no inner channels.
Table = Mapping[str, Tile]
NO_TILES: Table = {}
Decisions = Mapping[str, Tile | None]  # None: on this machine the rules' tile was the fastest


def tiles_of(target: Target, program: Program) -> dict[str, Tile]:
    """The tiles of a program for a target: those tuned on this machine, else those measured on processors like it."""
    if not is_host(target):
        return {}
    entry_point = program.manifest.entry_point
    tiles: dict[str, Tile | None] = {}
    if rules_of(target) is RULES_AVX512:
        tiles |= {shape: Tile(*numbers) for shape, numbers in AVX512.get(entry_point, {}).items()}
    tiles |= read_own().get(entry_point, {})
    return fitting({shape: tile for shape, tile in tiles.items() if tile is not None}, program.module)


def is_host(target: Target) -> bool:
    """Whether a target is this machine's own processor."""
    return target.backend == "cpu" and target.chip == "host"


def rules_of(target: Target) -> Rules | None:
    """The rules for a target: those of this machine's own processor, if there are some for its kind."""
    features = host() if is_host(target) else ""
    return next((rules for feature, rules in _RULES.items() if feature in features), None)


# By a feature of the processor, the better first.
_RULES = {"avx512f": RULES_AVX512, "avx2": RULES_AVX2}


def fitting(table: Table, module: Module) -> dict[str, Tile]:
    """The entries of a table that a program may use: those whose number of MACs one of its own operations has."""
    counts = {
        _macs(operation)
        for operation in module.functions[0].operations
        if isinstance(operation, Operation) and operation.opcode in ("dot_general", "convolution")
    }
    return {shape: tile for shape, tile in sorted(table.items()) if prod(map(int, shape.split("x"))) in counts}


def _macs(operation: Operation) -> int:
    left, right = (operand.shape for operand in operation.operands)
    if operation.opcode == "dot_general":
        return prod((*operation.results[0].shape, left[operation.attributes["contract"][0]]))
    sizes = dict(zip(operation.attributes["kernel_axes"], right, strict=True))
    return prod((*operation.results[0].shape, sizes["0"], sizes["1"], sizes["i"]))


def read_own() -> dict[str, dict[str, Tile | None]]:
    """The tiles kept on this machine, by program and shape."""
    return tuned.read("tiles", lambda shape, plain: None if plain is None else _tile(shape, plain))


def keep_own(entry_point: str, decisions: Decisions) -> Path:
    """Add tiles of a program to those kept on this machine; their file."""
    return tuned.keep("tiles", entry_point, {shape: tile and asdict(tile) for shape, tile in decisions.items()})


def _tile(shape: str, plain: Mapping[str, Any]) -> Tile:
    tile = Tile(tuple(plain["outer"]), tuple(plain["vector"]), plain["inner"], plain.get("peeled", False))
    sizes = [*tile.outer, *tile.vector, tile.inner]
    axes = parallel_axes(shape)
    fits = len(tile.outer) == len(tile.vector) == axes and not (tile.peeled and is_convolution(shape))
    positive = all(isinstance(size, int) and size > 0 for size in sizes)
    if not fits or not positive or not isinstance(tile.peeled, bool):
        raise ValueError(f"{shape}: {dict(plain)}")
    return tile
