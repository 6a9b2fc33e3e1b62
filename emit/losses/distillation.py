"""Cross-entropy, and what a teacher says. Hinton et al. 2015, "Distilling the knowledge in a neural network".

loss = (1 - α) · CE(z) + α · T² / N · Σ_{n,c} t[n, c] · (log t[n, c] - log s[n, c]),  s = softmax(z / T)

CE is `CrossEntropy`. t = softmax(log p / T), of the teacher's probabilities p; as log p is the teacher's logits but for
a constant a row, t is the softmax of those over T. The sum over c is the Kullback-Leibler divergence KL(t ‖ s); with T²
its gradients are about as large at any T. A p below the smallest normal number of f32 counts as that one, so that log p
is finite.
"""

from dataclasses import dataclass
from fractions import Fraction

from emit import hlo
from emit.hlo import ShapeError, Value
from emit.losses.cross_entropy import CrossEntropy, log_probabilities
from emit.op import Call, Cotangents, Op, Result, register
from emit.sums import scalar, written
from netspec.layers import Shape

SMALLEST = Fraction(1, 2**126)


@register
@dataclass(frozen=True)
class Distillation(Op):
    """Inputs: logits `[N, C]`, the targets of `labels`, and the teacher's probabilities `[N, C]`.

    Args:
        labels: the loss beside.
        weight: α, the share of the teacher, above 0 and at most 1.
        temperature: T.
    """

    kind = "distillation"
    labels: CrossEntropy
    weight: float
    temperature: float

    @property
    def targets(self) -> tuple[str, ...]:
        """Those of `labels`, and the teacher's probabilities."""
        return (*self.labels.targets, "teacher")

    def shape(self, *inputs: Shape) -> Shape:
        """A scalar for the whole batch."""
        if inputs[-1] != inputs[0]:
            raise ShapeError(f"distillation: expected {inputs[0][0]} probabilities, received {inputs[-1]}")
        return self.labels.shape(*inputs[:-1])

    def forward(self, call: Call) -> Result:
        """The largest logit is taken off first, the teacher's too, so that no exponential overflows."""
        logits, teacher = call.inputs[0], call.inputs[-1]
        of_labels = self.labels.forward(self._of_labels(call))
        given = hlo.log(hlo.maximum(teacher, scalar(SMALLEST, teacher), "given"), "log_given")
        taught, learnt = (log_probabilities(self._cooled(each)) for each in (given, logits))
        target = hlo.exponential(taught, "taught")
        (divergence,) = hlo.sums((hlo.multiply(target, hlo.subtract(taught, learnt, "apart")),), (0, 1), "divergence")
        share = written(self.weight) * written(self.temperature) ** 2 / logits.shape[0]
        mine = hlo.multiply(of_labels.output, scalar(1 - written(self.weight), divergence), "of_labels")
        theirs = hlo.multiply(divergence, scalar(share, divergence), "of_teacher")
        return Result(hlo.add(mine, theirs, "loss"), {**of_labels.saved, "taught": target, "learnt": learnt})

    def vjp(self, call: Call, result: Result, cotangent: Value, wanted: tuple[bool, ...]) -> Cotangents:
        """∂ log s[c] / ∂z[d] = ([c = d] - s[d]) / T, and Σ_c t[c] = 1, so that ∂KL / ∂z[d] = (s[d] - t[d]) / T.

        dz = (1 - α) · (dz of CE) + α · T/N · (s - t) · dloss. Targets are given, and have no cotangent.
        """
        logits = call.inputs[0]
        rest = hlo.multiply(cotangent, scalar(1 - written(self.weight), cotangent), "rest")
        of_labels = self.labels.vjp(self._of_labels(call), result, rest, wanted[:-1]).inputs
        mine = of_labels[0]
        assert isinstance(mine, Value)
        softmax = hlo.exponential(result.saved["learnt"], "softened")
        apart = hlo.subtract(softmax, result.saved["taught"], "untaught")
        share = written(self.weight) * written(self.temperature) / logits.shape[0]
        each = hlo.multiply(cotangent, scalar(share, cotangent), "share_of_teacher")
        theirs = hlo.multiply(apart, hlo.broadcast(each, logits.shape, ()), "of_teacher")
        return Cotangents((hlo.add(mine, theirs, "dlogits"), *of_labels[1:], None))

    def macs(self, *inputs: Shape) -> int:
        """None."""
        return 0

    def _of_labels(self, call: Call) -> Call:
        """The call without the teacher."""
        return Call(call.inputs[:-1], lowerings=call.lowerings)

    def _cooled(self, logits: Value) -> Value:
        """z / T."""
        return hlo.divide(logits, scalar(written(self.temperature), logits), "cooled")
