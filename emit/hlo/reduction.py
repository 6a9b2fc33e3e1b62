"""Operations that sum numbers up, or keep the largest."""

import math
from collections.abc import Sequence

from emit.hlo.program import TensorType, Value


def sums(operands: Sequence[Value], axes: Sequence[int], name: str = "sum") -> tuple[Value, ...]:
    """The sums of several tensors of one shape over the same axes, in one pass."""
    return _reduce("add", operands, 0.0, axes, name)


def reduce_max(x: Value, axes: Sequence[int], name: str = "max") -> Value:
    """The largest number along some axes."""
    return _reduce("maximum", (x,), -math.inf, axes, name)[0]


def reduce_min(x: Value, axes: Sequence[int], largest: int, name: str = "min") -> Value:
    """The smallest whole number along some axes, `largest` at most."""
    return _reduce("minimum", (x,), largest, axes, name)[0]


def max_window(
    x: Value, window: Sequence[int], strides: Sequence[int], pads: Sequence[tuple[int, int]], name: str = "max"
) -> Value:
    """The largest number of each window; padding never wins."""
    shape = tuple(
        (size + low + high - k) // step + 1
        for size, k, step, (low, high) in zip(x.shape, window, strides, pads, strict=True)
    )
    init = x.block.constant(-math.inf, (), x.dtype)
    return x.block.emit(
        "reduce_window",
        (x, init),
        (TensorType(shape, x.dtype),),
        name,
        body="maximum",
        window=tuple(window),
        strides=tuple(strides),
        pads=tuple(tuple(pair) for pair in pads),
    )[0]


def _reduce(body: str, operands: Sequence[Value], init: float, axes: Sequence[int], name: str) -> tuple[Value, ...]:
    first = operands[0]
    if any(x.type != first.type for x in operands) or any(not 0 <= axis < len(first.shape) for axis in axes):
        raise first.block.wrong(f"reduce of {', '.join(str(x.type) for x in operands)} over axes {tuple(axes)}")
    shape = tuple(size for i, size in enumerate(first.shape) if i not in axes)
    start = first.block.constant(init, (), first.dtype)
    result = TensorType(shape, first.dtype)
    return first.block.emit("reduce", (*operands, start), (result,) * len(operands), name, body=body, axes=tuple(axes))
