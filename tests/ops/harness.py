"""What each `test_<op>.py` declares as plain data, and how that is tested: the op's cases, golden texts and mistakes.

When a change of a golden text is meant, rewrite the copies and read the difference before it is committed:

    NETSPEC_REWRITE_GOLDEN=1 python -m pytest tests/ops && git diff tests/golden
"""

import inspect
import os
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

import jax
import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray

import emit.losses
import emit.ops  # noqa: F401  both register what they have
from emit import hlo
from emit.activation import Activation
from emit.hlo import Block, Function, Module, Operation, ShapeError, Value
from emit.hlo.printer import module_text
from emit.hlo.program import WORD
from emit.lowerings import Lowerings
from emit.op import REGISTRY, AffineCotangent, Call, Op
from emit.random import Random
from emit.sums import per_channel
from emit.targets import LOWERINGS
from runtime.verify.op import AGREEING
from runtime.verify.ops import DEFINITIONS
from runtime.verify.rules import hold
from tests.emit import interpreter
from tests.ops.mutations import WrongVersions

jax.config.update("jax_enable_x64", True)

ROOT = Path(__file__).parents[2]
REWRITE = bool(os.environ.get("NETSPEC_REWRITE_GOLDEN"))
TOLERANCE = 1e-9  # f64 rounds at 1e-16, and the longest sum here has a few hundred terms.
QUICK = {"xla_backend_optimization_level": 0, "xla_llvm_disable_expensive_passes": True}
LAYER = "block1_1_x"
WHOLE = replace(LOWERINGS["cpu"], channel_sums="whole")
STAGED = replace(LOWERINGS["cpu"], channel_sums="staged")
Shape = tuple[int, ...]
Numbers = NDArray[np.float64]
# What an op that draws does so from, in the order of its arguments; and its number among those that draw.
SOURCES: dict[str, NDArray[Any]] = {
    "seed": np.array([0x89ABCDEF, 0x01234567], np.uint32),
    "step": np.array(5, np.int32),
    "first_example": np.array(40, np.int32),
}
NUMBER = 2
# Images for windows: sides that strides do and do not divide.
IMAGES: tuple[Shape, ...] = ((1, 7, 9), (3, 5, 8), (1, 6, 6), (2, 9, 7), (3, 7, 5))


# --- a case -----------------------------------------------------------------------------------------------------------


def normal(source: np.random.Generator, shape: Shape) -> Numbers:
    """Normally distributed numbers."""
    return source.standard_normal(shape)


@dataclass(frozen=True)
class Case:
    """One op with inputs of given shapes (batch first). `draw` makes the numbers of an input."""

    op: Op
    inputs: tuple[Shape, ...]
    oracle: Callable[..., jax.Array]
    draw: Callable[[np.random.Generator, Shape], Numbers] = normal
    lowerings: Lowerings = WHOLE
    training: bool = True
    name: str = ""

    def __str__(self) -> str:
        sizes = " + ".join("x".join(map(str, shape)) for shape in self.inputs)
        return f"{self.op.kind} {self.name} {sizes}".replace("  ", " ")


@dataclass(frozen=True)
class Emitted:
    """A case as a module with one function `main`: what goes in, what comes out."""

    text: str
    module: Module
    arguments: tuple[Value, ...]
    statistics: tuple[str, ...]


def emitted(case: Case, dtype: str, shapes: Mapping[str, Shape] | None = None) -> Emitted:
    """(inputs, parameters, running statistics, sources, cotangent) → (output, new statistics, cotangents).

    Args:
        shapes: other shapes than the op asks for, of some arguments.
    """
    block = Block(dtype)

    def argument(name: str, shape: Shape) -> Value:
        labels = name.endswith("labels")
        return block.argument(name, (shapes or {}).get(name, shape), "i32" if labels else None)

    names = ("x", *case.op.targets) if case.op.targets else ("x", "y", "z", "w")
    inputs = [argument(name, shape) for name, shape in zip(names, case.inputs, strict=False)]
    parameters = {each.name: argument(each.name, each.shape) for each in case.op.parameters()}
    statistics = {each.name: argument(each.name, each.shape) for each in case.op.statistics()}
    wanted = tuple(name not in case.op.targets for name in names[: len(inputs)])
    sources = {name: _source(block, name) for name in (SOURCES if draws(case) else ())}
    random = Random(**sources, number=NUMBER) if sources else None
    call = Call(tuple(inputs), parameters, statistics, case.lowerings, case.training, random=random)
    with block.scope(LAYER):
        result = case.op.forward(call)
        arguments = [*inputs, *parameters.values(), *statistics.values(), *sources.values()]
        results = [result.output, *result.statistics.values()]
        if case.training:
            cotangent = argument("dy", result.output.shape)
            if case.op.takes_affine(call):
                found = case.op.vjp_of_affine(call, result, in_parts(cotangent, result.output), wanted)
            else:
                found = case.op.vjp(call, result, cotangent, wanted)
            arguments.append(cotangent)
            results += [value for value in found.materialized() if value is not None]
            results += [found.parameters[name] for name in parameters]
    function = Function("main", tuple(arguments), tuple(block.operations), tuple(results))
    module = Module(case.op.kind, (f"{case.op}",), (function,))
    return Emitted(module_text(module), module, tuple(arguments), tuple(result.statistics))


def draws(case: Case) -> bool:
    """Whether a case has the arguments `SOURCES`."""
    return case.op.draws and case.training


def _source(block: Block, name: str) -> Value:
    array = SOURCES[name]
    return block.argument(name, array.shape, WORD if array.dtype == np.uint32 else "i32")


def in_parts(cotangent: Value, output: Value) -> AffineCotangent:
    """AffineCotangent, no two alike, that add up to a cotangent."""
    channels = output.shape[-1]
    block = output.block
    scale, slope, shift = (
        block.vector([sign * Fraction(3 + i, 4) for i in range(channels)], name)
        for sign, name in ((1, "scale"), (-1, "slope"), (2, "shift"))
    )
    through = hlo.multiply(output, per_channel(slope, output))
    rest = hlo.subtract(hlo.subtract(cotangent, through), per_channel(shift, output))
    return AffineCotangent(hlo.divide(rest, per_channel(scale, rest)), scale, output, slope, shift)


def run(case: Case, *arrays: ArrayLike) -> list[NDArray[Any]]:
    """What the reference interpreter makes of a case in f64."""
    return interpreter.run(emitted(case, "f64").text, [np.asarray(each) for each in arrays])


# --- against the oracle -----------------------------------------------------------------------------------------------


def difference(found: ArrayLike, expected: ArrayLike) -> float:
    """‖found - expected‖ / ‖expected‖, in 64 bits; the norm of the difference itself where `expected` is all zero."""
    right = np.asarray(expected, np.float64)
    wrong = float(np.linalg.norm((np.asarray(found, np.float64) - right).ravel()))
    return wrong / (float(np.linalg.norm(right.ravel())) or 1.0)


def edges(size: int, stride: int, padding: str, dilation: int = 1) -> str | list[tuple[int, int]]:
    """Padding in JAX's own words: XLA's SAME and VALID, torch's `padding=dilation * (size - 1) // 2`, or Keras' own.

    Keras pads MobileNetV1's strided 3×3 windows by (0, 1), others as SAME does: in all by the window less the stride.
    """
    if padding == "even":
        total = max(dilation * (size - 1) + 1 - stride, 0)
        return [(total // 2, (total + 1) // 2)] * 2
    return {"same": "SAME", "valid": "VALID"}.get(padding) or [(dilation * (size - 1) // 2,) * 2] * 2


def numbers(case: Case) -> tuple[list[NDArray[Any]], list[Numbers], list[Numbers]]:
    """Inputs, parameters and running statistics, from a seed of the case's own."""
    source = np.random.default_rng(zlib.crc32(str(case).encode()))
    inputs: list[NDArray[Any]] = [case.draw(source, shape) for shape in case.inputs]
    for index, name in enumerate(case.op.targets, 1):
        if name.endswith("labels"):
            inputs[index] = inputs[index].astype(np.int32)
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


def compare(found: NDArray[Any], expected: jax.Array, what: str) -> None:
    """Raises AssertionError."""
    assert found.shape == expected.shape
    error = difference(found, expected)
    assert error <= TOLERANCE, f"{what} is {error:.2e} off"


def check_numbers(case: Case) -> None:
    """A case's output and cotangents, by the reference interpreter, are the oracle's. Raises AssertionError."""
    inputs, parameters, statistics = numbers(case)
    module = emitted(case, "f64")
    if not case.training:
        (found,) = interpreter.run(module.text, [*inputs, *parameters, *statistics])
        compare(found, case.oracle(*inputs, *parameters, *statistics), "the output")
        return
    source = np.random.default_rng(zlib.crc32(str(case).encode()) + 1)
    oracle = case.oracle
    if not case.op.moves_statistics:
        oracle = partial(_given, oracle, statistics)
    dy = np.asarray(source.standard_normal(jax.eval_shape(oracle, *inputs, *parameters).shape))
    expected, pulled = pull(replace(case, oracle=oracle), dy, *inputs, *parameters)
    sources = SOURCES.values() if draws(case) else ()
    output, *rest = interpreter.run(module.text, [*inputs, *parameters, *statistics, *sources, dy])
    compare(output, expected, "the output")
    cotangents = rest[len(module.statistics) :]
    wanted = [*pulled[: len(inputs) - len(case.op.targets)], *pulled[len(inputs) :]]
    assert len(cotangents) == len(wanted)
    for i, (array, right) in enumerate(zip(cotangents, wanted, strict=True)):
        compare(array, right, f"cotangent {i}")


def _given(oracle: Callable[..., jax.Array], statistics: list[Numbers], *arguments: jax.Array) -> jax.Array:
    return oracle(*arguments, *statistics)


# --- golden texts -----------------------------------------------------------------------------------------------------


def golden_path(name: str) -> Path:
    """`tests/golden/NAME`."""
    return ROOT / "tests" / "golden" / name


def check_golden(name: str, text: str) -> None:
    """A text is its kept copy. Raises AssertionError."""
    if REWRITE:
        golden_path(name).write_text(text, encoding="utf-8")
    assert text.encode() == golden_path(name).read_bytes(), f"see the docstring of {__file__} to rewrite {name}"


def page(op: type[Op]) -> str:
    """How an op is known to be right, in Markdown: its formula, its derivation, and what is checked of it."""
    source = Path(inspect.getfile(op)).relative_to(ROOT)
    definition = DEFINITIONS[op.kind]
    lowerings = list(dict.fromkeys(case.lowering for case in definition.cases if case.lowering))
    formula, derivation = inspect.getdoc(inspect.getmodule(op)), inspect.getdoc(op.vjp)
    lines = [f"# {op.kind}", "", _quoted(formula), "", f"`{op.__name__}.vjp`:", "", _quoted(derivation), ""]
    lines.append(f"* Emitted in `{source}`, defined a second time in `runtime/verify/ops/{op.kind}.py`.")
    if definition.theorem:
        lines.append(f"* Lean: {definition.theorem}.")
    how = "in the field" if hold(definition.cases[0]).startswith("exact") else "in 80 digits"
    if definition.digits != AGREEING:
        how += f", of which {definition.digits} must agree: what is emitted is an approximation"
    forms_said = f" in {len(lowerings)} lowerings ({', '.join(lowerings)})" if len(lowerings) > 1 else ""
    lines.append(f"* Checked {how}: {len(definition.cases)} cases{forms_said}, and a network's own sizes.")
    if definition.convention:
        lines.append(f"* At the kink: {definition.convention}.")
    return "\n".join([*lines, ""])


def _quoted(text: str | None) -> str:
    return "\n".join(f"    {line}".rstrip() for line in (text or "").splitlines())


# --- what an op's file declares ---------------------------------------------------------------------------------------


FAST = 8  # numeric cases of an op that are among the fast tests


class OpTests(WrongVersions):
    """The tests of one op: `class TestDense(OpTests)` in `test_dense.py` gives the data.

    Args:
        op: what is tested.
        numeric: cases that the reference interpreter runs in f64 against JAX's autodiff of an oracle.
        golden: the case whose text is kept in `tests/golden/<kind>.mlir`.
        golden_lowerings: lowerings that share little with that one, `<kind>_<name>.mlir`.
        invalid: arguments that do not fit the golden case and must be refused: x, y or labels, dy, parameters.
        wrong: wrong versions, each of which verification must catch (see `WrongVersions`).
    """

    op: ClassVar[type[Op]]
    numeric: ClassVar[Sequence[Case]] = ()
    golden: ClassVar[Case]
    golden_lowerings: ClassVar[Mapping[str, Case]] = {}
    invalid: ClassVar[Mapping[str, Mapping[str, Shape]]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "op" in vars(cls):
            cls.module = cls.op.__module__

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Each test's cases are the class's own."""
        super().pytest_generate_tests(metafunc)
        if "case" in metafunc.fixturenames:
            # Many windows: some are tried at once, all of them by bin/test.
            cases = [
                pytest.param(case, marks=[pytest.mark.ordinary] * (i >= FAST)) for i, case in enumerate(self.numeric)
            ]
            metafunc.parametrize("case", cases, ids=str)
        if "golden_name" in metafunc.fixturenames:
            metafunc.parametrize("golden_name", self.goldens())
        if "shapes" in metafunc.fixturenames:
            metafunc.parametrize("shapes", self.invalid.values(), ids=self.invalid)

    @classmethod
    def goldens(cls) -> dict[str, Case]:
        """Every golden case by the name of its text."""
        return {cls.op.kind: cls.golden} | {
            f"{cls.op.kind}_{name}": case for name, case in cls.golden_lowerings.items()
        }

    def test_output_and_cotangents_agree_with_the_oracle_in_f64(self, case: Case) -> None:
        check_numbers(case)

    def test_the_shape_rule_gives_the_shape_that_jax_finds(self, case: Case) -> None:
        inputs, parameters, statistics = numbers(case)
        rest = [] if case.training and case.op.moves_statistics else statistics
        expected = jax.eval_shape(case.oracle, *inputs, *parameters, *rest).shape
        found = case.op.shape(*(shape[1:] for shape in case.inputs))
        assert found == (expected if case.op.targets else expected[1:])

    def test_the_text_is_the_golden_one_and_the_official_dialect_accepts_it(self, golden_name: str) -> None:
        text = emitted(self.goldens()[golden_name], "f32").text
        check_golden(f"{golden_name}.mlir", text)
        interpreter.verify(text)

    def test_the_page_says_what_the_source_says(self) -> None:
        check_golden(f"{self.op.kind}.md", page(self.op))

    def test_every_value_carries_the_layer_and_none_is_a_bare_number(self) -> None:
        (function,) = emitted(self.golden, "f32").module.functions
        for item in function.operations:
            assert isinstance(item, Operation)
            for value in item.results:
                assert value.name.startswith(("c_", f"{LAYER}_"))

    def test_operands_that_do_not_fit_are_refused_and_the_layer_is_named(self, shapes: Mapping[str, Shape]) -> None:
        with pytest.raises(ShapeError, match=f"^{LAYER}: "):
            emitted(self.golden, "f32", shapes)


class ActivationTests(OpTests):
    """The tests of an activation, whose cases follow from its oracle and its kinks, in order.

    Args:
        oracle: the function in JAX, on numbers of any shape.
        slopes: where its pieces meet, and the derivative there; empty where it is smooth.
    """

    oracle: ClassVar["staticmethod[[jax.Array], jax.Array]"]
    slopes: ClassVar[Mapping[float, float]]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        assert issubclass(cls.op, Activation)
        op, kinks = cls.op(), tuple(cls.slopes)

        def away(source: np.random.Generator, shape: Shape) -> Numbers:
            """On every piece, a tenth away from a kink at least; of a smooth one, over its flat ends too."""
            if not kinks:
                return source.uniform(-9, 9, shape)
            ends = [kink + step for kink in kinks for step in (-3.0, -0.2, 0.1, 2.0)]
            return source.choice([end for end in ends if end not in kinks], shape) + source.uniform(0, 0.1, shape)

        def at_kinks(source: np.random.Generator, shape: Shape) -> Numbers:
            return source.choice([kinks[0] - 1.0, *kinks, kinks[0] + 2.0, kinks[-1] + 1.0], shape)

        cls.numeric = [Case(op, (shape,), cls.oracle, away) for shape in ((2, 3, 4, 5), (3, 7))]
        if kinks:
            cls.numeric.append(Case(op, ((2, 3, 4, 5),), cls.oracle, at_kinks, name="at kinks"))
        cls.golden = cls.numeric[0]
        cls.invalid = {"a cotangent of another shape": {"dy": (2, 3, 4, 4)}}

    def test_the_derivative_at_a_kink_is_as_by_convention(self) -> None:
        if not self.slopes:
            return
        x = np.array([list(self.slopes)], float)
        _, dx = run(Case(self.op(), (x.shape,), type(self).oracle), x, np.full_like(x, 3.0))
        assert dx.tolist() == [[3.0 * slope for slope in self.slopes.values()]]


def tables() -> dict[str, type[OpTests]]:
    """By kind: what `test_<kind>.py` declares. A kind without such a file, or a class in it, is not there."""
    files = [f"tests.ops.test_{kind}" for kind in sorted(REGISTRY) if find_spec(f"tests.ops.test_{kind}")]
    declared = [each for file in files for each in vars(import_module(file)).values() if isinstance(each, type)]
    return {each.op.kind: each for each in declared if issubclass(each, OpTests) and hasattr(each, "op")}
