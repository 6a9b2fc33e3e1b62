"""Average pool: y[n, h, w, c] = 1/K[h, w] · Σ_{i,j} x[n, h·s + i - low, w·s + j - low, c], K the numbers counted.

Either K is how many pixels of the image a window sees, or all k² of its places, where padding counts as zeros: as
TensorFlow averages, and as PyTorch does unless it is asked not to.
"""

from dataclasses import dataclass
from itertools import product

from emit import hlo
from emit.hlo import Value
from emit.op import Call, Cotangents, Op, Result, register
from emit.sums import scalar
from emit.windows import Readers, Shifted, Window
from netspec.layers import Shape


@register
@dataclass(frozen=True)
class AveragePool(Op):
    """Windows may overlap (stride below size), leave pixels out (above it) and be padded.

    Args:
        counts_padding: whether padded places are among the numbers of which a mean is taken.
    """

    kind = "average_pool"
    window: Window
    counts_padding: bool

    def shape(self, *inputs: Shape) -> Shape:
        """`[H, W, C]` → `[H', W', C]`."""
        height, width, channels = inputs[0]
        return (*self.window.outputs(height, width), channels)

    def forward(self, call: Call) -> Result:
        """The sum of what each place of the window sees, in one pass over x."""
        (x,) = call.inputs
        shifted = Shifted(x, self.window)
        first, *others = (shifted.at(i, j) for i, j in shifted.places())
        total = first
        for seen in others:
            total = hlo.add(total, seen, "total")
        return Result(self._per_count(total, x.shape, "mean"))

    def vjp(self, call: Call, result: Result, cotangent: Value, wanted: tuple[bool, ...]) -> Cotangents:
        """A pixel enters each window that sees it with the factor 1/K of that window:

        dx[n, r, q, c] = Σ_{i,j} (dy/K)[n, (r + low - i)/s, (q + low - j)/s, c], whole indices only
        In one pass over dy/K: with the last readers l, l' and the shifts m, m' of rows and columns, pixel (s·r + a,
        s·q + b) takes (dy/K)[r + l - i, q + l' - j] for all i, j where i·s + a - m and j·s + b - m' are places of the
        window: a sum of slices, of which each number goes to s² pixels. Where windows neither overlap nor leave pixels
        out it is one slice, repeated.
        """
        if not wanted[0]:
            return Cotangents((None,))
        (x,) = call.inputs
        y = result.output
        if cotangent.type != y.type:
            raise y.block.wrong(f"the cotangent of {y.type} is {cotangent.type}")
        share = self._per_count(cotangent, x.shape, "share")
        batch, height, width, channels = x.shape
        s = self.window.stride
        down, across = self.window.readers(height, width)
        (top, bottom), (left, right) = down.pads, across.pads
        around = hlo.pad(share, (0, top, left, 0), (0, bottom, right, 0), name="around")
        # Else IREE (3.13.0) finds the slice that is dy/K, writes dy/K beside the padded image and copies it there.
        apart = hlo.reshape(around, (batch, around.shape[1], 1, around.shape[2], 1, channels), "apart")
        phases = (batch, down.rows, s, across.rows, s, channels)
        dx = None
        for i, j in product(range(down.places), range(across.places)):
            row, column = down.places - 1 - i, across.places - 1 - j
            stop = (batch, row + down.rows, 1, column + across.rows, 1, channels)
            pixels = hlo.slice_(apart, (0, row, 0, column, 0, 0), stop, name=f"at{i}{j}")
            pixels = hlo.reshape(pixels, (batch, down.rows, across.rows, channels), f"read{i}{j}")
            part = hlo.broadcast(pixels, phases, (0, 1, 3, 5), f"part{i}{j}")
            part = self._where_seen(self._where_seen(part, down, i, 2), across, j, 4)
            dx = part if dx is None else hlo.add(dx, part, "dx")
        assert dx is not None
        dx = hlo.reshape(dx, (batch, down.rows * s, across.rows * s, channels), "dx")
        return Cotangents((hlo.slice_(dx, (0,) * 4, x.shape, "dx"),))

    def macs(self, *inputs: Shape) -> int:
        """None."""
        return 0

    def _per_count(self, y: Value, image: Shape, name: str) -> Value:
        """Windows' numbers `[N, H', W', C]`, each over the count of its window."""
        k = self.window.size
        rows, columns = (
            [k] * count if self.counts_padding else _seen(size, count, low, self.window)
            for size, count, (low, _) in zip(image[1:3], y.shape[1:3], self.window.pads(*image[1:3]), strict=True)
        )
        if set(rows) == set(columns) == {k}:
            return hlo.divide(y, scalar(k * k, y), name)
        high, wide = (
            hlo.broadcast(y.block.vector(counts, axis), y.shape[1:3], (number,), axis)
            for number, (counts, axis) in enumerate(((rows, "rows"), (columns, "columns")))
        )
        count = hlo.broadcast(hlo.multiply(high, wide, "count"), y.shape, (1, 2), "counts")
        return hlo.divide(y, count, name)

    def _where_seen(self, part: Value, readers: Readers, i: int, axis: int) -> Value:
        """A part, 0 in the phases (along an axis) that have no place i·s + phase - shift of the window."""
        s, k = self.window.stride, self.window.size
        seen = [int(0 <= i * s + phase - readers.shift < k) for phase in range(s)]
        if all(seen):
            return part
        mask = hlo.broadcast(part.block.vector(seen, "seen"), part.shape, (axis,), "seen")
        return hlo.multiply(part, mask, "part")


def _seen(size: int, count: int, low: int, window: Window) -> list[int]:
    """How many rows of an axis each window sees, of which the first begins `low` before it."""
    starts = (window.stride * o - low for o in range(count))
    return [min(start + window.size, size) - max(start, 0) for start in starts]
