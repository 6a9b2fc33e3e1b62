"""GELU."""

import math
from decimal import Decimal, localcontext

import jax
import numpy as np
import pytest

from emit.hlo import Block, Value
from emit.op import Call
from emit.ops.gelu import DENSITY_AT_0, FARTHEST, Gelu
from runtime.verify.arithmetic import Arithmetic, Decimals, Dual, Duals, long_decimals
from runtime.verify.evaluate import Environment, evaluate
from runtime.verify.ops import output
from tests.ops.harness import ActivationTests, Case, run


def gelu(x: jax.Array) -> jax.Array:
    """As the paper has it."""
    return jax.scipy.stats.norm.cdf(x) * x


def emitted(count: int) -> tuple[Block, Value, Value]:
    """The forward pass, its argument and its output."""
    block = Block("f64")
    x = block.argument("x", (count,))
    return block, x, Gelu().forward(Call((x,))).output


def test_the_approximation_is_off_by_less_than_1e_16_and_its_slope_by_less_than_4e_16() -> None:
    points = [Decimal(i) / 64 for i in range(-64 * 9, 64 * 9 + 1)]
    with long_decimals():
        at = Duals(Decimals())
        x = np.array(points, object)
        block, argument, result = emitted(len(points))
        values: Environment = {argument: Dual(x, at.base.constant(1, x.shape))}
        evaluate(block.operations, values, at)
        exact = output(at.base, Gelu(), [x], {})
        assert max(abs(values[result].value - exact)) < 1e-16
        root = at.base.unary("rsqrt", at.base.constant(2, x.shape))
        share = (1 + at.base.unary("erf", x * root)) / 2
        density = at.base.unary("exponential", -x * x / 2) * at.base.number(DENSITY_AT_0)
        assert max(abs(values[result].tangent - (share + x * density))) < 4e-16


@pytest.mark.parametrize(
    ("x", "y", "slope"), [(-1e30, 0.0, 0.0), (-45.0, 0.0, 0.0), (45.0, 45.0, 1.0), (1e30, 1e30, 1.0)]
)
def test_far_from_zero_it_is_relu(x: float, y: float, slope: float) -> None:
    """Where the polynomials would be more than a number can be."""
    found = run(Case(Gelu(), ((1, 1),), gelu), np.full((1, 1), x), np.ones((1, 1)))
    assert [float(each[0, 0]) for each in found] == [y, slope]
    assert math.exp(-(FARTHEST**2) / 2) == 0.0
    block, argument, result = emitted(1)
    values: Environment = {argument: np.array([x])}
    evaluate(block.operations, values, Arithmetic())
    assert float(values[result][0]) == y


class TestGelu(ActivationTests):
    op = Gelu
    oracle = staticmethod(gelu)
    slopes = {}
    wrong = {
        "another digit in a coefficient above": ('"6.37396220353165"', '"6.37396220253165"'),
        "another digit in a coefficient below": ('"86.7807322029461"', '"86.7807322929461"'),
        "a coefficient is missing": ('    "0.700383064443688",\n', ""),
        "GELU in its tanh form, forward": (
            "from emit.activation import Activation\n",
            "from emit.activation import Activation, logistic\nfrom emit.ops.gelu_tanh import _twice\n",
            'return Result(hlo.subtract(hlo.maximum(x, scalar(0, x), "positive_part"), below, "out"))',
            'return Result(hlo.multiply(x, logistic(_twice(x)), "out"))',
        ),
        "the exponential of -z²": ("Fraction(-1, 2)", "Fraction(-1)"),
        "not the size of x but x": (
            'hlo.maximum(x, hlo.subtract(scalar(0, x), x, "negative"), "size")',
            'hlo.maximum(x, scalar(0, x), "size")',
        ),
        "the tail is added": (
            'hlo.subtract(hlo.maximum(x, scalar(0, x), "positive_part"), below, "out")',
            'hlo.add(hlo.maximum(x, scalar(0, x), "positive_part"), below, "out")',
        ),
        "it bends at 3": ("FARTHEST = 40", "FARTHEST = 3"),
        "the derivative of x is lost": ('hlo.add(share, hlo.multiply(x, density, "through"), "slope")', "density"),
        "the derivative of Φ is lost": ('hlo.add(share, hlo.multiply(x, density, "through"), "slope")', "share"),
        "the share of a negative number is that of a positive one": (
            'hlo.select(hlo.compare(x, "GT", scalar(0, x), "above"), above, tail, "share")',
            "above",
        ),
        "the density is not divided by √(2π)": ('hlo.multiply(power, scalar(DENSITY_AT_0, x), "density")', "power"),
        "the density with erf's slope, 2/√π": ('"0.39894228040143268"', '"1.1283791670955126"'),
        "the derivative is read off the output": (
            "x = call.inputs[0] if call.rematerialized is None else call.rematerialized",
            "x = result.output",
        ),
    }

    def test_the_density_at_0_has_all_digits_of_f64(self) -> None:
        assert float(DENSITY_AT_0) == 1 / math.sqrt(2 * math.pi)
        with localcontext(prec=30):
            root = Decimal("3.14159265358979323846264338327950") * 2
            assert abs(Decimal("0.39894228040143268") ** 2 * root - 1) < Decimal("1e-15")
