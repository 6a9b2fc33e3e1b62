"""Runs emitted operations, the very ones that are printed, over any arithmetic."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import prod
from typing import Any

import numpy as np

from emit.hlo import Function, Operation, Value
from emit.hlo.program import FLOATS, WORD, Comment
from runtime.verify.arithmetic import Arithmetic, Axes, Integers, Words

Environment = dict[Value, Any]
_INTEGERS, _WORDS = Integers(), Words()


def evaluate(operations: Iterable[Operation | Comment], values: Environment, arithmetic: Arithmetic) -> None:
    """Run operations in order, adding their results to `values`. Real numbers are the arithmetic's.

    Integers and truth values are NumPy's. Raises ArithmeticError where an arithmetic lacks an operation.
    """
    for op in operations:
        if isinstance(op, Comment):
            continue
        results = _RULES[op.opcode](op, [values[operand] for operand in op.operands], arithmetic)
        values.update(zip(op.results, results if isinstance(results, tuple) else (results,), strict=True))


def _over(value: Value, real: Arithmetic) -> Arithmetic:
    return real if value.dtype in FLOATS else _WORDS if value.dtype == WORD else _INTEGERS


def _constant(op: Operation, operands: Sequence[Any], real: Arithmetic) -> Any:
    (result,), value = op.results, op.attributes["value"]
    at = _over(result, real)
    return at.vector(value) if isinstance(value, tuple) else at.constant(value, result.shape)


def _binary(op: Operation, operands: Sequence[Any], real: Arithmetic) -> Any:
    x, y = operands
    return _combine(_over(op.results[0], real), op.opcode, x, y)


def _combine(at: Arithmetic, opcode: str, x: Any, y: Any) -> Any:
    """Combine two numbers; a maximum or minimum keeps the first of equals."""
    if opcode in _CHOICES:
        return at.select(at.compare(_CHOICES[opcode], x, y), x, y)
    return getattr(at, opcode)(x, y)


def _and(op: Operation, operands: Sequence[Any], real: Arithmetic) -> Any:
    return np.logical_and(*operands)


def _bitwise(op: Operation, operands: Sequence[Any], real: Arithmetic) -> Any:
    if op.results[0].dtype != WORD:
        raise ArithmeticError(f"{op.opcode} of {op.results[0].type}")
    return _WORDS.bitwise(op.opcode, *operands)


def _unary(op: Operation, operands: Sequence[Any], real: Arithmetic) -> Any:
    return real.unary(op.opcode, operands[0])


def _compare(op: Operation, operands: Sequence[Any], real: Arithmetic) -> Any:
    dtype = op.operands[0].dtype
    kind = "FLOAT" if dtype in FLOATS else "UNSIGNED" if dtype == WORD else "SIGNED"
    if op.attributes["kind"] != kind:
        raise ArithmeticError(f"compare of {op.operands[0].type} as {op.attributes['kind']}")
    return _over(op.operands[0], real).compare(op.attributes["direction"], *operands)


def _select(op: Operation, operands: Sequence[Any], real: Arithmetic) -> Any:
    return _over(op.results[0], real).select(*operands)


def _convert(op: Operation, operands: Sequence[Any], real: Arithmetic) -> Any:
    (source,), (result,) = op.operands, op.results
    if source.dtype in FLOATS:
        raise ArithmeticError(f"convert of {source.type} to {result.type} would round")
    return _over(result, real).integers(operands[0])


def _iota(op: Operation, operands: Sequence[Any], real: Arithmetic) -> Any:
    shape, axis = op.results[0].shape, op.attributes["axis"]
    index = np.arange(shape[axis], dtype=np.int64)
    return np.broadcast_to(index.reshape([-1 if i == axis else 1 for i in range(len(shape))]), shape)


def _broadcast(op: Operation, operands: Sequence[Any], real: Arithmetic) -> Any:
    shape, axes = op.results[0].shape, op.attributes["axes"]
    sizes = [1] * len(shape)
    for axis, size in zip(axes, op.operands[0].shape, strict=True):
        sizes[axis] = size
    return _moved(op, operands[0], real, lambda x: np.broadcast_to(x.reshape(sizes), shape))


def _reshape(op: Operation, operands: Sequence[Any], real: Arithmetic) -> Any:
    return _moved(op, operands[0], real, lambda x: x.reshape(op.results[0].shape))


def _slice(op: Operation, operands: Sequence[Any], real: Arithmetic) -> Any:
    at = op.attributes
    ranges = tuple(slice(low, high) for low, high in zip(at["start"], at["stop"], strict=True))
    return _moved(op, operands[0], real, lambda x: x[ranges])


def _reverse(op: Operation, operands: Sequence[Any], real: Arithmetic) -> Any:
    return _moved(op, operands[0], real, lambda x: np.flip(x, op.attributes["axes"]))


def _pad(op: Operation, operands: Sequence[Any], real: Arithmetic) -> Any:
    # The fill is a constant operation of its own; its one number is read back out of the evaluated array.
    at = _over(op.results[0], real)
    x, fill = operands
    sizes, attributes = op.operands[0].shape, op.attributes
    region = _region(sizes, attributes["low"], attributes["interior"])
    base = at.padded(x, op.results[0].shape, region, 0)
    inside = np.zeros(op.results[0].shape, bool)
    inside[region] = True
    return at.select(inside, base, at.move(fill, lambda number: np.broadcast_to(number, op.results[0].shape)))


def _region(sizes: Axes, low: Sequence[int], interior: Sequence[int]) -> tuple[slice, ...]:
    """The region of a padded array that holds the array."""
    triples = zip(sizes, low, interior, strict=True)
    return tuple(slice(start, start + (size - 1) * (gap + 1) + 1, gap + 1) for size, start, gap in triples)


def _concatenate(op: Operation, operands: Sequence[Any], real: Arithmetic) -> Any:
    return _over(op.results[0], real).join(operands, op.attributes["axis"])


def _dot(op: Operation, operands: Sequence[Any], real: Arithmetic) -> Any:
    batch, shape = op.attributes["batch"], op.results[0].shape
    sides = []
    for value, operand, axis, last in zip(op.operands, operands, op.attributes["contract"], (True, False), strict=True):
        # A batch of matrices, the contracted axis innermost.
        rest = [i for i in range(batch, len(value.shape)) if i != axis]
        order = (*range(batch), *rest, axis) if last else (*range(batch), axis, *rest)
        stack, summed = prod(value.shape[:batch]), value.shape[axis]
        sizes = (stack, -1, summed) if last else (stack, summed, -1)
        sides.append(real.move(operand, lambda x, o=order, s=sizes: x.transpose(o).reshape(s)))  # type: ignore[misc]
    return real.move(real.product(*sides), lambda result: result.reshape(shape))


def _transpose(op: Operation, operands: Sequence[Any], real: Arithmetic) -> Any:
    return _moved(op, operands[0], real, lambda x: x.transpose(op.attributes["order"]))


def _convolution(op: Operation, operands: Sequence[Any], real: Arithmetic) -> Any:
    at = op.attributes
    order = [at["kernel_axes"].index(axis) for axis in "01io"]
    kernel = real.move(operands[1], lambda k: k.transpose(order))
    height, width, _, features = (op.operands[1].shape[i] for i in order)
    batch, rows, columns, _ = op.results[0].shape
    x = _spread(op, operands[0], real)
    (stride_h, stride_w), (dilation_h, dilation_w) = at["strides"], at["kernel_dilation"]

    def window(i: int, j: int) -> Any:
        """The pixels that position (i, j) of the kernel multiplies: `[N, H', W', C]`."""
        top, left = i * dilation_h, j * dilation_w
        ranges = (
            slice(top, top + (rows - 1) * stride_h + 1, stride_h),
            slice(left, left + (columns - 1) * stride_w + 1, stride_w),
        )
        return real.move(x, lambda image: image[:, ranges[0], ranges[1]])

    if at["groups"] == 1:
        patches = real.join([window(i, j) for i in range(height) for j in range(width)], 3)
        flat = real.move(patches, lambda pixels: pixels.reshape(batch * rows * columns, -1))
        result = real.product(flat, real.move(kernel, lambda k: k.reshape(-1, features)))
        return real.move(result, lambda y: y.reshape(op.results[0].shape))
    if at["groups"] != op.operands[0].shape[3] or at["groups"] != features:
        raise ArithmeticError(f"convolution in {at['groups']} groups of several channels")
    if height * width <= rows * columns:
        total = None
        for i in range(height):
            for j in range(width):
                part = real.multiply(window(i, j), _broadcast_kernel(real, kernel, i, j, op.results[0].shape))
                total = part if total is None else real.add(total, part)
        return total
    # A weight gradient, whose kernel is as large as its image: loop over the few outputs instead.
    return _over_outputs(op, x, kernel, real, (height, width))


def _broadcast_kernel(real: Arithmetic, kernel: Any, i: int, j: int, shape: Axes) -> Any:
    return real.move(kernel, lambda k: np.broadcast_to(k[i, j, 0], shape))


def _over_outputs(op: Operation, x: Any, kernel: Any, real: Arithmetic, window: tuple[int, int]) -> Any:
    at = op.attributes
    batch, rows, columns, channels = op.results[0].shape
    (stride_h, stride_w), (dilation_h, dilation_w), (height, width) = at["strides"], at["kernel_dilation"], window
    shape = (batch, height, width, channels)
    repeated = real.move(kernel, lambda k: np.broadcast_to(k[None, :, :, 0], shape))
    parts = []
    for r in range(rows):
        for q in range(columns):
            vertical = slice(r * stride_h, r * stride_h + (height - 1) * dilation_h + 1, dilation_h)
            horizontal = slice(q * stride_w, q * stride_w + (width - 1) * dilation_w + 1, dilation_w)
            pixels = real.move(x, lambda image, v=vertical, h=horizontal: image[:, v, h])  # type: ignore[misc]
            total = real.total(real.multiply(pixels, repeated), (1, 2))
            parts.append(real.move(total, lambda y: y.reshape(batch, 1, channels)))
    return real.move(real.join(parts, 1), lambda y: y.reshape(op.results[0].shape))


def _spread(op: Operation, x: Any, real: Arithmetic) -> Any:
    """A convolution's image, dilated and padded with zeros; negative pads crop it."""
    at, sizes = op.attributes, op.operands[0].shape
    low = [0, *(max(before, 0) for before, _ in at["pads"]), 0]
    gaps = [0, *(step - 1 for step in at["x_dilation"]), 0]
    extra = [(0, 0), *at["pads"], (0, 0)]
    long = [(size - 1) * (gap + 1) + 1 for size, gap in zip(sizes, gaps, strict=True)]
    shape = tuple(size + sum(max(pad, 0) for pad in pair) for size, pair in zip(long, extra, strict=True))
    spread = real.padded(x, shape, _region(sizes, low, gaps), 0)
    cropped = tuple(
        slice(max(-before, 0), size - max(-after, 0)) for size, (before, after) in zip(shape, extra, strict=True)
    )
    return real.move(spread, lambda image: image[cropped])


def _reduce(op: Operation, operands: Sequence[Any], real: Arithmetic) -> Any:
    """A reduction of one or several operands, combined with its initial value."""
    at, axes = _over(op.results[0], real), op.attributes["axes"]
    *arrays, start = operands
    if op.attributes["body"] == "add":
        return tuple(at.add(at.total(x, axes), _spread_start(at, start, op.results[0].shape)) for x in arrays)
    results = []
    for x, operand in zip(arrays, op.operands, strict=False):
        reduced = x
        for axis in sorted(axes, reverse=True):
            reduced = _fold(at, op.attributes["body"], reduced, axis, operand.shape[axis])
        results.append(_combine(at, op.attributes["body"], reduced, _spread_start(at, start, op.results[0].shape)))
    return tuple(results)


def _fold(at: Arithmetic, body: str, x: Any, axis: int, size: int) -> Any:
    total = None
    for i in range(size):
        part = at.move(x, lambda array, i=i: np.take(array, i, axis))  # type: ignore[misc]
        total = part if total is None else _combine(at, body, total, part)
    return total


def _spread_start(at: Arithmetic, start: Any, shape: Axes) -> Any:
    return at.move(start, lambda number: np.broadcast_to(number, shape))


def _reduce_window(op: Operation, operands: Sequence[Any], real: Arithmetic) -> Any:
    at, attributes, (result,) = _over(op.results[0], real), op.attributes, op.results
    x, start = operands
    sizes = op.operands[0].shape
    low, none = [before for before, _ in attributes["pads"]], [0] * len(sizes)
    shape = tuple(size + before + after for size, (before, after) in zip(sizes, attributes["pads"], strict=True))
    inside = np.zeros(shape, bool)
    inside[_region(sizes, low, none)] = True
    padded = at.select(inside, at.padded(x, shape, _region(sizes, low, none), 0), _spread_start(at, start, shape))
    total = None
    for position in np.ndindex(*attributes["window"]):
        steps = zip(position, result.shape, attributes["strides"], strict=True)
        ranges = tuple(slice(first, first + (count - 1) * step + 1, step) for first, count, step in steps)
        part = at.move(padded, lambda array, ranges=ranges: array[ranges])  # type: ignore[misc]
        total = part if total is None else _combine(at, attributes["body"], total, part)
    return total


def _moved(op: Operation, x: Any, real: Arithmetic, move: Callable[[Any], Any]) -> Any:
    if op.results[0].dtype == "i1":
        return move(x)
    return _over(op.results[0], real).move(x, move)


_CHOICES = {"maximum": "GE", "minimum": "LE"}
_RULES: dict[str, Callable[[Operation, Sequence[Any], Arithmetic], Any]] = {
    "constant": _constant,
    "add": _binary,
    "subtract": _binary,
    "multiply": _binary,
    "divide": _binary,
    "maximum": _binary,
    "minimum": _binary,
    "and": _and,
    "or": _bitwise,
    "xor": _bitwise,
    "shift_left": _bitwise,
    "shift_right_logical": _bitwise,
    "sqrt": _unary,
    "rsqrt": _unary,
    "exponential": _unary,
    "exponential_minus_one": _unary,
    "log": _unary,
    "compare": _compare,
    "select": _select,
    "convert": _convert,
    "iota": _iota,
    "broadcast_in_dim": _broadcast,
    "reshape": _reshape,
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


class Evaluated:
    """A function, run over floats of 64 bits: the same calls as `runtime.verify.reference.Reference`, without XLA."""

    def __init__(self, function: Function) -> None:
        self._function = function

    def __call__(self, numbers: Mapping[str, Any]) -> dict[Value, Any]:
        """Run it. `numbers` holds the arguments by name."""
        values: Environment = {value: np.asarray(numbers[value.name]) for value in self._function.arguments}
        evaluate(self._function.operations, values, Arithmetic())
        return {value: values[value] for value in self._function.results}
