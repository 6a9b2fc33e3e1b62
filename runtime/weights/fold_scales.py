"""A checkpoint's parameters for the program `predict`: batch norms and layer scales folded, weights packed."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from emit.graph import Node
from emit.manifest import Manifest
from emit.ops.batch_norm import BatchNorm
from emit.programs.predict import folding
from emit.rewrites.fold_scales import Folded
from emit.winograd import KERNEL, PLACES
from netspec.language import NetSpec
from runtime.engine.session import Arrays


def fold_parameters(net: NetSpec, tensors: Mapping[str, NDArray[np.float32]], manifest: Manifest) -> Arrays:
    """Kernels and biases with what scales them folded in, by the names and in the layouts of `predict`'s manifest.

    Computed in f64 and rounded once. `tensors`: parameters and running statistics by name.
    """
    lean = folding(net)
    # Overflow is reported where the state is checked.
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        return _packed_as_needed(_folded(lean, tensors), manifest)


def _folded(lean: Folded, tensors: Mapping[str, NDArray[np.float32]]) -> Arrays:
    names = [name for name, _ in (*lean.graph.parameters(), *lean.graph.statistics())]
    arrays: Arrays = {name: tensors[name] for name in names if name in tensors}
    for node, after in lean.after.items():
        # A kernel's last axis is the output's channel, a depthwise kernel's too; the one before it the input's.
        weight = tensors[f"{node.name}_weight"].astype(np.float64)
        bias = tensors.get(f"{node.name}_bias", np.zeros(1, np.float32)).astype(np.float64)
        if node in lean.before:
            scale, shift = _affine(lean.before[node], tensors)
            weight, bias = weight * scale[:, None], bias + shift @ weight[0, 0]
        for each in after:
            scale, shift = _affine(each, tensors)
            weight, bias = weight * scale, bias * scale + shift
        arrays[f"{node.name}_weight"] = weight.astype(np.float32)
        if f"{node.name}_bias" in names:
            arrays[f"{node.name}_bias"] = bias.astype(np.float32)
    return arrays


def _affine(node: Node, tensors: Mapping[str, NDArray[np.float32]]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Scale and shift `[C]` of a batch norm or layer scale."""
    scale = tensors[f"{node.name}_gamma"].astype(np.float64)
    if not isinstance(node.op, BatchNorm):
        return scale, np.zeros_like(scale)
    beta, mean, variance = (
        tensors[f"{node.name}_{name}"].astype(np.float64) for name in ("beta", "running_mean", "running_variance")
    )
    scale = scale / np.sqrt(variance + node.op.epsilon)
    return scale, beta - mean * scale


def _packed_as_needed(arrays: Arrays, manifest: Manifest) -> Arrays:
    for entry in manifest.named("parameter"):
        kernel = arrays.get(entry.name)
        if len(entry.shape) == 3 and kernel is not None and kernel.shape == _kernel_shape(*entry.shape):
            arrays[entry.name] = _packed(kernel, entry.shape)
        elif kernel is not None and kernel.shape[:2] == (3, 3) and entry.shape == (PLACES, *kernel.shape[2:]):
            arrays[entry.name] = _places(kernel)
    return arrays


def _kernel_shape(panels: int, inputs: int, columns: int) -> tuple[int, int, int, int]:
    """The shape of the 1×1 kernel whose packed layout is `[panels, inputs, columns]`."""
    return 1, 1, inputs, panels * columns


def _places(kernel: NDArray[np.float32]) -> NDArray[np.float32]:
    """`emit.winograd.kernel_places` of `[3, 3, inputs, outputs]`, computed in f64."""
    matrix = np.array(KERNEL, np.float64)
    places = np.einsum("pi,qj,ijco->pqco", matrix, matrix, kernel.astype(np.float64), optimize=True)
    return np.ascontiguousarray(places.reshape(PLACES, *kernel.shape[2:]), np.float32)


def _packed(kernel: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Pack `[1, 1, inputs, outputs]` into `[panels, inputs, columns]`: a register tile's columns are contiguous."""
    panels, inputs, columns = shape
    return np.ascontiguousarray(kernel.reshape(inputs, panels, columns).transpose(1, 0, 2))
