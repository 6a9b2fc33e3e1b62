"""The first certainty: each op's rule, exactly.

Of an op as it is emitted: its forward operations give what its definition says; run on dual numbers they give J·v, and
its reverse operations give VJP(u), with ⟨J·v, u⟩ = ⟨v, VJP(u)⟩ at random points. In a prime field, where an op is a
polynomial; to `DIGITS` decimal digits, where it has roots, exponentials, or branches.
"""

import math
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from emit import hlo
from emit.hlo import Block, Operation, Value
from emit.hlo.program import FLOATS, WORD, Comment
from emit.losses.cross_entropy import CrossEntropy
from emit.losses.distillation import Distillation
from emit.op import AffineCotangent, Call
from emit.random import Random
from runtime.verify.arithmetic import (
    DIGITS,
    PRIME,
    Arithmetic,
    Decimals,
    Degrees,
    Dual,
    Duals,
    Field,
    agreeing_digits,
    long_decimals,
)
from runtime.verify.cases import title
from runtime.verify.check import Check
from runtime.verify.evaluate import evaluate
from runtime.verify.op import Case, Wrong
from runtime.verify.ops import definition_of, output
from runtime.verify.ops.batch_norm import moved_statistics
from runtime.verify.random import Draws

IDENTITY = "⟨J·v, u⟩ = ⟨v, VJP(u)⟩"
NAMED = "VJP identity"
CERTAIN = 60
_TARGETS = Distillation(CrossEntropy(mixed=True), 1.0, 1.0).targets
_INPUTS = ("x", "y", "z", *(f"z{number}" for number in range(2, 256)))  # an op's, in order
NUMBER = 3  # of a case's op among those that draw
# What no polynomial has: roots, exponentials, and branches that depend on its argument.
_IRRATIONAL = {"compare", "exponential", "log", "maximum", "minimum", "reduce_window", "rsqrt", "sqrt"}


# --- one case ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Emitted:
    """A case as operations, forward and back. `equal`: a sentence, and two values of which it says that they differ."""

    arguments: dict[str, Value]
    output: Value
    statistics: Mapping[str, Value]
    cotangents: dict[str, Value]
    equal: list[tuple[str, Value, Value]]
    forward: list[Operation | Comment]
    backward: list[Operation | Comment]


def _emit(case: Case) -> _Emitted:
    block = Block()
    targets = case.op.targets
    names = ["x", *targets] if targets else list(_INPUTS[: len(case.inputs)])
    inputs = {
        name: block.argument(name, shape, "i32" if name.endswith("labels") else None)
        for name, shape in zip(names, case.inputs, strict=True)
    }
    parameters = {each.name: block.argument(each.name, each.shape) for each in case.op.parameters()}
    statistics = {each.name: block.argument(each.name, each.shape) for each in case.op.statistics()}
    sources = _sources(block) if case.op.draws and case.training else {}
    random = Random(**sources, number=NUMBER) if sources else None
    call = Call(tuple(inputs.values()), parameters, statistics, case.lowerings, case.training, random=random)
    result = case.op.forward(call)
    arguments = inputs | parameters | statistics | sources
    middle = len(block.body)
    cotangents: dict[str, Value] = {}
    equal: list[tuple[str, Value, Value]] = []
    if case.training:
        arguments["u"] = block.argument("u", result.output.shape)
        wanted = tuple(name not in targets for name in inputs)
        found = case.op.vjp(call, result, arguments["u"], wanted)
        given = found.materialized()
        pairs = [*zip(inputs, given, strict=True), *((name, found.parameters[name]) for name in parameters)]
        for name, value in pairs:
            if name not in targets and (value is None or value.type != arguments[name].type):
                found_type = "none" if value is None else value.type
                raise Wrong(f"the cotangent of {name}: expected {arguments[name].type}, found {found_type}")
        cotangents = {name: value for name, value in pairs if value is not None}
        if result.rematerialize is not None:
            equal.append(("what is rematerialized is not the output", result.rematerialize(), result.output))
        if case.op.reads_rematerialized:
            (x,), (dx,) = call.inputs, given
            (reread,) = case.op.vjp(replace(call, rematerialized=x), result, arguments["u"], (True,)).materialized()
            assert reread is not None
            assert dx is not None
            equal.append(("the cotangent read off the input is not the one read off the output", reread, dx))
        if case.op.takes_affine(call):
            lazy = _affine(result.output, arguments["u"])
            from_lazy = case.op.vjp_of_affine(call, result, lazy, wanted)
            for name, value in zip(
                (*inputs, *parameters), (*from_lazy.materialized(), *from_lazy.parameters.values()), strict=True
            ):
                assert value is not None
                equal.append(
                    (
                        f"the cotangent of {name} from an affine cotangent is not that from its sum",
                        value,
                        cotangents[name],
                    )
                )
    constants = block.operations[: len(block.operations) - len(block.body)]
    return _Emitted(
        arguments,
        result.output,
        result.statistics,
        cotangents,
        equal,
        [*constants, *block.body[:middle]],
        [*constants, *block.body[middle:]],
    )


def _sources(block: Block) -> dict[str, Value]:
    """What an op draws from, as arguments."""
    return {
        "seed": block.argument("seed", (2,), WORD),
        "step": block.argument("step", (), "i32"),
        "first_example": block.argument("first_example", (), "i32"),
    }


def _affine(output: Value, cotangent: Value) -> AffineCotangent:
    """A cotangent as an `AffineCotangent`, with other coefficients for each channel."""
    block, channels = output.block, output.shape[-1]

    def numbers(first: int, name: str) -> Value:
        return block.vector([first + 3 * channel for channel in range(channels)], name)

    scale, slope, shift = numbers(2, "scale"), numbers(-5, "slope"), numbers(7, "shift")
    once, twice, thrice = (
        hlo.broadcast(each, output.shape, (len(output.shape) - 1,)) for each in (scale, slope, shift)
    )
    rest = hlo.subtract(hlo.subtract(cotangent, hlo.multiply(output, twice)), thrice)
    return AffineCotangent(hlo.divide(rest, once), scale, output, slope, shift)


def _rational(emitted: _Emitted) -> bool:
    both = [*emitted.forward, *emitted.backward]
    return not any(_irrational(op) for op in both if isinstance(op, Operation))


def _irrational(op: Operation) -> bool:
    """A comparison of integers is the same whatever the real numbers are."""
    return op.opcode in _IRRATIONAL and (op.opcode != "compare" or op.operands[0].dtype in FLOATS)


def _arguments(case: Case, emitted: _Emitted, at: Arithmetic, source: np.random.Generator) -> dict[str, Any]:
    """Random numbers: ordered ones spread over all pieces of an activation, variances positive."""
    drawn = {}
    for name, value in emitted.arguments.items():
        if name.endswith("labels"):
            drawn[name] = source.integers(0, case.inputs[0][1], value.shape)
            continue
        if value.dtype not in FLOATS:
            drawn[name] = source.integers(0, 2**32 if value.dtype == WORD else 2**30, value.shape)
            continue
        numbers = at.random(source, value.shape)
        if name == "running_variance":
            numbers = at.multiply(numbers, numbers)
        elif name == "teacher":
            numbers = at.multiply(numbers, numbers)
            numbers[0, 0] = at.number(0)
        elif at.ordered and name in _INPUTS:
            numbers = at.multiply(numbers, at.constant(12, value.shape))
        drawn[name] = numbers
    return drawn


def _inner(at: Arithmetic, x: Any, y: Any) -> Any:
    return at.total(at.multiply(x, y), tuple(range(np.ndim(x))))


def _agree(at: Arithmetic, found: Any, expected: Any) -> int:
    """How many digits agree: `DIGITS` in a field where two are equal, else 0."""
    if isinstance(at, Field):
        return DIGITS if np.array_equal(found, expected) else 0
    return agreeing_digits(found, expected)


def _point(case: Case, emitted: _Emitted, at: Arithmetic, source: np.random.Generator) -> int:
    """Check one random point; gives the least number of digits that agree. Raises Wrong."""
    values = _arguments(case, emitted, at, source)
    tensors = {name: values[name] for name in values if name not in (*_INPUTS, *_TARGETS, "u")}
    if case.op.draws and case.training:
        low, high = (int(word) for word in tensors["seed"])
        tensors["random"] = Draws((low, high), int(tensors["step"]), int(tensors["first_example"]), NUMBER)
    inputs = [values[name] for name in (*_INPUTS, *_TARGETS) if name in values]
    moving = {name: at.random(source, emitted.arguments[name].shape) for name in emitted.cotangents}
    environment = _walk(emitted, values, moving, at)
    least, enough = DIGITS, definition_of(case.op).digits

    def expect(what: str, found: Any, expected: Any) -> None:
        nonlocal least
        digits = _agree(at, found, expected)
        if digits < enough:
            raise Wrong(f"{what}: {_extent(at, digits, enough)}")
        least = min(least, digits)

    expected = output(at, case.op, inputs, tensors, training=case.training)
    expect("the forward operations do not give what the definition says", environment[emitted.output].value, expected)
    if emitted.statistics:
        moved = moved_statistics(at, case.op, inputs[0], tensors)
        for name, value in emitted.statistics.items():
            expect(f"the {name} does not move as its definition says", environment[value].value, moved[name])
    if not case.training:
        return least
    plain = {value: each.value if isinstance(each, Dual) else each for value, each in environment.items()}
    evaluate(emitted.backward, plain, at)
    for what, found, other in emitted.equal:
        expect(what, plain[found], plain[other])
    products = {name: _inner(at, moving[name], plain[value]) for name, value in emitted.cotangents.items()}
    together = _sum(at, list(products.values()))
    try:
        expect(IDENTITY, _inner(at, environment[emitted.output].tangent, values["u"]), together)
    except Wrong:
        raise Wrong(_which(emitted, values, moving, products, at, enough)) from None
    return least


def _walk(emitted: _Emitted, values: dict[str, Any], moving: dict[str, Any], at: Arithmetic) -> dict[Value, Any]:
    """The forward operations on dual numbers: `values`, of which `moving` move."""
    environment: dict[Value, Any] = {}
    for name, value in emitted.arguments.items():
        if name == "u" or value.dtype not in FLOATS:
            environment[value] = values[name]
        else:
            still = at.constant(0, value.shape)
            environment[value] = Dual(values[name], moving.get(name, still))
    evaluate(emitted.forward, environment, Duals(at))
    return environment


def _sum(at: Arithmetic, numbers: list[Any]) -> Any:
    total = numbers[0]
    for number in numbers[1:]:
        total = at.add(total, number)
    return total


def _which(
    emitted: _Emitted,
    values: dict[str, Any],
    moving: dict[str, Any],
    products: dict[str, Any],
    at: Arithmetic,
    enough: int,
) -> str:
    """The cotangents that are wrong: the identity again, with one argument moving at a time."""
    wrong = []
    for name, product_ in products.items():
        tangent = _walk(emitted, values, {name: moving[name]}, at)[emitted.output].tangent
        digits = _agree(at, _inner(at, tangent, values["u"]), product_)
        if digits < enough:
            wrong.append(f"the cotangent of {name} is wrong ({_extent(at, digits, enough)})")
    return "; ".join(wrong) or f"{IDENTITY} does not hold"


def _extent(at: Arithmetic, digits: int, enough: int) -> str:
    return f"not equal in {at.name}" if isinstance(at, Field) else f"{digits} digits agree, expected {enough}"


def _points(emitted: _Emitted, degrees: Degrees) -> tuple[int, int]:
    """How many points make it certain, and the exponent of two of the probability that a wrong rule passes."""
    values: dict[Value, Any] = {value: np.ones(value.shape, np.int64) for value in emitted.arguments.values()}
    evaluate([*emitted.forward, *emitted.backward], values, degrees)
    highest = max(int(np.max(values[value])) for value in (emitted.output, *emitted.cotangents.values())) + 1
    bits = math.log2(PRIME / highest)
    points = math.ceil((CERTAIN + 1) / bits)
    return points, math.floor(points * bits)


def hold(case: Case) -> str:
    """Check a case. Gives what was found; p is the probability that a wrong rule passes. Raises Wrong."""
    emitted = _emit(case)
    source = np.random.default_rng(zlib.crc32(f"{case.op} {case} {case.lowering}".encode()))
    if _rational(emitted):
        points, bits = _points(emitted, Degrees())
        for _ in range(points):
            _point(case, emitted, Field(), source)
        return f"exact, p < 2^-{bits}"
    with long_decimals():
        digits = _point(case, emitted, Decimals(), source)
        if case.training:
            _check_convention(case)
    return f"{digits} digits"


# --- kinks ------------------------------------------------------------------------------------------------------------


def _pull(case: Case, x: Any) -> tuple[Any, Any]:
    """An op's cotangent of x, from u = 1, 2, 3, ..., and u."""
    emitted, at = _emit(replace(case, inputs=(x.shape,))), Decimals()
    count = math.prod(emitted.output.shape)
    u = at.integers(np.arange(1, count + 1).reshape(emitted.output.shape))
    values: dict[Value, Any] = {emitted.arguments["x"]: x, emitted.arguments["u"]: u}
    evaluate([*emitted.forward, *emitted.backward], values, at)
    return values[emitted.cotangents["x"]], u


def _check_convention(case: Case) -> None:
    """Where an op has no derivative, what is emitted keeps to its convention. Raises Wrong."""
    definition = definition_of(case.op)
    if definition.kinks:
        dx, u = _pull(case, Decimals().integers(np.array([list(definition.kinks)])))
        slopes = dx / u
        if np.any(slopes != np.array([list(definition.kinks.values())])):
            pairs = zip(slopes[0], definition.kinks, strict=True)
            found = " and ".join(f"{slope:.3g} at x = {kink}" for slope, kink in pairs)
            raise Wrong(f"the derivative is {found}, by convention it is {definition.convention}")
    if definition.ties is not None:
        definition.ties(case, _pull)


# --- many cases -------------------------------------------------------------------------------------------------------


def check_rules(cases: Iterable[Case], group_of: Callable[[Case], str]) -> Iterator[Check]:
    """Check cases, one line for each group of them, in their order."""
    groups: dict[str, list[Case]] = {}
    for case in cases:
        groups.setdefault(group_of(case), []).append(case)
    for subject, group in groups.items():
        yield _check_group(subject, group)


def _check_group(subject: str, group: list[Case]) -> Check:
    started = time.perf_counter()
    found, wrong = [], []
    for case in group:
        try:
            found.append(hold(case))
        except (Wrong, ArithmeticError) as failed:
            wrong.append(f"{title(case.op)}, {case}{f', {case.lowering}' if case.lowering else ''}: {failed}")
        except Exception as failed:  # a rule that cannot even be emitted or run is a wrong rule
            wrong.append(f"{title(case.op)}, {case}, {case.lowering}: {type(failed).__name__}: {failed}")
    op = group[0].op
    definition = definition_of(op)
    kinked = f"; {definition.convention}" if definition.convention else ""
    exact = bool(found) and found[0].startswith("exact")
    return Check(
        "rule",
        subject,
        NAMED if group[0].training else "definition",
        Field.name if exact else Decimals.name,
        f"{len(group)} {'case' if len(group) == 1 else 'cases'}",
        not wrong,
        f"{len(wrong)} of {len(group)} fail: {wrong[0]}" if wrong else f"{_worst(found)}{kinked}",
        time.perf_counter() - started,
        definition.theorem,
    )


def _worst(found: list[str]) -> str:
    if found[0].startswith("exact"):
        return "exact, p < 2^-" + str(min(int(each.rsplit("-", 1)[1]) for each in found))
    return f"{min(int(each.split()[0]) for each in found)} digits"
