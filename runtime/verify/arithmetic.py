"""Arithmetics that an emitted program can be run over: residues, long decimals, floats, dual numbers over any of them.

An arithmetic defines its arrays and their operations; `runtime.verify.evaluate` runs StableHLO
operations on them. Arrays are numpy's (residues as int64, decimals as objects); those of `Duals` are pairs.
"""

import decimal
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emit.hlo import Real

Plain = NDArray[Any]
Axes = tuple[int, ...]
PRIME = 2**31 - 1
DIGITS = 80
# 2/√π, the slope of erf at 0.
ERF_SLOPE = Fraction(
    "1.12837916709551257389615890312154517168810125865799771368817144342128493688298682897348732040421472688605669"
)


class Arithmetic:
    """Floats of 64 bits, and the base class of the others. `ordered`: numbers compare, so maxima and branches exist."""

    name = "f64"
    ordered = True
    dtype: Any = np.float64

    def number(self, value: Real) -> Any:
        """One number of this arithmetic."""
        return float(value)

    def constant(self, value: Real, shape: Axes) -> Any:
        """An array of one number."""
        return np.full(shape, self.number(value), self.dtype)

    def vector(self, values: Sequence[Real]) -> Any:
        """A vector."""
        return np.array([self.number(value) for value in values], self.dtype)

    def integers(self, x: Plain) -> Any:
        """Whole numbers, exactly."""
        return np.asarray(x, self.dtype)

    def random(self, source: np.random.Generator, shape: Axes) -> Any:
        """Numbers drawn for a test: ordered ones between -1 and 1."""
        return source.uniform(-1, 1, shape)

    def move(self, x: Any, move: Callable[[Plain], Plain]) -> Any:
        """Apply a function that rearranges numbers and changes none."""
        return move(x)

    def padded(self, x: Any, shape: Axes, region: tuple[slice, ...], fill: Real) -> Any:
        """An array of `fill` with x in a region of it."""
        result = self.constant(fill, shape)
        result[region] = x
        return result

    def join(self, parts: Sequence[Any], axis: int) -> Any:
        """Arrays concatenated along an axis."""
        return np.concatenate(parts, axis)

    def add(self, x: Any, y: Any) -> Any:
        """x + y."""
        return x + y

    def subtract(self, x: Any, y: Any) -> Any:
        """x - y."""
        return x - y

    def multiply(self, x: Any, y: Any) -> Any:
        """x · y."""
        return x * y

    def divide(self, x: Any, y: Any) -> Any:
        """x / y. Raises ZeroDivisionError."""
        if np.any(y == 0):
            raise ZeroDivisionError
        return x / y

    def total(self, x: Any, axes: Axes) -> Any:
        """The sum along some axes."""
        return np.asarray(np.sum(x, axis=axes, dtype=self.dtype), self.dtype)

    def product(self, x: Any, y: Any) -> Any:
        """The matmul of two matrices, or of two batches of them."""
        return x @ y

    def unary(self, opcode: str, x: Any) -> Any:
        """A function of one number: `sqrt`, `rsqrt`, `exponential`, `exponential_minus_one`, `log`, `erf`."""
        return _FLOAT[opcode](x)

    def compare(self, direction: str, x: Any, y: Any) -> NDArray[np.bool_]:
        """Truth values of x EQ, NE, GT, GE, LT or LE y."""
        return np.asarray(_COMPARE[direction](x, y), bool)

    def select(self, condition: NDArray[np.bool_], x: Any, y: Any) -> Any:
        """x where the condition holds, y elsewhere."""
        return np.where(condition, x, y)


class Integers(Arithmetic):
    """Whole numbers: labels, indices and counts."""

    name = "integers"
    dtype = np.int64

    def number(self, value: Real) -> Any:
        """One number."""
        return int(value)


class Words(Integers):
    """Words of 32 bits: whole numbers modulo 2³²."""

    name = "words"

    def number(self, value: Real) -> int:
        """One word."""
        return int(value) % 2**32

    def integers(self, x: Plain) -> Plain:
        """The low 32 bits of whole numbers."""
        return np.asarray(x, np.int64) % 2**32

    def add(self, x: Any, y: Any) -> Plain:
        """x + y."""
        return self.integers(np.add(x, y, dtype=np.int64))

    def subtract(self, x: Any, y: Any) -> Plain:
        """x - y."""
        return self.integers(np.subtract(x, y, dtype=np.int64))

    def multiply(self, x: Any, y: Any) -> Plain:
        """x · y, in halves: the high half of y, times 2¹⁶, and the low one."""
        high, low = np.asarray(y, np.int64) >> 16, np.asarray(y, np.int64) & 0xFFFF
        return self.integers((self.integers(x * high) << 16) + x * low)

    def bitwise(self, opcode: str, x: Any, y: Any) -> Plain:
        """A function of the bits: `or`, `xor`, `shift_left`, `shift_right_logical`. Shifts are by less than 32."""
        return self.integers(_BITS[opcode](np.asarray(x, np.int64), np.asarray(y, np.int64)))


class Decimals(Arithmetic):
    """Decimals of `DIGITS` digits, computed to that length inside `long_decimals()` only."""

    name = f"{DIGITS} digits"
    dtype = object

    def number(self, value: Real) -> decimal.Decimal:
        """One number; a fraction is divided out."""
        if isinstance(value, Fraction):
            return decimal.Decimal(value.numerator) / decimal.Decimal(value.denominator)
        return decimal.Decimal(value)

    def integers(self, x: Plain) -> Plain:
        """Whole numbers, exactly."""
        return np.asarray(np.frompyfunc(lambda number: decimal.Decimal(int(number)), 1, 1)(x), object)

    def random(self, source: np.random.Generator, shape: Axes) -> Plain:
        """Between -1 and 1, with 120 random bits."""
        count = int(np.prod(shape))
        high, low = (source.integers(0, 2**60, count).tolist() for _ in range(2))
        unit = decimal.Decimal(2**119)
        drawn = np.empty(count, object)
        drawn[:] = [(decimal.Decimal(a << 60 | b) - unit) / unit for a, b in zip(high, low, strict=True)]
        return drawn.reshape(shape)

    def add(self, x: Any, y: Any) -> Plain:
        """x + y."""
        return np.asarray(x + y, object)  # for arrays without axes NumPy returns scalars

    def subtract(self, x: Any, y: Any) -> Plain:
        """x - y."""
        return np.asarray(x - y, object)

    def multiply(self, x: Any, y: Any) -> Plain:
        """x · y."""
        return np.asarray(x * y, object)

    def divide(self, x: Any, y: Any) -> Plain:
        """x / y. Raises ZeroDivisionError."""
        return np.asarray(super().divide(x, y), object)

    def unary(self, opcode: str, x: Plain) -> Plain:
        """The function, elementwise."""
        return np.asarray(_DECIMAL[opcode](x), object)


class Field(Arithmetic):
    """Residues modulo the prime 2³¹ - 1: exact sums, products and quotients; no order and no roots.

    A polynomial of degree d that is not zero everywhere is zero at a random point with a probability of at most
    d / 2³¹ (Schwartz 1980, lemma 1; Zippel 1979).
    """

    name = "GF(2³¹ - 1)"
    ordered = False
    dtype = np.int64

    def number(self, value: Real) -> int:
        """The residue of a fraction."""
        exact = Fraction(value)
        return exact.numerator * pow(exact.denominator, -1, PRIME) % PRIME

    def integers(self, x: Plain) -> Plain:
        """Their residues."""
        return np.asarray(x, np.int64) % PRIME

    def random(self, source: np.random.Generator, shape: Axes) -> Plain:
        """Uniform over all residues."""
        return source.integers(0, PRIME, shape)

    def add(self, x: Any, y: Any) -> Any:
        """x + y."""
        return (x + y) % PRIME

    def subtract(self, x: Any, y: Any) -> Any:
        """x - y."""
        return (x - y) % PRIME

    def multiply(self, x: Any, y: Any) -> Any:
        """x · y."""
        return x * y % PRIME

    def divide(self, x: Any, y: Any) -> Any:
        """x times y to the power p - 2 (Fermat). Raises ZeroDivisionError."""
        divisors, index = np.unique(y, return_inverse=True)
        if not divisors.all():
            raise ZeroDivisionError
        inverses = np.array([pow(int(divisor), -1, PRIME) for divisor in divisors], np.int64)
        return x * inverses[index].reshape(np.shape(y)) % PRIME

    def total(self, x: Any, axes: Axes) -> Any:
        """The sum along some axes."""
        return np.asarray(np.sum(x, axis=axes) % PRIME, np.int64)

    def product(self, x: Any, y: Any) -> Any:
        """A matmul in halves of 16 bits, whose sums floats hold exactly: below 2⁵³ up to 2²⁰ terms."""
        if x.shape[-1] > 2**20:
            raise OverflowError(f"a matmul over {x.shape[-1]} terms is not exact")
        (high_x, low_x), (high_y, low_y) = ((matrix >> 16, matrix & 0xFFFF) for matrix in (x, y))
        a, b, c, d = (half.astype(np.float64) for half in (high_x, low_x, high_y, low_y))
        high, middle, low = (part.astype(np.int64) % PRIME for part in (a @ c, a @ d + b @ c, b @ d))
        return (high * (2**32 % PRIME) + middle * 2**16 + low) % PRIME

    def unary(self, opcode: str, x: Any) -> Any:
        """Raises ArithmeticError: a field has no roots."""
        raise ArithmeticError(f"a field has no {opcode}")

    def compare(self, direction: str, x: Any, y: Any) -> NDArray[np.bool_]:
        """Raises ArithmeticError: a field has no order."""
        raise ArithmeticError("a field has no order")


class Degrees(Arithmetic):
    """The degree of every number of a program, as a polynomial in the arguments."""

    name = "degrees"
    ordered = False
    dtype = np.int64

    def number(self, value: Real) -> int:
        """A constant has degree 0."""
        return 0

    def add(self, x: Any, y: Any) -> Any:
        """The larger."""
        return np.maximum(x, y)

    def subtract(self, x: Any, y: Any) -> Any:
        """The larger."""
        return np.maximum(x, y)

    def multiply(self, x: Any, y: Any) -> Any:
        """The sum."""
        return np.add(x, y)

    def divide(self, x: Any, y: Any) -> Any:
        """Division by a constant changes none."""
        if np.any(y):
            raise ArithmeticError("division by what is not constant")
        return x

    def total(self, x: Any, axes: Axes) -> Any:
        """The largest."""
        return np.asarray(np.max(x, axis=axes))

    def product(self, x: Any, y: Any) -> Any:
        """The largest of all sums, at most."""
        return np.full((*x.shape[:-1], y.shape[-1]), np.max(x) + np.max(y))


@dataclass(frozen=True)
class Dual:
    """value + tangent·ε with ε² = 0."""

    value: Plain
    tangent: Plain


class Duals(Arithmetic):
    """Dual numbers: running a program on them gives its value and, as tangent, its Jacobian times a direction."""

    def __init__(self, base: Arithmetic) -> None:
        self.base = base
        self.name = f"duals over {base.name}"
        self.ordered = base.ordered

    def constant(self, value: Real, shape: Axes) -> Dual:
        """A number of tangent 0."""
        return self._constant(self.base.constant(value, shape))

    def vector(self, values: Sequence[Real]) -> Dual:
        """Numbers of tangent 0."""
        return self._constant(self.base.vector(values))

    def integers(self, x: Plain) -> Dual:
        """Numbers of tangent 0."""
        return self._constant(self.base.integers(x))

    def move(self, x: Dual, move: Callable[[Plain], Plain]) -> Dual:
        """Value and tangent alike."""
        return Dual(self.base.move(x.value, move), self.base.move(x.tangent, move))

    def padded(self, x: Dual, shape: Axes, region: tuple[slice, ...], fill: Real) -> Dual:
        """The fill has tangent 0."""
        return Dual(self.base.padded(x.value, shape, region, fill), self.base.padded(x.tangent, shape, region, 0))

    def join(self, parts: Sequence[Dual], axis: int) -> Dual:
        """Value and tangent alike."""
        join = self.base.join
        return Dual(join([part.value for part in parts], axis), join([part.tangent for part in parts], axis))

    def add(self, x: Dual, y: Dual) -> Dual:
        """The sum rule."""
        return Dual(self.base.add(x.value, y.value), self.base.add(x.tangent, y.tangent))

    def subtract(self, x: Dual, y: Dual) -> Dual:
        """The sum rule."""
        return Dual(self.base.subtract(x.value, y.value), self.base.subtract(x.tangent, y.tangent))

    def multiply(self, x: Dual, y: Dual) -> Dual:
        """x·y, and x'·y + x·y'."""
        return self._bilinear(self.base.multiply, x, y)

    def divide(self, x: Dual, y: Dual) -> Dual:
        """q = x/y, and (x' - q·y')/y."""
        quotient = self.base.divide(x.value, y.value)
        rest = self.base.subtract(x.tangent, self.base.multiply(quotient, y.tangent))
        return Dual(quotient, self.base.divide(rest, y.value))

    def total(self, x: Dual, axes: Axes) -> Dual:
        """Value and tangent alike."""
        return Dual(self.base.total(x.value, axes), self.base.total(x.tangent, axes))

    def product(self, x: Dual, y: Dual) -> Dual:
        """X·Y, and X'·Y + X·Y'."""
        return self._bilinear(self.base.product, x, y)

    def unary(self, opcode: str, x: Dual) -> Dual:
        """f(x), and f'(x)·x', with f' written in terms of x and f(x)."""
        result = self.base.unary(opcode, x.value)
        slope = _SLOPES[opcode](self.base, x.value, result)
        return Dual(result, self.base.multiply(slope, x.tangent))

    def compare(self, direction: str, x: Dual, y: Dual) -> NDArray[np.bool_]:
        """By value."""
        return self.base.compare(direction, x.value, y.value)

    def select(self, condition: NDArray[np.bool_], x: Dual, y: Dual) -> Dual:
        """Value and tangent alike."""
        select = self.base.select
        return Dual(select(condition, x.value, y.value), select(condition, x.tangent, y.tangent))

    def _constant(self, value: Plain) -> Dual:
        return Dual(value, self.base.constant(0, value.shape))

    def _bilinear(self, times: Callable[[Any, Any], Any], x: Dual, y: Dual) -> Dual:
        tangent = self.base.add(times(x.tangent, y.value), times(x.value, y.tangent))
        return Dual(times(x.value, y.value), tangent)


def long_decimals() -> Any:
    """The context in which decimals are computed to `DIGITS` digits."""
    return decimal.localcontext(decimal.Context(prec=DIGITS, Emin=-999999, Emax=999999))


def scaled(at: Arithmetic, x: Any, factor: Fraction) -> Any:
    """x times a number."""
    return at.multiply(x, at.constant(factor, x.shape))


def repeated(x: Any, like: Any) -> Any:
    """The last axis, or one number, repeated over the others."""
    return np.broadcast_to(x, like.shape)


def agreeing_digits(found: Any, expected: Any) -> int:
    """The number of digits to which two decimals, or arrays relative to their largest, agree; `DIGITS` at most."""
    left, right = np.atleast_1d(np.asarray(found, object)), np.atleast_1d(np.asarray(expected, object))
    largest = max(np.max(np.abs(left)), np.max(np.abs(right)))
    difference = np.max(np.abs(left - right))
    if difference == 0:
        return DIGITS
    return max(min(int(-(difference / largest).adjusted()) - 1, DIGITS), 0)


def _elementwise(function: Callable[[decimal.Decimal], decimal.Decimal]) -> Callable[[Plain], Any]:
    return np.frompyfunc(function, 1, 1)


def _expm1(x: decimal.Decimal) -> decimal.Decimal:
    wide = decimal.Context(prec=2 * DIGITS)
    return wide.subtract(x.exp(wide), decimal.Decimal(1))


def _erf(x: decimal.Decimal) -> decimal.Decimal:
    """2/√π · e^(-x²) · Σ 2ⁿ·x^(2n+1) / (1·3·...·(2n+1)), whose terms have one sign; ±1 where no digit is missing."""
    square = x * x
    if square > 200:
        return decimal.Decimal(1).copy_sign(x)
    with decimal.localcontext(prec=DIGITS + 5):
        term = total = x
        odd = 1
        while abs(term) > abs(total) * decimal.Decimal(10) ** -(DIGITS + 5):
            odd += 2
            term *= 2 * square / odd
            total += term
        found = Decimals().number(ERF_SLOPE) * (-square).exp() * total
    return +found


_FLOAT: dict[str, Callable[[Plain], Any]] = {
    "sqrt": np.sqrt,
    "rsqrt": lambda x: 1 / np.sqrt(x),
    "exponential": np.exp,
    "exponential_minus_one": np.expm1,
    "log": np.log,
    "erf": np.vectorize(math.erf, [np.float64]),
}
_BITS: dict[str, Callable[[Plain, Plain], Plain]] = {
    "or": np.bitwise_or,
    "xor": np.bitwise_xor,
    "shift_left": np.left_shift,
    "shift_right_logical": np.right_shift,
}
_DECIMAL: dict[str, Callable[[Plain], Any]] = {
    "sqrt": _elementwise(lambda x: x.sqrt()),
    "rsqrt": _elementwise(lambda x: 1 / x.sqrt()),
    "exponential": _elementwise(lambda x: x.exp()),
    "exponential_minus_one": _elementwise(_expm1),
    "log": _elementwise(lambda x: x.ln()),
    "erf": _elementwise(_erf),
}
_COMPARE: dict[str, Callable[[Plain, Plain], Any]] = {
    "EQ": lambda x, y: x == y,
    "NE": lambda x, y: x != y,
    "GT": lambda x, y: x > y,
    "GE": lambda x, y: x >= y,
    "LT": lambda x, y: x < y,
    "LE": lambda x, y: x <= y,
}
# The derivative, from the arithmetic, x and f(x).
_SLOPES: dict[str, Callable[[Arithmetic, Plain, Plain], Any]] = {
    "sqrt": lambda at, x, root: at.divide(at.constant(Fraction(1, 2), x.shape), root),
    "rsqrt": lambda at, x, inverse: at.divide(at.multiply(at.constant(Fraction(-1, 2), x.shape), inverse), x),
    "exponential": lambda at, x, power: power,
    "exponential_minus_one": lambda at, x, less: at.add(less, at.constant(1, x.shape)),
    "log": lambda at, x, log: at.divide(at.constant(1, x.shape), x),
    "erf": lambda at, x, erf: at.multiply(
        at.constant(ERF_SLOPE, x.shape),
        at.unary("exponential", at.multiply(at.constant(-1, x.shape), at.multiply(x, x))),
    ),
}
