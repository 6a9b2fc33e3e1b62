"""Has the kernel's gradient of a convolution of few channels read its image, where IREE gathers what all windows see.

The patches are several times the image, and are written by a copy for each place of the window. Here the product that
reads them reads the image instead, at each of those places, a line at a time.

What is read here is the textual form that IREE's flow phase has in one release, 3.13.0.
"""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from runtime.compiler.passes.flow_text import DISPATCH, RESHAPED, by_result, names_of, parts_of, still_called
from runtime.compiler.passes.inverted_residual_kernel import COLUMNS
from runtime.compiler.passes.loop_nest import MULTIPLIED, Carried, Index, Nest, Sizes, Value, dispatched
from runtime.compiler.passes.match import Stage, numbers_of, stage_of
from runtime.compiler.tiling.rules import Blocks, Rules

_BOX = r"offsets = \[(?P<{0}>[\d, ]+)\], sizes = \[(?P<{0}_sizes>[\d, ]+)\], strides = \[1, 1, 1, 1\] : \S+"
_COPY = re.compile(
    rf"\.load %arg0, {_BOX.format('seen')}<readonly:tensor<(?P<image>[\dx]+)xf32>> [^\n]*\n *iree_tensor_ext\.dispatch"
    rf"\.tensor\.store %0, %arg1, {_BOX.format('place')} -> \S+<readwrite:tensor<(?P<whole>[\dx]+)xf32>>"
)
_SUMS = ("d0, d3, d1", "d0, d3, d2", "d0, d1, d2")  # the axes of a stack of products that are summed over rows
_FEW = 16  # channels: with more, products are worth their copies


class _Copy(NamedTuple):
    """Where an image is read from, and the first of its channels among the patches'."""

    row: int
    column: int
    channel: int


class _Copied(NamedTuple):
    """A dispatch that copies a part of an image into some channels of patches."""

    copy: _Copy
    image: Sizes
    patches: Sizes


class _Patches(NamedTuple):
    """An image, its copies, and the sizes of what they make; and the lines of all that."""

    image: Value
    copies: tuple[_Copy, ...]
    sizes: Sizes
    lines: tuple[int, ...]


def with_patches(program: str, rules: Rules | None) -> str:
    """A program of IREE's flow phase in which products of patches of few channels read the images themselves.

    One stays that has no whole number of lines in each of its pieces, or whose patches are read elsewhere too.
    """
    before, executables, behind = parts_of(program)
    if rules is None or rules.blocks is None:
        return program
    names = names_of(executables)
    copies = {name: copied for name, each in zip(names, executables, strict=True) if (copied := _copied(each))}
    lines, made = behind.splitlines(keepends=True), {}
    calls, reshaped = by_result(DISPATCH, lines), by_result(RESHAPED, lines)
    places_of: dict[str, list[tuple[int, re.Match[str]]]] = {}
    for at, call in calls.values():
        places_of.setdefault(call["function"], []).append((at, call))
    for name, executable in zip(names, executables, strict=True) if copies else ():
        places = places_of.get(name, [])
        stage = stage_of(executable) if len(places) == 1 else None
        if stage is None or stage.maps != _SUMS or stage.behind or stage.operands != (0, 1):
            continue
        if stage.whole != stage.sizes[2]:  # or it would have a place to write to beside its two operands
            continue
        ((line, call),) = places
        left, right = call["operands"].split(", ")
        patches = _patches(left, behind, calls, reshaped, copies)
        text = patches and _executable(name, patches, stage, rules.blocks)
        if patches and text:
            new = name.replace("_matmul_like_", "_patches_")
            made[new] = text
            call_now = dispatched(new, (patches.image, Value(right, stage.sizes[1])))
            lines[line] = f"{call['indent']}{call['result']} = {call_now} -> {call['results']}{call['place']}"
            for each in patches.lines:
                lines[each] = ""
    if not made:
        return program
    text = "".join(lines)
    return "".join((before, *made.values(), *still_called(executables, behind, text), text))


def _copied(executable: str) -> _Copied | None:
    """What an executable copies, if it does nothing else; channels and lines as a whole, of all images."""
    found = _COPY.search(executable)
    if found is None or "linalg." in executable or executable.count("dispatch.tensor.") != 2:
        return None
    image, patches = numbers_of(found["image"]), numbers_of(found["whole"])
    seen, place = numbers_of(found["seen"]), numbers_of(found["place"])
    whole = numbers_of(found["seen_sizes"]) == numbers_of(found["place_sizes"]) == (*patches[:3], image[3])
    if not whole or (seen[0], seen[3]) != (0, 0) or any(place[:3]):
        return None
    return _Copied(_Copy(seen[1], seen[2], place[3]), image, patches)


def _patches(
    name: str,
    text: str,
    calls: Mapping[str, tuple[int, re.Match[str]]],
    reshaped: Mapping[str, tuple[int, re.Match[str]]],
    copies: Mapping[str, _Copied],
) -> _Patches | None:
    """How a value is made, if by copies of one image that fill it."""

    def read(name: str) -> int:
        return len(re.findall(rf"{name}\b", text)) - 1

    if name not in reshaped or read(name) != 1:
        return None
    line, found = reshaped[name]
    lines, value = [line], found["source"]
    images: set[tuple[str, Sizes, Sizes]] = set()
    made: list[_Copy] = []
    while value in calls and calls[value][1]["function"] in copies:
        if read(value) != (2 if made else 1):  # the next copy names it twice
            return None
        line, call = calls[value]
        image, value = call["operands"].split(", ")
        copied = copies[call["function"]]
        images.add((image, copied.image, copied.patches))
        made.append(copied.copy)
        lines.append(line)
    if len(images) != 1:
        return None
    ((image, sizes, patches),) = images
    filled = sorted(each.channel for each in made) == list(range(0, patches[3], sizes[3]))
    return _Patches(Value(image, sizes), tuple(made[::-1]), patches, tuple(lines)) if filled else None


def _executable(name: str, patches: _Patches, stage: Stage, blocks: Blocks) -> str | None:
    """The executable of a stack of products, each of some lines of the image; None where its sizes do not fit."""
    pieces, rows, _ = stage.sizes[0]
    _, height, width, _ = patches.sizes
    channels, (*_, outputs) = patches.image.sizes[3], stage.sizes[1]
    if rows % width or channels > _FEW or outputs % COLUMNS or stage.sizes[0][2] != patches.sizes[3]:
        return None
    nest = Nest()

    def tiles(whole: Value, tile: Callable[[Index, int, Index, Value], Value], first: int, many: int) -> Value:
        def strip(count: Index, whole: Value) -> Value:
            column = nest.times(count, COLUMNS)

            def some(row: Index, size: int, whole: Value) -> Value:
                start = [nest.plus(row, first), column]
                place = nest.slice(whole, start, [size, COLUMNS], 2)
                return nest.put(tile(row, size, column, place), whole, start)

            return nest.tiled(many, blocks.pixels, whole, some)

        return nest.each(0, outputs // COLUMNS, 1, whole, strip)

    def all_of(given: Carried) -> Carried:
        image, cotangent = given

        def work(piece: Index, places: Carried) -> None:
            def line(count: Index, sums: Value) -> Value:
                number, row = nest.over(nest.plus(nest.times(piece, rows // width), count), height)
                pixel = nest.times(count, width)

                for copy in patches.copies:

                    def tile(first: Index, size: int, column: Index, place: Value, copy: _Copy = copy) -> Value:
                        start = [number, nest.plus(row, copy.row), copy.column, first]
                        seen = nest.slice(image, start, [1, 1, width, size], 2)
                        other = nest.slice(cotangent, [piece, pixel, column], [1, width, COLUMNS], 2)
                        maps = ("d2, d0", "d2, d1", "d0, d1")
                        return nest.generic(maps, 1, [seen, other], place, MULTIPLIED, nest.told(2, width))

                    sums = tiles(sums, tile, copy.channel, channels)
                return sums

            own = nest.slice(places[0], [piece, 0, 0], [1, *stage.sizes[2][1:]], 2)
            empty = tiles(own, lambda row, size, column, place: nest.zeros(place), 0, stage.sizes[2][1])
            sums = nest.each(0, rows // width, 1, empty, line)
            nest.give([(sums, places[0], [piece, 0, 0])])

        return nest.shared(pieces, [stage.sizes[2]], work)

    given = [patches.image.sizes, stage.sizes[1]]
    return nest.executable(name.replace("_matmul_like_", "_patches_"), given, all_of)
