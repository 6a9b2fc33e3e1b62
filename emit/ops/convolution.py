"""Convolution: y[n, h, w, o] = Σ_{i,j,c} x[n, h·s + i - low, w·s + j - low, c] · k[i, j, c, o], plus a bias."""

from dataclasses import dataclass

from emit import hlo
from emit.hlo import Value
from emit.op import ZEROS, Call, Cotangents, Op, Result, Tensor, he_normal, register
from emit.sums import channel_sums, per_channel, row_products
from emit.windows import Shifted, Window
from netspec.layers import Shape


@register
@dataclass(frozen=True)
class Convolution(Op):
    """Kernel `[k, k, ic, oc]`; any size, stride and padding; zero padding."""

    kind = "convolution"
    ic: int
    oc: int
    window: Window
    bias: bool = False

    def parameters(self) -> tuple[Tensor, ...]:
        """The kernel, He-normal over its fan-out, and the bias."""
        k = self.window.size
        weight = Tensor("weight", (k, k, self.ic, self.oc), he_normal(k * k * self.oc), decays=True)
        return (weight, Tensor("bias", (self.oc,), ZEROS)) if self.bias else (weight,)

    def shape(self, *inputs: Shape) -> Shape:
        """`[H, W, ic]` → `[H', W', oc]`."""
        height, width, _ = inputs[0]
        return (*self.window.outputs(height, width), self.oc)

    def forward(self, call: Call) -> Result:
        """StableHLO's own operation; of a 1×1 kernel IREE makes a matrix product."""
        (x,) = call.inputs
        stride = (self.window.stride, self.window.stride)
        y = hlo.convolution(x, call.parameters["weight"], strides=stride, pads=self.window.tight_pads(*x.shape[1:3]))
        if self.bias:
            y = hlo.add(y, per_channel(call.parameters["bias"], y), "biased")
        return Result(y)

    def vjp(self, call: Call, result: Result, cotangent: Value, wanted: tuple[bool, ...]) -> Cotangents:
        """y is linear in x, in the kernel and in the bias, so each cotangent is the transposed map.

        dbias[o]      = Σ_{n,h,w} dy[n, h, w, o]
        dk[i,j,c,o]   = Σ_{n,h,w} x[n, h·s + i - low, w·s + j - low, c] · dy[n, h, w, o]
                        (for each place (i, j), a matrix product over all pixels)
        dx[n,r,q,c]   = Σ_{i,j,o} k[i, j, c, o] · dy[n, (r + low - i)/s, (q + low - j)/s, o], whole indices only:
                        a convolution of dy, its rows s apart, with the kernel reversed and channels swapped.
        """
        (x,) = call.inputs
        weight = call.parameters["weight"]
        gradients = {"weight": self._weight_cotangent(call, x, cotangent)}
        if self.bias:
            (gradients["bias"],) = channel_sums((cotangent,), call.forms, "dbias")
        if not wanted[0]:
            return Cotangents((None,), gradients)
        # The kernel is turned round by an operation of its own: a reversed window attribute does not compile.
        dx = hlo.convolution(
            cotangent,
            weight if self.window.size == 1 else hlo.reverse(weight, (0, 1)),
            pads=self.window.transposed_pads(*x.shape[1:3]),
            x_dilation=(self.window.stride, self.window.stride),
            kernel_axes="01oi",
            name="dx",
        )
        return Cotangents((dx,), gradients)

    def macs(self, *inputs: Shape) -> int:
        """k² · ic for every output number."""
        height, width, channels = self.shape(*inputs)
        return height * width * channels * self.window.size**2 * self.ic

    @property
    def _pointwise(self) -> bool:
        return self.window.size == self.window.stride == 1

    def _weight_cotangent(self, call: Call, x: Value, cotangent: Value) -> Value:
        k = self.window.size
        dy = _rows(cotangent)
        if self._pointwise:
            return hlo.reshape(row_products(_rows(x), dy, call.forms, "dweight"), (1, 1, self.ic, self.oc))
        shifted = Shifted(x, self.window)
        seen = [_rows(shifted.at(i, j)) for i, j in shifted.places()]
        if self.ic < call.forms.patches_below:
            # Few channels make thin matrices: put all places side by side and multiply once.
            patches = hlo.concatenate(seen, 1, "patches")
            return hlo.reshape(row_products(patches, dy, call.forms, "dweight"), (k, k, self.ic, self.oc))
        products = [row_products(part, dy, call.forms, "dweight") for part in seen]
        return hlo.reshape(hlo.concatenate(products, 0, "dweights"), (k, k, self.ic, self.oc))


def _rows(image: Value) -> Value:
    """`[N, H, W, C]` as one row a pixel."""
    batch, height, width, channels = image.shape
    return hlo.reshape(image, (batch * height * width, channels), "rows")
