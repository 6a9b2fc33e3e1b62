"""Every op family, forward and back, in f64: the official reference interpreter against JAX's autodiff."""

import zlib
from dataclasses import fields, replace
from typing import Any

import jax
import numpy as np
import pytest
from numpy.typing import NDArray

from emit.forms import Forms, Question
from emit.graph import IMAGES, Graph
from emit.hlo import Block
from emit.op import REGISTRY, Call
from emit.ops.batch_norm import BatchNorm
from emit.ops.convolution import Convolution
from emit.ops.max_pool import MaxPool
from emit.ops.relu import Relu
from emit.walk import takes_parts
from emit.windows import Window
from tests.emit import interpreter, oracle
from tests.emit.cases import GOLDEN, INVALID, NUMERIC, WHOLE, Case, batch_norm_case, emitted
from tests.emit.test_golden import golden_path

TOLERANCE = 1e-9  # f64 rounds at 1e-16, and the longest sum here has a few hundred terms.
QUICK = {"xla_backend_optimization_level": 0, "xla_llvm_disable_expensive_passes": True}
ALL = [case for cases in NUMERIC.values() for case in cases]


def numbers(case: Case) -> tuple[list[NDArray[Any]], list[NDArray[np.float64]], list[NDArray[np.float64]]]:
    """Inputs, parameters and running statistics, from a seed of the case's own."""
    source = np.random.default_rng(zlib.crc32(str(case).encode()))
    inputs: list[NDArray[Any]] = [case.draw(source, shape) for shape in case.inputs]
    if case.op.kind == "cross_entropy":
        inputs[1] = inputs[1].astype(np.int32)
    parameters = [source.standard_normal(tensor.shape) for tensor in case.op.parameters()]
    # A variance is positive; for a mean any number will do.
    statistics = [source.uniform(0.5, 2.0, tensor.shape) for tensor in case.op.statistics()]
    return inputs, parameters, statistics


def pull(case: Case, dy: NDArray[Any], *arguments: NDArray[Any]) -> tuple[jax.Array, tuple[jax.Array, ...]]:
    """The oracle's output and cotangents; compiled as fast as XLA can, for each runs once."""

    def both(dy: jax.Array, *arguments: jax.Array) -> tuple[jax.Array, tuple[jax.Array, ...]]:
        output, back = jax.vjp(case.oracle, *arguments)
        return output, back(dy)

    found: tuple[jax.Array, tuple[jax.Array, ...]] = jax.jit(both, compiler_options=QUICK)(dy, *arguments)
    return found


def compare(found: NDArray[Any], expected: jax.Array, what: str) -> float:
    assert found.shape == expected.shape
    error = oracle.difference(found, expected)
    assert error <= TOLERANCE, f"{what} is {error:.2e} off"
    return error


def measure(case: Case) -> float:
    """The largest relative error of a case's output, new statistics and cotangents."""
    inputs, parameters, statistics = numbers(case)
    module = emitted(case, "f64")
    if not case.training:
        (found,) = interpreter.run(module.text, [*inputs, *parameters, *statistics])
        return compare(found, case.oracle(*inputs, *parameters, *statistics), "the output")
    source = np.random.default_rng(zlib.crc32(str(case).encode()) + 1)
    dy = np.asarray(source.standard_normal(jax.eval_shape(case.oracle, *inputs, *parameters).shape))
    expected, pulled = pull(case, dy, *inputs, *parameters)
    output, *rest = interpreter.run(module.text, [*inputs, *parameters, *statistics, dy])
    errors = [compare(output, expected, "the output")]
    moved, cotangents = rest[: len(module.statistics)], rest[len(module.statistics) :]
    if moved:
        wanted_statistics = jax.jit(oracle.moved_statistics, compiler_options=QUICK)(inputs[0], *statistics)
        for array, right in zip(moved, wanted_statistics, strict=True):
            errors.append(compare(array, right, "a running statistic"))
    wanted = [each for each in pulled if each.dtype == np.float64]
    assert len(cotangents) == len(wanted)
    for i, (array, right) in enumerate(zip(cotangents, wanted, strict=True)):
        errors.append(compare(array, right, f"cotangent {i}"))
    return max(errors)


@pytest.mark.parametrize("case", ALL, ids=str)
def test_an_op_and_every_cotangent_agree_with_the_oracle_in_f64(case: Case) -> None:
    measure(case)


@pytest.mark.parametrize("kind", sorted(REGISTRY))
def test_an_op_kind_has_a_numeric_test_a_golden_text_and_an_invalid_case(kind: str) -> None:
    op = REGISTRY[kind]
    assert NUMERIC.get(kind), f"{kind} has no numeric case in tests/emit/cases.py"
    assert INVALID.get(kind), f"{kind} has no invalid case in tests/emit/cases.py"
    assert kind in GOLDEN, f"{kind} has no golden case in tests/emit/cases.py"
    assert golden_path(kind).is_file(), f"{kind} has no text in tests/golden"
    for case in (*NUMERIC[kind], GOLDEN[kind]):
        assert type(case.op) is op
    for part in ("shape", "forward", "vjp", "macs"):
        assert not getattr(getattr(op, part), "__isabstractmethod__", False)
        assert getattr(op, part).__doc__, f"{kind}.{part} says nothing"


def test_no_case_is_left_of_an_op_that_is_gone() -> None:
    assert set(NUMERIC) == set(GOLDEN) == set(INVALID) == set(REGISTRY)


@pytest.mark.parametrize("case", ALL, ids=str)
def test_the_shape_rule_gives_the_shape_that_jax_finds(case: Case) -> None:
    inputs, parameters, statistics = numbers(case)
    rest = statistics if not case.training else []
    expected = jax.eval_shape(case.oracle, *inputs, *parameters, *rest).shape
    found = case.op.shape(*(shape[1:] for shape in case.inputs))
    assert found == (expected if case.op.kind == "cross_entropy" else expected[1:])


# --- by hand ----------------------------------------------------------------------------------------------------------


def pool(x: list[list[float]], dy: list[list[float]], window: Window) -> tuple[list[list[float]], list[list[float]]]:
    """A max-pool of one image of one channel: the output, and the input's cotangent."""
    image, cotangent = np.array(x, float)[None, :, :, None], np.array(dy, float)[None, :, :, None]
    case = Case(MaxPool(window), (image.shape,), lambda image: image)
    y, dx = interpreter.run(emitted(case, "f64").text, [image, cotangent])
    return y[0, :, :, 0].tolist(), dx[0, :, :, 0].tolist()


def test_of_equal_numbers_in_a_pool_window_the_first_row_by_row_takes_the_cotangent() -> None:
    y, dx = pool([[1, 5, 5], [5, 5, 2], [0, 0, 0]], [[10]], Window(3, 3, "valid"))
    assert (y, dx) == ([[5]], [[0, 10, 0], [0, 0, 0], [0, 0, 0]])


def test_overlapping_pool_windows_that_choose_one_pixel_add_their_cotangents_there() -> None:
    # Windows of 2×2 by 1: the 9 in the middle wins all four; of the equal 3s each window takes its own first.
    y, dx = pool([[0, 0, 0], [0, 9, 0], [0, 0, 0]], [[1, 2], [4, 8]], Window(2, 1, "valid"))
    assert (y, dx) == ([[9, 9], [9, 9]], [[0, 0, 0], [0, 15, 0], [0, 0, 0]])
    y, dx = pool([[3, 3, 3], [3, 3, 3]], [[1, 2]], Window(2, 1, "valid"))
    assert (y, dx) == ([[3, 3]], [[1, 2, 0], [0, 0, 0]])


def test_pool_padding_never_wins_even_over_negative_numbers() -> None:
    y, dx = pool([[-7, -7], [-8, -9]], [[1]], Window(3, 2, "symmetric"))
    assert (y, dx) == ([[-7]], [[1, 0], [0, 0]])


def test_a_pool_of_all_equal_pixels_ties_as_xla_breaks_them() -> None:
    window = Window(3, 2, "symmetric")
    ones = np.ones((2, 6, 5, 3))
    case = Case(MaxPool(window), (ones.shape,), lambda x: oracle.max_pool(x, 3, 2, "symmetric"))
    dy = np.random.default_rng(0).standard_normal((2, 3, 3, 3))
    _, (expected,) = pull(case, dy, ones)
    _, dx = interpreter.run(emitted(case, "f64").text, [ones, dy])
    assert oracle.difference(dx, expected) <= TOLERANCE


@pytest.mark.parametrize(
    ("kind", "x", "slope"), [("relu", 0.0, 0.0), ("relu6", 0.0, 0.0), ("relu6", 6.0, 0.0), ("relu", 6.0, 1.0)]
)
def test_the_derivative_at_a_kink_is_zero(kind: str, x: float, slope: float) -> None:
    case = Case(REGISTRY[kind](), ((1, 1),), oracle.relu)
    y, dx = interpreter.run(emitted(case, "f64").text, [np.array([[x]]), np.array([[3.0]])])
    assert (y.item(), dx.item()) == (x, 3.0 * slope)


def test_running_statistics_move_by_a_tenth_towards_the_mean_and_the_unbiased_variance() -> None:
    x = np.array([1.0, 2.0, 3.0, 6.0]).reshape(2, 2, 1, 1)
    one, old_mean, old_variance, dy = np.ones(1), np.array([10.0]), np.array([1.0]), np.zeros_like(x)
    module = emitted(batch_norm_case(x.shape, WHOLE), "f64")
    _, mean, variance, *_ = interpreter.run(module.text, [x, one, one, old_mean, old_variance, dy])
    # The mean is 3; the squares of what is left are 4 + 1 + 0 + 9 = 14, over 3.
    assert mean.item() == pytest.approx(0.9 * 10 + 0.1 * 3)
    assert variance.item() == pytest.approx(0.9 * 1 + 0.1 * 14 / 3)


# `panel_columns` is no op's: `test_fold` and `test_inference` try it.
OTHERS = ("chosen", "asked", "panel_columns")


@pytest.mark.parametrize("field", [each.name for each in fields(Forms) if each.name not in OTHERS])
def test_every_rule_for_a_form_is_tried_in_two_values_at_least(field: str) -> None:
    assert len({getattr(case.forms, field) for case in ALL}) >= 2


def questions_of(case: Case) -> list[Question]:
    found: list[Question] = []
    emitted(replace(case, forms=replace(case.forms, asked=found.append)), "f64")
    return found


FAMILIES = ("channel_sum", "depthwise_images", "kernel_gradient", "parts", "product_pieces", "winograd")
ASKED = [(case, question) for case in ALL if case.training for question in questions_of(case)]


@pytest.mark.ordinary
@pytest.mark.parametrize("family", FAMILIES)
def test_every_form_that_may_be_chosen_gives_the_oracle_s_numbers(family: str) -> None:
    """Each answer of a family, on several of the odd shapes above, whatever the rule says."""
    of_family = [(case, question) for case, question in ASKED if question.family == family]
    differing = 0
    for case, question in of_family[:: max(1, len(of_family) // 8)]:
        chosen = [replace(case, forms=replace(case.forms, chosen={str(question): each})) for each in question.answers]
        differing += len({emitted(each, "f64").text for each in chosen}) == len(question.answers)
        for each in chosen:
            measure(each)
    assert differing  # an answer is obeyed


def test_no_family_of_forms_is_left_out() -> None:
    assert {question.family for _, question in ASKED} == set(FAMILIES)


def test_an_answer_that_a_question_does_not_have_counts_for_nothing() -> None:
    case, question = next(each for each in ASKED if each[1].family == "channel_sum")
    text = emitted(case, "f64").text
    for chosen in ({str(question): "sideways"}, {f"{question}x1": "whole"}, {f"other {question}": "staged"}):
        assert emitted(replace(case, forms=replace(case.forms, chosen=chosen)), "f64").text == text


def test_parts_of_a_cotangent_go_on_to_the_only_reader_of_a_convolution_that_takes_them() -> None:
    forms = replace(WHOLE, parts_pixels=1)
    graph = Graph((2, 3, 2))
    graph.add("wide", Convolution(2, 6, Window(1, 1, "same")), (IMAGES,), 0)
    graph.add("norm", BatchNorm(6), ("wide",), 0)
    calls = {"wide": Call((Block().argument("x", (1, 2, 3, 2)),), forms=forms)}
    assert takes_parts(graph, "wide", calls)
    assert not takes_parts(graph, "wide", {"wide": replace(calls["wide"], forms=WHOLE)})
    assert not takes_parts(graph, IMAGES, calls)
    graph.add("other", Relu(), ("wide",), 0)
    assert not takes_parts(graph, "wide", calls)
