"""Writes into IREE's executables, before it makes code of them, how each is to be cut: products and convolutions by a
table or a rule, passes over numbers and sums over pixels by rules.

IREE has a way of its own to be told, tuning specifications; each executable then reads the whole specification anew,
which takes a fifth of the compilation, and threads that read it may wait for each other for ever (3.13.0).

What is read here is IREE's textual form of one release, 3.13.0: names of executables, and `linalg.generic`.
"""

import re
from collections.abc import Callable

from runtime.compiler.passes.ir import MAP, OPERATION, parts_of
from runtime.compiler.tiling.rules import Rules, Tile, is_image, parallel_axes, pass_by_rule, sum_by_rule, summed_axes
from runtime.compiler.tiling.tables import Table

_ENTRY = re.compile(
    r"^ *flow\.executable\.export public @\S*?_dispatch_\d+_(\w+?)_((?:\d+x)+\d+)_(?:\w+x)?f32 ", re.MULTILINE
)
_PRODUCTS = ("matmul_like", "conv")
_PIPELINES = {True: "ConvTileAndDecomposeExpert", False: "DoubleTilingExpert"}  # those that obey a tile

# What becomes of an axis of an operand, from the numbers of both, its place in the loops and its size: one axis or two.
_Split = Callable[[int, int, str, str], list[tuple[str, str]]]


def shape_of(executable: str) -> str | None:
    """The shape that an executable of IREE's is named after; None where it is no product and no convolution."""
    found = _ENTRY.match(f"flow.executable.export public @{executable} ")
    return _shape(found[1], found[2]) if found and found[1] in _PRODUCTS else None


def _shape(kind: str, sizes: str) -> str:
    """A depthwise convolution of one image is named without its batch."""
    return "1x" * (kind == "conv" and sizes.count("x") == 4) + sizes


def cut(program: str, table: Table, rules: Rules | None) -> str:
    """A program of IREE's flow phase with what it is to cut how written to each operation.

    Args:
        table: of products and convolutions.
        rules: for what is not in the table; without them passes and sums are not cut either.
    """
    before, executables, behind = parts_of(program)
    return "".join((before, *(_cut(each, table, rules) for each in executables), behind))


def _cut(executable: str, table: Table, rules: Rules | None) -> str:
    found = _ENTRY.search(executable)
    kind, sizes = found.groups() if found else ("", "")
    if kind in _PRODUCTS:
        shape = _shape(kind, sizes)
        if kind == "conv" and any(each[5] == _axes(3, 3) for each in OPERATION.finditer(executable)):
            shape = f"1x{sizes}"  # of one image, and not depthwise: named as if it were, of several
        tile = table.get(shape) or (rules.tile(shape, _keeps_pixels(executable, shape)) if rules else None)
        return _product(executable, shape, tile) if tile else executable
    # Of several operations, IREE (3.13.0) refuses to be told of more than one; one that has no inputs, where a pool's
    # maximum begins, counts as well.
    if rules and kind in _RULED and executable.count(" linalg.generic ") == len(OPERATION.findall(executable)) == 1:
        return _RULED[kind](executable, [int(size) for size in sizes.split("x")])
    return executable


def _keeps_pixels(executable: str, shape: str) -> bool:
    """Whether a product has an image's height and width as axes, where a stack of products has its matrices."""
    axes = _axes(parallel_axes(shape), 1)
    maps = next((MAP.findall(each[4]) for each in OPERATION.finditer(executable) if each[5] == axes), [])
    return parallel_axes(shape) > 2 and len(maps) > 1 and maps[1].count(",") == 1


def _product(executable: str, shape: str, tile: Tile) -> str:
    summed = summed_axes(shape)
    axes = _axes(parallel_axes(shape), summed)
    info = compilation_info(tile, summed, is_image(shape))
    told = _told(executable, axes, info)
    if told == executable and is_image(shape):
        return _alone(executable, axes, info)
    return told


def _pass(executable: str, sizes: list[int]) -> str:
    tile = pass_by_rule(sizes)
    return _told(executable, _axes(len(sizes), 0), compilation_info(tile, 0)) if tile else executable


def _told(executable: str, axes: str, info: str) -> str:
    """With the tile written to each operation that has these axes."""

    def written(found: re.Match[str]) -> str:
        if found[5] != axes:
            return found[0]
        return f"{found[0]}{info}, " if found[8] else f"{found[0]}attrs = {{{info}}} "

    return OPERATION.sub(written, executable)


def _alone(executable: str, axes: str, info: str) -> str:
    """A convolution of one image with the batch's axis that IREE left out, without which no tile is obeyed.

    IREE (3.13.0) puts the axis back itself, later than it reads tiles, and forgets them then. A pool, whose window has
    no channels, stays: it would be refused.
    """

    def split(operand: int, axis: int, place: str, size: str) -> list[tuple[str, str]]:
        moved = re.sub(r"d(\d)", lambda each: f"d{int(each[1]) + 1}", place)
        kernel = operand == 1
        return [("d0", "1"), (moved, size)] if axis == 0 and not kernel else [(moved, size)]

    before = axes.removeprefix('"parallel", ')
    found = next((each for each in OPERATION.finditer(executable) if each[5] == before), None)
    if found is None or "," not in MAP.findall(found[4])[1].partition(", ")[2]:
        return executable
    return _reshaped(executable, found, axes, info, split)


def _sum(executable: str, sizes: list[int]) -> str:
    """A sum over pixels with its channels cut into rows and columns, of which a pixel's are read at once."""
    if len(sizes) < 3 or sizes[0] == 1:
        return executable
    (found,) = OPERATION.finditer(executable)
    summed = len(sizes) - 2
    tile = sum_by_rule(sizes[1])
    places = MAP.findall(found[4])
    image = ", ".join(["d0", *(f"d{axis}" for axis in range(2, len(sizes))), "d1"])
    simple = all(re.fullmatch(r"d\d(, d\d)*", each) for each in places)
    if tile is None or found[5] != _axes(2, summed) or places[0] != image or not simple:
        return executable
    rows, columns = (str(size) for size in tile.outer[1:])

    def split(operand: int, axis: int, place: str, size: str) -> list[tuple[str, str]]:
        if place == "d1":
            return [("d1", rows), ("d2", columns)]
        return [(place if place == "d0" else f"d{int(place[1:]) + 1}", size)]

    return _reshaped(executable, found, _axes(3, summed), compilation_info(tile, summed), split)


_RULED = {"elementwise": _pass, "reduction": _sum}


def _reshaped(executable: str, found: re.Match[str], axes: str, info: str, split: _Split) -> str:
    """With an operation that has other axes: its operands are reshaped before it, its results after it."""
    indent, result, several, maps, _, ins, outs, attributes = found.groups()
    inputs = ins.count("%")
    operands = [each.split(" : ") for each in (ins, outs)]
    names = [name for side, _ in operands for name in side.split(", ")]
    kinds = [kind for _, side in operands for kind in side.split(", ")]
    number, whole = result[1:], f"%whole_{result[1:]}"
    before, after, places, new_kinds = "", "", [], []
    for operand, (kind, place) in enumerate(zip(kinds, MAP.findall(maps), strict=True)):
        *sizes, element = kind.removeprefix("tensor<").removesuffix(">").split("x")
        parts = [split(operand, axis, *each) for axis, each in enumerate(zip(place.split(", "), sizes, strict=True))]
        flat = [part for axis in parts for part in axis]
        places.append(", ".join(name for name, _ in flat))
        new_kinds.append(f"tensor<{'x'.join([*(size for _, size in flat), element])}>")
        if new_kinds[-1] == kind:
            continue
        name = f"%operand{operand}_{number}"
        sizes_now = ", ".join(size for _, size in flat)
        before += (
            f"{indent}{name} = tensor.expand_shape {names[operand]} {_groups(parts)} output_shape [{sizes_now}] : "
            f"{kind} into {new_kinds[-1]}\n"
        )
        names[operand] = name
        if operand >= inputs:
            at = operand - inputs
            one, of = (f"%result{at}_{number}", f"{whole}#{at}") if several else (result, whole)
            after += f"{indent}{one} = tensor.collapse_shape {of} {_groups(parts)} : {new_kinds[-1]} into {kind}\n"
    loops = ", ".join(f"d{axis}" for axis in range(axes.count(",") + 1))
    maps = ", ".join(f"affine_map<({loops}) -> ({place})>" for place in places)
    sides = [
        f"{', '.join(names[part])} : {', '.join(new_kinds[part])}" for part in (slice(inputs), slice(inputs, None))
    ]
    operation = (
        f"{indent}{whole}{several or ''} = linalg.generic {{indexing_maps = [{maps}], iterator_types = [{axes}]}} "
        f"ins({sides[0]}) outs({sides[1]}) attrs = {{{info}{', ' if attributes else '} '}"
    )
    body, end, rest = executable[found.end() :].partition(f"\n{indent}}} -> ")
    last, newline, rest = rest.partition("\n")
    for old, new in zip(kinds[inputs:], new_kinds[inputs:], strict=True):
        last = last.replace(old, new)
    if several:
        rest = re.sub(rf"{result}#(\d+)", rf"%result\1_{number}", rest)
    return "".join((executable[: found.start()], before, operation, body, end, last, newline, after, rest))


def _groups(parts: list[list[tuple[str, str]]]) -> str:
    """Which axes of the larger shape belong together: `[[0], [1, 2]]`."""
    groups, at = [], 0
    for part in parts:
        groups.append(list(range(at, at + len(part))))
        at += len(part)
    return str(groups)


def _axes(parallel: int, summed: int) -> str:
    return ", ".join(['"parallel"'] * parallel + ['"reduction"'] * summed)


def compilation_info(tile: Tile, summed: int, image: bool = False) -> str:
    """A tile as an operation is told it."""
    pipeline = f"#iree_cpu.pipeline<{_PIPELINES[image]}>{', {enable_loop_peeling}' * tile.peeled}"
    return (
        f"compilation_info = #iree_codegen.compilation_info<{lowering_config(tile, summed)}, "
        f"translation_info = #iree_codegen.translation_info<pipeline = {pipeline}>>"
    )


def lowering_config(tile: Tile, summed: int) -> str:
    """A tile as the other operations of a dispatch are told it, of which one is told how to be compiled too."""
    outer, vector = ([*part, *[0] * summed] for part in (tile.outer, tile.vector))
    unrolled = [*(0 for _ in tile.vector), *(1 for _ in range(summed - 1)), tile.inner]
    inner = f", vector_reduction = {unrolled}" if summed else ""
    return (
        f"lowering_config = #iree_cpu.lowering_config<distribution = {outer}, vector_common_parallel = {vector}{inner}>"
    )
