"""Classification: one label an image, the most probable class is the prediction."""

from collections.abc import Mapping, Sequence

from emit import hlo
from emit.hlo import Value
from emit.losses.cross_entropy import CrossEntropy, log_probabilities, one_hot
from emit.losses.distillation import Distillation
from emit.manifest import Entry
from emit.task import Named, Task, register
from netspec.language import NetSpec, TrainConfig
from netspec.layers import dense
from netspec.recipe import mixing_of


@register
class Classification(Task):
    """Logits `[N, C]`, labels `[N]` (i32). In evaluation a row with the label -1 is padding: it counts nothing.

    Of images that are mixed in training, also the labels of those that are mixed in, and the share of the first, `[N]`;
    and of a recipe with a teacher its probabilities, `[N, C]`.
    """

    head = dense
    outputs = ("logits",)

    def targets(self, net: NetSpec, config: TrainConfig, *, training: bool) -> tuple[Entry, ...]:
        """Labels, and of mixed images those of both, and the share; and a teacher's probabilities."""
        names, batch = self.loss(net, config).targets, config.batchSize
        known = {
            "labels": Entry("labels", "labels", (batch,), "i32"),
            "other_labels": Entry("other_labels", "labels", (batch,), "i32"),
            "share": Entry("share", "share", (batch,), "f32"),
            "teacher": Entry("teacher", "teacher", (batch, net.classes), "f32"),
        }
        return tuple(known[name] for name in (names if training else names[:1]))

    def loss(self, net: NetSpec, config: TrainConfig) -> CrossEntropy | Distillation:
        """Cross-entropy with the recipe's label smoothing and weights of classes; with a teacher, its part too."""
        labels = CrossEntropy(config.labelSmoothing, bool(mixing_of(config)), tuple(config.classWeights))
        if not config.distillWeight:
            return labels
        return Distillation(labels, config.distillWeight, config.distillTemperature)

    def minimizes(self, config: TrainConfig) -> str:
        """The loss, in words."""
        taught = " and divergence from a teacher" if config.distillWeight else ""
        return f"softmax cross-entropy{taught}, mean over the batch"

    def evaluation(self, net: NetSpec, outputs: Sequence[Value], targets: Mapping[str, Value]) -> list[Named]:
        """The sum of the losses, how many predictions are the label, and probabilities `[N, C]`.

        Of equal logits the first class is the prediction.
        """
        (logits,), labels = outputs, targets["labels"]
        block = logits.block
        log_softmax = log_probabilities(logits)
        probabilities = hlo.exponential(log_softmax, "probabilities")
        # Padding rows have no label, so `one_hot` is false all along them.
        here = one_hot(logits, labels)
        nothing = block.constant(0.0, logits.shape)
        (picked,) = hlo.sums((hlo.select(here, log_softmax, nothing, "picked"),), (0, 1), "picked_sum")
        loss_sum = hlo.subtract(block.constant(0.0), picked, "loss_sum")
        largest = hlo.broadcast(hlo.reduce_max(logits, (1,), "largest"), logits.shape, (0,), "largest")
        columns = hlo.iota(logits, 1, "column")
        beyond = block.constant(net.classes, columns.shape, "i32")
        is_largest = hlo.compare(logits, "EQ", largest, "is_largest")
        predicted = hlo.reduce_min(hlo.select(is_largest, columns, beyond, "candidates"), (1,), net.classes, "answer")
        right = hlo.convert(hlo.compare(predicted, "EQ", labels, "right"), "i32", "right")
        (correct,) = hlo.sums((right,), (0,), "correct")
        return [
            ("loss_sum", "loss_sum", loss_sum),
            ("correct", "correct", correct),
            ("probabilities", "probabilities", probabilities),
        ]

    def prediction(self, net: NetSpec, outputs: Sequence[Value]) -> list[Named]:
        """Probabilities `[N, C]`."""
        (logits,) = outputs
        logits.block.comment("softmax")
        return [("probabilities", "probabilities", hlo.exponential(log_probabilities(logits), "probabilities"))]
