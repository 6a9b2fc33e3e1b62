"""Channel scale: y[n, h, w, c] = x[n, h, w, c] · g[n, c], a gate for each channel of each image.

Hu et al. 2018, "Squeeze-and-excitation networks", equation 4.
"""

from dataclasses import dataclass

from emit import hlo
from emit.hlo import ShapeError, Value
from emit.op import Call, Cotangents, Op, Result, register
from emit.sums import scalar, summand
from netspec.layers import Shape


@register
@dataclass(frozen=True)
class ChannelScale(Op):
    """Two inputs: images `[H, W, C]` and their gates `[C]`."""

    kind = "channel_scale"

    def shape(self, *inputs: Shape) -> Shape:
        """That of the images."""
        image, gates = inputs
        if len(image) != 3 or gates != image[2:]:
            raise ShapeError(f"channel scale: expected [H, W, C] and [C], received {image} and {gates}")
        return image

    def forward(self, call: Call) -> Result:
        """One multiplication."""
        x, gates = call.inputs
        return Result(hlo.multiply(x, _over_pixels(gates, x), "scaled"))

    def vjp(self, call: Call, result: Result, cotangent: Value, wanted: tuple[bool, ...]) -> Cotangents:
        """y is linear in x and in g, so each cotangent is dy times the other, summed over what it is repeated along:

        dx[n, h, w, c] = dy[n, h, w, c] · g[n, c]
        dg[n, c]       = Σ_{h,w} dy[n, h, w, c] · x[n, h, w, c]
        The sum goes along the lines of an image first: with all pixels at once IREE (3.13.0) takes up to twice as long
        where the channels are no multiple of its tiles.
        """
        x, gates = call.inputs
        dx = hlo.multiply(cotangent, _over_pixels(gates, cotangent), "dx") if wanted[0] else None
        if not wanted[1]:
            return Cotangents((dx, None))
        product = summand(cotangent, hlo.subtract(scalar(0, x), x, "negative"), "weighted")
        (lines,) = hlo.sums((product,), (2,), "dgate_lines")
        (dgates,) = hlo.sums((lines,), (1,), "dgate")
        return Cotangents((dx, dgates))

    def macs(self, *inputs: Shape) -> int:
        """None."""
        return 0


def _over_pixels(gates: Value, like: Value) -> Value:
    """`[N, C]` repeated over the pixels of images `[N, H, W, C]`."""
    return hlo.broadcast(gates, like.shape, (0, 3), "gates")
