"""Batch norm with its running statistics in training too: y = γ · (x - μ) / √(σ² + ε) + β, μ and σ² given.

So a network is trained further whose statistics are those of more images than there are now.
"""

from dataclasses import dataclass

from emit import hlo
from emit.hlo import Value
from emit.op import Call, Cotangents, Result, register
from emit.ops.batch_norm import BatchNorm
from emit.sums import channel_sums, per_channel, summand


@register
@dataclass(frozen=True)
class FixedBatchNorm(BatchNorm):
    """γ and β are trained; the running statistics stay, so that `momentum` has no use."""

    kind = "fixed_batch_norm"
    moves_statistics = False

    def forward(self, call: Call) -> Result:
        """An affine map of each channel, the same in training and in evaluation."""
        mean, inverse = call.statistics["running_mean"], self._inverse_deviation(call.statistics["running_variance"])
        return Result(
            self._normalised(call, mean, inverse),
            {"inverse": inverse},
            rematerialize=lambda: self._rematerialized(call, mean, inverse),
        )

    def vjp(self, call: Call, result: Result, cotangent: Value, wanted: tuple[bool, ...]) -> Cotangents:
        """μ and r = 1/√(σ² + ε) do not depend on x: with sums over N, H and W

        dβ = Σ dy,  dγ = r · Σ dy · (x - μ),  dx = γ · r · dy
        """
        (x,) = call.inputs
        mean, inverse = call.statistics["running_mean"], result.saved["inverse"]
        product = summand(cotangent, hlo.subtract(per_channel(mean, x), x, "centred_turned"), "weighted")
        dbeta, weighted = channel_sums((cotangent, product), call.lowerings, "dsum")
        gradients = {"gamma": hlo.multiply(weighted, inverse, "dgamma"), "beta": dbeta}
        if not wanted[0]:
            return Cotangents((None,), gradients)
        scale = hlo.multiply(call.parameters["gamma"], inverse, "scale")
        return Cotangents((hlo.multiply(cotangent, per_channel(scale, cotangent), "dx"),), gradients)
