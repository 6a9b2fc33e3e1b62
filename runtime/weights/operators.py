"""The weights of a TFLite file, by the order of its operators: its names say nothing.

Batch norm is folded into what comes before it, so that ours gets numbers with which it adds the bias and no more.
"""

import numpy as np
from numpy.typing import NDArray

from emit.expand import expand
from emit.graph import Graph, Node
from emit.ops.convolution import Convolution
from emit.ops.dense import Dense
from emit.ops.depthwise import Depthwise
from netspec.errors import InputError
from netspec.language import NetSpec, with_classes
from netspec.text import shown
from runtime.weights.formats.tflite import TFLiteFile
from runtime.weights.formats.tflite_graph import Operator

Arrays = dict[str, NDArray[np.float32]]
_KINDS = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")
_FUSED = {"relu": "RELU", "relu6": "RELU6"}  # others are operators of their own


def with_classes_of(file: TFLiteFile, net: NetSpec) -> NetSpec:
    """The network with as many classes as a file has. Raises InputError for a file of another network."""
    operators, nodes = _operators(file), _nodes(expand(net))
    if len(operators) != len(nodes):
        raise InputError(
            f"{shown(file.path)}: expected the {len(nodes)} convolutions and dense layers of {shown(net.name)}, found "
            f"{len(operators)}; is it of another network?"
        )
    classes = file.graph.tensors[operators[-1].inputs[1]].shape[0]
    return net if classes == net.classes or not 2 <= classes <= 2**20 else with_classes(net, classes)


def arrays_of(file: TFLiteFile, net: NetSpec) -> Arrays:
    """Parameters and running statistics of a network. Raises InputError where the file has another.

    Padding, strides and activations are compared as well: a TFLite file says them.
    """
    graph = expand(net)
    arrays: Arrays = {}
    for operator, node in zip(_operators(file), _nodes(graph), strict=True):
        _check_options(file, operator, node, graph)
        arrays |= _tensors(file, operator, node, graph, net.bnEps)
    return arrays


def _operators(file: TFLiteFile) -> list[Operator]:
    return [operator for operator in file.graph.operators if operator.kind in _KINDS and len(operator.inputs) > 1]


def _nodes(graph: Graph) -> list[Node]:
    return [node for node in graph.nodes.values() if isinstance(node.op, Convolution | Depthwise | Dense)]


def _check_options(file: TFLiteFile, operator: Operator, node: Node, graph: Graph) -> None:
    activation = next((kind for kind in _FUSED if f"{node.name}_{kind}" in graph.nodes), "identity")
    found, wanted = operator.activation, _FUSED.get(activation, "NONE")
    if found != wanted:
        raise _other(file, node, f"the activation {wanted}", found)
    if not isinstance(node.op, Convolution | Depthwise):
        return
    window = node.op.window
    if window.size == window.stride == 1:
        return
    if operator.stride != (window.stride, window.stride) or operator.dilation != (window.dilation, window.dilation):
        said = f"stride {operator.stride} and dilation {operator.dilation}"
        raise _other(file, node, f"stride {window.stride} and dilation {window.dilation}", said)
    if operator.padding != "SAME":
        raise _other(file, node, 'padding SAME, which is the spec\'s "same"', operator.padding or "none")


def _tensors(file: TFLiteFile, operator: Operator, node: Node, graph: Graph, epsilon: float) -> Arrays:
    """A node's weight and bias, and those of its batch norm."""
    shapes = {name: tensor.shape for name, tensor in node.parameters()}
    weight = _weight(file, operator, node, shapes[f"{node.name}_weight"])
    outputs = weight.shape[-1]
    bias = np.zeros(outputs, np.float32)
    if len(operator.inputs) > 2 and operator.inputs[2] >= 0:
        bias = _constant(file, operator.inputs[2], node)
        if bias.shape != (outputs,):
            raise _other(file, node, f"a bias of {outputs} numbers", f"one of shape {bias.shape}")
    arrays = {f"{node.name}_weight": weight}
    norm = f"{node.name}_bn"
    if norm in graph.nodes:
        arrays |= {
            f"{norm}_gamma": np.full(outputs, np.sqrt(1 + epsilon), np.float32),
            f"{norm}_beta": bias,
            f"{norm}_running_mean": np.zeros(outputs, np.float32),
            f"{norm}_running_variance": np.ones(outputs, np.float32),
        }
    elif f"{node.name}_bias" in shapes:
        arrays[f"{node.name}_bias"] = bias
    return arrays


def _weight(file: TFLiteFile, operator: Operator, node: Node, shape: tuple[int, ...]) -> NDArray[np.float32]:
    kernel = _constant(file, operator.inputs[1], node)
    depthwise = isinstance(node.op, Depthwise)
    if depthwise != (operator.kind == "DEPTHWISE_CONV_2D"):
        raise _other(file, node, f"a {'depthwise ' if depthwise else ''}convolution", operator.kind)
    # [O, H, W, I], depthwise [1, H, W, C]; a dense layer's [O, I]
    axes = ((1, 2, 0, 3) if depthwise else (1, 2, 3, 0)) if kernel.ndim == 4 else None
    kernel = kernel.transpose(axes)
    if len(shape) == 2 and kernel.ndim == 4 and kernel.shape[:2] == (1, 1):
        kernel = kernel[0, 0]
    if kernel.shape != shape:
        raise _other(file, node, f"a kernel of shape {shape}", f"one of shape {kernel.shape}")
    return np.ascontiguousarray(kernel)


def _constant(file: TFLiteFile, number: int, node: Node) -> NDArray[np.float32]:
    """A constant float tensor. Raises InputError where it is none."""
    name = file.graph.tensors[number].name
    if name not in file.tensors:
        raise _other(file, node, "constant weights", f"the tensor {shown(name)}, which is computed")
    return file.read(name)


def _other(file: TFLiteFile, node: Node, expected: str, found: str) -> InputError:
    return InputError(
        f"{shown(file.path)}: {node.name}: expected {expected}, found {shown(found)}; is it of another network, width "
        "or spec?"
    )
