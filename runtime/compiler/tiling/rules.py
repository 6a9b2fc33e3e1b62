"""Tiling strategies for matmuls and convolutions, and each target's rules for shapes that were not measured."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

# How many axes at the end of a shape are reduced, by the shape's rank: a convolution's window and input channels, a
# depthwise convolution's window. A matmul reduces one.
_REDUCED = {7: 3, 6: 2}


@dataclass(frozen=True)
class Tile:
    """Tile sizes of a matmul, a convolution, an elementwise operation or a reduction.

    Args:
        outer: the tile of a workgroup, along each axis that is not reduced: `[batch or rows,] rows, columns`, or
            `batch, height, width, columns`.
        vector: the tile in registers, along the same axes.
        inner: how much of the last axis is unrolled; 1 where nothing is reduced.
        peeled: whether the remainder rows of a matmul, which fill no register tile, get code of their own; else they
            are masked.
    """

    outer: tuple[int, ...]
    vector: tuple[int, ...]
    inner: int
    peeled: bool = False


def is_convolution(shape: str) -> bool:
    """Whether a shape is a convolution's: `batch x height x width x columns x window x window [x inner]`.

    Without inner channels it is depthwise.
    """
    return shape.count("x") + 1 in _REDUCED


def summed_axes(shape: str) -> int:
    """How many axes of a shape, its last, are reduced."""
    return _REDUCED.get(shape.count("x") + 1, 1)


def parallel_axes(shape: str) -> int:
    """How many axes of a shape are not reduced."""
    return shape.count("x") + 1 - summed_axes(shape)


@dataclass(frozen=True)
class Strategy:
    """A tiling strategy: from a shape to a tile.

    Args:
        rows, columns: the tile in registers.
        most_rows, most_columns: the largest tile of a workgroup; a convolution uses the columns alone, a depthwise
            convolution neither.
        inner: at most so much of the inner axis is unrolled; a depthwise convolution does not use it.
        lines: of a matmul over an image's pixels, so many lines of the image share a register tile.
        peeled: the remainder rows of a matmul get code of their own.
    """

    rows: int
    columns: int
    most_rows: int
    most_columns: int
    inner: int
    lines: int = 1
    peeled: bool = False

    def __str__(self) -> str:
        return (
            f"{f'{self.lines}×' * (self.lines > 1)}{self.rows}×{self.columns} numbers in registers, "
            f"{self.most_rows}×{self.most_columns} at a time, {self.inner} unrolled{', peeled' * self.peeled}"
        )

    def tile(self, shape: str) -> Tile | None:
        """The tile of a shape; None where the strategy does not fit."""
        sizes = [int(size) for size in shape.split("x")]
        tile_of = {7: self._convolution, 6: self._depthwise}.get(len(sizes), self._matmul)
        return tile_of(sizes)

    def _matmul(self, sizes: list[int]) -> Tile | None:
        *above, lines, columns, inner = sizes
        outer_columns = largest_divisor(columns, self.most_columns, self.columns)
        unrolled = self._unrolled(inner)
        if outer_columns is None or unrolled is None or (self.peeled and lines < self.rows):
            return None
        even = largest_divisor(lines, self.most_rows, self.rows)
        if self.peeled:
            outer_rows = self._peeled_rows(lines)
            if not above and (outer_rows, outer_columns) == (lines, columns):  # or the second thread has nothing to do
                outer_columns = largest_divisor(columns, columns // 2, self.columns) or columns
        else:
            outer_rows = even or min(-(-lines // self.rows), self.most_rows // self.rows) * self.rows
        # A workgroup gets as many lines of an image as make enough rows; of a batch matmul, one matrix or a few.
        before = [max(1, min(size, ENOUGH_ROWS // lines)) for size in above]
        once = [1 for _ in above]
        if self.lines > 1:
            at_once = largest_divisor(above[-1], max(before[-1], self.lines), self.lines) if above else None
            if at_once is None or even is None:
                return None
            before[-1], once[-1] = at_once, self.lines
        outer, vector = (*before, outer_rows, outer_columns), (*once, self.rows, self.columns)
        return Tile(outer, vector, unrolled, self.peeled and bool(outer_rows % self.rows or lines % outer_rows))

    def _peeled_rows(self, lines: int) -> int:
        """The rows of a workgroup where a remainder is allowed: enough for four register tiles.

        Tiles without a remainder are best. Then tiles of equal length (a length that varies is unknown to the compiler)
        and even in number, for two threads or four; then tiles of equal length. Where there are none, the last of an
        even number of tiles is a little shorter.
        """
        few = min(lines, self.most_rows)
        equal = [size for size in range(few, min(few, 4 * self.rows) - 1, -1) if lines % size == 0]
        full = [size for size in equal if size % self.rows == 0]
        paired = [size for size in equal if size == lines or lines // size % 2 == 0]
        if candidates := full or paired or equal:
            return candidates[0]
        pieces = -(-lines // self.most_rows)
        return -(-lines // (pieces + pieces % 2))

    def _convolution(self, sizes: list[int]) -> Tile | None:
        batch, height, width, columns, _, _, inner = sizes
        outer_columns = largest_divisor(columns, self.most_columns, self.columns)
        unrolled = self._unrolled(inner)
        if outer_columns is None or unrolled is None or width % self.rows or 1 in (height, width):
            return None
        outer_height = largest_divisor(height, max(1, ENOUGH_PIXELS // width), 1) or 1
        images = largest_divisor(batch, max(1, ENOUGH_PIXELS // (height * width)), 1) or 1
        return Tile((images, outer_height, width, outer_columns), (1, 1, self.rows, self.columns), unrolled)

    def _depthwise(self, sizes: list[int]) -> Tile | None:
        """A workgroup takes all channels of its pixels, in the order of memory.

        Of a weight gradient, whose window is the images, it takes one register tile: a full row of accumulators.
        """
        batch, height, width, channels, _, wide = sizes
        gradient = _is_gradient(sizes)
        pixels = width if gradient else self.rows
        if channels % self.columns or width % pixels or pixels * self.columns > MOST_ACCUMULATORS:
            return None
        if gradient:
            return Tile((1, 1, width, self.columns), (1, 1, width, self.columns), 1 + (wide % 2 == 0))
        pieces = PIECES_OF_ONE if batch == 1 else ENOUGH_WORK
        room = min(ENOUGH_NUMBERS, batch * height * width * channels // pieces)
        rows = largest_divisor(height, max(1, room // (width * channels)), 1) or 1
        return Tile((1, rows, width, channels), (1, 1, pixels, self.columns), wide)

    def _unrolled(self, inner: int) -> int | None:
        sizes = (self.inner, 1) if self.inner < UNROLLED[-1] else UNROLLED
        return next((size for size in sizes if size <= self.inner and inner % size == 0), None)


UNROLLED = (16, 14, 12, 8, 7, 4, 3)
ENOUGH_ROWS = 64
ENOUGH_PIXELS = 800
REGISTER = 16  # numbers in a register, with AVX-512
MOST_ACCUMULATORS = 16 * REGISTER
MOST_NUMBERS = 4 * REGISTER
ENOUGH_NUMBERS = 65536
ENOUGH_WORK = 16  # workgroups
STREAMED = 2**21  # numbers, more than a processor's caches keep
NARROW = 24
PIECES_OF_ONE = 8  # workgroups of one image: neighbours read some of each other's rows
MOST_CHANNELS = 12 * REGISTER  # with two accumulators a channel, and registers left for the operands
STRATEGIES = (
    Strategy(8, 32, 64, 32, 4),
    Strategy(7, 32, 56, 32, 4),
    Strategy(14, 32, 112, 64, 4),
    Strategy(7, 64, 56, 64, 4),
    Strategy(14, 16, 112, 48, 4),
    Strategy(8, 16, 64, 96, 4),
    Strategy(7, 16, 56, 16, 4),
    Strategy(8, 32, 64, 64, 16),
    Strategy(7, 32, 112, 96, 16),
    Strategy(8, 16, 64, 96, 16),
    Strategy(16, 16, 128, 96, 8),
    Strategy(8, 16, 64, 192, 4),
    Strategy(24, 16, 96, 48, 4),
    Strategy(32, 8, 64, 24, 4),
    Strategy(28, 8, 112, 24, 4),
    Strategy(25, 16, 50, 16, 4),
    Strategy(4, 16, 64, 144, 4),
    Strategy(2, 32, 64, 192, 4),
    Strategy(2, 16, 128, 96, 2, 2),
    Strategy(4, 16, 128, 80, 2, peeled=True),
    Strategy(6, 16, 128, 112, 2, peeled=True),
)


@dataclass(frozen=True)
class Blocks:
    """How fused inverted residuals are tiled, 16 channels in registers (`passes/fuse_inverted_residual.py`).

    Args:
        pixels: at most so many pixels of a 1×1 convolution are in registers.
        depthwise_pixels: so many of a depthwise convolution.
        numbers: a workgroup's buffers between the convolutions hold at most so many numbers; of more than 16 channels,
            at most `nearest`.
    """

    pixels: int
    depthwise_pixels: int
    numbers: int
    nearest: int


@dataclass(frozen=True)
class Pixelwise:
    """Depthwise convolutions tiled one pixel at a time, in the order of memory, if they are wide.

    Args:
        strategies: those to use, the first that fits.
        numbers: for outputs of more numbers than this.
        channels: for at most so many channels, whose weights stay in the first-level cache; None: for any.
    """

    strategies: tuple[Strategy, ...]
    numbers: int
    channels: int | None = None


@dataclass(frozen=True)
class Rules:
    """Strategies for shapes without a measured tile, on processors of one kind.

    Of a tuple the first strategy that fits is used: its rows divide the shape's, or it peels.

    Args:
        matmuls: `[rows, inner]` by `[inner, columns]`.
        batch_matmuls: of small matrices.
        streamed: matmuls larger than the caches, one side wide and the other narrow; before the others.
        pixel_matmuls: matmuls whose rows are an image's height and width, kept because they write a padded image.
        narrow: matmuls of at most 32 columns; before the others.
        convolutions: dense ones.
        depthwise: depthwise ones.
        pixelwise: some of the depthwise ones; before the others.
        single: depthwise convolutions of one image.
        cached: depthwise convolutions of one image of at most so many numbers, which a core's cache holds, are tiled
            by IREE.
        gradients: weight gradients of depthwise convolutions.
        narrow_gradients: those of at most 32 channels and three columns of a kernel; before the others.
        sums: registers for accumulators of a depthwise weight gradient at all places of its kernel; 0: a convolution
            is as fast.
        blocks: how inverted residuals of one image are fused; None: they stay three convolutions.
    """

    matmuls: tuple[Strategy, ...]
    batch_matmuls: tuple[Strategy, ...]
    streamed: tuple[Strategy, ...]
    pixel_matmuls: tuple[Strategy, ...]
    narrow: tuple[Strategy, ...]
    convolutions: tuple[Strategy, ...]
    depthwise: tuple[Strategy, ...]
    pixelwise: Pixelwise
    single: tuple[Strategy, ...]
    cached: int
    gradients: tuple[Strategy, ...]
    narrow_gradients: tuple[Strategy, ...]
    sums: int
    blocks: Blocks | None

    def tile(self, shape: str, pixels: bool = False) -> Tile | None:
        """The tile of a matmul or a convolution; None: IREE's own.

        Args:
            pixels: whether a matmul's rows are an image's height and width, two axes.
        """
        sizes = [int(size) for size in shape.split("x")]
        summed = summed_axes(shape)
        if summed == 1:
            strategies = self.pixel_matmuls if pixels else self.matmuls if len(sizes) == 3 else self.batch_matmuls
            narrow = self.narrow if sizes[-2] <= 32 and not pixels else ()
            streamed = self.streamed if _is_streamed(sizes) else ()
            candidates = (*streamed, *narrow, *strategies)
            fitting = [strategy for strategy in candidates if strategy.peeled or sizes[-3] % strategy.rows == 0]
            return _first(fitting, shape)
        if summed == 3:
            return _first(self.convolutions, shape)
        if _is_gradient(sizes):
            narrow = self.narrow_gradients if sizes[3] <= 32 and sizes[2] <= 3 else ()
            return _first((*narrow, *self.gradients), shape)
        batch, height, width, channels, *_ = sizes
        if batch > 1:
            wide = self.pixelwise
            fits = prod(sizes[:4]) > wide.numbers and 2 * NARROW < channels <= (wide.channels or channels)
            return _first((*wide.strategies, *self.depthwise) if fits else self.depthwise, shape)
        return _first(self.single, shape) if height * width * channels > self.cached else None

    def sums_at_once(self, places: int, channels: int) -> int | None:
        """Of how many channels the sums at `places` places fit into registers with one operand; None where of none."""
        fitting = (registers * REGISTER for registers in (2, 1) if registers * (places + 1) < self.sums)
        return next((columns for columns in fitting if channels % columns == 0), None)


def _first(strategies: Sequence[Strategy], shape: str) -> Tile | None:
    return next((tile for strategy in strategies if (tile := strategy.tile(shape)) is not None), None)


# 32 registers of 16 numbers: one or two hold operands, the others accumulators. Matmuls over an image's pixels use one
# column of registers: two multiply no faster and read the kernel in wider strips. A workgroup takes as many columns as
# there are, so that an epilogue with a mask reads memory in order; of a batch of small matrices fewer, or some threads
# would have nothing to do. IREE's own rule for convolutions keeps 7×16 accumulators, and reads the kernel again for
# every 7 pixels. What is in no cache is read twice as fast in the order of memory, so register tiles have few rows
# there, or one pixel: 1 or 2 rows give a thread 30 GB/s, 4 give 20, 8 and 16 give 15.
_UNEVEN = (
    Strategy(8, 16, 64, 192, 4),
    Strategy(14, 32, 112, 64, 4),
    Strategy(14, 16, 112, 48, 4),
    Strategy(7, 32, 56, 32, 4),
    Strategy(7, 16, 56, 48, 4),
    Strategy(28, 8, 112, 24, 4),
    Strategy(16, 8, 128, 24, 8),
    Strategy(24, 8, 96, 24, 4),
)
_CONVOLUTIONS = (
    Strategy(8, 32, 64, 32, 4),
    Strategy(14, 32, 112, 64, 4),
    Strategy(7, 64, 56, 64, 4),
    Strategy(7, 32, 56, 32, 4),
    Strategy(14, 16, 112, 64, 4),
    Strategy(8, 16, 64, 64, 4),
    Strategy(7, 16, 56, 64, 4),
)
RULES_AVX512 = Rules(
    matmuls=(Strategy(16, 16, 128, 144, 4), Strategy(24, 16, 96, 96, 4), *_UNEVEN),
    batch_matmuls=(Strategy(16, 16, 128, 64, 4), Strategy(24, 16, 96, 48, 4), *_UNEVEN),
    streamed=(Strategy(4, 16, 64, 144, 4),),
    pixel_matmuls=(Strategy(7, 16, 112, 192, 4), Strategy(8, 16, 64, 192, 4), Strategy(4, 16, 64, 192, 4)),
    narrow=(Strategy(8, 32, 64, 32, 4), Strategy(8, 16, 128, 16, 8)),
    convolutions=_CONVOLUTIONS,
    depthwise=(Strategy(8, 16, 64, 96, 4), Strategy(7, 16, 56, 16, 4), Strategy(4, 16, 64, 96, 4)),
    pixelwise=Pixelwise((Strategy(1, 32, 64, 96, 4), Strategy(1, 16, 64, 96, 4)), STREAMED),
    single=(Strategy(7, 16, 56, 16, 4), Strategy(8, 16, 64, 96, 4), Strategy(4, 16, 64, 96, 4)),
    cached=2**18,
    gradients=_CONVOLUTIONS,
    narrow_gradients=(),
    sums=32,
    blocks=Blocks(14, 7, 2**16, 2**15),
)
# 16 registers of 8 numbers: for 6 rows by 16 columns, twelve accumulators, two registers for the kernel and one for the
# image. With four rows the adders wait, with seven by 8 the loads; so six rows are used even where they leave a
# remainder. Four rows are used where no cache holds the rows, or they are an image's pixels, whose lines are short.
# Elementwise operations and reductions, measured with code for a Haswell on a Zen 4, have the same tiles as with
# AVX-512: the gain is that memory is read in order. Depthwise convolutions of up to 192 channels take 0.6 to 0.9 of the
# time with one pixel at a time, on a Zen 3; with 384 and more they are slower so.
_FOUR_ROWS = Strategy(4, 16, 128, 192, 2)
_MATMULS_AVX2 = (
    Strategy(6, 16, 128, 112, 2, peeled=True),
    _FOUR_ROWS,
    Strategy(7, 8, 112, 80, 1),
    Strategy(8, 8, 128, 24, 2),
)
RULES_AVX2 = Rules(
    matmuls=_MATMULS_AVX2,
    batch_matmuls=_MATMULS_AVX2,
    streamed=(_FOUR_ROWS, Strategy(4, 8, 64, 24, 2)),
    pixel_matmuls=(Strategy(2, 16, 128, 96, 2, 2), Strategy(4, 16, 128, 80, 2, peeled=True), *_MATMULS_AVX2[2:]),
    narrow=(),
    convolutions=(Strategy(4, 16, 64, 32, 4), Strategy(7, 8, 56, 32, 4), Strategy(4, 8, 64, 32, 4)),
    depthwise=(Strategy(4, 16, 64, 96, 4), Strategy(7, 8, 56, 16, 4), Strategy(4, 8, 64, 96, 4)),
    pixelwise=Pixelwise((Strategy(1, 16, 64, 96, 4),), 0, 192),
    single=(Strategy(2, 16, 64, 96, 4), Strategy(7, 8, 56, 16, 4), Strategy(4, 8, 64, 96, 4)),
    cached=0,  # IREE's own tiles make scalar code of some
    gradients=(Strategy(4, 16, 64, 32, 4), Strategy(4, 8, 64, 32, 4)),
    narrow_gradients=(Strategy(4, 32, 64, 32, 4),),  # all channels of a pixel: 0.55 of the time
    sums=0,
    blocks=Blocks(6, 2, 2**16, 2**15),
)


def elementwise_tile(sizes: Sequence[int]) -> Tile | None:
    """The tile of an elementwise operation over an image `[..., channels]`, contiguous in memory; None: IREE's own.

    IREE's rule tiles the channels too, so that a workgroup jumps from pixel to pixel: half as fast.
    """
    *_, channels = sizes
    vector = largest_divisor(channels, MOST_NUMBERS, REGISTER)
    if len(sizes) < 2 or vector is None:
        return None
    outer, room = [channels], max(1, ENOUGH_NUMBERS // channels)
    for size in reversed(sizes[:-1]):
        outer.insert(0, largest_divisor(size, room, 1) or 1)
        room = room // size
    return Tile(tuple(outer), (*(1 for _ in sizes[:-1]), vector), 1)


def reduction_tile(channels: int) -> Tile | None:
    """The tile of a sum over an image's pixels, its channels split into `[rows, columns]`; None: IREE's own.

    All channels of a pixel are read at once and their sums stay in registers, so that memory is read in order; 16
    channels at a time, as IREE does it, reach half the bandwidth. Columns are a power of two, as the compiler pads
    other vectors to one.
    """
    columns = next((size for size in (64, 32, 16) if channels % size == 0), None)
    if columns is None or channels > MOST_CHANNELS:
        return None
    sizes = (1, channels // columns, columns)
    return Tile(sizes, sizes, 1)


def _is_streamed(sizes: list[int]) -> bool:
    """Whether a matmul reads or writes more numbers than the caches hold, with one side wide and the other narrow."""
    rows, columns, inner = sizes[-3:]
    narrow, wide = sorted((columns, inner))
    return len(sizes) == 3 and rows * wide > STREAMED and narrow <= NARROW and wide > 2 * NARROW


def _is_gradient(sizes: list[int]) -> bool:
    """Whether a depthwise convolution is a weight gradient: its window is larger than its output."""
    return sizes[4] > sizes[1]


def largest_divisor(size: int, most: int, multiple: int) -> int | None:
    """The largest divisor of a size that is at most `most` and a multiple of another."""
    candidates = range(min(size, most), 0, -1)
    return next((divisor for divisor in candidates if size % divisor == 0 and divisor % multiple == 0), None)
