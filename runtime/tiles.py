"""How IREE's CPU compiler cuts matrix products and convolutions into tiles: tables by shape, and a rule for the rest.

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
from emit.program import Program
from netspec.errors import InputError
from runtime import paths
from runtime.checkpoint import write_whole
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
    axes = parallel_axes(shape)
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
        for sizes in _sizes(shape):
            name = f"@shape_{len(uses)}"
            matchers.append(_matcher(name, sizes, tile, _IMAGES if is_image(shape) else _PRODUCTS))
            uses.append(f"      {name} -> @cut")
    return f"""module @tiles attributes {{
    transform.with_named_sequence, iree_codegen.tuning_spec_with_default_entrypoint}} {{
  transform.named_sequence @cut(
      %found: !transform.any_op {{transform.readonly}}, %tile: !transform.any_param {{transform.readonly}}) {{
    transform.annotate %found "compilation_info" = %tile : !transform.any_op, !transform.any_param
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


@dataclass(frozen=True)
class _Kind:
    """What is cut: the operation that matches it, what that finds, in order, and the pipeline that obeys the tile."""

    match: str
    axes: tuple[str, ...]
    summed: int
    pipeline: str


_PRODUCTS = _Kind("contraction", ("batch", "rows", "columns", "inner"), 1, "DoubleTilingExpert")
_IMAGES = _Kind(
    "convolution",
    ("batch", "image", "columns", "window", "inner", "depth", "strides", "dilations"),
    WINDOW,
    "ConvTileAndDecomposeExpert",
)


def _sizes(shape: str) -> list[dict[str, list[int]]]:
    """What an operation of a shape has along each axis that is matched; a shape may be read in several ways."""
    sizes = [int(size) for size in shape.split("x")]
    if is_image(shape):
        batch, height, width, columns, tall, wide, inner = sizes
        image, window = [height, width], [tall, wide]
        return [
            {"batch": [batch], "image": image, "columns": [columns], "window": window, "inner": [inner], "depth": []}
        ]
    *rows, columns, inner = sizes
    # IREE writes a stack of matrices, and an image's rows and columns, alike: whichever it is, it is cut alike.
    ways = (([], rows), (rows[:1], rows[1:])) if len(rows) > 1 else (([], rows),)
    return [{"batch": batch, "rows": lines, "columns": [columns], "inner": [inner]} for batch, lines in ways]


def _matcher(name: str, sizes: Mapping[str, list[int]], tile: Tile, kind: _Kind) -> str:
    found = ", ".join(f"%{axis}" for axis in kind.axes)
    checks = "".join(
        f"    transform.iree.match.dims_equal %{axis}, {size} : !transform.param<i64>\n" for axis, size in sizes.items()
    )
    summed = [0] * kind.summed
    outer, vector = ([*part, *summed] for part in (tile.outer, tile.vector))
    unrolled = [*(0 for _ in tile.vector), *(1 for _ in summed[1:]), tile.inner]
    return f"""  transform.named_sequence {name}(%found: !transform.any_op {{transform.readonly}})
      -> (!transform.any_op, !transform.any_param) {{
    {found} = transform.iree.match.{kind.match} %found,
      lhs_type = f32, rhs_type = f32, output_type = f32 : !transform.any_op -> !transform.param<i64>
{checks}    %tile = transform.param.constant #iree_codegen.compilation_info<
      lowering_config = #iree_cpu.lowering_config<
        distribution = {outer}, vector_common_parallel = {vector}, vector_reduction = {unrolled}>,
      translation_info = #iree_codegen.translation_info<pipeline = #iree_cpu.pipeline<{kind.pipeline}>>>
      -> !transform.any_param
    transform.yield %found, %tile : !transform.any_op, !transform.any_param
  }}
"""
