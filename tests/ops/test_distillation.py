"""Cross-entropy and a teacher's probabilities."""

import jax
import jax.numpy as jnp
import numpy as np

from emit.losses.cross_entropy import CrossEntropy
from emit.losses.distillation import Distillation
from tests.ops.harness import Case, Numbers, OpTests, Shape
from tests.ops.test_cross_entropy import WEIGHTS, cross_entropy, mixed_cross_entropy


def divergence(logits: jax.Array, teacher: jax.Array, temperature: float) -> jax.Array:
    """The batch's mean of KL(teacher ‖ student), both softened, from logits that the probabilities stand for."""
    theirs = jax.nn.log_softmax(jnp.log(jnp.maximum(teacher, 2.0**-126)) / temperature, axis=1)
    ours = jax.nn.log_softmax(logits / temperature, axis=1)
    return jnp.mean(jnp.sum(jnp.exp(theirs) * (theirs - ours), axis=1))


def case(rows: int, classes: int, weight: float, temperature: float, smoothing: float = 0.1) -> Case:
    def expected(logits: jax.Array, labels: jax.Array, teacher: jax.Array) -> jax.Array:
        taught = temperature**2 * divergence(logits, teacher, temperature)
        return (1 - weight) * cross_entropy(logits, labels, smoothing) + weight * taught

    op = Distillation(CrossEntropy(smoothing), weight, temperature)
    shapes = ((rows, classes), (rows,), (rows, classes))
    return Case(op, shapes, expected, drawn, name=f"weight {weight:g}, temperature {temperature:g}")


def mixed(weight: float, temperature: float) -> Case:
    def expected(
        logits: jax.Array, labels: jax.Array, others: jax.Array, share: jax.Array, teacher: jax.Array
    ) -> jax.Array:
        of_labels = mixed_cross_entropy(logits, labels, others, share, 0.1, jnp.array(WEIGHTS))
        return (1 - weight) * of_labels + weight * temperature**2 * divergence(logits, teacher, temperature)

    op, shapes = Distillation(CrossEntropy(0.1, True, WEIGHTS), weight, temperature), ((5, 4), (5,), (5,), (5,), (5, 4))
    return Case(op, shapes, expected, drawn, name="mixed, weights")


def drawn(source: np.random.Generator, shape: Shape) -> Numbers:
    """Logits, or probabilities that need not add up to 1, of which some are 0; or labels, as shares may be."""
    if len(shape) == 1:
        return source.integers(0, 3, shape).astype(np.float64)
    return np.exp(source.standard_normal(shape)) * (source.uniform(0, 1, shape) > 0.2)


class TestDistillation(OpTests):
    op = Distillation
    numeric = [
        case(1, 3, 0.3, 1.0),
        case(5, 4, 0.5, 2.0),
        case(4, 6, 0.9, 20.0, 0.0),
        case(3, 4, 1.0, 0.5),
        mixed(0.3, 3.0),
    ]
    golden = case(4, 5, 0.3, 2.0)
    invalid = {
        "labels of other rows": {"labels": (3,)},
        "a teacher of other rows": {"teacher": (3, 5)},
        "a teacher of other classes": {"teacher": (4, 6)},
        "a cotangent that is no scalar": {"dy": (2,)},
    }
    wrong = {
        "the shares swapped, forward and back": (
            'hlo.multiply(of_labels.output, scalar(1 - written(self.weight), divergence), "of_labels")',
            'hlo.multiply(of_labels.output, scalar(written(self.weight), divergence), "of_labels")',
            'hlo.multiply(cotangent, scalar(1 - written(self.weight), cotangent), "rest")',
            'hlo.multiply(cotangent, scalar(written(self.weight), cotangent), "rest")',
            "written(self.weight) * written(self.temperature) ** 2",
            "(1 - written(self.weight)) * written(self.temperature) ** 2",
            "written(self.weight) * written(self.temperature) /",
            "(1 - written(self.weight)) * written(self.temperature) /",
        ),
        "the labels' part has all of the loss, forward and back": (
            'hlo.multiply(of_labels.output, scalar(1 - written(self.weight), divergence), "of_labels")',
            "of_labels.output",
            'hlo.multiply(cotangent, scalar(1 - written(self.weight), cotangent), "rest")',
            "cotangent",
        ),
        "without T², forward and back": (
            "written(self.weight) * written(self.temperature) ** 2",
            "written(self.weight)",
            "written(self.weight) * written(self.temperature) /",
            "written(self.weight) / written(self.temperature) /",
        ),
        "T in place of T², forward alone": (
            "written(self.temperature) ** 2",
            "written(self.temperature)",
        ),
        "dz with T²": (
            "written(self.weight) * written(self.temperature) /",
            "written(self.weight) * written(self.temperature) ** 2 /",
        ),
        "the sum over the batch, forward and back": (
            "written(self.temperature) ** 2 / logits.shape[0]",
            "written(self.temperature) ** 2",
            "written(self.temperature) / logits.shape[0]",
            "written(self.temperature)",
        ),
        "the student alone is softened": (
            "for each in (given, logits))",
            "for each in (hlo.multiply(given, scalar(written(self.temperature), given)), logits))",
        ),
        "nothing is softened, forward and back": (
            'hlo.divide(logits, scalar(written(self.temperature), logits), "cooled")',
            "logits",
        ),
        "T multiplies": (
            "hlo.divide(logits, scalar(written(self.temperature)",
            "hlo.multiply(logits, scalar(written(self.temperature)",
        ),
        "the student teaches, forward alone": (
            'hlo.subtract(taught, learnt, "apart")',
            'hlo.subtract(learnt, taught, "apart")',
        ),
        "the student's probabilities weigh": (
            'target = hlo.exponential(taught, "taught")',
            'target = hlo.exponential(learnt, "taught")',
        ),
        "cross-entropy in place of the divergence": (
            'hlo.subtract(taught, learnt, "apart")',
            'hlo.subtract(scalar(0, learnt), learnt, "apart")',
        ),
        "the probabilities are taken for logits": (
            'given = hlo.log(hlo.maximum(teacher, scalar(SMALLEST, teacher), "given"), "log_given")',
            "given = teacher",
        ),
        "a probability of 0 is not guarded": (
            'hlo.maximum(teacher, scalar(SMALLEST, teacher), "given")',
            "teacher",
        ),
        "a probability of 0 counts as a larger one": ("Fraction(1, 2**126)", "Fraction(1, 2**120)"),
        "dz with its sign turned": (
            'hlo.subtract(softmax, result.saved["taught"], "untaught")',
            'hlo.subtract(result.saved["taught"], softmax, "untaught")',
        ),
        "dz without the teacher": (
            'hlo.subtract(softmax, result.saved["taught"], "untaught")',
            "softmax",
        ),
        "dz of the logarithm, not of softmax": (
            'hlo.exponential(result.saved["learnt"], "softened")',
            'result.saved["learnt"]',
        ),
        "dz does not see the loss's cotangent": (
            'hlo.multiply(cotangent, scalar(share, cotangent), "share_of_teacher")',
            "scalar(share, cotangent)",
        ),
        "dz of the labels' part alone": ('hlo.add(mine, theirs, "dlogits")', "mine"),
        "dz of the teacher's part alone": ('hlo.add(mine, theirs, "dlogits")', "theirs"),
        "the teacher's part is forgotten": ('hlo.add(mine, theirs, "loss")', "mine"),
        "the labels' part is taken off": (
            'hlo.add(mine, theirs, "loss")',
            'hlo.subtract(theirs, mine, "loss")',
        ),
    }
