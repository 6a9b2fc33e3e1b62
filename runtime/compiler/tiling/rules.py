"""Ways to cut matrix products and convolutions into tiles, and the rules for what nobody measured."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

# How many axes at the end of a shape are summed over, by how many it has: a convolution's window and inner channels, a
# depthwise convolution's window. A product has one.
_SUMMED = {7: 3, 6: 2}


@dataclass(frozen=True)
class Tile:
    """A way to cut a product or a convolution: rows (an image's: its pixels) by columns, summed over the inner axis.

    A pass over numbers and a sum over pixels are cut by the same three.

    Args:
        outer: what one worker takes at a time, along each axis that is not summed over:
            `[batch or rows,] rows, columns`, or `batch, height, width, columns`.
        vector: what it keeps in registers, along the same axes.
        inner: how much of the last axis it unrolls; 1 where nothing is summed.
        peeled: whether rows of a product that fill no registers get code of their own; else they are computed under
            masks, as if they did.
    """

    outer: tuple[int, ...]
    vector: tuple[int, ...]
    inner: int
    peeled: bool = False


def is_image(shape: str) -> bool:
    """Whether a shape is a convolution's: `batch x height x width x columns x window x window [x inner]`.

    Without inner channels it is depthwise.
    """
    return shape.count("x") + 1 in _SUMMED


def summed_axes(shape: str) -> int:
    """How many axes of a shape, its last, are summed over."""
    return _SUMMED.get(shape.count("x") + 1, 1)


def parallel_axes(shape: str) -> int:
    """How many axes of a shape are not summed over."""
    return shape.count("x") + 1 - summed_axes(shape)


@dataclass(frozen=True)
class Way:
    """A family of tiles.

    Args:
        rows, columns: of what is kept in registers.
        most_rows, most_columns: of what one worker takes at a time of a product; of an image, columns alone; of a
            depthwise convolution, neither.
        inner: at most so much of the inner axis is unrolled; of a depthwise convolution it does not count.
        lines: of a product of an image's pixels, such rows of so many lines of the image are kept in registers.
        peeled: of a product, rows that are left over get code of their own.
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
        """How it cuts a shape; None where it does not fit."""
        sizes = [int(size) for size in shape.split("x")]
        cut = {7: self._image, 6: self._depthwise}.get(len(sizes), self._product)
        return cut(sizes)

    def _product(self, sizes: list[int]) -> Tile | None:
        *above, lines, columns, inner = sizes
        outer_columns = largest_divisor(columns, self.most_columns, self.columns)
        unrolled = self._unrolled(inner)
        if outer_columns is None or unrolled is None or (self.peeled and lines < self.rows):
            return None
        even = largest_divisor(lines, self.most_rows, self.rows)
        if self.peeled:
            outer_rows = self._peeled_rows(lines)
            if not above and (outer_rows, outer_columns) == (lines, columns):  # or the second worker has nothing to do
                outer_columns = largest_divisor(columns, columns // 2, self.columns) or columns
        else:
            outer_rows = even or min(-(-lines // self.rows), self.most_rows // self.rows) * self.rows
        # An image's height is cut so that a worker gets enough of its rows; of a stack, a matrix at a time or a few.
        before = [max(1, min(size, ENOUGH // lines)) for size in above]
        once = [1 for _ in above]
        if self.lines > 1:
            at_once = largest_divisor(above[-1], max(before[-1], self.lines), self.lines) if above else None
            if at_once is None or even is None:
                return None
            before[-1], once[-1] = at_once, self.lines
        outer, vector = (*before, outer_rows, outer_columns), (*once, self.rows, self.columns)
        return Tile(outer, vector, unrolled, self.peeled and bool(outer_rows % self.rows or lines % outer_rows))

    def _peeled_rows(self, lines: int) -> int:
        """How many rows a worker takes at a time where some may be left over: enough for four rows of registers.

        Best are pieces that leave none over; then those that are equally long, or the compiler does not know how long
        they are, and even in number, for there are two workers or four; then the equally long. Where there are none,
        the last of an even number is a little shorter.
        """
        few = min(lines, self.most_rows)
        alike = [size for size in range(few, min(few, 4 * self.rows) - 1, -1) if lines % size == 0]
        full = [size for size in alike if size % self.rows == 0]
        paired = [size for size in alike if size == lines or lines // size % 2 == 0]
        if found := full or paired or alike:
            return found[0]
        pieces = -(-lines // self.most_rows)
        return -(-lines // (pieces + pieces % 2))

    def _image(self, sizes: list[int]) -> Tile | None:
        batch, height, width, columns, _, _, inner = sizes
        outer_columns = largest_divisor(columns, self.most_columns, self.columns)
        unrolled = self._unrolled(inner)
        if outer_columns is None or unrolled is None or width % self.rows or 1 in (height, width):
            return None
        outer_height = largest_divisor(height, max(1, ENOUGH_PIXELS // width), 1) or 1
        images = largest_divisor(batch, max(1, ENOUGH_PIXELS // (height * width)), 1) or 1
        return Tile((images, outer_height, width, outer_columns), (1, 1, self.rows, self.columns), unrolled)

    def _depthwise(self, sizes: list[int]) -> Tile | None:
        """A worker takes whole pixels, in the order of memory.

        Of a weight gradient, whose window is the images, it takes what it keeps in registers, a whole row of sums.
        """
        batch, height, width, channels, _, wide = sizes
        gradient = _is_gradient(sizes)
        pixels = width if gradient else self.rows
        if channels % self.columns or width % pixels or pixels * self.columns > MOST_SUMS:
            return None
        if gradient:
            return Tile((1, 1, width, self.columns), (1, 1, width, self.columns), 1 + (wide % 2 == 0))
        pieces = PIECES_OF_ONE if batch == 1 else ENOUGH_WORK
        room = min(ENOUGH_NUMBERS, batch * height * width * channels // pieces)
        rows = largest_divisor(height, max(1, room // (width * channels)), 1) or 1
        return Tile((1, rows, width, channels), (1, 1, pixels, self.columns), wide)

    def _unrolled(self, inner: int) -> int | None:
        few = (self.inner, 1) if self.inner < UNROLLED[-1] else UNROLLED
        return next((size for size in few if size <= self.inner and inner % size == 0), None)


UNROLLED = (16, 14, 12, 8, 7, 4, 3)
ENOUGH = 64
ENOUGH_PIXELS = 800
REGISTER = 16  # numbers in one, with AVX-512
MOST_SUMS = 16 * REGISTER
MOST_NUMBERS = 4 * REGISTER
ENOUGH_NUMBERS = 65536
ENOUGH_WORK = 16  # pieces of it
STREAMED = 2**21  # numbers, more than a processor's caches keep
NARROW = 24
PIECES_OF_ONE = 8  # image: neighbours read some of each other's rows
MOST_CHANNELS = 12 * REGISTER  # of two sums each, with registers left for what is added
WAYS = (
    Way(8, 32, 64, 32, 4),
    Way(7, 32, 56, 32, 4),
    Way(14, 32, 112, 64, 4),
    Way(7, 64, 56, 64, 4),
    Way(14, 16, 112, 48, 4),
    Way(8, 16, 64, 96, 4),
    Way(7, 16, 56, 16, 4),
    Way(8, 32, 64, 64, 16),
    Way(7, 32, 112, 96, 16),
    Way(8, 16, 64, 96, 16),
    Way(16, 16, 128, 96, 8),
    Way(8, 16, 64, 192, 4),
    Way(24, 16, 96, 48, 4),
    Way(32, 8, 64, 24, 4),
    Way(28, 8, 112, 24, 4),
    Way(25, 16, 50, 16, 4),
    Way(4, 16, 64, 144, 4),
    Way(2, 32, 64, 192, 4),
    Way(2, 16, 128, 96, 2, 2),
    Way(4, 16, 128, 80, 2, peeled=True),
    Way(6, 16, 128, 112, 2, peeled=True),
)


@dataclass(frozen=True)
class Blocks:
    """How inverted residuals are computed as a whole, 16 channels in registers (`passes/fuse_inverted_residual.py`).

    Args:
        pixels: at most so many are kept in registers.
        beside: of a depthwise convolution, so many.
        numbers: of the images in between, at most so many stay with a worker, and of more than 16 channels `nearest`.
    """

    pixels: int
    beside: int
    numbers: int
    nearest: int


@dataclass(frozen=True)
class Pixelwise:
    """Depthwise convolutions whose pixels come one at a time, in the order of memory, if they are wide.

    Args:
        ways: how.
        numbers: of images of more than that.
        channels: of at most so many, whose weights are still in the nearest cache for the next pixel; None: of any.
    """

    ways: tuple[Way, ...]
    numbers: int
    channels: int | None = None


@dataclass(frozen=True)
class Rules:
    """Ways for what no table knows, on processors of one kind. The first is taken that fits: a product's rows evenly,
    or its way peels.

    Args:
        products: rows by columns.
        stacks: of small matrices.
        streamed: products of more numbers than caches keep, one side wide and the other narrow, before the others.
        images: products whose rows are an image's pixels, by rows of them, for they are written into a padded image.
        narrow: products and stacks of at most 32 columns, before the others.
        convolutions: with inner channels.
        depthwise: convolutions without them.
        pixelwise: some of them, before the others.
        single: of one image, of those.
        cached: numbers of one image that a processor's own cache holds; such depthwise convolutions stay with IREE.
        gradients: depthwise convolutions that make weight gradients.
        narrow_gradients: those of at most 32 channels and three columns of a kernel, before the others.
        sums: registers for a depthwise weight gradient at all places of its kernel; 0: a convolution is as fast.
        blocks: inverted residuals of one image as a whole; None: as three convolutions.
    """

    products: tuple[Way, ...]
    stacks: tuple[Way, ...]
    streamed: tuple[Way, ...]
    images: tuple[Way, ...]
    narrow: tuple[Way, ...]
    convolutions: tuple[Way, ...]
    depthwise: tuple[Way, ...]
    pixelwise: Pixelwise
    single: tuple[Way, ...]
    cached: int
    gradients: tuple[Way, ...]
    narrow_gradients: tuple[Way, ...]
    sums: int
    blocks: Blocks | None

    def tile(self, shape: str, pixels: bool = False) -> Tile | None:
        """How a product or a convolution is cut that no table knows; None: as IREE does it.

        Args:
            pixels: whether a product's rows are an image's pixels, which keeps its height and width.
        """
        sizes = [int(size) for size in shape.split("x")]
        summed = summed_axes(shape)
        if summed == 1:
            ways = self.images if pixels else self.products if len(sizes) == 3 else self.stacks
            narrow = self.narrow if sizes[-2] <= 32 and not pixels else ()
            streamed = self.streamed if _is_streamed(sizes) else ()
            fitting = (way for way in (*streamed, *narrow, *ways) if way.peeled or sizes[-3] % way.rows == 0)
            return _first(tuple(fitting), shape)
        if summed == 3:
            return _first(self.convolutions, shape)
        if _is_gradient(sizes):
            narrow = self.narrow_gradients if sizes[3] <= 32 and sizes[2] <= 3 else ()
            return _first((*narrow, *self.gradients), shape)
        batch, height, width, channels, *_ = sizes
        if batch > 1:
            some = self.pixelwise
            fits = prod(sizes[:4]) > some.numbers and 2 * NARROW < channels <= (some.channels or channels)
            return _first((*some.ways, *self.depthwise) if fits else self.depthwise, shape)
        return _first(self.single, shape) if height * width * channels > self.cached else None

    def sums_at_once(self, places: int, channels: int) -> int | None:
        """Of how many channels so many sums fit into registers beside a number of each; None where of none."""
        fitting = (many * REGISTER for many in (2, 1) if many * (places + 1) < self.sums)
        return next((columns for columns in fitting if channels % columns == 0), None)


def _first(ways: Sequence[Way], shape: str) -> Tile | None:
    return next((tile for way in ways if (tile := way.tile(shape)) is not None), None)


# 32 registers of 16 numbers: one or two hold what is multiplied, the others what is added to. An image's products take
# one column of registers: two are no faster to multiply and read a kernel in wider strips. Columns are taken as many
# at a time as there are, so that memory is read in order where a mask lies behind a product; of a stack's small
# matrices fewer, or some workers would have nothing to do. IREE's own rule for convolutions keeps 7×16, and reads a
# kernel anew for every 7 pixels. What comes from memory and not from a cache is read twice as fast in the order in
# which it lies there, so that few rows, or one pixel, are taken at a time: 1 or 2 give 30 GB/s to one worker, 4 give
# 20, 8 and 16 give 15.
_UNEVEN = (
    Way(8, 16, 64, 192, 4),
    Way(14, 32, 112, 64, 4),
    Way(14, 16, 112, 48, 4),
    Way(7, 32, 56, 32, 4),
    Way(7, 16, 56, 48, 4),
    Way(28, 8, 112, 24, 4),
    Way(16, 8, 128, 24, 8),
    Way(24, 8, 96, 24, 4),
)
_CONVOLUTIONS = (
    Way(8, 32, 64, 32, 4),
    Way(14, 32, 112, 64, 4),
    Way(7, 64, 56, 64, 4),
    Way(7, 32, 56, 32, 4),
    Way(14, 16, 112, 64, 4),
    Way(8, 16, 64, 64, 4),
    Way(7, 16, 56, 64, 4),
)
RULES_AVX512 = Rules(
    products=(Way(16, 16, 128, 144, 4), Way(24, 16, 96, 96, 4), *_UNEVEN),
    stacks=(Way(16, 16, 128, 64, 4), Way(24, 16, 96, 48, 4), *_UNEVEN),
    streamed=(Way(4, 16, 64, 144, 4),),
    images=(Way(7, 16, 112, 192, 4), Way(8, 16, 64, 192, 4), Way(4, 16, 64, 192, 4)),
    narrow=(Way(8, 32, 64, 32, 4), Way(8, 16, 128, 16, 8)),
    convolutions=_CONVOLUTIONS,
    depthwise=(Way(8, 16, 64, 96, 4), Way(7, 16, 56, 16, 4), Way(4, 16, 64, 96, 4)),
    pixelwise=Pixelwise((Way(1, 32, 64, 96, 4), Way(1, 16, 64, 96, 4)), STREAMED),
    single=(Way(7, 16, 56, 16, 4), Way(8, 16, 64, 96, 4), Way(4, 16, 64, 96, 4)),
    cached=2**18,
    gradients=_CONVOLUTIONS,
    narrow_gradients=(),
    sums=32,
    blocks=Blocks(14, 7, 2**16, 2**15),
)
# 16 registers of 8 numbers: of 6 rows by 16 columns twelve are added to, two hold the kernel's numbers and one the
# image's. Four rows leave the adders waiting and seven by 8 wait for what they load, so six are taken where they fit
# no rows evenly, too; but four where rows come from memory that no cache holds, or are an image's pixels, whose lines
# are short. Passes and sums, measured with code for a Haswell on a Zen 4, are cut alike: what gains there is that
# memory is read in order. Of depthwise convolutions up to 192 channels take 0.6 to 0.9 of the time with a pixel at a
# time, on a Zen 3; those of 384 and more are then slower.
_FOUR = Way(4, 16, 128, 192, 2)
_ALIKE = (Way(6, 16, 128, 112, 2, peeled=True), _FOUR, Way(7, 8, 112, 80, 1), Way(8, 8, 128, 24, 2))
RULES_AVX2 = Rules(
    products=_ALIKE,
    stacks=_ALIKE,
    streamed=(_FOUR, Way(4, 8, 64, 24, 2)),
    images=(Way(2, 16, 128, 96, 2, 2), Way(4, 16, 128, 80, 2, peeled=True), *_ALIKE[2:]),
    narrow=(),
    convolutions=(Way(4, 16, 64, 32, 4), Way(7, 8, 56, 32, 4), Way(4, 8, 64, 32, 4)),
    depthwise=(Way(4, 16, 64, 96, 4), Way(7, 8, 56, 16, 4), Way(4, 8, 64, 96, 4)),
    pixelwise=Pixelwise((Way(1, 16, 64, 96, 4),), 0, 192),
    single=(Way(2, 16, 64, 96, 4), Way(7, 8, 56, 16, 4), Way(4, 8, 64, 96, 4)),
    cached=0,  # IREE's own cut makes code of single numbers of some
    gradients=(Way(4, 16, 64, 32, 4), Way(4, 8, 64, 32, 4)),
    narrow_gradients=(Way(4, 32, 64, 32, 4),),  # whole pixels: 0.55 of the time
    sums=0,
    blocks=Blocks(6, 2, 2**16, 2**15),
)


def pass_by_rule(sizes: Sequence[int]) -> Tile | None:
    """How a pass over numbers is cut, each made of those at its place: into stretches of memory. None: as IREE does it.

    IREE's own rule cuts the channels too, so that a worker jumps from pixel to pixel: half as fast.
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


def sum_by_rule(channels: int) -> Tile | None:
    """How a sum over an image's pixels is cut, its channels as rows of `[image, rows, columns]`; None: as IREE does it.

    All channels of a pixel are read at once and their sums kept in registers, so that memory is read in order; 16 at a
    time, as IREE does it, it gives half as many bytes a second. Columns are a power of two, as the compiler widens
    other vectors to one.
    """
    columns = next((size for size in (64, 32, 16) if channels % size == 0), None)
    if columns is None or channels > MOST_CHANNELS:
        return None
    whole = (1, channels // columns, columns)
    return Tile(whole, whole, 1)


def _is_streamed(sizes: list[int]) -> bool:
    """Whether a product of matrices is an image's of more numbers than caches keep, and of few for each of them."""
    rows, columns, inner = sizes[-3:]
    narrow, wide = sorted((columns, inner))
    return len(sizes) == 3 and rows * wide > STREAMED and narrow <= NARROW and wide > 2 * NARROW


def _is_gradient(sizes: list[int]) -> bool:
    """Whether a depthwise convolution makes a weight gradient: its window is larger than what comes out."""
    return sizes[4] > sizes[1]


def largest_divisor(size: int, most: int, multiple: int) -> int | None:
    """The largest divisor of a size that is at most `most` and a multiple of another."""
    fits = (each for each in range(min(size, most), 0, -1) if size % each == 0 and each % multiple == 0)
    return next(fits, None)
