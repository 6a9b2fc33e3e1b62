"""GELU in its tanh form: x/2 · (1 + tanh u), u = √(2/π) · (x + 0.044715·x³), tanh u = (e²ᵘ - 1) / (e²ᵘ + 1)."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from emit.ops.gelu_tanh import GeluTanh
from runtime.verify.arithmetic import Arithmetic, scaled
from runtime.verify.op import ANY_SHAPE, Definition, cases

ROOT = Fraction("1.5957691216057308") / 2  # √(2/π) as the program has it; a test holds the digits


def _output(at: Arithmetic, op: Any, inputs: Sequence[Any], tensors: Mapping[str, Any], training: bool) -> Any:
    (x,) = inputs
    cube = at.multiply(x, at.multiply(x, x))
    inner = at.add(x, scaled(at, cube, Fraction(44_715, 1_000_000)))
    power = at.unary("exponential", scaled(at, inner, 2 * ROOT))
    one = at.constant(1, x.shape)
    tanh = at.divide(at.subtract(power, one), at.add(power, one))
    return scaled(at, at.multiply(x, at.add(one, tanh)), Fraction(1, 2))


DEFINITION = Definition(_output, cases((GeluTanh(), (shape,)) for shape in ANY_SHAPE))
