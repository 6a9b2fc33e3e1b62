"""How IREE's CPU compiler cuts matrix products and convolutions into tiles: tables by shape, and a rule for the rest.

There is a table for each program, because what is fused to a product counts: in a training step a shape's product may
have a mask behind it.

The program's text knows nothing of them: they are written to what IREE makes of it, halfway through the compiler. They
change speed, and the order of a sum's additions. `netspec tune` measures them.
"""

import re
from collections.abc import Iterator, Mapping
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
from runtime.ways import Tile, by_rule, is_image, parallel_axes, summed_axes

# By shape as IREE names it: `[batch or rows x] rows x columns x inner`, or for a convolution
# `batch x height x width x columns x window x window x inner`, of which a depthwise one has no inner channels.
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
    """None of one image, unless it is depthwise: IREE leaves the batch's axis out, and cannot cut what is left."""
    sizes = dict(zip(item.attributes["kernel_axes"], item.operands[1].shape, strict=True))
    batch, *image = item.results[0].shape
    if item.attributes["groups"] > 1:
        return {"x".join(map(str, (batch, *image, sizes["0"], sizes["1"])))} if sizes["i"] == 1 else set()
    if batch == 1 or sizes["0"] == sizes["1"] == 1:
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


_EXECUTABLE = re.compile(r"_(matmul_like|conv)_((?:\d+x)+\d+)_f32$")
_ENTRY = re.compile(r"^ *hal\.executable\.export public @(\S*) ")
_AXES = re.compile(r"^ *%\S+ = linalg\.generic \{.*iterator_types = \[(.*?)\]\} ins\(.*?\) outs\(.*?\) (attrs =  \{)?")
_PIPELINES = {True: "ConvTileAndDecomposeExpert", False: "DoubleTilingExpert"}  # those that obey a tile


def shape_of(executable: str) -> str | None:
    """The shape that an executable of IREE's is named after; None where it is no product and no convolution.

    A depthwise convolution of one image is named without its batch.
    """
    found = _EXECUTABLE.search(executable)
    return found and ("1x" * (found[1] == "conv" and found[2].count("x") == 4) + found[2])


def cut(executables: str, table: Table) -> str:
    """IREE's executables, before it makes code of them, with what it is to cut how written to each product.

    IREE has a way of its own to be told, tuning specifications; each executable then reads the whole specification
    anew, which takes a fifth of the compilation, and threads that read it may wait for each other for ever (3.13.0).
    """
    lines: list[str] = []
    shape, tile = "", None
    text = iter(executables.splitlines(keepends=True))
    for line in text:
        if entry := _ENTRY.match(line):
            shape = shape_of(entry[1]) or ""
            tile = table.get(shape)
        elif "hal.executable private" in line:
            tile = None
        elif tile is not None and (found := _AXES.match(line)):
            info = f"compilation_info = {_info(shape, tile)}"
            axes = _axes(shape)
            if found[1] == axes:
                told = f"{found[0]}{info}, " if found[2] else f"{found[0]}attrs = {{{info}}} "
                line = told + line[found.end() :]
            elif f'"parallel", {found[1]}' == axes and (alone := _ALONE.match(line)):
                lines += _with_batch(alone, axes, info, line[alone.end() :], text)
                continue
        lines.append(line)
    return "".join(lines)


_ALONE = re.compile(
    r"^( *)(%\S+) = linalg\.generic \{indexing_maps = \[affine_map<.*?-> \((.*?)\)>, .*?\]\} "
    r"ins\((%\S+), (%\S+) : tensor<(\S+)>, tensor<(\S+)>\) outs\((%\S+) : tensor<(\S+)>\)(?= \{)"
)


def _with_batch(found: re.Match[str], axes: str, info: str, body: str, text: Iterator[str]) -> Iterator[str]:
    """A depthwise convolution of one image with the batch's axis that IREE left out, without which no tile is obeyed.

    IREE (3.13.0) puts the axis back itself, later than it reads tiles, and forgets them then.
    """
    indent, result, seen, image, kernel, of_image, of_kernel, out, of_out = found.groups()
    for name, value, kind in (("image", image, of_image), ("out", out, of_out)):
        sizes = ", ".join(kind.split("x")[:-1])
        yield (
            f"{indent}%{name}_{result[1:]} = tensor.expand_shape {value} [[0, 1], [2], [3]] "
            f"output_shape [1, {sizes}] : tensor<{kind}> into tensor<1x{kind}>\n"
        )
    seen = re.sub(r"d(\d)", lambda axis: f"d{int(axis[1]) + 1}", seen)
    maps = ", ".join(
        f"affine_map<(d0, d1, d2, d3, d4, d5) -> ({each})>" for each in (f"d0, {seen}", "d4, d5, d3", "d0, d1, d2, d3")
    )
    yield (
        f"{indent}%batch_{result[1:]} = linalg.generic {{indexing_maps = [{maps}], iterator_types = [{axes}]}} "
        f"ins(%image_{result[1:]}, {kernel} : tensor<1x{of_image}>, tensor<{of_kernel}>) "
        f"outs(%out_{result[1:]} : tensor<1x{of_out}>) attrs = {{{info}}}{body}"
    )
    end = f"{indent}}} -> tensor<"
    for line in text:
        if not line.startswith(end):
            yield line
            continue
        yield line.replace(end, f"{end}1x")
        yield (
            f"{indent}{result} = tensor.collapse_shape %batch_{result[1:]} [[0, 1], [2], [3]] : "
            f"tensor<1x{of_out}> into tensor<{of_out}>\n"
        )
        return


def _axes(shape: str) -> str:
    parallel = parallel_axes(shape)
    return ", ".join(['"parallel"'] * parallel + ['"reduction"'] * summed_axes(shape))


def _info(shape: str, tile: Tile) -> str:
    summed = [0] * summed_axes(shape)
    outer, vector = ([*part, *summed] for part in (tile.outer, tile.vector))
    unrolled = [*(0 for _ in tile.vector), *(1 for _ in summed[1:]), tile.inner]
    return (
        "#iree_codegen.compilation_info<lowering_config = #iree_cpu.lowering_config<"
        f"distribution = {outer}, vector_common_parallel = {vector}, vector_reduction = {unrolled}>, "
        "translation_info = #iree_codegen.translation_info<"
        f"pipeline = #iree_cpu.pipeline<{_PIPELINES[is_image(shape)]}>>>"
    )
