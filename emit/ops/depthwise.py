"""Depthwise convolution: y[n, h, w, c] = Σ_{i,j} x[n, h·s + i - low, w·s + j - low, c] · k[i, j, c], plus a bias.

MobileNets, Howard et al. 2017, section 3.1.
"""

from dataclasses import dataclass

from emit import hlo
from emit.hlo import Value
from emit.op import ZEROS, Call, Cotangents, Op, Result, Tensor, he_normal, register
from emit.sums import channel_sums, per_channel
from emit.windows import Window
from netspec.layers import Shape


@register
@dataclass(frozen=True)
class Depthwise(Op):
    """One `k×k` kernel a channel, `[k, k, 1, C]`; any size, stride and padding; zero padding."""

    kind = "depthwise"
    channels: int
    window: Window
    bias: bool = False

    def parameters(self) -> tuple[Tensor, ...]:
        """The kernels, He-normal over k²·C as torchvision counts the fan-out of a grouped convolution, and the bias."""
        k = self.window.size
        weight = Tensor("weight", (k, k, 1, self.channels), he_normal(k * k * self.channels), decays=True)
        return (weight, Tensor("bias", (self.channels,), ZEROS)) if self.bias else (weight,)

    def shape(self, *inputs: Shape) -> Shape:
        """`[H, W, C]` → `[H', W', C]`."""
        height, width, channels = inputs[0]
        return (*self.window.outputs(height, width), channels)

    def forward(self, call: Call) -> Result:
        """A convolution with as many groups as channels, of the image padded as the weight's cotangent needs it too."""
        (x,) = call.inputs
        padded = self._padded(x)
        valid = Window(self.window.size, self.window.stride, "valid")
        y = hlo.convolution(
            padded,
            call.parameters["weight"],
            strides=(self.window.stride, self.window.stride),
            pads=valid.tight_pads(*padded.shape[1:3]),
            groups=self.channels,
        )
        if self.bias:
            y = hlo.add(y, per_channel(call.parameters["bias"], y), "biased")
        return Result(y, {"padded": padded})

    def vjp(self, call: Call, result: Result, cotangent: Value, wanted: tuple[bool, ...]) -> Cotangents:
        """y is linear in x, in the kernel and in the bias, so each cotangent is the transposed map, channel by channel.

        dbias[c]       = Σ_{n,h,w} dy[n, h, w, c]
        dk[i, j, c]    = Σ_{n,h,w} x[n, h·s + i - low, w·s + j - low, c] · dy[n, h, w, c]
        dx[n, r, q, c] = Σ_{i,j} k[i, j, c] · dy[n, (r + low - i)/s, (q + low - j)/s, c], whole indices only
        """
        (x,) = call.inputs
        gradients: dict[str, Value] = {}
        if self.bias:
            (gradients["bias"],) = channel_sums((cotangent,), call.forms, "dbias")
        (top, bottom), (left, right) = pads = self.window.transposed_pads(*x.shape[1:3])
        padded = result.saved["padded"]
        if self.window.stride == 1 and cotangent.shape == x.shape:
            # One copy serves both: dy with zeros all around, of which dk takes the rows and columns that it needs.
            cotangent = hlo.pad(cotangent, (0, top, left, 0), (0, bottom, right, 0), name="around")
            gradients["weight"] = self._weight_cotangent(call, padded, cotangent, top, left)
            pads = ((0, 0), (0, 0))
        else:
            apart = padded.shape[1] // self.window.stride - cotangent.shape[1]
            spaced = hlo.pad(cotangent, (0,) * 4, (0, apart, 0, 0), name="spaced")
            gradients["weight"] = self._weight_cotangent(call, padded, spaced, 0, 0)
        if not wanted[0]:
            return Cotangents((None,), gradients)
        # The kernel is turned round by an operation of its own: a reversed window attribute is dropped by IREE.
        dx = hlo.convolution(
            cotangent,
            hlo.reverse(call.parameters["weight"], (0, 1)),
            pads=pads,
            x_dilation=(self.window.stride, self.window.stride),
            groups=self.channels,
            name="dx",
        )
        return Cotangents((dx,), gradients)

    def macs(self, *inputs: Shape) -> int:
        """k² for every output number."""
        height, width, channels = self.shape(*inputs)
        return height * width * channels * self.window.size**2

    def _padded(self, x: Value) -> Value:
        """`[N, Hp, Wp, C]`: all that a window sees, Hp a multiple of the stride."""
        batch, height, width, channels = x.shape
        rows, columns = self.window.outputs(height, width)
        (top, _), (left, _) = self.window.pads(height, width)
        k, s = self.window.size, self.window.stride
        tall, wide = -(-((rows - 1) * s + k) // s) * s, (columns - 1) * s + k
        used = hlo.slice_(x, (0,) * 4, (batch, min(height, tall - top), min(width, wide - left), channels), name="used")
        high = (0, max(tall - top - height, 0), max(wide - left - width, 0), 0)
        return hlo.pad(used, (0, top, left, 0), high, name="pad")

    def _weight_cotangent(self, call: Call, padded: Value, spaced: Value, top: int, left: int) -> Value:
        """dk as a forward depthwise convolution of the images, stacked into one, with the cotangent as its kernel.

        The images, padded to Hp rows each, stand on one another: [1, N·Hp, Wp, C]. The cotangents, `spaced` by zero
        rows to Hp/s rows an image and beginning at row `top` and column `left`, are a kernel whose rows are s apart.
        Output row i then is Σ_{n,h} tall[n·Hp + h·s + i] · dy[n, h]: dk's row i. The zero rows keep one image out of
        the next. Pieces are cut from what is stacked already: IREE reads those in place, and copies whole images.
        """
        batch, tall, wide, channels = padded.shape
        k, s = self.window.size, self.window.stride
        rows, columns = tall // s, (wide - k) // s + 1
        images = hlo.reshape(padded, (1, batch * tall, wide, channels), "tall")
        kernels = hlo.reshape(spaced, (batch * rows, spaced.shape[2], 1, channels), "stacked")
        total = None
        size = call.forms.depthwise_images(batch, (tall - k) // s + 1, columns, channels)
        for first in range(0, batch, size):
            last = min(first + size, batch)
            # The last rows are zero, or the kernel would not fit in k times; without others it would fit in more often.
            around = -(-k // s)
            stop = (1, last * tall - (around * s - k), wide, channels)
            piece = hlo.slice_(images, (0, first * tall, 0, 0), stop, name="piece")
            end = top + last * rows - (around - 1)
            start = (top + first * rows, left, 0, 0)
            kernel = hlo.slice_(kernels, start, (end, left + columns, 1, channels), name="kernel")
            part = hlo.convolution(piece, kernel, kernel_dilation=(s, s), groups=channels, name="dweight")
            total = part if total is None else hlo.add(total, part, "dweight")
        assert total is not None
        return hlo.reshape(total, (k, k, 1, channels), "dweight")
