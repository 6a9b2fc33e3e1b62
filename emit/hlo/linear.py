"""Matrix products and convolutions: of operands in the block's `products` type, added up in its own.

Convolutions in groups take their operands as they are.
"""

from collections.abc import Sequence

from emit.hlo.elementwise import convert
from emit.hlo.program import TensorType, Value


def kept(values: Sequence[Value]) -> tuple[Value, ...]:
    """Real numbers in the type that the block keeps them in for products."""
    block = values[0].block
    if block.products == block.float:
        return tuple(values)
    return tuple(convert(value, block.products, "kept") if value.dtype == block.float else value for value in values)


def read(value: Value) -> Value:
    """What is kept, as real numbers to calculate with."""
    block = value.block
    return convert(value, block.float, "read") if value.dtype == block.products != block.float else value


def dot(x: Value, y: Value, contract: tuple[int, int], name: str = "dot", batch: int = 0) -> Value:
    """Products summed over axis `contract[0]` of x and `contract[1]` of y: a matrix product, when both are matrices.

    The result has the `batch` leading axes, which x and y have in common, then x's other axes and y's.
    """
    left, right = contract
    fits = len(x.shape) > left >= batch and len(y.shape) > right >= batch and x.shape[:batch] == y.shape[:batch]
    if not fits or x.dtype != y.dtype or x.shape[left] != y.shape[right]:
        raise x.block.wrong(f"dot of {x.type} and {y.type} over axes {contract}")
    rest = [
        size
        for side, axis in ((x, left), (y, right))
        for i, size in enumerate(side.shape)
        if i not in (*range(batch), axis)
    ]
    result = TensorType((*x.shape[:batch], *rest), x.dtype)
    return x.block.emit("dot_general", kept((x, y)), (result,), name, contract=contract, batch=batch)[0]


def convolution(
    x: Value,
    kernel: Value,
    *,
    strides: tuple[int, int] = (1, 1),
    pads: Sequence[tuple[int, int]] = ((0, 0), (0, 0)),
    x_dilation: tuple[int, int] = (1, 1),
    kernel_dilation: tuple[int, int] = (1, 1),
    groups: int = 1,
    kernel_axes: str = "01io",
    name: str = "conv",
) -> Value:
    """A cross-correlation of `x [N, H, W, Ci]` with `kernel`, whose axes `kernel_axes` names.

    `01io` is height, width, input channels a group, output channels; `01oi` has the two swapped, for the
    cotangent of the input. Negative pads crop.
    """
    sizes = {axis: kernel.shape[i] for i, axis in enumerate(kernel_axes)}
    if len(x.shape) != 4 or x.shape[3] != sizes["i"] * groups or sizes["o"] % groups or x.dtype != kernel.dtype:
        raise x.block.wrong(f"convolution of {x.type} with {kernel.type} ({kernel_axes}) in {groups} groups")
    spatial = []
    for i in range(2):
        dilated = (x.shape[1 + i] - 1) * x_dilation[i] + 1 + sum(pads[i])
        window = (sizes[str(i)] - 1) * kernel_dilation[i] + 1
        spatial.append((dilated - window) // strides[i] + 1)
    result = TensorType((x.shape[0], *spatial, sizes["o"]), x.dtype)
    # In groups as they are: IREE (3.13.0) does not compile such a convolution of bf16 into f32.
    operands = (x, kernel) if groups > 1 else kept((x, kernel))
    return x.block.emit(
        "convolution",
        operands,
        (result,),
        name,
        strides=strides,
        pads=tuple(tuple(pair) for pair in pads),
        x_dilation=x_dilation,
        kernel_dilation=kernel_dilation,
        groups=groups,
        kernel_axes=kernel_axes,
    )[0]
