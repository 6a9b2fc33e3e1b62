"""The kernel of an inverted residual of one image: its three convolutions, 1×1, depthwise and 1×1, in one loop nest.

A thread takes some of the channels in between at a time, computes them into an image of its own, convolves that into
another, and adds to the result what they give. It takes all rows of the image, or a piece of them; and all channels,
or a part of them, and then the parts' results are added up by a second executable.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import product
from math import prod
from typing import Generic, NamedTuple, TypeVar

from runtime.compiler.passes.loop_nest import (
    MULTIPLIED,
    Carried,
    Index,
    Loops,
    Nest,
    Sizes,
    Tensor,
    head,
    multiplied,
)
from runtime.compiler.passes.match import Epilogue
from runtime.compiler.tiling.lowering import compilation_info
from runtime.compiler.tiling.rules import Blocks, elementwise_tile, largest_divisor

COLUMNS = 16  # in registers at a time, where weights have so many; the fewest channels that a thread takes
_NARROW = (3, 8)  # columns that fill no two such registers, all at a time
_SMALL = 256  # pixels: of fewer, threads take channels
_MOST_PARTS = 4  # of channels: each part's result is written, and read again
# The loops of image, weights and result: of a matmul of rows, of one of an image's pixels, of rows with few columns.
ROWS: tuple[Loops, ...] = (0, 2), (2, 1), (0, 1)
PIXELS: tuple[Loops, ...] = (0, 1, 3), (3, 2), (0, 1, 2)
_NARROW_ROWS: tuple[Loops, ...] = (0, 3), (3, 1, 2), (0, 1, 2)

Of = TypeVar("Of")  # how a tensor is known: by its sizes, its name in the new kernel, or as the program's value
Other = TypeVar("Other")


class Layer(NamedTuple, Generic[Of]):
    """A convolution: its weights, its epilogue, and what that reads beside the result, with the operands' numbers.

    1×1 weights are a matrix `[inner, columns]`, or packed `[panels, inner, 16]`.
    """

    weights: Of
    epilogue: Epilogue | None
    others: tuple[tuple[int, Of], ...]

    @property
    def operands(self) -> list[Of]:
        """All that it reads beside the image."""
        return [self.weights, *(other for _, other in self.others)]

    def of(self, operands: Iterable[Other]) -> "Layer[Other]":
        """The same layer of other operands, of which there may be more than its own."""
        weights, *others = operands
        numbers = (number for number, _ in self.others)
        return Layer(weights, self.epilogue, tuple(zip(numbers, others, strict=False)))


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
    """How threads share it: pieces of its rows times parts of its channels, of which each takes some at a time."""

    pieces: int
    parts: int
    channels: int


def plan_of(shape: Shape, blocks: Blocks, threads: int) -> Plan | None:
    """How so many threads share it; None where there is not enough for each, or one row is too much for a cache."""
    small = shape.rows * shape.columns <= _SMALL
    panels = shape.channels // COLUMNS
    parts = (largest_divisor(panels, min(threads, _MOST_PARTS), 1) or 1) if small else 1
    for pieces in range(1, shape.rows + 1):
        rows = shape.rows // pieces
        numbers = ((rows - 1) * shape.stride + shape.window) * shape.wide + rows * shape.columns
        if shape.rows % pieces or pieces * parts < threads or numbers * COLUMNS > blocks.numbers:
            continue
        return Plan(
            pieces, parts, largest_divisor(shape.channels // parts, blocks.nearest // numbers, COLUMNS) or COLUMNS
        )
    return None


class Block:
    """The executables of an inverted residual, whose result is rows of pixels.

    Args:
        name: of the first; the second's, which adds up parts, ends in `_sum`.
        layers: by sizes.
    """

    def __init__(self, name: str, shape: Shape, plan: Plan, layers: Sequence[Layer[Sizes]], blocks: Blocks) -> None:
        self.name, self.parts, self._shape, self._plan, self._blocks = name, plan.parts, shape, plan, blocks
        self._layers = layers
        self._rows = shape.rows // plan.pieces
        pixels, threads = self._rows * shape.columns, plan.pieces * plan.parts
        lines = (self._rows - 1) * shape.stride + shape.window  # of the padded image, that a thread reads
        self._strip = COLUMNS if shape.outputs % COLUMNS == 0 else COLUMNS // 2
        self.result = (shape.rows * shape.columns, shape.outputs)
        # The first executable's: the result, or its parts, and the images in between that each thread has for itself.
        self.results = (
            self._narrow(self.result if plan.parts == 1 else (plan.parts, *self.result)),
            (threads, lines, shape.wide, plan.channels),
            (threads, pixels, plan.channels),
        )

    @property
    def inputs(self) -> list[Sizes]:
        """What the first executable reads: the image, and the layers' operands.

        Those of the last epilogue come last, but if that is in the second executable.
        """
        shape, (first, second, last) = self._shape, self._layers
        ending = last.operands if self.parts == 1 else [last.weights]
        image = (shape.height, shape.width, shape.inner)
        return [image, *first.operands, *second.operands, *map(self._narrow, ending)]

    @property
    def executables(self) -> list[str]:
        """As text."""
        nest, ending = Nest(), Nest()
        texts = [nest.executable(self.name, self.inputs, lambda inputs: self._threads(nest, inputs))]
        if self.parts > 1:
            sizes = [(self.parts, *self.result), *self._layers[2].operands[1:]]
            texts.append(ending.executable(f"{self.name}_sum", sizes, lambda inputs: [self._sum(ending, inputs)]))
        return texts

    def _narrow(self, sizes: Sizes) -> Sizes:
        """The sizes of what has the result's columns, which are two axes if they are few."""
        return (*sizes[:-1], *_NARROW) if sizes[-1] == self._shape.outputs == prod(_NARROW) else sizes

    def _threads(self, nest: Nest, inputs: Carried) -> Carried:
        """The first executable's results, of all threads."""
        image, *operands = inputs
        layers = []
        for layer in self._layers:
            layers.append(layer.of(operands))
            operands = operands[1 + len(layer.others) :]
        threads = self._plan.pieces * self.parts
        return nest.forall(threads, self.results, lambda *thread: self._thread(nest, image, layers, *thread))

    def _thread(self, nest: Nest, image: Tensor, layers: Sequence[Layer[Tensor]], number: Index, into: Carried) -> None:
        """What one thread computes, and writes into its parts of the results."""
        shape, plan = self._shape, self._plan
        piece, part = nest.divided(number, plan.parts)
        pixel, base = (nest.times(piece, self._rows * step) for step in (shape.columns, shape.stride))
        start = [*([part] if plan.parts > 1 else []), pixel, *(0 for _ in self._narrow((shape.outputs,)))]
        sizes = [*([1] if plan.parts > 1 else []), self._rows * shape.columns, *self._narrow((shape.outputs,))]
        result = nest.slice(into[0], start, sizes, len(self._narrow(self.result)))
        result = self._tiles(nest, result, lambda tile, *_: nest.zeros(tile))
        own = [[number, *(0 for _ in tensor.sizes[1:])] for tensor in into[1:]]
        wide, deep = (
            nest.slice(tensor, at, [1, *tensor.sizes[1:]], len(at) - 1)
            for tensor, at in zip(into[1:], own, strict=True)
        )
        panels, at_once = shape.channels // plan.parts // COLUMNS, plan.channels // COLUMNS
        first = nest.times(part, panels)

        def some(count: Index, carried: Carried) -> Carried:
            result, wide, deep = carried
            panel = nest.plus(first, nest.times(count, at_once))
            wide = self._expanded(nest, layers[0], image, wide, base, panel)
            deep = self._convolved(nest, layers[1], wide, deep, panel)
            return [self._projected(nest, layers[2], deep, result, panel), wide, deep]

        carried = [result, _cleared(nest, wide), deep]
        result, wide, deep = nest.loop_of_many(0, panels // at_once, 1, carried, some)
        if plan.parts == 1 and layers[2].epilogue:
            result = self._tiles(nest, result, lambda tile, *at: self._ended(nest, layers[2], tile, pixel, *at))
        nest.insert_parallel([(result, into[0], start), (wide, into[1], own[0]), (deep, into[2], own[1])])

    def _expanded(
        self, nest: Nest, layer: Layer[Tensor], image: Tensor, into: Tensor, base: Index, panel: Index
    ) -> Tensor:
        """A thread's rows of the first convolution, for some channels, within the padded image.

        Args:
            base: the row of the padded image that is the thread's first.
            panel: the first of the channels.
        """
        shape, pixels = self._shape, self._blocks.pixels
        alone = self._plan.pieces == 1
        two = alone and 2 * -(-shape.width // pixels) > -(-shape.width // (pixels // 2))  # lines fill more registers

        def strip(count: Index, carried: Tensor) -> Tensor:
            here = nest.plus(panel, count)
            weights = _strip(nest, layer.weights, 0, shape.inner, here, COLUMNS)

            def tile(row: Index, lines: int, column: Index, size: int, carried: Tensor) -> Tensor:
                window = nest.slice(image, [row, column, 0], [lines, size, shape.inner], 3)
                local = nest.minus(nest.plus(row, shape.top), base)
                start = [local, nest.plus(column, shape.left), nest.times(count, COLUMNS)]
                into = nest.slice(carried, start, [lines, size, COLUMNS], 3)
                zeros = nest.zeros(nest.empty(into.sizes) if layer.epilogue else into)
                annotation = nest.annotation(3, shape.inner)
                sums = nest.generic(PIXELS, 1, [window, weights], zeros, MULTIPLIED, annotation)
                return nest.insert(_with_epilogue(nest, layer, sums, into, [nest.times(here, COLUMNS)]), carried, start)

            def line(row: Index, lines: int, carried: Tensor) -> Tensor:
                return nest.tiled_loop(shape.width, pixels // lines, carried, lambda *at: tile(row, lines, *at))

            if alone:
                return nest.tiled_loop(min(shape.height, into.sizes[0] - shape.top), 1 + two, carried, line)
            first = nest.minus(base, shape.top)
            start, stop = nest.most(first, 0), nest.least(nest.plus(first, into.sizes[0]), shape.height)
            return nest.loop(start, stop, 1, carried, lambda row, carried: line(row, 1, carried))

        return nest.loop(0, into.sizes[2] // COLUMNS, 1, into, strip)

    def _convolved(self, nest: Nest, layer: Layer[Tensor], image: Tensor, into: Tensor, panel: Index) -> Tensor:
        """A thread's pixels of the depthwise convolution of some channels, of which `panel` is the first."""
        shape = self._shape
        taps = list(product(range(shape.window), repeat=2))
        maps: list[Loops] = [*([(0, 1)] * len(taps)), *([(1,)] * len(taps)), (0, 1)]

        def strip(count: Index, carried: Tensor) -> Tensor:
            channel, local = nest.times(nest.plus(panel, count), COLUMNS), nest.times(count, COLUMNS)
            weights = [nest.slice(layer.weights, [*tap, channel], [1, 1, COLUMNS], 1) for tap in taps]

            def row(line: Index, carried: Tensor) -> Tensor:
                top, first = nest.times(line, shape.stride), nest.times(line, shape.columns)

                def tile(column: Index, size: int, carried: Tensor) -> Tensor:
                    left = nest.times(column, shape.stride)
                    corners = [[nest.plus(top, i), nest.plus(left, j), local] for i, j in taps]
                    pixels = [nest.slice(image, at, [1, size, COLUMNS], 2, [1, shape.stride, 1]) for at in corners]
                    start = [nest.plus(first, column), local]
                    into = nest.slice(carried, start, [size, COLUMNS], 2)
                    empty = nest.empty(into.sizes) if layer.epilogue else into
                    sums = nest.generic(maps, 0, [*pixels, *weights], empty, multiplied(len(taps)))
                    return nest.insert(_with_epilogue(nest, layer, sums, into, [channel]), carried, start)

                return nest.tiled_loop(shape.columns, self._blocks.depthwise_pixels, carried, tile)

            return nest.loop(0, self._rows, 1, carried, row)

        return nest.loop(0, into.sizes[1] // COLUMNS, 1, into, strip)

    def _projected(self, nest: Nest, layer: Layer[Tensor], image: Tensor, into: Tensor, panel: Index) -> Tensor:
        """A thread's pixels of the result, with what some channels add to them, of which `panel` is the first."""
        channels, channel = image.sizes[1], nest.times(panel, COLUMNS)

        def columns_of(strip: Index) -> Tensor:
            if into.sizes[1:] == _NARROW:
                return nest.slice(layer.weights, [channel, 0, 0], [channels, *_NARROW], 3)
            return _strip(nest, layer.weights, channel, channels, strip, self._strip)

        def sums(tile: Tensor, pixel: Index, strip: Index) -> Tensor:
            rows = nest.slice(image, [pixel, 0], [tile.sizes[0], channels], 2)
            maps = ROWS if len(tile.sizes) == 2 else _NARROW_ROWS
            annotation = nest.annotation(len(tile.sizes), channels)
            return nest.generic(maps, 1, [rows, columns_of(strip)], tile, MULTIPLIED, annotation)

        return self._tiles(nest, into, sums)

    def _ended(
        self, nest: Nest, layer: Layer[Tensor], tile: Tensor, first: Index, pixel: Index, strip: Index
    ) -> Tensor:
        """A tile of the result after the epilogue. `first`: the thread's first pixel."""
        start = [nest.plus(first, pixel), nest.times(strip, self._strip)]
        return _with_epilogue(nest, layer, tile, tile, start)

    def _tiles(self, nest: Nest, pixels: Tensor, compute: Callable[[Tensor, Index, Index], Tensor]) -> Tensor:
        """Pixels with each tile replaced: some columns after the others, or all if they are few.

        Args:
            compute: a tile from the tile as it is, its first pixel, and which strip of columns it has.
        """
        rows, *columns = pixels.sizes
        few = len(columns) == 2
        together = prod(columns) if few else self._strip
        most = self._blocks.pixels * COLUMNS // together

        def strip(count: Index, carried: Tensor) -> Tensor:
            def tile(pixel: Index, size: int, carried: Tensor) -> Tensor:
                start = [pixel, 0, 0] if few else [pixel, nest.times(count, together)]
                sizes = [size, *(columns if few else [together])]
                before = nest.slice(carried, start, sizes, len(sizes))
                return nest.insert(compute(before, pixel, count), carried, start)

            return nest.tiled_loop(rows, most, carried, tile)

        return nest.loop(0, prod(columns) // together, 1, pixels, strip)

    def _sum(self, nest: Nest, inputs: Carried) -> Tensor:
        """The parts added up, and the epilogue."""
        (partial, *operands), epilogue = inputs, self._layers[2].epilogue
        parts = [nest.slice(partial, [at, 0, 0], [1, *partial.sizes[1:]], 2) for at in range(self.parts)]
        names: list[str] = [f"%part{at}" for at in range(self.parts)]
        maps: list[Loops] = [(0, 1)] * self.parts
        total, lines = "%part0", []
        for at in range(1, self.parts):
            lines.append(f"%total{at} = arith.addf {total}, %part{at} : f32")
            total = f"%total{at}"
        if epilogue:
            others = dict(zip(epilogue.operands, operands, strict=True))
            for (operand, loops), name in zip(epilogue.inputs, epilogue.names, strict=True):
                if operand >= 0:
                    parts, maps, names = [*parts, others[operand]], [*maps, loops], [*names, name]
                else:
                    lines = [line.replace(f"{total} =", f"{name} =") for line in lines]
            lines += _epilogue_lines(nest, epilogue)
            total = epilogue.result
        tile = elementwise_tile(self.result)
        body = [head(names), *lines, f"linalg.yield {total} : f32"]
        annotation = f"compilation_info = {compilation_info(tile, 0)}" if tile else ""
        return nest.generic([*maps, (0, 1)], 0, parts, nest.empty(self.result), body, annotation)


def _with_epilogue(nest: Nest, layer: Layer[Tensor], sums: Tensor, into: Tensor, start: Sequence[Index]) -> Tensor:
    """A tile of a convolution's result after the epilogue, if there is one.

    Args:
        start: where it begins in the epilogue's operands: the channel, and the pixel before it if there are pixels.
    """
    epilogue, others = layer.epilogue, dict(layer.others)
    if epilogue is None:
        return sums
    axes = tuple(range(len(sums.sizes)))
    inputs, maps = [], []
    for operand, _ in epilogue.inputs:
        tile = sums
        if operand >= 0:
            sizes = others[operand].sizes
            channels = [0, 0] if sums.sizes[1:] == _NARROW else [start[-1]]
            first = [*start[:-1][: len(sizes) - len(channels)], *channels]
            tile_sizes = sums.sizes[len(axes) - len(sizes) :]
            tile = nest.slice(others[operand], first, tile_sizes, len(tile_sizes))
        inputs.append(tile)
        maps.append(axes[len(axes) - len(tile.sizes) :])
    body = [head(epilogue.names), *_epilogue_lines(nest, epilogue), f"linalg.yield {epilogue.result} : f32"]
    return nest.generic([*maps, axes], 0, inputs, into, body)


def _epilogue_lines(nest: Nest, epilogue: Epilogue) -> tuple[str, ...]:
    """Its body, whose constants the nest defines."""
    for number in epilogue.constants:
        nest.constant(number)
    return epilogue.body


def _strip(nest: Nest, weights: Tensor, first: Index, rows: int, strip: Index, columns: int) -> Tensor:
    """So many of 1×1 weights' rows, in a strip of their columns."""
    if len(weights.sizes) == 3:
        return nest.slice(weights, [strip, first, 0], [1, rows, columns], 2)
    return nest.slice(weights, [first, nest.times(strip, columns)], [rows, columns], 2)


def _cleared(nest: Nest, image: Tensor) -> Tensor:
    """A padded image of zeros, of which the border stays."""
    rows, columns, channels = image.sizes

    def pixel(row: Index, column: Index, carried: Tensor) -> Tensor:
        def some(count: Index, carried: Tensor) -> Tensor:
            start = [row, column, nest.times(count, COLUMNS)]
            return nest.insert(nest.zeros(nest.slice(carried, start, [1, 1, COLUMNS], 1)), carried, start)

        return nest.loop(0, channels // COLUMNS, 1, carried, some)

    def line(row: Index, carried: Tensor) -> Tensor:
        return nest.loop(0, columns, 1, carried, lambda column, carried: pixel(row, column, carried))

    return nest.loop(0, rows, 1, image, line)
