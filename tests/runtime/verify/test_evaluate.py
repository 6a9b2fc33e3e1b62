"""The evaluator against StableHLO's reference interpreter, and its arithmetics against what they must obey."""

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from emit.hlo import Block, Value
from emit.hlo.printer import module_text
from emit.program import Program
from emit.programs import emit
from runtime.verify.arithmetic import (
    DIGITS,
    ERF_SLOPE,
    PRIME,
    Arithmetic,
    Decimals,
    Dual,
    Duals,
    Field,
    Words,
    agreeing_digits,
    long_decimals,
)
from runtime.verify.evaluate import evaluate
from runtime.verify.reduced import reduced
from specs.tiny import tiny, tinyConfig
from tests.emit import interpreter
from tests.ops.harness import Case, difference, emitted, tables

SAMPLE = [case for table in tables().values() for case in (*table.goldens().values(), *table.numeric[::9])]


def drawn(case: Case, shape: tuple[int, ...], dtype: str, source: np.random.Generator) -> NDArray[Any]:
    if dtype == "ui32":
        return source.integers(0, 2**32, shape, np.uint32)
    if dtype == "i32":
        return source.integers(0, 3, shape).astype(np.int32)
    return case.draw(source, shape) if len(shape) > 1 else source.uniform(0.5, 2, shape)


@pytest.mark.parametrize("case", SAMPLE, ids=str)
def test_every_operation_gives_what_the_reference_interpreter_gives(case: Case) -> None:
    module, source = emitted(case, "f64"), np.random.default_rng(0)
    arrays = [drawn(case, value.shape, value.dtype, source) for value in module.arguments]
    expected = interpreter.run(module.text, arrays)
    function = module.module.functions[0]
    values: dict[Value, Any] = dict(zip(module.arguments, arrays, strict=True))
    evaluate(function.operations, values, Arithmetic())
    for value, right in zip(function.results, expected, strict=True):
        assert difference(values[value], right) <= 1e-13


def small_step() -> Program:
    return emit("train_step", reduced(tiny), tinyConfig, real="f64")


def test_a_whole_training_step_gives_what_the_reference_interpreter_gives() -> None:
    program, source = small_step(), np.random.default_rng(0)
    function = program.module.functions[0]
    kinds: dict[str, Any] = {"ui8": np.uint8, "i32": np.int32, "f64": np.float64}
    arrays = [
        (source.integers(0, 3, value.shape) if value.dtype != "f64" else source.uniform(0.1, 1, value.shape)).astype(
            kinds[value.dtype]
        )
        for value in function.arguments
    ]
    renamed = module_text(program.module).replace("@train_step(", "@main(")
    expected = interpreter.run(renamed, arrays)
    values: dict[Value, Any] = dict(zip(function.arguments, arrays, strict=True))
    evaluate(function.operations, values, Arithmetic())
    for value, right in zip(function.results, expected, strict=True):
        assert difference(values[value], right) <= 1e-12, value.name


# --- arithmetics ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("opcode", ["add", "subtract", "multiply", "or", "xor", "shift_left", "shift_right_logical"])
def test_words_wrap_as_a_machine_s_do(opcode: str) -> None:
    numpys: dict[str, Any] = {
        "or": np.bitwise_or,
        "xor": np.bitwise_xor,
        "shift_left": np.left_shift,
        "shift_right_logical": np.right_shift,
    }
    source, words = np.random.default_rng(0), Words()
    x, y = (np.append(source.integers(0, 2**32, 99, np.uint32), np.uint32(2**32 - 1)) for _ in range(2))
    if opcode.startswith("shift"):
        y = y % np.uint32(32)
    if opcode in numpys:
        found, expected = words.bitwise(opcode, x, y), numpys[opcode](x, y)
    else:
        found, expected = getattr(words, opcode)(x.astype(np.int64), y.astype(np.int64)), getattr(np, opcode)(x, y)
    assert np.array_equal(found, expected)


def test_a_product_of_matrices_in_the_field_is_exact_up_to_the_largest_residues() -> None:
    x, y = np.full((2, 5000), PRIME - 1), np.full((5000, 3), PRIME - 2)
    expected = 5000 * (PRIME - 1) * (PRIME - 2) % PRIME
    assert (Field().product(x, y) == expected).all()
    source, at = np.random.default_rng(0), Field()
    x, y = at.random(source, (3, 40)), at.random(source, (40, 2))
    exact = [[sum(int(a) * int(b) for a, b in zip(row, y[:, j], strict=True)) % PRIME for j in range(2)] for row in x]
    np.testing.assert_array_equal(at.product(x, y), exact)


def test_a_product_too_long_to_be_exact_is_refused() -> None:
    with pytest.raises(OverflowError, match="not exact"):
        Field().product(np.zeros((1, 2**20 + 1), np.int64), np.zeros((2**20 + 1, 1), np.int64))


def test_the_field_divides_and_takes_fractions() -> None:
    at, source = Field(), np.random.default_rng(0)
    x, y = at.random(source, (50,)), at.random(source, (50,))
    np.testing.assert_array_equal(at.multiply(at.divide(x, y), y), x)
    assert at.number(Fraction(1, 10)) * 10 % PRIME == 1
    with pytest.raises(ZeroDivisionError):
        at.divide(x, np.zeros_like(y))


@pytest.mark.parametrize("opcode", ["sqrt", "compare", "exponential"])
def test_the_field_refuses_what_it_does_not_have(opcode: str) -> None:
    with pytest.raises(ArithmeticError, match="a field has no"):
        Field().compare("GT", 1, 2) if opcode == "compare" else Field().unary(opcode, np.ones(1, np.int64))


@pytest.mark.parametrize("opcode", ["sqrt", "rsqrt", "exponential", "exponential_minus_one", "log", "erf"])
def test_a_derivative_on_dual_numbers_agrees_with_a_difference_quotient(opcode: str) -> None:
    with long_decimals():
        at, step = Decimals(), Decimal("1e-25")
        x = np.array([Decimal("0.3"), Decimal("2.5")], object)
        found = Duals(at).unary(opcode, Dual(x, at.constant(3, (2,))))
        quotient = (at.unary(opcode, x + step) - at.unary(opcode, x - step)) / (2 * step) * 3
        assert agreeing_digits(found.tangent, quotient) >= 45
        assert agreeing_digits(found.value, at.unary(opcode, x)) == DIGITS


def test_erf_has_all_digits_and_goes_to_one() -> None:
    """By its series about 0, and by that of its complement, which gives the first digits far from there."""
    with long_decimals():
        at = Decimals()
        half, far, farther, none = at.unary("erf", np.array([Decimal("0.5"), Decimal(-12), Decimal(15), Decimal(0)]))
        root_pi = 2 / at.number(ERF_SLOPE)
        assert agreeing_digits(root_pi**2, Decimal("3.14159265358979323846264338327950288419716939937510")) >= 50
        terms = [Decimal(-1) ** n / (math.factorial(n) * (2 * n + 1) * Decimal(2) ** (2 * n + 1)) for n in range(60)]
        assert agreeing_digits(half, 2 / root_pi * sum(terms)) >= DIGITS - 2
        rest = Decimal(-144).exp() / (12 * root_pi) * (1 - Decimal(1) / 288 + Decimal(3) / 288**2)
        assert agreeing_digits(1 + far, rest) >= 6
        assert (farther, none) == (1, 0)
    assert np.allclose(Arithmetic().unary("erf", np.array([0.5, -12.0])), [math.erf(0.5), -1.0], rtol=1e-15)


def test_a_quotient_of_dual_numbers_has_the_quotient_rule() -> None:
    with long_decimals():
        at = Duals(Decimals())
        two, three = (Dual(at.base.constant(n, ()), at.base.constant(d, ())) for n, d in ((2, 5), (3, 7)))
        found = at.divide(two, three)
        # (2/3)' = (5·3 - 2·7)/9
        assert agreeing_digits(found.tangent, Decimal(1) / Decimal(9)) >= DIGITS - 2


def test_small_exponentials_less_one_keep_their_digits() -> None:
    with long_decimals():
        tiny_number = np.array([Decimal("1e-60")], object)
        found = Decimals().unary("exponential_minus_one", tiny_number)[0]
        assert agreeing_digits(found, Decimal("1e-60") + Decimal("5e-121")) >= 75


def test_agreement_counts_digits_from_the_largest_number() -> None:
    assert agreeing_digits(Decimal("1.001"), Decimal("1")) == 3
    assert agreeing_digits(Decimal(0), Decimal(0)) == DIGITS
    assert agreeing_digits(Decimal(1), Decimal(-1)) == 0
    both = np.array([Decimal(1000), Decimal("0.001")], object)
    assert agreeing_digits(both, np.array([Decimal(1000), Decimal("0.003")], object)) == 5


def test_an_operation_that_would_round_is_refused() -> None:
    block = Block("f64")
    x = block.argument("x", (1,))
    block.emit("convert", (x,), (block.argument("i", (1,), "i32").type,), "whole")
    with pytest.raises(ArithmeticError, match="would round"):
        evaluate(block.operations, {x: np.ones(1)}, Arithmetic())
