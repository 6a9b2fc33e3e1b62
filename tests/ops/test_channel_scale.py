"""Channel scale."""

import jax

from emit.ops.channel_scale import ChannelScale
from tests.ops.harness import Case, OpTests, Shape


def scale(x: jax.Array, gates: jax.Array) -> jax.Array:
    """A gate for each channel of each image."""
    return x * gates[:, None, None, :]


def case(shape: Shape) -> Case:
    return Case(ChannelScale(), (shape, (shape[0], shape[3])), scale)


class TestChannelScale(OpTests):
    op = ChannelScale
    numeric = [case(shape) for shape in ((2, 3, 4, 5), (3, 5, 1, 3), (1, 1, 1, 1))]
    golden = numeric[0]
    invalid = {
        "gates of other channels": {"y": (2, 4)},
        "gates of fewer images": {"y": (3, 5)},
        "a cotangent of another size": {"dy": (2, 4, 4, 5)},
    }
    wrong = {
        "a sum": ('hlo.multiply(x, _over_pixels(gates, x), "scaled")', 'hlo.add(x, _over_pixels(gates, x), "scaled")'),
        "the square of the gates, forward": (
            'hlo.multiply(x, _over_pixels(gates, x), "scaled")',
            'hlo.multiply(x, _over_pixels(hlo.multiply(gates, gates), x), "scaled")',
        ),
        "dx without the gates": (
            'hlo.multiply(cotangent, _over_pixels(gates, cotangent), "dx") if wanted[0]',
            "cotangent if wanted[0]",
        ),
        "dx is x times the gates": (
            'hlo.multiply(cotangent, _over_pixels(gates, cotangent), "dx")',
            'hlo.multiply(x, _over_pixels(gates, x), "dx")',
        ),
        "dg is the sum of dy": ("hlo.sums((product,), (2,)", "hlo.sums((cotangent,), (2,)"),
        "dg with its sign turned": ('hlo.subtract(scalar(0, x), x, "negative")', "x"),
        "dg is of the output": (
            'hlo.subtract(scalar(0, x), x, "negative")',
            'hlo.subtract(scalar(0, x), result.output, "negative")',
        ),
        "dg is the mean over the lines": (
            "return Cotangents((dx, dgates))",
            "return Cotangents((dx, hlo.divide(dgates, scalar(x.shape[1], dgates))))",
        ),
        "one line alone": (
            '(dgates,) = hlo.sums((lines,), (1,), "dgate")',
            'dgates = hlo.reshape(hlo.slice_(lines, (0, 0, 0), (x.shape[0], 1, x.shape[3])), gates.shape, "dgate")',
        ),
        "the gates get no cotangent": ("return Cotangents((dx, dgates))", "return Cotangents((dx, None))"),
    }
