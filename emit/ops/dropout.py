"""Dropout: y = x · m / keep, number by number, m = 1 with the probability keep = 1 - rate, else 0.

Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from overfitting", section 4; divided by keep
in training, as its section 10 has it, so that evaluation is the identity. `emit/random.py` draws m.
"""

from dataclasses import dataclass

from emit import hlo
from emit.dropping import Dropping
from emit.hlo import Value
from emit.op import Call, Cotangents, Result, register


@register
@dataclass(frozen=True)
class Dropout(Dropping):
    """On any shape; every number of an example has a draw of its own."""

    kind = "dropout"

    def forward(self, call: Call) -> Result:
        """In rows, one an example, as the draws are."""
        (x,) = call.inputs
        if self.is_identity(training=call.training):
            return Result(x)
        rows = _rows(x)
        factor = self.factor(call, *rows.shape)
        out = hlo.multiply(rows, factor, "out")
        return Result(hlo.reshape(out, x.shape, "out"), {"factor": factor})

    def vjp(self, call: Call, result: Result, cotangent: Value, wanted: tuple[bool, ...]) -> Cotangents:
        """m does not depend on x, and y[i] = x[i] · m[i] / keep, so dx[i] = dy[i] · m[i] / keep, with the same m."""
        if not wanted[0] or self.is_identity(training=call.training):
            return Cotangents((cotangent if wanted[0] else None,))
        dx = hlo.multiply(_rows(cotangent), result.saved["factor"], "dx")
        return Cotangents((hlo.reshape(dx, cotangent.shape, "dx"),))


def _rows(x: Value) -> Value:
    """`[N, ...]` as `[N, numbers of an example]`."""
    return hlo.reshape(x, (x.shape[0], x.type.elements // x.shape[0]), "rows")
