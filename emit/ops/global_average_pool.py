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
    """`[H, W, C]` → `[C]`."""

    kind = "global_average_pool"

    def shape(self, *inputs: Shape) -> Shape:
        """`[H, W, C]` → `[C]`."""
        return inputs[0][2:]

    def forward(self, call: Call) -> Result:
        """A sum and a division."""
        (x,) = call.inputs
        (total,) = hlo.sums((x,), (1, 2))
        return Result(hlo.divide(total, scalar(x.shape[1] * x.shape[2], total), "mean"))

    def vjp(self, call: Call, result: Result, cotangent: Value, wanted: tuple[bool, ...]) -> Cotangents:
        """Every pixel enters y[n, c] with the factor 1/(H·W), so dx[n, h, w, c] = dy[n, c] / (H·W)."""
        if not wanted[0]:
            return Cotangents((None,))
        (x,) = call.inputs
        share = hlo.divide(cotangent, scalar(x.shape[1] * x.shape[2], cotangent), "share")
        return Cotangents((hlo.broadcast(share, x.shape, (0, 3), "dx"),))

    def macs(self, *inputs: Shape) -> int:
        """None."""
        return 0
