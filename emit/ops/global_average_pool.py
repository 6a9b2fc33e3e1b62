"""Global average pool: y[n, c] = 1/(H·W) · Σ_{h,w} x[n, h, w, c]. Lin et al. 2013, section 3.2."""

from dataclasses import dataclass

from emit import hlo
from emit.hlo import Value
from emit.op import Call, Cotangents, Op, Result, register
from emit.sums import scalar
from netspec.layers import Shape


@register
@dataclass(frozen=True)
class GlobalAveragePool(Op):
    """`[H, W, C]` → `[C]`, or to the image of one pixel, `[1, 1, C]`, with `keeps_axes`."""

    kind = "global_average_pool"
    keeps_axes: bool = False

    def shape(self, *inputs: Shape) -> Shape:
        """`[H, W, C]` → `[C]` or `[1, 1, C]`."""
        return (1, 1, *inputs[0][2:]) if self.keeps_axes else inputs[0][2:]

    def forward(self, call: Call) -> Result:
        """A sum and a division."""
        (x,) = call.inputs
        (total,) = hlo.sums((x,), (1, 2))
        mean = hlo.divide(total, scalar(x.shape[1] * x.shape[2], total), "mean")
        return Result(hlo.reshape(mean, (x.shape[0], *self.shape(x.shape[1:]))))

    def vjp(self, call: Call, result: Result, cotangent: Value, wanted: tuple[bool, ...]) -> Cotangents:
        """Every pixel enters y[n, c] with the factor 1/(H·W), so dx[n, h, w, c] = dy[n, c] / (H·W)."""
        if not wanted[0]:
            return Cotangents((None,))
        (x,) = call.inputs
        vector = hlo.reshape(cotangent, (x.shape[0], x.shape[3]))
        share = hlo.divide(vector, scalar(x.shape[1] * x.shape[2], vector), "share")
        return Cotangents((hlo.broadcast(share, x.shape, (0, 3), "dx"),))

    def macs(self, *inputs: Shape) -> int:
        """None."""
        return 0
