"""Depthwise convolution: y[n, h, w, c] = Σ_{i,j} x[n, h·s + i·δ - low, w·s + j·δ - low, c] · k[i, j, c], plus a bias.

MobileNets, Howard et al. 2017, section 3.1. The dilation δ, 1 where there is a stride s, is that of Chen et al. 2018,
DeepLabv3+, section 3.1.
"""

from dataclasses import dataclass, field, replace
from itertools import product

from emit import hlo
from emit.hlo import Value
from emit.op import ZEROS, Call, Cotangents, Op, Result, Tensor, he_normal, register
from emit.sums import channel_sums, per_channel
from emit.windows import Pair, Readers, Window
from netspec.layers import Shape


@register
@dataclass(frozen=True)
class Depthwise(Op):
    """One `k×k` kernel a channel, `[k, k, 1, C]`; any size, stride or dilation, and padding; zero padding.

    Args:
        own_fan: its fan-out is counted as k², as timm does, and not as k²·C, as torchvision does.
    """

    kind = "depthwise"
    channels: int
    window: Window
    bias: bool = False
    own_fan: bool = field(default=False, repr=False)

    def parameters(self) -> tuple[Tensor, ...]:
        """The kernels, He-normal over their fan-out, and the bias."""
        k, fan = self.window.size, 1 if self.own_fan else self.channels
        weight = Tensor("weight", (k, k, 1, self.channels), he_normal(k * k * fan), decays=True)
        return (weight, Tensor("bias", (self.channels,), ZEROS)) if self.bias else (weight,)

    def shape(self, *inputs: Shape) -> Shape:
        """`[H, W, C]` → `[H', W', C]`."""
        height, width, channels = inputs[0]
        return (*self.window.outputs(height, width), channels)

    def forward(self, call: Call) -> Result:
        """A convolution with as many groups as channels, of the image padded as the weight's cotangent needs it too."""
        (x,) = call.inputs
        padded = self._padded(x)
        valid = replace(self.window, padding="valid")
        y = hlo.convolution(
            padded,
            call.parameters["weight"],
            strides=(self.window.stride, self.window.stride),
            pads=valid.tight_pads(*padded.shape[1:3]),
            kernel_dilation=self._dilation,
            groups=self.channels,
        )
        if self.bias:
            y = hlo.add(y, per_channel(call.parameters["bias"], y), "biased")
        return Result(y, {"padded": padded})

    def vjp(self, call: Call, result: Result, cotangent: Value, wanted: tuple[bool, ...]) -> Cotangents:
        """y is linear in x, in the kernel and in the bias, so each cotangent is the transposed map, channel by channel.

        dbias[c]       = Σ_{n,h,w} dy[n, h, w, c]
        dk[i, j, c]    = Σ_{n,h,w} x[n, h·s + i·δ - low, w·s + j·δ - low, c] · dy[n, h, w, c]
        dx[n, r, q, c] = Σ_{i,j} k[i, j, c] · dy[n, (r + low - i·δ)/s, (q + low - j·δ)/s, c], whole indices only
        """
        (x,) = call.inputs
        gradients: dict[str, Value] = {}
        if self.bias:
            (gradients["bias"],) = channel_sums((cotangent,), call.lowerings, "dbias")
        padded, stride = result.saved["padded"], self.window.stride
        down, across = self.window.readers(*x.shape[1:3])
        (top, bottom), (left, right) = down.pads, across.pads
        # One copy serves both: dy with zeros all around, of which dk takes the rows and columns that it needs.
        around = hlo.pad(cotangent, (0, top, left, 0), (0, bottom, right, 0), name="around")
        if around.shape[1] * stride == padded.shape[1]:
            gradients["weight"] = self._weight_cotangent(call, padded, around, top, left)
        else:
            apart = padded.shape[1] // stride - cotangent.shape[1]
            spaced = hlo.pad(cotangent, (0,) * 4, (0, apart, 0, 0), name="spaced")
            gradients["weight"] = self._weight_cotangent(call, padded, spaced, 0, 0)
        if not wanted[0]:
            return Cotangents((None,), gradients)
        weight = call.parameters["weight"]
        if stride > 1:
            return Cotangents((self._by_phases(x.shape, weight, around, (down, across)),), gradients)
        # The kernel is turned round by an operation of its own: a reversed window attribute is dropped by IREE.
        kernel = hlo.reverse(weight, (0, 1))
        dx = hlo.convolution(around, kernel, kernel_dilation=self._dilation, groups=self.channels, name="dx")
        return Cotangents((dx,), gradients)

    def macs(self, *inputs: Shape) -> int:
        """k² for every output number."""
        height, width, channels = self.shape(*inputs)
        return height * width * channels * self.window.size**2

    @property
    def _dilation(self) -> Pair:
        return self.window.dilation, self.window.dilation

    def _padded(self, x: Value) -> Value:
        """`[N, Hp, Wp, C]`: all that a window sees, Hp a multiple of the stride."""
        batch, height, width, channels = x.shape
        rows, columns = self.window.outputs(height, width)
        (top, _), (left, _) = self.window.pads(height, width)
        extent, s = self.window.extent, self.window.stride
        tall, wide = -(-((rows - 1) * s + extent) // s) * s, (columns - 1) * s + extent
        used = hlo.slice_(x, (0,) * 4, (batch, min(height, tall - top), min(width, wide - left), channels), name="used")
        high = (0, max(tall - top - height, 0), max(wide - left - width, 0), 0)
        return hlo.pad(used, (0, top, left, 0), high, name="pad")

    def _by_phases(self, shape: Shape, weight: Value, around: Value, readers: tuple[Readers, Readers]) -> Value:
        """dx in one pass over dy, each number of which is read where it counts, without zeros between the rows.

        dx[n, s·r + a, s·q + b, c] = Σ_{i,j} k[i·s + a - m, j·s + b - m', c] · dy[n, r + l - i, q + l' - j, c]
        with the shifts m and last readers l down and across: a sum of slices of dy, each times s² numbers a channel,
        from a table of the kernel with zeros around it.
        """
        down, across = readers
        batch, channels, s = shape[0], shape[3], self.window.stride
        low = (down.shift, across.shift, 0, 0)
        high = (*(each.places * s - each.shift - self.window.size for each in readers), 0, 0)
        table = hlo.pad(weight, low, high, name="table")
        table = hlo.reshape(table, (down.places, s, across.places, s, channels), "table")
        phases = (batch, down.rows, s, across.rows, s, channels)
        total = None
        for i, j in product(range(down.places), range(across.places)):
            row, column = down.places - 1 - i, across.places - 1 - j
            stop = (batch, row + down.rows, column + across.rows, channels)
            pixels = hlo.slice_(around, (0, row, column, 0), stop, name=f"at{i}{j}")
            taps = hlo.slice_(table, (i, 0, j, 0, 0), (i + 1, s, j + 1, s, channels), name=f"taps{i}{j}")
            taps = hlo.reshape(taps, (s, s, channels), f"taps{i}{j}")
            part = hlo.multiply(
                hlo.broadcast(pixels, phases, (0, 1, 3, 5)), hlo.broadcast(taps, phases, (2, 4, 5)), f"part{i}{j}"
            )
            total = part if total is None else hlo.add(total, part, "dx")
        assert total is not None
        total = hlo.reshape(total, (batch, down.rows * s, across.rows * s, channels), "dx")
        return hlo.slice_(total, (0,) * 4, shape, "dx")

    def _weight_cotangent(self, call: Call, padded: Value, spaced: Value, top: int, left: int) -> Value:
        """dk as a forward depthwise convolution of the images, stacked into one, with the cotangent as its kernel.

        The images, padded to Hp rows each, stand on one another: [1, N·Hp, Wp, C]. The cotangents, `spaced` by zero
        rows to Hp/s rows an image and beginning at row `top` and column `left`, are a kernel whose rows are s apart.
        Output row i then is Σ_{n,h} tall[n·Hp + h·s + i] · dy[n, h]: dk's row i; of a dilated kernel every δ-th is one,
        so that this convolution's stride is δ. The zero rows keep one image out of the next. Pieces are cut from what
        is stacked already: IREE reads those in place, and copies whole images. Their parts are summed apart from them,
        or the last piece's convolution would have the sum, and more, in its epilogue.
        """
        batch, tall, wide, channels = padded.shape
        k, extent, s = self.window.size, self.window.extent, self.window.stride
        rows, columns = tall // s, (wide - extent) // s + 1
        images = hlo.reshape(padded, (1, batch * tall, wide, channels), "tall")
        kernels = hlo.reshape(spaced, (batch * rows, spaced.shape[2], 1, channels), "stacked")
        parts = []
        size = call.lowerings.depthwise_images(batch, (tall - extent) // s + 1, columns, channels)
        for first in range(0, batch, size):
            last = min(first + size, batch)
            # The last rows are zero, or the kernel would not fit in k times; without others it would fit in more often.
            around = -(-extent // s)
            stop = (1, last * tall - (around * s - extent), wide, channels)
            piece = hlo.slice_(images, (0, first * tall, 0, 0), stop, name="piece")
            end = top + last * rows - (around - 1)
            start = (top + first * rows, left, 0, 0)
            kernel = hlo.slice_(kernels, start, (end, left + columns, 1, channels), name="kernel")
            part = hlo.convolution(
                piece, kernel, strides=self._dilation, kernel_dilation=(s, s), groups=channels, name="part"
            )
            parts.append(part)
        if len(parts) > 1:
            parts = list(hlo.sums((hlo.concatenate(parts, 0, "parts"),), (0,), "dweight"))
        return hlo.reshape(parts[0], (k, k, 1, channels), "dweight")
