"""Softmax cross-entropy with label smoothing, the mean over the batch. Szegedy et al. 2016, section 7.

loss = -1/N · Σ_{n,c} w[c] · q[n, c] · log softmax(z[n])[c],  q = (1 - ε) · t + ε / C

t is one-hot at the label, or λ · onehot(label) + (1 - λ) · onehot(other label) of two images that are mixed (Zhang et
al. 2018, "mixup"). The weights w are 1 unless they are given, as in torch's `cross_entropy` of probabilities.
"""

from dataclasses import dataclass

from emit import hlo
from emit.hlo import ShapeError, Value
from emit.op import Call, Cotangents, Op, Result, register
from emit.sums import per_channel, scalar, written
from netspec.layers import Shape


@register
@dataclass(frozen=True)
class CrossEntropy(Op):
    """Inputs: logits `[N, C]` and labels `[N]` (i32). Every label is one of 0..C-1.

    Args:
        mixed: more inputs: the labels of the images that are mixed in, and λ, the share of the first, `[N]` each.
        weights: of the classes; none: all 1.
    """

    kind = "cross_entropy"
    smoothing: float = 0.0
    mixed: bool = False
    weights: tuple[float, ...] = ()

    @property
    def targets(self) -> tuple[str, ...]:
        """Labels, and of images that are mixed the others' labels and the shares."""
        return ("labels", "other_labels", "share") if self.mixed else ("labels",)

    def shape(self, *inputs: Shape) -> Shape:
        """A scalar for the whole batch."""
        (classes,) = inputs[0]
        if self.weights and len(self.weights) != classes:
            raise ShapeError(f"cross_entropy: expected {classes} weights of classes, received {len(self.weights)}")
        return ()

    def forward(self, call: Call) -> Result:
        """The largest logit is taken off first, so that no exponential overflows."""
        logits, *targets = call.inputs
        log_softmax = log_probabilities(logits)
        target = self._target(logits, *targets)
        (total,) = hlo.sums((hlo.multiply(target, log_softmax),), (0, 1), "total")
        return Result(
            hlo.divide(total, scalar(-logits.shape[0], total), "loss"), {"log": log_softmax, "target": target}
        )

    def vjp(self, call: Call, result: Result, cotangent: Value, wanted: tuple[bool, ...]) -> Cotangents:
        """∂ log softmax(z)[c] / ∂z[d] = [c = d] - softmax(z)[d]: dz = (softmax(z) · Σ_c w[c] q[c] - w · q)/N · dloss.

        Without weights Σ_c q[c] = 1. Labels and shares are given, and have no cotangent.
        """
        logits, *targets = call.inputs
        target = result.saved["target"]
        softmax = hlo.exponential(result.saved["log"], "softmax")
        if self.weights:
            (mass,) = hlo.sums((target,), (1,), "mass")
            softmax = hlo.multiply(softmax, hlo.broadcast(mass, logits.shape, (0,), "mass"), "weighted")
        excess = hlo.subtract(softmax, target, "excess")
        share = hlo.divide(cotangent, scalar(logits.shape[0], cotangent), "share")
        dlogits = hlo.multiply(excess, hlo.broadcast(share, logits.shape, ()), "dlogits")
        return Cotangents((dlogits, *(None for _ in targets)))

    def macs(self, *inputs: Shape) -> int:
        """None."""
        return 0

    def _target(self, logits: Value, labels: Value, others: Value | None = None, share: Value | None = None) -> Value:
        """w · q."""
        is_label = one_hot(logits, labels)
        classes = logits.shape[1]
        spread = written(self.smoothing)
        if others is None or share is None:
            high, low = 1 - spread + spread / classes, spread / classes
            target = hlo.select(is_label, scalar(high, logits), scalar(low, logits), "target")
        else:
            of_others = hlo.subtract(scalar(1, share), share, "share_of_others")
            here, zero = one_hot(logits, others), scalar(0, logits)
            mine = hlo.select(is_label, hlo.broadcast(share, logits.shape, (0,), "share"), zero, "mine")
            theirs = hlo.select(here, hlo.broadcast(of_others, logits.shape, (0,), "share"), zero, "theirs")
            target = hlo.add(mine, theirs, "mixed")
            if self.smoothing:
                kept = hlo.multiply(target, scalar(1 - spread, target), "kept")
                target = hlo.add(kept, scalar(spread / classes, target), "target")
        if not self.weights:
            return target
        weights = logits.block.vector([written(weight) for weight in self.weights], "weights")
        return hlo.multiply(target, per_channel(weights, target), "weighted_target")


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
