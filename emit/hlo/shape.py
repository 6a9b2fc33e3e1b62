"""Operations that move numbers and change none."""

import math
from collections.abc import Sequence

from emit.hlo.program import TensorType, Value


def reshape(x: Value, shape: Sequence[int], name: str = "reshaped") -> Value:
    """The same numbers in row-major order under another shape."""
    if math.prod(shape) != x.type.elements:
        raise x.block.wrong(f"reshape of {x.type} to {tuple(shape)}")
    if tuple(shape) == x.shape:
        return x
    return x.block.emit("reshape", (x,), (TensorType(tuple(shape), x.dtype),), name)[0]


def broadcast(x: Value, shape: Sequence[int], axes: Sequence[int], name: str = "everywhere") -> Value:
    """Axis i of x becomes axis `axes[i]` of the result; it repeats along the others."""
    fits = len(axes) == len(x.shape) and all(
        0 <= axis < len(shape) and size in (1, shape[axis]) for axis, size in zip(axes, x.shape, strict=False)
    )
    if not fits or list(axes) != sorted(set(axes)):
        raise x.block.wrong(f"broadcast of {x.type} to {tuple(shape)} along {tuple(axes)}")
    result = TensorType(tuple(shape), x.dtype)
    return x.block.emit("broadcast_in_dim", (x,), (result,), name, axes=tuple(axes))[0]


def slice_(x: Value, start: Sequence[int], stop: Sequence[int], name: str = "slice") -> Value:
    """`x[start:stop]` along every axis."""
    if not len(start) == len(stop) == len(x.shape) or not all(
        0 <= low < high <= size for low, high, size in zip(start, stop, x.shape, strict=False)
    ):
        raise x.block.wrong(f"slice of {x.type} from {tuple(start)} to {tuple(stop)}")
    shape = tuple(high - low for low, high in zip(start, stop, strict=True))
    if shape == x.shape:
        return x
    return x.block.emit("slice", (x,), (TensorType(shape, x.dtype),), name, start=tuple(start), stop=tuple(stop))[0]


def pad(
    x: Value,
    low: Sequence[int],
    high: Sequence[int],
    interior: Sequence[int] | None = None,
    fill: float = 0,
    name: str = "padded",
) -> Value:
    """`fill` before, behind and (`interior`) between the numbers along every axis."""
    gaps = tuple(interior) if interior else (0,) * len(low)
    if not len(low) == len(high) == len(gaps) == len(x.shape) or min(*low, *high, *gaps, 0) < 0:
        raise x.block.wrong(f"pad of {x.type} by {tuple(low)}, {tuple(high)}, {gaps}")
    if not any((*low, *high, *gaps)):
        return x
    shape = tuple(
        before + size + (size - 1) * gap + after
        for before, size, gap, after in zip(low, x.shape, gaps, high, strict=True)
    )
    value = x.block.constant(fill, (), x.dtype)
    result = TensorType(shape, x.dtype)
    return x.block.emit("pad", (x, value), (result,), name, low=tuple(low), high=tuple(high), interior=gaps)[0]


def concatenate(parts: Sequence[Value], axis: int, name: str = "joined") -> Value:
    """The parts one behind another along an axis."""
    first = parts[0]
    if len(parts) == 1:
        return first
    for part in parts:
        others = [size for i, size in enumerate(part.shape) if i != axis]
        if others != [size for i, size in enumerate(first.shape) if i != axis] or part.dtype != first.dtype:
            raise first.block.wrong(f"concatenate of {first.type} and {part.type} along axis {axis}")
    shape = list(first.shape)
    shape[axis] = sum(part.shape[axis] for part in parts)
    return first.block.emit("concatenate", parts, (TensorType(tuple(shape), first.dtype),), name, axis=axis)[0]


def reverse(x: Value, axes: Sequence[int], name: str = "reversed") -> Value:
    """The order turned round along some axes."""
    if any(not 0 <= axis < len(x.shape) for axis in axes):
        raise x.block.wrong(f"reverse of {x.type} along {tuple(axes)}")
    return x.block.emit("reverse", (x,), (x.type,), name, axes=tuple(axes))[0]


def transpose(x: Value, order: Sequence[int], name: str = "transposed") -> Value:
    """Axis i of the result is axis `order[i]` of x."""
    if sorted(order) != list(range(len(x.shape))):
        raise x.block.wrong(f"transpose of {x.type} in the order {tuple(order)}")
    result = TensorType(tuple(x.shape[axis] for axis in order), x.dtype)
    return x.block.emit("transpose", (x,), (result,), name, order=tuple(order))[0]
