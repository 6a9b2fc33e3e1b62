"""An inverted residual of one image as an executable: its three convolutions, 1×1, depthwise and 1×1, in one nest.

A worker takes some of the channels in between at a time, computes them into an image of its own, convolves that into
another, and adds to the result what they give. It takes all rows of the image, or a piece of them; and all channels,
or a part of them, and then what the parts made is added up by a second executable.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from math import prod
from typing import NamedTuple

from runtime.compiler.passes.loop_nest import (
    MULTIPLIED,
    Carried,
    Index,
    Nest,
    Sizes,
    Value,
    dispatched,
    head,
    multiplied,
    renamed,
)
from runtime.compiler.passes.match import Behind
from runtime.compiler.tiling.lowering import compilation_info
from runtime.compiler.tiling.rules import Blocks, largest_divisor, pass_by_rule

COLUMNS = 16  # in registers at a time, where a kernel has so many; the fewest channels that a worker takes
_NARROW = (3, 8)  # columns that fill no two such registers, all at a time
_SMALL = 256  # pixels: of fewer, workers take channels
_MOST_PARTS = 4  # of channels: what each makes is written, and read again
# The axes of image, kernel and result: of a product of rows, of one of an image's pixels, of rows with few columns.
ROWS, PIXELS = ("d0, d2", "d2, d1", "d0, d1"), ("d0, d1, d3", "d3, d2", "d0, d1, d2")
_NARROW_ROWS = ("d0, d3", "d3, d1, d2", "d0, d1, d2")


class Step(NamedTuple):
    """A convolution: its kernel, what is done to its numbers, and what else that reads, by operand.

    A 1×1 kernel is a matrix `[inner, columns]`, or lies in panels `[panels, inner, 16]`.
    """

    kernel: Value
    behind: Behind | None
    others: Mapping[int, Value]

    @property
    def given(self) -> list[Value]:
        """All that it reads beside the image."""
        return [self.kernel, *self.others.values()]


class Chain(NamedTuple):
    """An inverted residual: the image it reads, and its three convolutions."""

    image: Value
    steps: tuple[Step, Step, Step]


class Shape(NamedTuple):
    """An inverted residual's sizes.

    Args:
        height, width: of the image.
        inner, channels, outputs: channels before, in between and after.
        window, stride: of the depthwise convolution.
        top, left, tall, wide: where the image begins in the padded one, and that one's sizes.
        rows, columns: of the result.
    """

    height: int
    width: int
    inner: int
    channels: int
    outputs: int
    window: int
    stride: int
    top: int
    left: int
    tall: int
    wide: int
    rows: int
    columns: int


class Plan(NamedTuple):
    """How workers share a block: pieces of its rows times parts of its channels, of which each takes some at a time."""

    pieces: int
    parts: int
    channels: int


def plan_of(shape: Shape, blocks: Blocks, workers: int) -> Plan | None:
    """How a block is shared by so many; None where there is not enough for each, or one row is too much for a cache."""
    small = shape.rows * shape.columns <= _SMALL
    panels = shape.channels // COLUMNS
    parts = (largest_divisor(panels, min(workers, _MOST_PARTS), 1) or 1) if small else 1
    for pieces in range(1, shape.rows + 1):
        rows = shape.rows // pieces
        numbers = ((rows - 1) * shape.stride + shape.window) * shape.wide + rows * shape.columns
        if shape.rows % pieces or pieces * parts < workers or numbers * COLUMNS > blocks.numbers:
            continue
        return Plan(
            pieces, parts, largest_divisor(shape.channels // parts, blocks.nearest // numbers, COLUMNS) or COLUMNS
        )
    return None


class Block:
    """The executables of an inverted residual, whose result is rows of pixels.

    Args:
        name: of the first; the other's has `_sum` behind it.
        chain: one of those that it computes: others have the same sizes.
    """

    def __init__(self, name: str, shape: Shape, plan: Plan, chain: Chain, blocks: Blocks) -> None:
        self._name, self._shape, self._plan, self._blocks = name, shape, plan, blocks
        self._steps = chain.steps
        self._rows = shape.rows // plan.pieces
        pixels, workers = self._rows * shape.columns, plan.pieces * plan.parts
        seen = (self._rows - 1) * shape.stride + shape.window
        self._kept = [(workers, seen, shape.wide, plan.channels), (workers, pixels, plan.channels)]
        self._strip = COLUMNS if shape.outputs % COLUMNS == 0 else COLUMNS // 2
        self._result = (shape.rows * shape.columns, shape.outputs)
        self._made = self._narrow(self._result if plan.parts == 1 else (plan.parts, *self._result))
        nest, ending = Nest(), Nest()
        sizes = [sizes for _, sizes in self._operands(chain)]
        self.executables = nest.executable(name, sizes, lambda given: self._whole(nest, given))
        if plan.parts > 1:
            sizes = [(plan.parts, *self._result), *(each.sizes for each in self._steps[2].others.values())]
            self.executables += ending.executable(f"{name}_sum", sizes, lambda given: [self._sum(ending, given)])

    def call(self, result: str, chain: Chain) -> list[str]:
        """The lines that dispatch it for a chain, whose last says what the result is."""
        number, lines, operands = result[1:], [], []
        for at, (each, sizes) in enumerate(self._operands(chain)):
            operands.append(each if each.sizes == sizes else Value(f"%narrow{at}_{number}", sizes))
            if operands[-1] != each:
                lines.append(_reshaped(each, operands[-1]))
        made = Value(f"%block_{number}#0", self._made)
        types = ", ".join(Value("", sizes).type for sizes in (self._made, *self._kept))
        lines.append(f"%block_{number}:3 = {dispatched(self._name, operands)} -> ({types})")
        whole = Value(result, self._result)
        if self._plan.parts == 1:
            return [*lines, _reshaped(made, whole)]
        parts = Value(f"%parts_{number}", (self._plan.parts, *self._result))
        given = [parts, *chain.steps[2].others.values()]
        return [*lines, _reshaped(made, parts), f"{result} = {dispatched(f'{self._name}_sum', given)} -> {whole.type}"]

    def _operands(self, chain: Chain) -> list[tuple[Value, Sizes]]:
        """What the block is given, and in which sizes."""
        first, second, last = chain.steps
        ending = last.given if self._plan.parts == 1 else [last.kernel]
        given = [chain.image, *first.given, *second.given]
        return [*((each, each.sizes) for each in given), *((each, self._narrow(each.sizes)) for each in ending)]

    def _narrow(self, sizes: Sizes) -> Sizes:
        """The sizes of what has the result's columns, which are two axes if they are few."""
        return (*sizes[:-1], *_NARROW) if sizes[-1] == self._shape.outputs == prod(_NARROW) else sizes

    def _whole(self, nest: Nest, given: Carried) -> Carried:
        """What all workers make: the result, and the images in between that each has for itself."""
        shape, plan = self._shape, self._plan
        image, *rest = given
        steps = []
        for step in self._steps:
            steps.append(step._replace(kernel=rest[0], others=dict(zip(step.others, rest[1:], strict=False))))
            rest = rest[1 + len(step.others) :]

        def work(worker: Index, places: Carried) -> None:
            piece, part = nest.over(worker, plan.parts)
            pixel, base = (nest.times(piece, self._rows * each) for each in (shape.columns, shape.stride))
            start = [*([part] if plan.parts > 1 else []), pixel, *(0 for _ in self._narrow((shape.outputs,)))]
            sizes = [*([1] if plan.parts > 1 else []), self._rows * shape.columns, *self._narrow((shape.outputs,))]
            result = nest.slice(places[0], start, sizes, len(self._narrow(self._result)))
            result = self._tiles(nest, result, lambda place, *_: nest.zeros(place))
            own = [[worker, *(0 for _ in each.sizes[1:])] for each in places[1:]]
            wide, deep = (
                nest.slice(each, at, [1, *each.sizes[1:]], len(at) - 1)
                for each, at in zip(places[1:], own, strict=True)
            )
            panels, at_once = shape.channels // plan.parts // COLUMNS, plan.channels // COLUMNS
            first = nest.times(part, panels)

            def some(count: Index, carried: Carried) -> Carried:
                result, wide, deep = carried
                panel = nest.plus(first, nest.times(count, at_once))
                wide = self._widened(nest, steps[0], image, wide, base, panel)
                deep = self._convolved(nest, steps[1], wide, deep, panel)
                return [self._narrowed(nest, steps[2], deep, result, panel), wide, deep]

            carried = [result, _cleared(nest, wide), deep]
            result, wide, deep = nest.loop(0, panels // at_once, 1, carried, some)
            if plan.parts == 1 and steps[2].behind:
                result = self._tiles(nest, result, lambda place, *at: self._ended(nest, steps[2], place, pixel, *at))
            nest.give([(result, places[0], start), (wide, places[1], own[0]), (deep, places[2], own[1])])

        return nest.shared(plan.pieces * plan.parts, [self._made, *self._kept], work)

    def _widened(self, nest: Nest, step: Step, image: Value, into: Value, base: Index, panel: Index) -> Value:
        """A worker's rows of the first convolution, for some channels, in their places in the padded image.

        Args:
            base: the row of the padded image that is the worker's first.
            panel: the first of the channels.
        """
        shape, pixels = self._shape, self._blocks.pixels
        alone = self._plan.pieces == 1
        two = alone and 2 * -(-shape.width // pixels) > -(-shape.width // (pixels // 2))  # lines fill more registers

        def strip(count: Index, whole: Value) -> Value:
            here = nest.plus(panel, count)
            columns = _strip(nest, step.kernel, 0, shape.inner, here, COLUMNS)

            def tile(row: Index, lines: int, column: Index, size: int, whole: Value) -> Value:
                seen = nest.slice(image, [row, column, 0], [lines, size, shape.inner], 3)
                local = nest.minus(nest.plus(row, shape.top), base)
                start = [local, nest.plus(column, shape.left), nest.times(count, COLUMNS)]
                place = nest.slice(whole, start, [lines, size, COLUMNS], 3)
                sums = nest.zeros(nest.empty(place.sizes) if step.behind else place)
                made = nest.generic(PIXELS, 1, [seen, columns], sums, MULTIPLIED, nest.told(3, shape.inner))
                return nest.put(_done(nest, step, made, place, [nest.times(here, COLUMNS)]), whole, start)

            def line(row: Index, lines: int, whole: Value) -> Value:
                return nest.tiled(shape.width, pixels // lines, whole, lambda *at: tile(row, lines, *at))

            if alone:
                return nest.tiled(min(shape.height, into.sizes[0] - shape.top), 1 + two, whole, line)
            first = nest.minus(base, shape.top)
            start, stop = nest.most(first, 0), nest.least(nest.plus(first, into.sizes[0]), shape.height)
            return nest.each(start, stop, 1, whole, lambda row, whole: line(row, 1, whole))

        return nest.each(0, into.sizes[2] // COLUMNS, 1, into, strip)

    def _convolved(self, nest: Nest, step: Step, image: Value, into: Value, panel: Index) -> Value:
        """A worker's pixels of the depthwise convolution of some channels, of which `panel` is the first."""
        shape = self._shape
        places = list(product(range(shape.window), repeat=2))
        maps = [*(["d0, d1"] * len(places)), *(["d1"] * len(places)), "d0, d1"]

        def strip(count: Index, whole: Value) -> Value:
            channel, local = nest.times(nest.plus(panel, count), COLUMNS), nest.times(count, COLUMNS)
            taps = [nest.slice(step.kernel, [*place, channel], [1, 1, COLUMNS], 1) for place in places]

            def row(line: Index, whole: Value) -> Value:
                top, first = nest.times(line, shape.stride), nest.times(line, shape.columns)

                def tile(column: Index, size: int, whole: Value) -> Value:
                    left = nest.times(column, shape.stride)
                    corners = [[nest.plus(top, i), nest.plus(left, j), local] for i, j in places]
                    seen = [nest.slice(image, at, [1, size, COLUMNS], 2, [1, shape.stride, 1]) for at in corners]
                    start = [nest.plus(first, column), local]
                    place = nest.slice(whole, start, [size, COLUMNS], 2)
                    sums = nest.empty(place.sizes) if step.behind else place
                    made = nest.generic(maps, 0, [*seen, *taps], sums, multiplied(len(places)))
                    return nest.put(_done(nest, step, made, place, [channel]), whole, start)

                return nest.tiled(shape.columns, self._blocks.beside, whole, tile)

            return nest.each(0, self._rows, 1, whole, row)

        return nest.each(0, into.sizes[1] // COLUMNS, 1, into, strip)

    def _narrowed(self, nest: Nest, step: Step, image: Value, into: Value, panel: Index) -> Value:
        """A worker's pixels of the result, with what some channels add to them, of which `panel` is the first."""
        channels, channel = image.sizes[1], nest.times(panel, COLUMNS)

        def columns_of(strip: Index) -> Value:
            if into.sizes[1:] == _NARROW:
                return nest.slice(step.kernel, [channel, 0, 0], [channels, *_NARROW], 3)
            return _strip(nest, step.kernel, channel, channels, strip, self._strip)

        def tile(place: Value, pixel: Index, strip: Index) -> Value:
            seen = nest.slice(image, [pixel, 0], [place.sizes[0], channels], 2)
            maps = ROWS if len(place.sizes) == 2 else _NARROW_ROWS
            told = nest.told(len(place.sizes), channels)
            return nest.generic(maps, 1, [seen, columns_of(strip)], place, MULTIPLIED, told)

        return self._tiles(nest, into, tile)

    def _ended(self, nest: Nest, step: Step, place: Value, first: Index, pixel: Index, strip: Index) -> Value:
        """A tile of the result with what is done to it in the end. `first`: the worker's first pixel."""
        return _done(nest, step, place, place, [nest.plus(first, pixel), nest.times(strip, self._strip)])

    def _tiles(self, nest: Nest, whole: Value, made: Callable[[Value, Index, Index], Value]) -> Value:
        """Pixels with each tile replaced by what is made of it: some columns after the others, or all if they are few.

        Args:
            made: is given the tile as it is, its first pixel, and which strip of columns it has.
        """
        pixels, *columns = whole.sizes
        few = len(columns) == 2
        together = prod(columns) if few else self._strip
        most = self._blocks.pixels * COLUMNS // together

        def strip(count: Index, whole: Value) -> Value:
            def tile(pixel: Index, size: int, whole: Value) -> Value:
                start = [pixel, 0, 0] if few else [pixel, nest.times(count, together)]
                sizes = [size, *(columns if few else [together])]
                place = nest.slice(whole, start, sizes, len(sizes))
                return nest.put(made(place, pixel, count), whole, start)

            return nest.tiled(pixels, most, whole, tile)

        return nest.each(0, prod(columns) // together, 1, whole, strip)

    def _sum(self, nest: Nest, given: Carried) -> Value:
        """What parts made, added up, and what is done to the sum."""
        (whole, *others), step = given, self._steps[2]
        parts = [nest.slice(whole, [at, 0, 0], [1, *whole.sizes[1:]], 2) for at in range(whole.sizes[0])]
        names, total, lines = [f"%part{at}" for at in range(len(parts))], "%part0", []
        for at in range(1, len(parts)):
            lines.append(f"%total{at} = arith.addf {total}, %part{at} : f32")
            total = f"%total{at}"
        operands, maps = list(parts), ["d0, d1"] * len(parts)
        if behind := step.behind:
            known = dict(zip(step.others, others, strict=True))
            summed = {name: total for (at, _), name in zip(behind.operands, behind.names, strict=True) if at < 0}
            for (at, axes), name in zip(behind.operands, behind.names, strict=True):
                if at >= 0:
                    operands, maps, names = [*operands, known[at]], [*maps, axes], [*names, name]
            changed = {**summed, **_constants(nest, behind)}
            lines += [renamed(each, changed) for each in behind.lines]
            total = changed.get(behind.made, behind.made)
        tile = pass_by_rule(self._result)
        body = [head(names), *lines, f"linalg.yield {total} : f32"]
        told = f"compilation_info = {compilation_info(tile, 0)}" if tile else ""
        return nest.generic([*maps, "d0, d1"], 0, operands, nest.empty(self._result), body, told)


def _done(nest: Nest, step: Step, tile: Value, place: Value, start: Sequence[Index]) -> Value:
    """A tile of a product's numbers with what is done to them behind it, in its place.

    Args:
        start: where it begins in what else that reads: the channel, and the pixel before it if there are pixels.
    """
    if step.behind is None:
        return tile
    axes = [f"d{axis}" for axis in range(len(tile.sizes))]
    given, maps = [], []
    for at, _ in step.behind.operands:
        other = tile
        if at >= 0:
            whole = step.others[at]
            channels = [0, 0] if tile.sizes[1:] == _NARROW else [start[-1]]
            first = [*start[:-1][: len(whole.sizes) - len(channels)], *channels]
            sizes = tile.sizes[len(tile.sizes) - len(whole.sizes) :]
            other = nest.slice(whole, first, sizes, len(sizes))
        given.append(other)
        maps.append(", ".join(axes[len(axes) - len(other.sizes) :]))
    lines = [renamed(each, _constants(nest, step.behind)) for each in step.behind.lines]
    body = [head(step.behind.names), *lines, f"linalg.yield {step.behind.made} : f32"]
    return nest.generic([*maps, ", ".join(axes)], 0, given, place, body)


def _constants(nest: Nest, behind: Behind) -> dict[str, str]:
    return {name: nest.constant(text) for name, text in behind.constants}


def _strip(nest: Nest, kernel: Value, first: Index, many: int, strip: Index, columns: int) -> Value:
    """So many of a kernel's rows, in a strip of its columns."""
    if len(kernel.sizes) == 3:
        return nest.slice(kernel, [strip, first, 0], [1, many, columns], 2)
    return nest.slice(kernel, [first, nest.times(strip, columns)], [many, columns], 2)


def _cleared(nest: Nest, image: Value) -> Value:
    """A padded image of zeros, of which the border stays."""
    rows, columns, channels = image.sizes

    def pixel(row: Index, column: Index, whole: Value) -> Value:
        def some(count: Index, whole: Value) -> Value:
            start = [row, column, nest.times(count, COLUMNS)]
            return nest.put(nest.zeros(nest.slice(whole, start, [1, 1, COLUMNS], 1)), whole, start)

        return nest.each(0, channels // COLUMNS, 1, whole, some)

    def line(row: Index, whole: Value) -> Value:
        return nest.each(0, columns, 1, whole, lambda column, whole: pixel(row, column, whole))

    return nest.each(0, rows, 1, image, line)


def _reshaped(value: Value, into: Value) -> str:
    return f"{into.name} = flow.tensor.reshape {value.name} : {value.type} -> {into.type}"
