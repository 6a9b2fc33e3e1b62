"""How IREE's CPU compiler is to cut matrix products and convolutions into tiles, by shape, as far as it was measured.

The rest is cut by the rules of `runtime.compiler.tiling.rules`.

There is a table for each program, because what is fused to a product counts: in a training step a shape's product may
have a mask behind it.

The program's text knows nothing of them: `passes/tile.py` writes them to what IREE makes of it. They change speed, and
the order of a sum's additions. `netspec tune` measures them.
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
from runtime.compiler.tiling.rules import RULES_AVX2, RULES_AVX512, Rules, Tile, is_image, parallel_axes
from runtime.system.host import host

# By shape as IREE names it: `[batch or rows x] rows x columns x inner`, or for a convolution
# `batch x height x width x columns x window x window x inner`, of which a depthwise one has no inner channels.
Table = Mapping[str, Tile]
NO_TILES: Table = {}
Decisions = Mapping[str, Tile | None]  # None: this machine was fastest as the shape is cut that no table knows


def tiles_of(target: Target, program: Program) -> dict[str, Tile]:
    """How a program is cut for a target: as was tuned on this machine, or as is known of processors like it."""
    if not is_host(target):
        return {}
    entry_point = program.manifest.entry_point
    decided: dict[str, Tile | None] = {}
    if rules_of(target) is RULES_AVX512:
        decided |= {shape: Tile(*numbers) for shape, numbers in AVX512.get(entry_point, {}).items()}
    decided |= read_own().get(entry_point, {})
    return fitting({shape: tile for shape, tile in decided.items() if tile is not None}, program.module)


def is_host(target: Target) -> bool:
    """Whether a target is this machine's own processor."""
    return target.backend == "cpu" and target.chip == "host"


def rules_of(target: Target) -> Rules | None:
    """The rules for a target: those of this machine's own processor, if there are some for its kind."""
    found = host() if is_host(target) else ""
    return next((rules for kind, rules in _RULES.items() if kind in found), None)


# By what the processor says of itself, the better first.
_RULES = {"avx512f": RULES_AVX512, "avx2": RULES_AVX2}


def fitting(table: Table, module: Module) -> dict[str, Tile]:
    """The part of a table that a program may have a use for: shapes of as many products as one of its own has."""
    counts = {
        _multiplications(item)
        for item in module.functions[0].operations
        if isinstance(item, Operation) and item.opcode in ("dot_general", "convolution")
    }
    return {shape: tile for shape, tile in sorted(table.items()) if prod(map(int, shape.split("x"))) in counts}


def shape_named(executable: str) -> str | None:
    """The shape that IREE has named an executable's function after; None where it is no matmul and no convolution.

    A depthwise convolution of one image is named without its batch.
    """
    words = executable.partition("_dispatch_")[2].split("_")
    kind = next((each for each in _MATMULS if words[1 : 1 + len(each)] == each), None)
    if kind is None or not executable.endswith("f32"):
        return None
    sizes = words[1 + len(kind)]
    return "1x" * (kind == ["conv"] and sizes.count("x") == 4) + sizes


_MATMULS = (["matmul", "like"], ["conv"])


def _multiplications(item: Operation) -> int:
    left, right = (operand.shape for operand in item.operands)
    if item.opcode == "dot_general":
        return prod((*item.results[0].shape, left[item.attributes["contract"][0]]))
    sizes = dict(zip(item.attributes["kernel_axes"], right, strict=True))
    return prod((*item.results[0].shape, sizes["0"], sizes["1"], sizes["i"]))


def read_own() -> dict[str, dict[str, Tile | None]]:
    """What was decided on this machine, by program."""
    return tuned.read("tiles", lambda shape, plain: None if plain is None else _tile(shape, plain))


def keep_own(entry_point: str, decisions: Decisions) -> Path:
    """Add to what was decided on this machine for a program."""
    return tuned.keep("tiles", entry_point, {shape: tile and asdict(tile) for shape, tile in decisions.items()})


def _tile(shape: str, plain: Mapping[str, Any]) -> Tile:
    tile = Tile(tuple(plain["outer"]), tuple(plain["vector"]), plain["inner"], plain.get("peeled", False))
    numbers = [*tile.outer, *tile.vector, tile.inner]
    axes = parallel_axes(shape)
    fits = len(tile.outer) == len(tile.vector) == axes and not (tile.peeled and is_image(shape))
    whole = all(isinstance(each, int) and each > 0 for each in numbers)
    if not fits or not whole or not isinstance(tile.peeled, bool):
        raise ValueError(f"{shape}: {dict(plain)}")
    return tile
