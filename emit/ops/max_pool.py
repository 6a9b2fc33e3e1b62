"""Max-pool: y[n, h, w, c] = max_{i,j} x[n, h·s + i - low, w·s + j - low, c]; padding never wins."""

import math
from dataclasses import dataclass

from emit import hlo
from emit.hlo import ShapeError, Value
from emit.op import Call, Cotangents, Op, Result, register
from emit.sums import scalar
from emit.windows import Shifted, Window
from netspec.layers import Shape


@register
@dataclass(frozen=True)
class MaxPool(Op):
    """Windows may overlap (stride below size) and be padded."""

    kind = "max_pool"
    window: Window

    def __post_init__(self) -> None:
        """Raises ShapeError."""
        if self.window.dilation > 1:
            raise ShapeError(f"max_pool: expected a window without dilation, received {self.window}")

    def shape(self, *inputs: Shape) -> Shape:
        """`[H, W, C]` → `[H', W', C]`."""
        height, width, channels = inputs[0]
        return (*self.window.outputs(height, width), channels)

    def forward(self, call: Call) -> Result:
        """One windowed reduction."""
        (x,) = call.inputs
        k, s = self.window.size, self.window.stride
        batch, height, width, channels = x.shape
        (top, bottom), (left, right) = self.window.tight_pads(height, width)
        cropped = hlo.slice_(x, (0,) * 4, (batch, height + min(bottom, 0), width + min(right, 0), channels), "seen")
        pads = ((0, 0), (top, max(bottom, 0)), (left, max(right, 0)), (0, 0))
        return Result(hlo.max_window(cropped, (1, k, k, 1), (1, s, s, 1), pads))

    def vjp(self, call: Call, result: Result, cotangent: Value, wanted: tuple[bool, ...]) -> Cotangents:
        """Each window gives its cotangent to its largest number; of equals to the first, row by row.

        Number every place of the window, p = i·k + j, and let first[n, h, w, c] be the smallest p whose number is y.
        Pixel r is place i of window h when h·s + i - low = r, so with dy and `first` spread s apart (-1 between):
            dx[r, q] = Σ_{i,j} dy[(r + low - i)/s, (q + low - j)/s] where `first` there is i·k + j.
        """
        if not wanted[0]:
            return Cotangents((None,))
        (x,) = call.inputs
        y = result.output
        if cotangent.type != y.type:
            raise y.block.wrong(f"the cotangent of {y.type} is {cotangent.type}")
        batch, height, width, channels = x.shape
        k, s = self.window.size, self.window.stride
        shifted = Shifted(x, self.window, fill=-math.inf)
        first = y.block.constant(k * k, y.shape, "i32")
        for i, j in reversed(shifted.places()):
            largest = hlo.compare(shifted.at(i, j), "EQ", y, "largest")
            first = hlo.select(largest, y.block.constant(i * k + j, y.shape, "i32"), first, "first")
        (top, bottom), (left, right) = self.window.transposed_pads(height, width)
        low, high, gaps = (0, top, left, 0), (0, bottom, right, 0), (0, s - 1, s - 1, 0)
        spread = hlo.pad(cotangent, low, high, gaps, name="spread")
        chosen = hlo.pad(first, low, high, gaps, fill=-1, name="chosen")
        dx = None
        for i, j in shifted.places():
            # The window's place (i, j) is reached k - 1 - i rows and k - 1 - j columns into what was spread.
            start = (0, k - 1 - i, k - 1 - j, 0)
            stop = (batch, start[1] + height, start[2] + width, channels)
            here = hlo.slice_(chosen, start, stop, name="here")
            mine = hlo.compare(here, "EQ", y.block.constant(i * k + j, here.shape, "i32"), "mine")
            part = hlo.slice_(spread, start, stop, name="part")
            part = hlo.select(mine, part, scalar(0, part), "part")
            dx = part if dx is None else hlo.add(dx, part, "dx")
        return Cotangents((dx,))

    def macs(self, *inputs: Shape) -> int:
        """None."""
        return 0
