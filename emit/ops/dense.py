"""Dense: y[n, o] = Σ_i x[n, i] · w[i, o] + b[o]."""

from dataclasses import dataclass

from emit import hlo
from emit.hlo import Value
from emit.op import ZEROS, Call, Cotangents, Init, Op, Result, Tensor, register
from emit.sums import per_channel
from netspec.layers import Shape

# As torchvision's MobileNetV2 head.
NARROW = Init("normal", 0.01)


@register
@dataclass(frozen=True)
class Dense(Op):
    """Weight `[fan_in, fan_out]`, bias `[fan_out]`.

    Args:
        init, bias_init: how they start.
    """

    kind = "dense"
    fan_in: int
    fan_out: int
    init: Init = NARROW
    bias_init: Init = ZEROS

    def parameters(self) -> tuple[Tensor, ...]:
        """Both."""
        return (
            Tensor("weight", (self.fan_in, self.fan_out), self.init, decays=True),
            Tensor("bias", (self.fan_out,), self.bias_init),
        )

    def shape(self, *inputs: Shape) -> Shape:
        """`[fan_in]` → `[fan_out]`."""
        return (self.fan_out,)

    def forward(self, call: Call) -> Result:
        """A matrix product and a bias."""
        (x,) = call.inputs
        product = hlo.dot(x, call.parameters["weight"], (1, 0))
        return Result(hlo.add(product, per_channel(call.parameters["bias"], product), "biased"))

    def vjp(self, call: Call, result: Result, cotangent: Value, wanted: tuple[bool, ...]) -> Cotangents:
        """y is linear in x, in w and in b, so each cotangent is the transposed map:

        ⟨dy, x' · w⟩ = ⟨dy · wᵀ, x'⟩, so dx = dy · wᵀ
        ⟨dy, x · w'⟩ = ⟨xᵀ · dy, w'⟩, so dw = xᵀ · dy
        ⟨dy[n], b'⟩ summed over n,    so db = Σ_n dy[n]
        """
        (x,) = call.inputs
        gradients = {
            "weight": hlo.dot(x, cotangent, (0, 0), "dweight"),
            "bias": hlo.sums((cotangent,), (0,), "dbias")[0],
        }
        dx = hlo.dot(cotangent, call.parameters["weight"], (1, 1), "dx") if wanted[0] else None
        return Cotangents((dx,), gradients)

    def macs(self, *inputs: Shape) -> int:
        """fan_in · fan_out."""
        return self.fan_in * self.fan_out
