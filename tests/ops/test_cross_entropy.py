"""Softmax cross-entropy with label smoothing."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np

from emit.losses.cross_entropy import CrossEntropy
from tests.ops.harness import Case, Numbers, OpTests, Shape


def cross_entropy(logits: jax.Array, labels: jax.Array, smoothing: float) -> jax.Array:
    """The batch's mean of (1-ε)·CE(label) + ε·(mean of CE over all classes)."""
    log_softmax = jax.nn.log_softmax(logits, axis=1)
    picked = jnp.take_along_axis(log_softmax, labels[:, None], axis=1)[:, 0]
    return -jnp.mean((1 - smoothing) * picked + smoothing * jnp.mean(log_softmax, axis=1))


def mixed_cross_entropy(
    logits: jax.Array, labels: jax.Array, others: jax.Array, share: jax.Array, smoothing: float, weights: jax.Array
) -> jax.Array:
    """-1/N Σ w · q · log softmax, the targets written out as a matrix."""
    classes = logits.shape[1]
    one, two = jax.nn.one_hot(labels, classes, dtype=jnp.float64), jax.nn.one_hot(others, classes, dtype=jnp.float64)
    target = share[:, None] * one + (1 - share[:, None]) * two
    target = (1 - smoothing) * target + smoothing / classes
    return -jnp.sum(weights * target * jax.nn.log_softmax(logits, axis=1)) / logits.shape[0]


def case(rows: int, classes: int, smoothing: float) -> Case:
    def expected(logits: jax.Array, labels: jax.Array) -> jax.Array:
        return cross_entropy(logits, labels, smoothing)

    return Case(CrossEntropy(smoothing), ((rows, classes), (rows,)), expected, drawn, name=f"smoothing {smoothing:g}")


def weighted(smoothing: float) -> Case:
    def expected(logits: jax.Array, labels: jax.Array) -> jax.Array:
        return mixed_cross_entropy(logits, labels, labels, jnp.ones(5), smoothing, jnp.array(WEIGHTS))

    op = CrossEntropy(smoothing, weights=WEIGHTS)
    return Case(op, ((5, 4), (5,)), expected, drawn, name=f"weights, smoothing {smoothing:g}")


def mixed(smoothing: float, weights: tuple[float, ...] = ()) -> Case:
    def expected(logits: jax.Array, labels: jax.Array, others: jax.Array, share: jax.Array) -> jax.Array:
        return mixed_cross_entropy(logits, labels, others, share, smoothing, jnp.array(weights or (1.0,) * 4))

    op, shapes = CrossEntropy(smoothing, True, weights), ((5, 4), (5,), (5,), (5,))
    return Case(op, shapes, expected, drawn, name=f"mixed{', weights' * bool(weights)}, smoothing {smoothing:g}")


WEIGHTS = (0.5, 2.0, 0.75, 0.0)


def drawn(source: np.random.Generator, shape: Shape) -> Numbers:
    """Logits; or labels, one a row, which are whole numbers, as shares may be."""
    return source.standard_normal(shape) if len(shape) == 2 else source.integers(0, 3, shape).astype(np.float64)


def large(source: np.random.Generator, shape: Shape) -> Numbers:
    """Large logits: exp alone would overflow even in f64."""
    return drawn(source, shape) * (300 if len(shape) == 2 else 1)


class TestCrossEntropy(OpTests):
    op = CrossEntropy
    numeric = [
        *(case(rows, classes, smoothing) for rows, classes in ((1, 3), (5, 4)) for smoothing in (0.0, 0.1)),
        replace(case(4, 3, 0.1), draw=large, name="large logits"),
        *(weighted(smoothing) for smoothing in (0.0, 0.1)),
        *(mixed(smoothing) for smoothing in (0.0, 0.1)),
        mixed(0.1, WEIGHTS),
    ]
    golden = case(4, 5, 0.1)
    invalid = {"labels of other rows": {"labels": (3,)}, "a cotangent that is no scalar": {"dy": (2,)}}
    wrong = {
        "the sum over the batch, forward alone": ("scalar(-logits.shape[0], total)", "scalar(-1, total)"),
        "the sum over the batch, forward and back": (
            "scalar(-logits.shape[0], total)",
            "scalar(-1, total)",
            "scalar(logits.shape[0], cotangent)",
            "scalar(1, cotangent)",
        ),
        "the mean over classes, forward and back": (
            "scalar(-logits.shape[0], total)",
            "scalar(-logits.shape[1], total)",
            "scalar(logits.shape[0], cotangent)",
            "scalar(logits.shape[1], cotangent)",
        ),
        "the loss's sign turned, forward and back": (
            "scalar(-logits.shape[0], total)",
            "scalar(logits.shape[0], total)",
            "scalar(logits.shape[0], cotangent)",
            "scalar(-logits.shape[0], cotangent)",
        ),
        "dz without the factor 1/N": ("scalar(logits.shape[0], cotangent)", "scalar(1, cotangent)"),
        "dz with its sign turned": (
            'hlo.subtract(softmax, target, "excess")',
            'hlo.subtract(target, softmax, "excess")',
        ),
        "dz without the target": (
            'hlo.subtract(softmax, target, "excess")',
            "softmax",
        ),
        "dz of the logarithm, not of softmax": (
            'hlo.exponential(result.saved["log"], "softmax")',
            'result.saved["log"]',
        ),
        "dz does not see the loss's cotangent": (
            'hlo.divide(cotangent, scalar(logits.shape[0], cotangent), "share")',
            'hlo.divide(scalar(1, cotangent), scalar(logits.shape[0], cotangent), "share")',
        ),
        "the label keeps 1 - ε, its own share of ε left out": (
            "1 - spread + spread / classes, spread / classes",
            "1 - spread, spread / classes",
        ),
        "ε is spread over the other classes alone": (
            "1 - spread + spread / classes, spread / classes",
            "1 - spread, spread / (classes - 1)",
        ),
        "no label smoothing": ("spread = written(self.smoothing)", "spread = written(0.0)"),
        "the target's two values swapped": (
            "scalar(high, logits), scalar(low, logits)",
            "scalar(low, logits), scalar(high, logits)",
        ),
        "the logarithm of the total is taken off the logits unshifted": (
            "hlo.subtract(shifted, hlo.broadcast(hlo.log(total)",
            "hlo.subtract(logits, hlo.broadcast(hlo.log(total)",
        ),
        "softmax along the batch": ('(1,), "total")', '(0,), "total")'),
        "the total's logarithm goes to the wrong row": (
            "hlo.broadcast(hlo.log(total), logits.shape, (0,))",
            'hlo.broadcast(hlo.reverse(hlo.log(total), (0,), "turned"), logits.shape, (0,))',
        ),
        "every class below the label is it too": (
            'hlo.compare(columns, "EQ"',
            'hlo.compare(columns, "LE"',
        ),
        "labels count from 1": (
            'hlo.broadcast(labels, columns.shape, (0,), "label")',
            'hlo.broadcast(hlo.subtract(labels, scalar(1, labels)), columns.shape, (0,), "label")',
        ),
        "the other label has the share of the first": (
            'hlo.subtract(scalar(1, share), share, "share_of_others")',
            "share",
        ),
        "the shares swapped": (
            'hlo.broadcast(share, logits.shape, (0,), "share"), zero, "mine")',
            'hlo.broadcast(of_others, logits.shape, (0,), "share"), zero, "mine")',
            'hlo.broadcast(of_others, logits.shape, (0,), "share"), zero, "theirs")',
            'hlo.broadcast(share, logits.shape, (0,), "share"), zero, "theirs")',
        ),
        "the other label is forgotten": ('target = hlo.add(mine, theirs, "mixed")', "target = mine"),
        "mixed targets are not smoothed": ("if self.smoothing:", "if False:"),
        "mixed targets are smoothed by too much": (
            "scalar(1 - spread, target)",
            "scalar(1, target)",
        ),
        "weights are forgotten": (
            "if not self.weights:\n            return target",
            "if True:\n            return target",
        ),
        "weights are forgotten in dz": (
            "        if self.weights:\n            (mass,)",
            "        if False:\n            (mass,)",
        ),
        "weights go to the wrong class": (
            "[written(weight) for weight in self.weights]",
            "[written(weight) for weight in reversed(self.weights)]",
        ),
        "dz has the mass of the batch": (
            'hlo.sums((target,), (1,), "mass")',
            'hlo.sums((hlo.reverse(target, (0,)),), (1,), "mass")',
        ),
    }
