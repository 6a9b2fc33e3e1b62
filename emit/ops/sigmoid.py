"""The logistic sigmoid: y = σ(x) = 1 / (1 + e⁻ˣ)."""

from dataclasses import dataclass

from emit import hlo
from emit.activation import Activation, logistic, logistic_slope
from emit.hlo import Value
from emit.op import Call, Cotangents, Result, register


@register
@dataclass(frozen=True)
class Sigmoid(Activation):
    """From 0 to 1."""

    kind = "sigmoid"

    def forward(self, call: Call) -> Result:
        """By one exponential."""
        return Result(logistic(call.inputs[0]))

    def vjp(self, call: Call, result: Result, cotangent: Value, wanted: tuple[bool, ...]) -> Cotangents:
        """dx = dy · y · (1 - y), since d/dx 1/(1 + e⁻ˣ) = e⁻ˣ / (1 + e⁻ˣ)² and e⁻ˣ / (1 + e⁻ˣ) = 1 - y."""
        y = result.output if call.rematerialized is None else logistic(call.rematerialized)
        return Cotangents((hlo.multiply(cotangent, logistic_slope(y), "dx"),))
