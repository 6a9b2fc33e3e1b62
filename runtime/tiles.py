"""How IREE's CPU compiler cuts matrix products and convolutions into tiles: tables by shape, and a rule for the rest.

There is a table for each program, because what is fused to a product counts: in a training step a shape's product may
have a mask behind it.

The program's text knows nothing of them: they are written to what IREE makes of it, halfway through the compiler. They
change speed, and the order of a sum's additions. `netspec tune` measures them.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict
from math import prod
from pathlib import Path
from typing import Any

from emit.hlo import Module, Operation
from emit.program import Program
from runtime import tuned
from runtime.host import host
from runtime.target import Target
from runtime.tiles_avx512 import AVX512
from runtime.ways import WINDOW, Tile, by_rule, is_image, parallel_axes

# By shape as IREE names it: `[batch or rows x] rows x columns x inner`, or for a convolution
# `batch x height x width x columns x window x window x inner`.
Table = Mapping[str, Tile]
NO_TILES: Table = {}
Decisions = Mapping[str, Tile | None]  # None: this machine was fastest as IREE cuts the shape


def tiles_of(target: Target, program: Program) -> dict[str, Tile]:
    """How a program is cut for a target: as was tuned on this machine, or as is known of processors like it."""
    if target.backend != "cpu" or target.chip != "host":
        return {}
    entry_point = program.manifest.entry_point
    decided: dict[str, Tile | None] = {}
    if "avx512f" in host():
        decided |= {shape: by_rule(shape) for shape in regular(program.module)}
        decided |= {shape: Tile(*numbers) for shape, numbers in AVX512.get(entry_point, {}).items()}
    decided |= read_own().get(entry_point, {})
    return fitting({shape: tile for shape, tile in decided.items() if tile is not None}, program.module)


def fitting(table: Table, module: Module) -> dict[str, Tile]:
    """The part of a table that a program may have a use for: shapes of as many products as one of its own has."""
    counts = {
        _multiplications(item)
        for item in module.functions[0].operations
        if isinstance(item, Operation) and item.opcode in _NAMED
    }
    return {shape: tile for shape, tile in sorted(table.items()) if prod(map(int, shape.split("x"))) in counts}


def _multiplications(item: Operation) -> int:
    left, right = (operand.shape for operand in item.operands)
    if item.opcode == "dot_general":
        return prod((*item.results[0].shape, left[item.attributes["contract"][0]]))
    sizes = dict(zip(item.attributes["kernel_axes"], right, strict=True))
    return prod((*item.results[0].shape, sizes["0"], sizes["1"], sizes["i"]))


def regular(module: Module) -> set[str]:
    """The shapes that a program has and the rule is for: its convolutions, and stacks of products."""
    found = set()
    for item in module.functions[0].operations:
        if isinstance(item, Operation) and (named := _NAMED.get(item.opcode)):
            found |= named(item)
    return found


def _convolution(item: Operation) -> set[str]:
    """None of one image: IREE leaves the batch's axis out, and cannot cut what is left as it is told (3.13.0)."""
    sizes = dict(zip(item.attributes["kernel_axes"], item.operands[1].shape, strict=True))
    batch, *image = item.results[0].shape
    if item.attributes["groups"] > 1 or batch == 1 or sizes["0"] == sizes["1"] == 1:
        return set()
    return {"x".join(map(str, (batch, *image, sizes["0"], sizes["1"], sizes["i"])))}


def _stack(item: Operation) -> set[str]:
    summed = item.operands[0].shape[item.attributes["contract"][0]]
    return {"x".join(map(str, (*item.results[0].shape, summed)))} if item.attributes["batch"] else set()


_NAMED = {"convolution": _convolution, "dot_general": _stack}


def read_own() -> dict[str, dict[str, Tile | None]]:
    """What was decided on this machine, by program. Raises InputError when the file is no table."""
    found = tuned.read("tiles")
    try:
        return {
            entry_point: {shape: None if plain is None else _tile(shape, plain) for shape, plain in table.items()}
            for entry_point, table in found.items()
        }
    except (ValueError, KeyError, TypeError, AttributeError) as wrong:
        raise tuned.refused(wrong) from None


def keep_own(entry_point: str, decisions: Decisions) -> Path:
    """Add to what was decided on this machine for a program."""
    return tuned.keep("tiles", entry_point, {shape: tile and asdict(tile) for shape, tile in decisions.items()})


def _tile(shape: str, plain: Mapping[str, Any]) -> Tile:
    tile = Tile(tuple(plain["outer"]), tuple(plain["vector"]), plain["inner"])
    numbers = [*tile.outer, *tile.vector, tile.inner]
    axes = parallel_axes(shape)
    if not len(tile.outer) == len(tile.vector) == axes or not all(
        isinstance(each, int) and each > 0 for each in numbers
    ):
        raise ValueError(f"{shape}: {dict(plain)}")
    return tile


_ENTRY = re.compile(r"^ *hal\.executable\.export public @\S*?_(?:matmul_like|conv)_((?:\d+x)+\d+)_f32 ")
_AXES = re.compile(r"^ *%\S+ = linalg\.generic \{.*iterator_types = \[(.*?)\]\} ins\(.*?\) outs\(.*?\) (attrs =  \{)?")
_PIPELINES = {True: "ConvTileAndDecomposeExpert", False: "DoubleTilingExpert"}  # those that obey a tile


def cut(executables: str, table: Table) -> str:
    """IREE's executables, before it makes code of them, with what it is to cut how written to each product.

    IREE has a way of its own to be told, tuning specifications; each executable then reads the whole specification
    anew, which takes a fifth of the compilation, and threads that read it may wait for each other for ever (3.13.0).
    """
    lines: list[str] = []
    shape, tile = "", None
    for line in executables.splitlines(keepends=True):
        if entry := _ENTRY.match(line):
            shape, tile = entry[1], table.get(entry[1])
        elif "hal.executable private" in line:
            tile = None
        elif tile is not None and (found := _AXES.match(line)) and found[1] == _axes(shape):
            info = f"compilation_info = {_info(shape, tile)}"
            told = f"{found[0]}{info}, " if found[2] else f"{found[0]}attrs = {{{info}}} "
            line = told + line[found.end() :]
        lines.append(line)
    return "".join(lines)


def _axes(shape: str) -> str:
    parallel = parallel_axes(shape)
    summed = shape.count("x") + 1 - parallel
    return ", ".join(['"parallel"'] * parallel + ['"reduction"'] * summed)


def _info(shape: str, tile: Tile) -> str:
    summed = [0] * (WINDOW if is_image(shape) else 1)
    outer, vector = ([*part, *summed] for part in (tile.outer, tile.vector))
    unrolled = [*(0 for _ in tile.vector), *(1 for _ in summed[1:]), tile.inner]
    return (
        "#iree_codegen.compilation_info<lowering_config = #iree_cpu.lowering_config<"
        f"distribution = {outer}, vector_common_parallel = {vector}, vector_reduction = {unrolled}>, "
        "translation_info = #iree_codegen.translation_info<"
        f"pipeline = #iree_cpu.pipeline<{_PIPELINES[is_image(shape)]}>>>"
    )
