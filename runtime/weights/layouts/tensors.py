"""A network's tensors in the layout of a PyTorch state dict: names, shapes, and the order of the axes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emit.expand import expand
from netspec.language import NetSpec
from runtime.weights.layouts.layout import Layout

Array = NDArray[np.float32]
_NORM = {"gamma": "weight", "beta": "bias", "running_mean": "running_mean", "running_variance": "running_var"}
_SQUEEZES = ("se_reduce", "se_expand")  # which all of them have as convolutions of 1×1
BATCHES = "num_batches_tracked"


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


def tensors_of(net: NetSpec, layout: Layout) -> Iterator[Tensor]:
    """The parameters and running statistics of a network, in the order of the layout. Raises as `Layout.names`."""
    nodes, names = expand(net).nodes, layout.names(net)
    holding = {name for name, node in nodes.items() if node.parameters()}
    if holding != set(names):
        raise KeyError(f"{', '.join(sorted(holding ^ set(names)))}")
    for name, module in names.items():
        node = nodes[name]
        for ours, tensor in (*node.parameters(), *node.statistics()):
            part = ours.removeprefix(f"{name}_")
            theirs = f"{module}.{_NORM[part] if node.op.kind == 'batch_norm' else part}"
            as_image = module in layout.as_images or any(squeeze in name for squeeze in _SQUEEZES)
            yield _tensor(ours, theirs, tensor.shape, as_image)


def _tensor(ours: str, theirs: str, shape: tuple[int, ...], as_image: bool) -> Tensor:
    if len(shape) == 4:  # HWIO → OIHW; a depthwise kernel [kh, kw, 1, C] → [C, 1, kh, kw]
        axes, back = (3, 2, 0, 1), (2, 3, 1, 0)
        return Tensor(ours, theirs, tuple(shape[axis] for axis in axes), _turned(back), _turned(axes))
    if len(shape) == 2:
        turned = shape[::-1]
        if as_image:
            return Tensor(
                ours,
                theirs,
                (*turned, 1, 1),
                lambda x: _turned((1, 0))(x[:, :, 0, 0]),
                lambda x: np.ascontiguousarray(x.T[..., None, None]),
            )
        return Tensor(ours, theirs, turned, _turned((1, 0)), _turned((1, 0)))
    return Tensor(ours, theirs, shape, np.ascontiguousarray, np.ascontiguousarray)


def _turned(axes: tuple[int, ...]) -> Callable[[Array], Array]:
    return lambda array: np.ascontiguousarray(array.transpose(axes))
