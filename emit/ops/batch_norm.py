"""Batch norm: y = γ · (x - μ) / √(σ² + ε) + β, channel by channel. Ioffe and Szegedy 2015, algorithm 1.

Training takes μ and σ² of the batch and moves the running statistics towards them by a momentum (σ² unbiased, as
torch keeps it); evaluation takes the running statistics.
"""

from dataclasses import dataclass
from fractions import Fraction

from emit import hlo
from emit.hlo import Value
from emit.op import ONES, ZEROS, AffineCotangent, Call, Cotangents, Op, Result, Tensor, register
from emit.sums import channel_sums, per_channel, scalar, summand, written
from netspec.errors import SpecError
from netspec.language import BN_EPS, BN_MOMENTUM
from netspec.layers import Shape


@register
@dataclass(frozen=True)
class BatchNorm(Op):
    """Over N, H and W of `[N, H, W, C]`. `momentum`: the share of the batch in the new running statistics."""

    kind = "batch_norm"
    channels: int
    epsilon: float = BN_EPS
    momentum: float = BN_MOMENTUM

    def parameters(self) -> tuple[Tensor, ...]:
        """γ and β; neither decays."""
        return Tensor("gamma", (self.channels,), ONES), Tensor("beta", (self.channels,), ZEROS)

    def statistics(self) -> tuple[Tensor, ...]:
        """The running mean and variance."""
        return Tensor("running_mean", (self.channels,), ZEROS), Tensor("running_variance", (self.channels,), ONES)

    def shape(self, *inputs: Shape) -> Shape:
        """Unchanged."""
        return inputs[0]

    def forward(self, call: Call) -> Result:
        """One pass over x in training, about a mean K that is near enough: that of the first image.

        With d = x - K, μ = K + E[d] and σ² = E[d²] - E[d]². E[x²] - E[x]² would cancel; here E[d]² = (μ - K)² is at
        most N·σ² whatever the images hold, as the first is one of N, so at most log₂ N of σ²'s 24 bits are lost.

        y is written as x·scale + shift, with two numbers a channel.
        """
        (x,) = call.inputs
        if not call.training:
            mean, variance = call.statistics["running_mean"], call.statistics["running_variance"]
            return Result(self._normalised(call, mean, self._inverse_deviation(variance)))
        count = x.type.elements // self.channels
        if count == 1:
            raise SpecError(
                "batch norm: expected more than one number a channel in training, received one (batch 1 at 1×1 pixel); "
                "raise batchSize or the image size."
            )
        first = hlo.slice_(x, (0,) * 4, (1, *x.shape[1:]), "first")
        (some,) = hlo.sums((first,), (1, 2), "first_sum")
        some = hlo.reshape(some, (self.channels,), "first_sum")
        near = hlo.divide(some, scalar(first.type.elements // self.channels, some), "near")
        apart = hlo.subtract(x, per_channel(near, x), "apart")
        square = summand(apart, hlo.subtract(per_channel(near, x), x, "apart_turned"), "square")
        total, squares = channel_sums((apart, square), call.lowerings, "sum")
        further = hlo.divide(total, scalar(count, total), "further")
        mean = hlo.add(near, further, "mean")
        squares = hlo.divide(squares, scalar(count, squares), "mean_square")
        variance = hlo.subtract(squares, hlo.multiply(further, further), "variance")
        unbiased = hlo.multiply(variance, scalar(Fraction(count, count - 1), variance), "unbiased")
        inverse = self._inverse_deviation(variance)
        return Result(
            self._normalised(call, mean, inverse),
            {"mean": mean, "inverse": inverse},
            {
                "running_mean": self._moved(call.statistics["running_mean"], mean),
                "running_variance": self._moved(call.statistics["running_variance"], unbiased),
            },
            lambda: self._rematerialized(call, mean, inverse),
        )

    def vjp(self, call: Call, result: Result, cotangent: Value, wanted: tuple[bool, ...]) -> Cotangents:
        """With x̂ = (x - μ)·r, r = 1/√(σ² + ε), M numbers a channel, and sums over those M:

        dβ = Σ dy
        dγ = Σ dy · x̂
        y depends on x directly, through μ and through σ². With g = γ·dy, the cotangent of x̂:
            dσ² = Σ g · (x - μ) · (-r³/2),  dμ = -r · Σ g  (the part through σ² vanishes: Σ (x - μ) = 0)
            dx  = r·g + dσ² · 2(x - μ)/M + dμ/M
                = γ·r · (dy - dβ/M - x̂ · dγ/M)
        which is dy·scale + x·slope + shift with three numbers a channel:
            scale = γ·r,  slope = -scale·r·dγ/M,  shift = -scale·dβ/M - slope·μ
        """
        (x,) = call.inputs
        mean, inverse = result.saved["mean"], result.saved["inverse"]
        count = x.type.elements // self.channels
        product = summand(cotangent, hlo.subtract(per_channel(mean, x), x, "centred_turned"), "weighted")
        dbeta, weighted = channel_sums((cotangent, product), call.lowerings, "dsum")
        dgamma = hlo.multiply(weighted, inverse, "dgamma")
        gradients = {"gamma": dgamma, "beta": dbeta}
        if not wanted[0]:
            return Cotangents((None,), gradients)
        scale = hlo.multiply(call.parameters["gamma"], inverse, "scale")
        slope = hlo.multiply(hlo.multiply(dgamma, inverse), scale)
        slope = hlo.divide(slope, scalar(-count, slope), "dslope")
        level = hlo.divide(hlo.multiply(dbeta, scale), scalar(-count, dbeta), "dlevel")
        shift = hlo.subtract(level, hlo.multiply(slope, mean), "dshift")
        return Cotangents((AffineCotangent(cotangent, scale, x, slope, shift),), gradients)

    def _normalised(self, call: Call, mean: Value, inverse: Value) -> Value:
        (x,) = call.inputs
        scale = hlo.multiply(call.parameters["gamma"], inverse, "scale")
        shift = hlo.subtract(call.parameters["beta"], hlo.multiply(mean, scale, "mean_scaled"), "shift")
        return hlo.add(hlo.multiply(x, per_channel(scale, x), "scaled"), per_channel(shift, x), "normalised")

    def _rematerialized(self, call: Call, mean: Value, inverse: Value) -> Value:
        """y as (x·r)·γ + (β - μ·r·γ): in other words than elsewhere, or the compiler would keep a part in memory."""
        (x,) = call.inputs
        gamma, beta = call.parameters["gamma"], call.parameters["beta"]
        shift = hlo.subtract(beta, hlo.multiply(hlo.multiply(mean, inverse), gamma), "again_shift")
        scaled = hlo.multiply(hlo.multiply(x, per_channel(inverse, x)), per_channel(gamma, x), "again_scaled")
        return hlo.add(scaled, per_channel(shift, x), "again")

    def _inverse_deviation(self, variance: Value) -> Value:
        above = hlo.add(variance, scalar(written(self.epsilon), variance), "above_zero")
        return hlo.rsqrt(above, "inverse")

    def _moved(self, running: Value, batch: Value) -> Value:
        share = written(self.momentum)
        kept = hlo.multiply(running, scalar(1 - share, running), "running_kept")
        return hlo.add(kept, hlo.multiply(batch, scalar(share, batch), "running_fresh"), "running_new")

    def macs(self, *inputs: Shape) -> int:
        """None: at inference it folds into the convolution before it."""
        return 0
