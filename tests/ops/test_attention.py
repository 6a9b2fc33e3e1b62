"""Multi-query attention."""

from dataclasses import replace
from math import prod

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from emit.hlo import ShapeError
from emit.ops.attention import Attention
from tests.ops.harness import Case, Numbers, OpTests, Shape, normal


def attention(queries: jax.Array, keys: jax.Array, values: jax.Array, heads: int) -> jax.Array:
    """Each head by itself."""
    batch, height, width, channels = queries.shape
    d = channels // heads
    q = queries.reshape(batch, height * width, heads, d)
    k, v = (each.reshape(batch, -1, each.shape[3]) for each in (keys, values))
    share = jax.nn.softmax(jnp.einsum("nphd,nmd->nhpm", q, k) / jnp.sqrt(d), axis=-1)
    return jnp.einsum("nhpm,nmj->nphj", share, v).reshape(batch, height, width, -1)


def case(heads: int, d: int, dv: int, batch: int, queries: Shape, keys: Shape) -> Case:
    def expected(q: jax.Array, k: jax.Array, v: jax.Array) -> jax.Array:
        return attention(q, k, v, heads)

    shapes = ((batch, *queries, heads * d), (batch, *keys, d), (batch, *keys, dv))
    return Case(Attention(heads, d), shapes, expected, name=f"{heads} heads of {d}")


def large(source: np.random.Generator, shape: Shape) -> Numbers:
    """Queries and keys whose logits all have some 2000 in common: exp alone would overflow even in f64."""
    numbers = normal(source, shape)
    if shape[-1] % 3 == 0:  # of a head of three channels, and not values
        numbers[..., ::3] = 60
    return numbers


def test_its_products_are_counted_apart() -> None:
    op, inputs = Attention(4, 64), ((16, 16, 256), (8, 8, 64), (8, 8, 48))
    assert op.macs(*inputs) == 0
    assert op.attention_macs(*inputs) == 4 * prod((16, 16)) * prod((8, 8)) * (64 + 48)


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        (((2, 3, 4), (2, 2, 3), (2, 2, 2)), r"expected queries of 2·3 channels, received \(2, 3, 4\)"),
        (((2, 3, 6), (2, 2, 6), (2, 2, 2)), r"expected keys of 3 channels, received \(2, 2, 6\)"),
        (((2, 3, 6), (2, 4, 3), (4, 2, 2)), r"expected keys and values of one image size, received \(2, 4, 3\) and"),
    ],
)
def test_the_shape_rule_names_what_does_not_fit(inputs: tuple[Shape, ...], says: str) -> None:
    with pytest.raises(ShapeError, match=says):
        Attention(2, 3).shape(*inputs)


class TestAttention(OpTests):
    op = Attention
    numeric = [
        case(1, 1, 1, 1, (1, 1), (1, 1)),
        case(1, 4, 3, 2, (3, 2), (2, 3)),
        case(2, 3, 5, 3, (2, 4), (3, 3)),
        case(4, 2, 2, 2, (3, 3), (3, 3)),
        case(3, 8, 4, 1, (4, 5), (2, 1)),
        replace(case(2, 3, 2, 2, (2, 3), (3, 2)), draw=large, name="large logits"),
    ]
    golden = case(2, 3, 4, 2, (2, 3), (2, 2))
    invalid = {
        "queries of half the heads": {"x": (2, 2, 3, 3)},
        "keys of all heads": {"y": (2, 2, 2, 6)},
        "keys of another image": {"y": (2, 1, 4, 3)},
        "values of another image": {"z": (2, 2, 3, 4)},
        "values of another batch": {"z": (1, 2, 2, 4)},
        "a cotangent whose rows are columns": {"dy": (2, 3, 2, 8)},
    }
    wrong = {
        "no scale, forward and back": ("Fraction(1 / sqrt(self.key_width))", "Fraction(1)"),
        "the logits over d": ("Fraction(1 / sqrt(self.key_width))", "Fraction(1, self.key_width)"),
        "softmax of one half the logits, forward alone": (
            'logits = hlo.dot(q, scaled, (2, 2), "logits", batch=1)',
            "logits = hlo.dot(q, hlo.multiply(scaled, scalar(Fraction(1, 2), scaled)), (2, 2), batch=1)",
        ),
        "each term of the total less one": (
            '(total,) = hlo.sums((powers,), (2,), "total")',
            '(total,) = hlo.sums((hlo.subtract(powers, scalar(1, powers)),), (2,), "total")',
        ),
        "the largest of another head is taken off": (
            'hlo.subtract(logits, _along(largest, logits), "shifted"), "powers")\n'
            '        (total,) = hlo.sums((powers,), (2,), "total")',
            'hlo.subtract(logits, _along(largest, logits), "shifted"), "powers")\n'
            "        other = hlo.exponential(hlo.subtract(logits, "
            '_along(hlo.reverse(largest, (1,)), logits), "shifted"))\n'
            '        (total,) = hlo.sums((other,), (2,), "total")',
        ),
        "softmax over the rows of the queries": (
            '(total,) = hlo.sums((powers,), (2,), "total")',
            '(total,) = hlo.sums((powers,), (1,), "total")\n'
            "        (every,) = hlo.sums((total,), (1,))\n"
            '        total = hlo.broadcast(every, largest.shape, (0,), "total")',
        ),
        "heads and their channels transposed, forward alone": (
            "return Result(hlo.reshape(y, shape, ",
            "turned = hlo.reshape(y, (*shape[:3], self.heads, values.shape[3]))\n"
            "        turned = hlo.transpose(turned, (0, 1, 2, 4, 3))\n"
            "        return Result(hlo.reshape(turned, shape, ",
        ),
        "queries with the channel before the head, forward and back": (
            'return hlo.reshape(image, (batch, height * across * channels // width, width), "rows")',
            "heads = channels // width\n"
            "    image = hlo.reshape(image, (batch, height * across, width, heads))\n"
            '    image = hlo.transpose(image, (0, 1, 3, 2), "turned")\n'
            '    return hlo.reshape(image, (batch, height * across * heads, width), "rows")',
        ),
        "values of the first pixel alone": (
            'mixed = hlo.dot(powers, v, (2, 1), "mixed", batch=1)',
            "first = hlo.slice_(v, (0, 0, 0), (v.shape[0], 1, v.shape[2]))\n"
            "        first = hlo.broadcast(first, v.shape, (0, 1, 2))\n"
            '        mixed = hlo.dot(powers, first, (2, 1), "mixed", batch=1)',
        ),
        "the value of each pixel, and not the softmax of it": (
            'y = hlo.divide(mixed, _along(total, mixed), "attended")',
            "y = mixed",
        ),
        "dv by the powers, not by their share": (
            'dvalues = hlo.dot(powers, share, (1, 1), "dvalues", batch=1)',
            'dvalues = hlo.dot(powers, rows, (1, 1), "dvalues", batch=1)',
        ),
        "dv of the last head alone": (
            'dvalues = hlo.dot(powers, share, (1, 1), "dvalues", batch=1)',
            "last = [hlo.slice_(hlo.reshape(each, (each.shape[0], each.shape[1] // self.heads, self.heads, "
            "each.shape[2])), (0, 0, self.heads - 1, 0), (each.shape[0], each.shape[1] // self.heads, self.heads, "
            "each.shape[2])) for each in (powers, share)]\n"
            "        last = [hlo.reshape(each, (each.shape[0], each.shape[1], each.shape[3])) for each in last]\n"
            '        dvalues = hlo.dot(last[0], last[1], (1, 1), "dvalues", batch=1)',
        ),
        "ds without the sum over the row": (
            'hlo.subtract(dpowers, _along(level, dpowers), "excess")',
            "dpowers",
        ),
        "ds with the sum added": (
            'hlo.subtract(dpowers, _along(level, dpowers), "excess")',
            'hlo.add(dpowers, _along(level, dpowers), "excess")',
        ),
        "ds with the sum of the undivided cotangent": (
            "hlo.multiply(share, _rows(y, v.shape[2]))",
            "hlo.multiply(rows, _rows(y, v.shape[2]))",
        ),
        "ds with the sum of the values in the place of the output's": (
            "hlo.multiply(share, _rows(y, v.shape[2]))",
            "hlo.multiply(share, share)",
        ),
        "dq by the keys unscaled": (
            'dqueries = hlo.dot(dlogits, scaled, (2, 1), "dqueries", batch=1)',
            "dqueries = hlo.dot(dlogits, _rows(call.inputs[1], self.key_width), (2, 1), batch=1)",
        ),
        "dk unscaled": ('dkeys = hlo.multiply(dkeys, scalar(self.scale, dkeys), "dkeys")\n', "\n"),
        "dq and dk with their signs turned": (
            '(dpowers, _along(level, dpowers), "excess")',
            '(_along(level, dpowers), dpowers, "excess")',
        ),
        "dk goes to the values, where they are as wide": (
            "(dqueries, dkeys, dvalues), call.inputs",
            "(dqueries, dkeys, dvalues) if dkeys.shape != dvalues.shape else (dqueries, dvalues, dkeys), call.inputs",
        ),
        "an image's keys are the other's": (
            'scaled = hlo.multiply(k, scalar(self.scale, k), "scaled")',
            'scaled = hlo.reverse(hlo.multiply(k, scalar(self.scale, k)), (0,), "scaled")',
        ),
    }
