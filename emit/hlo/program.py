"""Values, operations, functions and modules: what a program is before it is text."""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from netspec.errors import SpecError

FLOATS = ("f32", "f64")
WORD = "ui32"  # 32 bits, whose sums wrap
Real = float | Fraction
LARGEST_TENSOR = 2**31 - 1


class ShapeError(Exception):
    """An operation whose operands do not fit: a mistake in an op of this compiler, named with its layer."""


@dataclass(frozen=True)
class TensorType:
    """Shape and element type: `f32`, `f64`, `bf16`, `i32`, `ui32`, `ui8` or `i1`."""

    shape: tuple[int, ...]
    dtype: str

    @property
    def elements(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.shape)

    def __str__(self) -> str:
        return f"tensor<{''.join(f'{size}x' for size in self.shape)}{self.dtype}>"


@dataclass(frozen=True, eq=False)
class Value:
    """One SSA value. Two values are the same only if they are the same object."""

    name: str
    type: TensorType
    block: "Block" = field(repr=False)

    @property
    def shape(self) -> tuple[int, ...]:
        """Sizes, outermost first."""
        return self.type.shape

    @property
    def dtype(self) -> str:
        """Element type."""
        return self.type.dtype


@dataclass(frozen=True, eq=False)
class Operation:
    """One StableHLO operation: `results = opcode(operands) {attributes}`."""

    opcode: str
    operands: tuple[Value, ...]
    results: tuple[Value, ...]
    attributes: Mapping[str, Any]


@dataclass(frozen=True)
class Comment:
    """A line for the reader."""

    text: str


class Block:
    """The body of a function while it is being built.

    Args:
        float_type: the element type of its real numbers.
        products: the element type in which products are taken, to be added up in `float_type`, and in which `kept`
            keeps numbers; None: the same.
    """

    def __init__(self, float_type: str = "f32", products: str | None = None) -> None:
        self.float = float_type
        self.products = products or float_type
        self.body: list[Operation | Comment] = []
        self._scope = ""
        self._used: dict[str, int] = {}
        self._constants: dict[tuple[Real | tuple[Real, ...], TensorType], Value] = {}
        self._constant_operations: list[Operation] = []

    def argument(self, name: str, shape: Sequence[int], dtype: str | None = None) -> Value:
        """A function argument."""
        return self._value(name, TensorType(tuple(shape), dtype or self.float))

    def constant(self, number: Real, shape: Sequence[int] = (), dtype: str | None = None) -> Value:
        """A tensor that holds one number everywhere; the same constant is made once a function.

        A fraction stays exact in the operation; the printer rounds it.
        """
        return self._constant(number, TensorType(tuple(shape), dtype or self.float), _spelled(number))

    def vector(self, numbers: Sequence[Real], name: str) -> Value:
        """A constant vector of real numbers."""
        return self._constant(tuple(numbers), TensorType((len(numbers),), self.float), name)

    def emit(
        self,
        opcode: str,
        operands: Sequence[Value],
        results: Sequence[TensorType],
        name: str,
        **attributes: Any,
    ) -> tuple[Value, ...]:
        """Append an operation; its results carry the layer's name."""
        stem = "_".join(part for part in (self._scope, name) if part)
        values = tuple(self._value(stem, kind) for kind in results)
        self.body.append(Operation(opcode, tuple(operands), values, attributes))
        return values

    def comment(self, text: str) -> None:
        """A line for the reader."""
        self.body.append(Comment(text))

    @contextmanager
    def scope(self, name: str) -> Iterator[None]:
        """Values made inside are named after `name`, and errors name it."""
        before, self._scope = self._scope, name
        try:
            yield
        finally:
            self._scope = before

    def wrong(self, message: str) -> ShapeError:
        """An error that says which layer was being emitted."""
        return ShapeError(f"{self._scope or 'program'}: {message}")

    @property
    def operations(self) -> list[Operation | Comment]:
        """The constants, then the rest."""
        return [*self._constant_operations, *self.body]

    def _constant(self, number: Real | tuple[Real, ...], kind: TensorType, name: str) -> Value:
        key = (number, kind)
        if key not in self._constants:
            value = Value(self._unique(f"c_{name}"), kind, self)
            self._constants[key] = value
            self._constant_operations.append(Operation("constant", (), (value,), {"value": number}))
        return self._constants[key]

    def _value(self, stem: str, kind: TensorType) -> Value:
        if kind.elements > LARGEST_TENSOR:
            raise SpecError(
                f"{stem}: a tensor of {'×'.join(map(str, kind.shape))} numbers is too large: expected at most "
                f"{LARGEST_TENSOR}; lower the batch size, the image size or the channels."
            )
        if min(kind.shape, default=1) < 1:
            raise self.wrong(f"{stem} would be empty: {kind}")
        return Value(self._unique(stem), kind, self)

    def _unique(self, stem: str) -> str:
        count = self._used[stem] = self._used.get(stem, 0) + 1
        if count == 1:
            return stem
        name = f"{stem}_{count}"
        return self._unique(name) if name in self._used else name


@dataclass(frozen=True)
class Function:
    """One entry point."""

    name: str
    arguments: tuple[Value, ...]
    operations: tuple[Operation | Comment, ...]
    results: tuple[Value, ...]


@dataclass(frozen=True)
class Module:
    """A program: its functions and what a reader should know first."""

    name: str
    header: tuple[str, ...]
    functions: tuple[Function, ...]


def _spelled(number: Real) -> str:
    if number == -math.inf:
        return "minus_inf"
    return f"{float(number):g}".replace("-", "m").replace(".", "p").replace("+", "")
