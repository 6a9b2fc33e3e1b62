"""Stochastic depth: y[n] = x[n] · b[n] / keep, one draw an example: b = 1 with the probability keep = 1 - rate, else 0.

Huang et al. 2016, "Deep networks with stochastic depth", equation 2: x is the branch of a residual block, before it is
added; divided by keep in training, so that evaluation is the identity. `emit/random.py` draws b.
"""

from dataclasses import dataclass

from emit import hlo
from emit.dropping import Dropping
from emit.hlo import Value
from emit.op import Call, Cotangents, Result, register


@register
@dataclass(frozen=True)
class StochasticDepth(Dropping):
    """On any shape; an example is kept or dropped as one."""

    kind = "stochastic_depth"

    def forward(self, call: Call) -> Result:
        """A factor an example."""
        (x,) = call.inputs
        if self.is_identity(training=call.training):
            return Result(x)
        examples = x.shape[0]
        factor = hlo.reshape(self.factor(call, examples), (examples,), "factor")
        return Result(_times(x, factor, "out"), {"factor": factor})

    def vjp(self, call: Call, result: Result, cotangent: Value, wanted: tuple[bool, ...]) -> Cotangents:
        """b does not depend on x, and y[n] = x[n] · b[n] / keep, so dx[n] = dy[n] · b[n] / keep, with the same b."""
        if not wanted[0] or self.is_identity(training=call.training):
            return Cotangents((cotangent if wanted[0] else None,))
        return Cotangents((_times(cotangent, result.saved["factor"], "dx"),))


def _times(x: Value, factor: Value, name: str) -> Value:
    """`[N, ...]` times a factor of each example, `[N]`."""
    return hlo.multiply(x, hlo.broadcast(factor, x.shape, (0,), "each"), name)
