"""Softmax cross-entropy with label smoothing, the mean over the batch. Szegedy et al. 2016, section 7.

loss = -1/N · Σ_{n,c} q[n, c] · log softmax(z[n])[c],  q = (1 - ε) · onehot(label) + ε / C
"""

from dataclasses import dataclass

from emit import hlo
from emit.hlo import Value
from emit.op import Call, Cotangents, Op, Result, register
from emit.sums import scalar, written
from netspec.layers import Shape


@register
@dataclass(frozen=True)
class CrossEntropy(Op):
    """Inputs: logits `[N, C]` and labels `[N]` (i32). Every label is one of 0..C-1."""

    kind = "cross_entropy"
    smoothing: float = 0.0

    def shape(self, *inputs: Shape) -> Shape:
        """A scalar for the whole batch."""
        return ()

    def forward(self, call: Call) -> Result:
        """The largest logit is taken off first, so that no exponential overflows."""
        logits, labels = call.inputs
        log_softmax = log_probabilities(logits)
        target = self._target(logits, labels)
        (total,) = hlo.sums((hlo.multiply(target, log_softmax),), (0, 1), "total")
        return Result(
            hlo.divide(total, scalar(-logits.shape[0], total), "loss"), {"log": log_softmax, "target": target}
        )

    def vjp(self, call: Call, result: Result, cotangent: Value, wanted: tuple[bool, ...]) -> Cotangents:
        """∂ log softmax(z)[c] / ∂z[d] = [c = d] - softmax(z)[d], and Σ_c q[c] = 1, so dz = (softmax(z) - q)/N · dloss.

        Labels are whole numbers and have no cotangent.
        """
        logits, _ = call.inputs
        softmax = hlo.exponential(result.saved["log"], "softmax")
        excess = hlo.subtract(softmax, result.saved["target"], "excess")
        share = hlo.divide(cotangent, scalar(logits.shape[0], cotangent), "share")
        return Cotangents((hlo.multiply(excess, hlo.broadcast(share, logits.shape, ()), "dlogits"), None))

    def macs(self, *inputs: Shape) -> int:
        """None."""
        return 0

    def _target(self, logits: Value, labels: Value) -> Value:
        is_label = one_hot(logits, labels)
        classes = logits.shape[1]
        spread = written(self.smoothing)
        high, low = 1 - spread + spread / classes, spread / classes
        return hlo.select(is_label, scalar(high, logits), scalar(low, logits), "target")


def log_probabilities(logits: Value) -> Value:
    """Log softmax of each row of `[N, C]`."""
    largest = hlo.reduce_max(logits, (1,))
    shifted = hlo.subtract(logits, hlo.broadcast(largest, logits.shape, (0,)), "shifted")
    (total,) = hlo.sums((hlo.exponential(shifted),), (1,), "total")
    return hlo.subtract(shifted, hlo.broadcast(hlo.log(total), logits.shape, (0,)), "log_softmax")


def one_hot(logits: Value, labels: Value) -> Value:
    """Truth values `[N, C]`: the column is the row's label."""
    columns = hlo.iota(logits, 1, "column")
    return hlo.compare(columns, "EQ", hlo.broadcast(labels, columns.shape, (0,), "label"), "is_label")
