"""A network's tensors as another library has them: names, shapes, and the order of the axes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emit.graph import Graph
from runtime.weights.layouts.layout import Layout
from runtime.weights.layouts.rows import Row

Array = NDArray[np.float32]
BATCHES = "num_batches_tracked"
_SQUEEZES = ("se_reduce", "se_expand")  # which all of them have as convolutions of 1×1
# The words for our parameters and statistics; the separator before them.
_TORCH = {"gamma": "weight", "beta": "bias", "running_mean": "running_mean", "running_variance": "running_var"}
_KERAS = {"weight": "kernel", "running_mean": "moving_mean", "running_variance": "moving_variance"}


@dataclass(frozen=True)
class Tensor:
    """One tensor.

    Attributes:
        ours, theirs: its names.
        shape: theirs.
        to_ours, to_theirs: with the axes in the other's order, C-contiguous.
    """

    ours: str
    theirs: str
    shape: tuple[int, ...]
    to_ours: Callable[[Array], Array]
    to_theirs: Callable[[Array], Array]


def tensors_of(graph: Graph, found: list[Row], layout: Layout) -> Iterator[Tensor]:
    """The parameters and running statistics of a network, in the order of the layout. Raises as `Layout.names`."""
    nodes, names = graph.nodes, layout.names(found)
    holding = {name for name, node in nodes.items() if node.parameters()}
    if holding != set(names):
        raise KeyError(f"{', '.join(sorted(holding ^ set(names)))}")
    for name, module in names.items():
        node = nodes[name]
        as_image = module in layout.as_images or any(squeeze in name for squeeze in _SQUEEZES)
        for ours, tensor in (*node.parameters(), *node.statistics()):
            part = ours.removeprefix(f"{name}_")
            if layout.axes == "keras":
                theirs = f"{module}/{_KERAS.get(part, part)}"
                yield _keras(ours, theirs, tensor.shape, as_image, depthwise=node.op.kind == "depthwise")
            else:
                theirs = f"{module}.{_TORCH[part] if node.op.kind == 'batch_norm' else part}"
                yield _torch(ours, theirs, tensor.shape, as_image)


def _torch(ours: str, theirs: str, shape: tuple[int, ...], as_image: bool) -> Tensor:
    """Kernels OIHW, depthwise ones `[C, 1, kh, kw]`, dense ones `[out, in]`."""
    if len(shape) == 4:
        return _transposed(ours, theirs, shape, (3, 2, 0, 1))
    if len(shape) == 2 and as_image:
        return _reshaped(ours, theirs, (*shape[::-1], 1, 1), lambda x: x.T, lambda x: x[:, :, 0, 0].T)
    return _transposed(ours, theirs, shape, tuple(range(len(shape)))[::-1])


def _keras(ours: str, theirs: str, shape: tuple[int, ...], as_image: bool, *, depthwise: bool) -> Tensor:
    """As ours, but for depthwise kernels, `[kh, kw, C, 1]`."""
    if depthwise:
        return _transposed(ours, theirs, shape, (0, 1, 3, 2))
    if len(shape) == 2 and as_image:
        return _reshaped(ours, theirs, (1, 1, *shape), lambda x: x, lambda x: x[0, 0])
    return _transposed(ours, theirs, shape, tuple(range(len(shape))))


def _transposed(ours: str, theirs: str, shape: tuple[int, ...], axes: tuple[int, ...]) -> Tensor:
    """With its axes in another order."""
    back = tuple(axes.index(axis) for axis in range(len(axes)))
    transposed = tuple(shape[axis] for axis in axes)
    return _reshaped(ours, theirs, transposed, lambda x: x.transpose(axes), lambda x: x.transpose(back))


def _reshaped(
    ours: str, theirs: str, shape: tuple[int, ...], there: Callable[[Array], Array], back: Callable[[Array], Array]
) -> Tensor:
    return Tensor(
        ours,
        theirs,
        shape,
        lambda x: np.ascontiguousarray(back(x)),
        lambda x: np.ascontiguousarray(there(x).reshape(shape)),
    )
