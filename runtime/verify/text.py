"""The printed text is the checked program: parsed by StableHLO's own parser and compared operation by operation.

An operation's attributes are built once more, of StableHLO's own classes, and so without the printer. Two such
attributes are equal only if all their fields are.
"""

import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from inspect import signature
from typing import Any

from emit.hlo import Block, Function, Module, Operation, Real, TensorType, Value
from emit.hlo.program import FLOATS
from emit.program import Program
from runtime.system.held import signals_held
from runtime.verify.check import Check

Attributes = dict[str, Any]
SHOWN = 200


def parsed_back(program: Program) -> Check:
    """Check that the program's text is exactly its operations."""
    start = time.perf_counter()
    differs = difference(program.module, program.text)
    count = sum(isinstance(item, Operation) for function in program.module.functions for item in function.operations)
    return Check(
        certainty="whole",
        subject=f"text of {program.manifest.entry_point}",
        identity="parsed back: the same operations",
        arithmetic="StableHLO's parser",
        extent=f"{count:,} operations",
        passed=differs is None,
        found=differs or "equal",
        seconds=time.perf_counter() - start,
    )


def difference(module: Module, text: str) -> str | None:
    """The first difference between a text and a module, as a sentence; None where they are equal."""
    # Imported here: jax takes a second to load, and only this needs it.
    with signals_held():
        from jax._src.interpreters import mlir
        from jaxlib.mlir import ir

    with mlir.make_ir_context(), ir.Location.unknown():
        try:
            parsed = ir.Module.parse(text)  # and verified
        except ir.MLIRError as error:
            lines = str(error).splitlines()
            return f"the text does not parse: {next((line for line in lines if 'error:' in line), lines[0])}"
        try:
            _compare_modules(_Official(), module, parsed)
        except _Difference as wrong:
            return str(wrong)
    return None


class _Difference(Exception):
    """Expected and found; every enclosing level prefixes its position."""


@contextmanager
def _at(position: str) -> Iterator[None]:
    try:
        yield
    except _Difference as wrong:
        raise _Difference(f"{position}: {wrong}") from None


class _Official:
    """Types and attributes of StableHLO's own classes; they need its context."""

    def __init__(self) -> None:
        from jaxlib.mlir import ir
        from jaxlib.mlir.dialects import stablehlo

        self.ir, self.stablehlo = ir, stablehlo
        self._types: dict[TensorType, Any] = {}
        self._elements = {
            "f32": ir.F32Type.get(),
            "f64": ir.F64Type.get(),
            "i32": ir.IntegerType.get_signless(32),
            "ui32": ir.IntegerType.get_unsigned(32),
            "ui8": ir.IntegerType.get_unsigned(8),
            "i1": ir.IntegerType.get_signless(1),
        }

    def type(self, kind: TensorType) -> Any:
        """A tensor's type."""
        if kind not in self._types:
            self._types[kind] = self.ir.RankedTensorType.get(kind.shape, self._elements[kind.dtype])
        return self._types[kind]

    def integer(self, number: int) -> Any:
        """One whole number of 64 bits."""
        return self.ir.IntegerAttr.get(self.ir.IntegerType.get_signless(64), number)

    def integers(self, numbers: Iterable[int]) -> Any:
        """Whole numbers, one an axis."""
        return self.ir.DenseI64ArrayAttr.get(list(numbers))

    def truths(self, truths: Iterable[bool]) -> Any:
        """Truth values, one an axis."""
        return self.ir.DenseBoolArrayAttr.get(list(truths))

    def pairs(self, pairs: Sequence[Sequence[int]]) -> Any:
        """Two whole numbers an axis."""
        long = self.ir.IntegerType.get_signless(64)
        numbers = [self.integer(number) for pair in pairs for number in pair]
        return self.ir.DenseElementsAttr.get(numbers, self.ir.RankedTensorType.get((len(pairs), 2), long))

    def tensor(self, value: Real | Sequence[Real], kind: TensorType) -> Any:
        """A constant: one number everywhere, or a vector. Large ones are never filled."""
        if isinstance(value, Sequence):
            return self.ir.DenseElementsAttr.get(
                [self._number(number, kind.dtype) for number in value], self.type(kind)
            )
        return self.ir.DenseElementsAttr.get_splat(self.type(kind), self._number(value, kind.dtype))

    def _number(self, value: Real, dtype: str) -> Any:
        if dtype in FLOATS:
            return self.ir.FloatAttr.get(self._elements[dtype], nearest(value, dtype))
        if value != int(value):
            raise _Difference(f"the program holds {value}, expected a whole number of type {dtype}")
        return self.ir.IntegerAttr.get(self._elements[dtype], int(value))


def nearest(value: Real, dtype: str) -> float:
    """The number of an element type that is nearest to a fraction, the even one of two; a float is left to MLIR.

    Python rounds a fraction to 64 bits; rounding that again to 32 could end at a neighbour.
    """
    if dtype == "f64" or not isinstance(value, Fraction):
        return float(value)
    # f32 has 24 digits, and none below 2^-149.
    exponent = max(math.frexp(value)[1] - 24, -149)
    return float(round(value / Fraction(2) ** exponent) * Fraction(2) ** exponent)


# --- attributes by operation ------------------------------------------------------------------------------------------
# The arguments after `op` are the names of the operation's attributes in our IR, and it may have no others.


def _nothing(official: _Official, op: Operation) -> Attributes:
    return {}


def _constant(official: _Official, op: Operation, value: Real | tuple[Real, ...]) -> Attributes:
    return {"value": official.tensor(value, op.results[0].type)}


def _compare(official: _Official, op: Operation, direction: str, kind: str) -> Attributes:
    return {
        "comparison_direction": official.stablehlo.ComparisonDirectionAttr.get(direction),
        "compare_type": official.stablehlo.ComparisonTypeAttr.get(kind),
    }


def _iota(official: _Official, op: Operation, axis: int) -> Attributes:
    return {"iota_dimension": official.integer(axis)}


def _broadcast(official: _Official, op: Operation, axes: Sequence[int]) -> Attributes:
    return {"broadcast_dimensions": official.integers(axes)}


def _slice(official: _Official, op: Operation, start: Sequence[int], stop: Sequence[int]) -> Attributes:
    return {
        "start_indices": official.integers(start),
        "limit_indices": official.integers(stop),
        "strides": official.integers(1 for _ in start),
    }


def _pad(
    official: _Official, op: Operation, low: Sequence[int], high: Sequence[int], interior: Sequence[int]
) -> Attributes:
    return {
        "edge_padding_low": official.integers(low),
        "edge_padding_high": official.integers(high),
        "interior_padding": official.integers(interior),
    }


def _concatenate(official: _Official, op: Operation, axis: int) -> Attributes:
    return {"dimension": official.integer(axis)}


def _reverse(official: _Official, op: Operation, axes: Sequence[int]) -> Attributes:
    return {"dimensions": official.integers(axes)}


def _transpose(official: _Official, op: Operation, order: Sequence[int]) -> Attributes:
    return {"permutation": official.integers(order)}


def _dot(official: _Official, op: Operation, contract: tuple[int, int], batch: int) -> Attributes:
    left, right = contract
    stack = list(range(batch))
    default = official.stablehlo.PrecisionAttr.get("DEFAULT")
    return {
        "dot_dimension_numbers": official.stablehlo.DotDimensionNumbers.get(stack, stack, [left], [right]),
        "precision_config": official.ir.ArrayAttr.get([default, default]),
    }


def _convolution(
    official: _Official,
    op: Operation,
    strides: Sequence[int],
    pads: Sequence[Sequence[int]],
    x_dilation: Sequence[int],
    kernel_dilation: Sequence[int],
    groups: int,
    kernel_axes: str,
) -> Attributes:
    kernel = [kernel_axes.index(axis) for axis in "io"], [kernel_axes.index(axis) for axis in "01"]
    return {
        "window_strides": official.integers(strides),
        "padding": official.pairs(pads),
        "lhs_dilation": official.integers(x_dilation),
        "rhs_dilation": official.integers(kernel_dilation),
        "window_reversal": official.truths(False for _ in strides),
        "feature_group_count": official.integer(groups),
        "batch_group_count": official.integer(1),
        "dimension_numbers": official.stablehlo.ConvDimensionNumbers.get(
            0, 3, [1, 2], *kernel[0], kernel[1], 0, 3, [1, 2]
        ),
    }


def _reduce(official: _Official, op: Operation, axes: Sequence[int], body: str) -> Attributes:
    return {"dimensions": official.integers(axes)}


def _reduce_window(
    official: _Official,
    op: Operation,
    window: Sequence[int],
    strides: Sequence[int],
    pads: Sequence[Sequence[int]],
    body: str,
) -> Attributes:
    return {
        "window_dimensions": official.integers(window),
        "window_strides": official.integers(strides),
        "padding": official.pairs(pads),
        "base_dilations": official.integers(1 for _ in window),
        "window_dilations": official.integers(1 for _ in window),
    }


ATTRIBUTES: dict[str, Callable[..., Attributes]] = {
    "constant": _constant,
    "add": _nothing,
    "subtract": _nothing,
    "multiply": _nothing,
    "divide": _nothing,
    "maximum": _nothing,
    "minimum": _nothing,
    "and": _nothing,
    "or": _nothing,
    "xor": _nothing,
    "shift_left": _nothing,
    "shift_right_logical": _nothing,
    "sqrt": _nothing,
    "rsqrt": _nothing,
    "exponential": _nothing,
    "exponential_minus_one": _nothing,
    "log": _nothing,
    "select": _nothing,
    "convert": _nothing,
    "reshape": _nothing,
    "compare": _compare,
    "iota": _iota,
    "broadcast_in_dim": _broadcast,
    "slice": _slice,
    "pad": _pad,
    "concatenate": _concatenate,
    "reverse": _reverse,
    "transpose": _transpose,
    "dot_general": _dot,
    "convolution": _convolution,
    "reduce": _reduce,
    "reduce_window": _reduce_window,
}
_HOLDS = {opcode: set(signature(build).parameters) - {"official", "op"} for opcode, build in ATTRIBUTES.items()}
# The defaults of optional attributes in StableHLO's specification, along every axis.
_DEFAULTS: dict[str, int | bool] = {
    "window_strides": 1,
    "lhs_dilation": 1,
    "rhs_dilation": 1,
    "base_dilations": 1,
    "window_dilations": 1,
    "window_reversal": False,
}


def _body(op: Operation) -> list[Function]:
    """The body of a reduction: result i is `body` of the accumulator and the element of operand i."""
    if "body" not in op.attributes:
        return []
    block, scalar = Block(), TensorType((), op.operands[-1].dtype)
    left, right = (
        [block.argument(f"{side}{i}", (), scalar.dtype) for i in range(len(op.results))] for side in ("left", "right")
    )
    both = [
        block.emit(op.attributes["body"], pair, (scalar,), f"both{i}")[0]
        for i, pair in enumerate(zip(left, right, strict=True))
    ]
    return [Function("body", (*left, *right), tuple(block.operations), tuple(both))]


def _operands(op: Operation) -> list[Value]:
    """The operands in the text: a reduction of several operands repeats its initial value."""
    repeated = len(op.results) if "body" in op.attributes else 1
    return [*op.operands[:-1], *op.operands[-1:] * repeated]


# --- the walk ---------------------------------------------------------------------------------------------------------


def _compare_modules(official: _Official, module: Module, parsed: Any) -> None:
    text = official.ir.StringAttr.get
    with _at("module"):
        _compare_attributes({"sym_name": text(module.name)}, parsed.operation)
        parsed_functions = [view.operation for view in parsed.body.operations]
        names = [operation.name for operation in parsed_functions]
        _same("its functions", ["func.func"] * len(module.functions), names)
    for function, operation in zip(module.functions, parsed_functions, strict=True):
        with _at(f"function {function.name}"):
            kind = official.ir.FunctionType(operation.attributes["function_type"].value)
            _compare_types(official, "argument", function.arguments, kind.inputs)
            _compare_types(official, "result", function.results, kind.results)
            expected = {
                "sym_name": text(function.name),
                "sym_visibility": text("public"),
                "function_type": official.ir.TypeAttr.get(kind),  # compared just above, type by type
            }
            _compare_attributes(expected, operation)
        _compare_regions(official, [function], operation, "func.return")


def _compare_regions(official: _Official, functions: Sequence[Function], parsed: Any, closing: str) -> None:
    """Regions of one block each: arguments, operations in order, and what is returned."""
    _same("blocks", [1] * len(functions), [len(region.blocks) for region in parsed.regions])
    for function, region in zip(functions, parsed.regions, strict=True):
        (block,) = region.blocks
        arguments = list(block.arguments)
        _compare_types(official, "argument", function.arguments, [argument.type for argument in arguments])
        known = dict(zip(arguments, function.arguments, strict=True))
        operations = [item for item in function.operations if isinstance(item, Operation)]
        # A block ends with its return: where the text has fewer operations, that is compared with one of ours.
        in_text = [view.operation for view in block.operations]
        for number, (op, operation) in enumerate(zip(operations, in_text, strict=False), 1):
            with _at(f"operation {number}, {_names(op.results)}"):
                _compare_operations(official, op, operation, known)
            known.update(zip(operation.results, op.results, strict=True))
        end = in_text[len(operations)]
        with _at("return"):
            _same("the operation", closing, end.name)
            _compare_attributes({}, end)
            _compare_operands(closing, list(function.results), end, known)


def _compare_operations(official: _Official, op: Operation, parsed: Any, known: dict[Any, Value]) -> None:
    if op.opcode not in ATTRIBUTES:
        raise _Difference(f"expected an operation that {__name__} knows, the program holds stablehlo.{op.opcode}")
    if op.attributes.keys() != _HOLDS[op.opcode]:
        raise _Difference(
            f"expected stablehlo.{op.opcode} with {_listed(sorted(_HOLDS[op.opcode]))}, "
            f"the program holds {_listed(sorted(op.attributes))}"
        )
    opcode = f"stablehlo.{op.opcode}"
    _same("the operation", opcode, parsed.name)
    _compare_operands(opcode, _operands(op), parsed, known)
    with _at(opcode):
        _compare_attributes(ATTRIBUTES[op.opcode](official, op, **op.attributes), parsed)
        _compare_types(official, "result", op.results, [result.type for result in parsed.results])
        with _at("body"):
            _compare_regions(official, _body(op), parsed, "stablehlo.return")


def _compare_operands(opcode: str, operands: list[Value], parsed: Any, known: dict[Any, Value]) -> None:
    in_text = [known.get(operand) for operand in parsed.operands]
    if in_text != operands:
        says = ", ".join(f"%{value.name}" if value else "a value from outside" for value in in_text)
        raise _Difference(f"expected {opcode} of {_names(operands)}, the text says {says or 'none'}")


def _compare_attributes(expected: Attributes, parsed: Any) -> None:
    in_text = {name: parsed.attributes[name] for name in parsed.attributes}
    for name, attribute in expected.items():
        if name in in_text:
            _same(name, attribute, in_text.pop(name))
        elif name not in _DEFAULTS or any(value != _DEFAULTS[name] for value in attribute):
            _same(name, attribute, "nothing")
    for name, attribute in in_text.items():
        raise _Difference(f"expected no {name}, the text says {_shown(attribute)}")


def _compare_types(official: _Official, what: str, values: Sequence[Value], in_text: Sequence[Any]) -> None:
    _same(f"{what}s", len(values), len(in_text))
    for number, (value, kind) in enumerate(zip(values, in_text, strict=True), 1):
        _same(f"{what} {number}, %{value.name},", official.type(value.type), kind)


def _same(what: str, expected: Any, found: Any) -> None:
    if expected != found:
        raise _Difference(f"expected {what} {_shown(expected)}, the text says {_shown(found)}")


def _shown(thing: Any) -> str:
    text = _listed(thing) if isinstance(thing, list) else str(thing)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


def _listed(things: Sequence[Any]) -> str:
    return ", ".join(map(str, things)) or "none"


def _names(values: Iterable[Value]) -> str:
    return ", ".join(f"%{value.name}" for value in values) or "nothing"
