"""How IREE's CPU compiler cuts matrix products into tiles: tables by shape. What they lack, IREE cuts by its own rule.

There is a table for each program, because what is fused to a product counts: in a training step a shape's product may
have a mask behind it.

The tiles go to the compiler beside the program's text, as a tuning specification; the text knows nothing of them. They
change speed, and the order of a sum's additions. `netspec tune` measures them.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from emit.hlo import Module, Operation
from netspec.errors import InputError
from runtime import paths
from runtime.checkpoint import write_whole
from runtime.host import host
from runtime.target import Target
from runtime.tiles_avx512 import AVX512


@dataclass(frozen=True)
class Tile:
    """A way to cut a product: rows by columns, summed over the inner axis.

    Args:
        outer: what one worker takes at a time, along each axis but the inner one: `[batch or rows,] rows, columns`.
        vector: what it keeps in registers, along the same axes.
        inner: how much of the inner axis it unrolls.
    """

    outer: tuple[int, ...]
    vector: tuple[int, ...]
    inner: int


Table = Mapping[str, Tile]  # by shape as IREE names it: `[batch or rows x] rows x columns x inner`
NO_TILES: Table = {}
Decisions = Mapping[str, Tile | None]  # None: this machine was fastest as IREE cuts the shape


def tiles_of(target: Target, entry_point: str) -> dict[str, Tile]:
    """A program's table for a target: what was tuned on this machine, else what is known of processors like it."""
    if target.backend != "cpu" or target.chip != "host":
        return {}
    known = AVX512.get(entry_point, {}) if "avx512f" in host() else {}
    shipped: dict[str, Tile | None] = {shape: Tile(*numbers) for shape, numbers in known.items()}
    decided = shipped | read_own().get(entry_point, {})
    return {shape: tile for shape, tile in decided.items() if tile is not None}


def fitting(table: Table, module: Module) -> dict[str, Tile]:
    """The part of a table that a program may have a use for: shapes of which it has the columns and the inner size."""
    sizes = {
        size
        for item in module.functions[0].operations
        if isinstance(item, Operation)
        for value in (*item.operands, *item.results)
        for size in value.shape
    }
    return {
        shape: tile for shape, tile in sorted(table.items()) if {int(size) for size in shape.split("x")[-2:]} <= sizes
    }


def own_file() -> Path:
    """Where the tiles of this machine's processor are kept."""
    return paths.tiles_cache() / f"{hashlib.sha256(host().encode()).hexdigest()[:16]}.json"


def read_own() -> dict[str, dict[str, Tile | None]]:
    """What was decided on this machine, by program. Raises InputError when the file is no table."""
    file = own_file()
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    try:
        return {
            entry_point: {shape: None if plain is None else _tile(shape, plain) for shape, plain in table.items()}
            for entry_point, table in json.loads(text)["tiles"].items()
        }
    except (ValueError, KeyError, TypeError, AttributeError) as wrong:
        raise InputError(
            f"{file}: expected a table of tiles, found {wrong!r}; remove the file, and tune again."
        ) from None


def keep_own(entry_point: str, decisions: Decisions) -> Path:
    """Add to what was decided on this machine for a program. The file is replaced whole."""
    file = own_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    tables = read_own()
    tables[entry_point] = dict(sorted((tables.get(entry_point, {}) | dict(decisions)).items()))
    plain = {
        name: {shape: tile and asdict(tile) for shape, tile in each.items()} for name, each in sorted(tables.items())
    }
    write_whole(file, (json.dumps({"processor": host().splitlines()[0], "tiles": plain}, indent=1) + "\n").encode())
    return file


def _tile(shape: str, plain: Mapping[str, Any]) -> Tile:
    tile = Tile(tuple(plain["outer"]), tuple(plain["vector"]), plain["inner"])
    numbers = [*tile.outer, *tile.vector, tile.inner]
    axes = len(shape.split("x")) - 1
    if not len(tile.outer) == len(tile.vector) == axes or not all(
        isinstance(each, int) and each > 0 for each in numbers
    ):
        raise ValueError(f"{shape}: {dict(plain)}")
    return tile


def specification(table: Table) -> str:
    """The tuning specification that makes IREE cut these shapes so: a library of MLIR's transform dialect."""
    matchers: list[str] = []
    uses: list[str] = []
    for shape, tile in table.items():
        *rows, columns, inner = (int(size) for size in shape.split("x"))
        # IREE writes a stack of matrices, and an image's rows and columns, alike: whichever it is, it is cut alike.
        for batch, lines in (([], rows), (rows[:1], rows[1:])) if len(rows) > 1 else (([], rows),):
            name = f"@product_{len(uses)}"
            matchers.append(_matcher(name, batch, lines, columns, inner, tile))
            uses.append(f"      {name} -> @cut")
    return f"""module @tiles attributes {{
    transform.with_named_sequence, iree_codegen.tuning_spec_with_default_entrypoint}} {{
  transform.named_sequence @cut(
      %product: !transform.any_op {{transform.readonly}}, %tile: !transform.any_param {{transform.readonly}}) {{
    transform.annotate %product "compilation_info" = %tile : !transform.any_op, !transform.any_param
    transform.yield
  }}
{"".join(matchers)}  transform.named_sequence @__kernel_config(%module: !transform.any_op {{transform.consumed}})
      -> !transform.any_op attributes {{iree_codegen.tuning_spec_entrypoint}} {{
    %cut = transform.foreach_match in %module
{("," + chr(10)).join(uses)}
      : (!transform.any_op) -> !transform.any_op
    transform.yield %cut : !transform.any_op
  }}
}}
"""


def _matcher(name: str, batch: list[int], rows: list[int], columns: int, inner: int, tile: Tile) -> str:
    sizes = {"batch": batch, "rows": rows, "columns": [columns], "inner": [inner]}
    checks = "".join(
        f"    transform.iree.match.dims_equal %{axis}, {size} : !transform.param<i64>\n" for axis, size in sizes.items()
    )
    outer, vector = ([*part, 0] for part in (tile.outer, tile.vector))
    unrolled = [*(0 for _ in tile.vector), tile.inner]
    return f"""  transform.named_sequence {name}(%product: !transform.any_op {{transform.readonly}})
      -> (!transform.any_op, !transform.any_param) {{
    %batch, %rows, %columns, %inner = transform.iree.match.contraction %product,
      lhs_type = f32, rhs_type = f32, output_type = f32 : !transform.any_op -> !transform.param<i64>
{checks}    %tile = transform.param.constant #iree_codegen.compilation_info<
      lowering_config = #iree_cpu.lowering_config<
        distribution = {outer}, vector_common_parallel = {vector}, vector_reduction = {unrolled}>,
      translation_info = #iree_codegen.translation_info<pipeline = #iree_cpu.pipeline<DoubleTilingExpert>>>
      -> !transform.any_param
    transform.yield %product, %tile : !transform.any_op, !transform.any_param
  }}
"""
