"""Layer scale: y[n, h, w, c] = x[n, h, w, c] · γ[c], with γ small at first, so that a residual block starts as none.

Touvron et al. 2021, "Going deeper with image transformers", section 2.
"""

from dataclasses import dataclass

from emit import hlo
from emit.hlo import ShapeError, Value
from emit.op import Call, Cotangents, Init, Op, Result, Tensor, register
from emit.sums import per_channel, scalar, summand
from netspec.layers import Shape


@register
@dataclass(frozen=True)
class LayerScale(Op):
    """One factor a channel of `[N, H, W, C]`. `initial`: where all of them start."""

    kind = "layer_scale"
    channels: int
    initial: float

    def parameters(self) -> tuple[Tensor, ...]:
        """γ, which does not decay."""
        return (Tensor("gamma", (self.channels,), Init("constant", self.initial)),)

    def shape(self, *inputs: Shape) -> Shape:
        """Unchanged."""
        if len(inputs[0]) != 3 or inputs[0][2] != self.channels:
            raise ShapeError(f"layer scale: expected [H, W, {self.channels}], received {inputs[0]}")
        return inputs[0]

    def forward(self, call: Call) -> Result:
        """One multiplication."""
        (x,) = call.inputs
        return Result(hlo.multiply(x, per_channel(call.parameters["gamma"], x), "scaled"))

    def vjp(self, call: Call, result: Result, cotangent: Value, wanted: tuple[bool, ...]) -> Cotangents:
        """y is linear in x and in γ, so each cotangent is dy times the other, summed over what it is repeated along:

        dx[n, h, w, c] = dy[n, h, w, c] · γ[c]
        dγ[c]          = Σ_{n,h,w} dy[n, h, w, c] · x[n, h, w, c]
        The sum is over each image first: with all at once IREE (3.13.0) takes up to twice as long.
        """
        (x,) = call.inputs
        gamma = call.parameters["gamma"]
        product = summand(cotangent, hlo.subtract(scalar(0, x), x, "negative"), "weighted")
        (images,) = hlo.sums((product,), (1, 2), "dgamma_image")
        (dgamma,) = hlo.sums((images,), (0,), "dgamma")
        dx = hlo.multiply(cotangent, per_channel(gamma, cotangent), "dx") if wanted[0] else None
        return Cotangents((dx,), {"gamma": dgamma})

    def macs(self, *inputs: Shape) -> int:
        """None."""
        return 0
