"""Windows over an image, as the ops emit them. The arithmetic is `netspec.windows`."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from emit import hlo
from emit.hlo import ShapeError, Value
from netspec.windows import Padding, extent, output_size, pads

Pair = tuple[int, int]


@dataclass(frozen=True)
class Phase:
    """Every stride-th row of an image: the first row of the kernel that reaches it, how many do, and its shift."""

    first: int
    taps: int
    earlier: int
    after: int

    def pads(self, taps: int) -> Pair:
        """What the transposed convolution pads when its kernel has so many rows, as many or with zeros behind."""
        return taps - 1 - self.earlier, self.after


@dataclass(frozen=True)
class Readers:
    """Which output rows read the input's rows s·r to s·r + s - 1: row r + `last` and `places` - 1 before it.

    Row s·r + a is read by output row r + last - i at kernel row i·s + a - `shift`, where the kernel has one.

    Args:
        rows: how many r there are, ⌈size/s⌉.
        pads: by how many rows of zeros the outputs are padded so that every r finds all its readers.
    """

    places: int
    last: int
    shift: int
    rows: int
    pads: Pair


@dataclass(frozen=True)
class Window:
    """A square window that slides over an image.

    Args:
        dilation: how many rows, and columns, its places are apart: more than 1 of a window of several places and of
            stride 1 alone. Strided and dilated at once it would need phases of its own, and no network has it.
    """

    size: int
    stride: int
    padding: Padding
    dilation: int = 1

    def __post_init__(self) -> None:
        """Raises ShapeError."""
        if self.dilation != 1 and (self.dilation < 1 or self.size == 1 or self.stride > 1):
            raise ShapeError(
                f"window: expected a dilation of 1, or of more with several places and stride 1; received dilation "
                f"{self.dilation} of {self.size}×{self.size} by {self.stride}"
            )

    @property
    def extent(self) -> int:
        """The rows from its first place to its last, both counted."""
        return extent(self.size, self.dilation)

    def outputs(self, height: int, width: int) -> Pair:
        """How many windows fit along each axis."""
        return (
            output_size(height, self.size, self.stride, self.padding, self.dilation),
            output_size(width, self.size, self.stride, self.padding, self.dilation),
        )

    def pads(self, height: int, width: int) -> tuple[Pair, Pair]:
        """What is padded before and after each axis."""
        return (
            pads(height, self.size, self.stride, self.padding, self.dilation),
            pads(width, self.size, self.stride, self.padding, self.dilation),
        )

    def tight_pads(self, height: int, width: int) -> tuple[Pair, Pair]:
        """As `pads`; but where one window alone fits, rows that it does not see are cut off (negative).

        IREE (3.13.0) does not compile a convolution that leaves rows over beside a single window.
        """
        result = []
        for size, (low, high), count in self._axes(height, width):
            result.append((low, self.extent - size - low if count == 1 else high))
        return result[0], result[1]

    def transposed_pads(self, height: int, width: int) -> tuple[Pair, Pair]:
        """The pads of the convolution that takes the output's cotangent, its rows `stride` apart, to the input's.

        Input row r is read by output row o at the kernel's row r + low - o·stride, counted with the rows between its
        places, so the reversed kernel starts extent - 1 - low rows before the first cotangent row, and enough rows
        follow that `height` come out.
        """
        result = []
        for size, (low, _), count in self._axes(height, width):
            result.append((self.extent - 1 - low, size + low - 1 - (count - 1) * self.stride))
        return result[0], result[1]

    def readers(self, height: int, width: int) -> tuple[Readers, Readers]:
        """Which outputs read every `stride` rows, and columns, of the input; of a dilated window, those in between too.

        Row s·r + a is read by output row o at kernel row s·r + a + low - o·s. With o = r + last - i that is
        i·s + a - shift, shift = last·s - low; last = ⌈low/s⌉ is the least that leaves no kernel row below i = 0 out.
        """
        result = []
        for size, (low, _), count in self._axes(height, width):
            last, rows = -(-low // self.stride), -(-size // self.stride)
            shift = last * self.stride - low
            places = -(-(shift + self.extent) // self.stride)
            result.append(Readers(places, last, shift, rows, (places - 1 - last, rows + last - count)))
        return result[0], result[1]

    def transposed_phases(self, height: int, width: int) -> tuple[list[Phase], list[Phase]]:
        """For each phase a of the input's rows, s·r + a: which rows of the kernel reach it, and how far apart.

        Row s·r + a is read by output row o at kernel row i0 + t·s = s·r + a + low - o·s, so o = r + e - t with
        e = (a + low - i0)/s. Each phase has ⌈size/s⌉ rows; where s does not divide the size, the last is too much.
        """
        result = []
        for size, (low, _), count in self._axes(height, width):
            phases = []
            for phase in range(self.stride):
                first = (phase + low) % self.stride
                taps = len(range(first, self.size, self.stride))
                earlier = (phase + low - first) // self.stride
                phases.append(Phase(first, taps, earlier, -(-size // self.stride) - count + earlier))
            result.append(phases)
        return result[0], result[1]

    def _axes(self, height: int, width: int) -> Iterator[tuple[int, Pair, int]]:
        """Of the rows, then of the columns: how many, what is padded, how many windows fit."""
        return zip((height, width), self.pads(height, width), self.outputs(height, width), strict=True)


class Shifted:
    """An image `[N, H, W, C]` padded once, read as one `[N, H', W', C]` for each place in the window.

    A strided slice would be a copy of scattered pixels; with a stride the image is seen as
    `[N, H/s, s, W/s, s, C]` instead, where every s-th pixel is a contiguous slice of one phase.
    """

    def __init__(self, image: Value, window: Window, fill: float = 0) -> None:
        batch, height, width, channels = image.shape
        self._size, self._stride, self._dilation = window.size, window.stride, window.dilation
        self.outputs = window.outputs(height, width)
        low, high, crop = [0], [0], [batch]
        for size, count, (before, _) in zip((height, width), self.outputs, window.pads(height, width), strict=True):
            needed = -(-((count - 1) * self._stride + window.extent) // self._stride) * self._stride
            low.append(before)
            high.append(max(needed - size - before, 0))
            crop.append(min(size, needed - before))
        cropped = hlo.slice_(image, (0,) * 4, (*crop, channels), name="used")
        padded = hlo.pad(cropped, (*low, 0), (*high, 0), fill=fill, name="pad")
        rows, columns = padded.shape[1] // self._stride, padded.shape[2] // self._stride
        self.phases = hlo.reshape(padded, (batch, rows, self._stride, columns, self._stride, channels), "phases")

    def at(self, i: int, j: int) -> Value:
        """What place (i, j) of every window sees."""
        batch, _, _, _, _, channels = self.phases.shape
        row, row_phase = divmod(i * self._dilation, self._stride)
        column, column_phase = divmod(j * self._dilation, self._stride)
        part = hlo.slice_(
            self.phases,
            (0, row, row_phase, column, column_phase, 0),
            (batch, row + self.outputs[0], row_phase + 1, column + self.outputs[1], column_phase + 1, channels),
            name=f"at{i}{j}",
        )
        return hlo.reshape(part, (batch, *self.outputs, channels), f"see{i}{j}")

    def places(self) -> list[Pair]:
        """Every place of the window, row by row."""
        return [(i, j) for i in range(self._size) for j in range(self._size)]

    def images(self) -> list[Value]:
        """`[N, H'·W', C]`: what every place sees, row by row; the stride is 1.

        Cut to the columns that place j sees, an image is one run of rows, of which each i begins W' further on, or as
        many times that as the window is dilated: a copy for each j, and none for each i.
        """
        batch, rows, _, _, _, channels = self.phases.shape
        height, width = self.outputs
        image = hlo.reshape(self.phases, (batch, rows, self.phases.shape[3], channels), "image")
        runs = []
        for j in range(self._size):
            left = j * self._dilation
            columns = hlo.slice_(image, (0, 0, left, 0), (batch, rows, left + width, channels), name=f"columns{j}")
            runs.append(hlo.reshape(columns, (batch, rows * width, channels), f"columns{j}"))
        step, length = self._dilation * width, height * width
        return [
            hlo.slice_(runs[j], (0, i * step, 0), (batch, i * step + length, channels), name=f"at{i}{j}")
            for i, j in self.places()
        ]

    def patches(self) -> Value:
        """`[N, H', W', K·K·C]`: all that each window sees side by side, K the window's size rounded up to the stride.

        The phases become channels first, s²·C of them, and the window one of K/s places whose stride is 1: few
        copies of many numbers instead of many of few. `kernel` brings what belongs to a patch into a kernel's order.
        """
        batch, rows, stride, columns, _, channels = self.phases.shape
        deep = hlo.transpose(self.phases, (0, 1, 3, 2, 4, 5), "deep") if stride > 1 else self.phases
        deep = hlo.reshape(deep, (batch, rows, columns, stride * stride * channels), "deep")
        height, width = self.outputs
        parts = []
        for i, j in product(range(self._around), repeat=2):
            top, left = i * self._dilation, j * self._dilation
            stop = (batch, top + height, left + width, deep.shape[3])
            parts.append(hlo.slice_(deep, (0, top, left, 0), stop, name=f"at{i}{j}"))
        return hlo.concatenate(parts, 3, "patches")

    def kernel(self, rows: Value) -> Value:
        """`[K·K·C, O]`, a row for each number of a patch, as a kernel `[k, k, C, O]`."""
        stride, around = self._stride, self._around
        channels, outputs = self.phases.shape[5], rows.shape[1]
        places = hlo.reshape(rows, (around, around, stride, stride, channels, outputs), "places")
        places = hlo.transpose(places, (0, 2, 1, 3, 4, 5), "places") if stride > 1 else places
        interleaved = hlo.reshape(places, (around * stride, around * stride, channels, outputs), "whole")
        return hlo.slice_(interleaved, (0,) * 4, (self._size, self._size, channels, outputs), "kernel")

    @property
    def _around(self) -> int:
        return -(-self._size // self._stride)
