"""onnxruntime: the network as an ONNX graph, NCHW, batch norm folded, as an exporter would leave it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, checker, helper, numpy_helper

from benchmarks.job import THREADS, Folder
from benchmarks.network import (
    IMAGES,
    Add,
    Arrays,
    Attention,
    AvgPool,
    BatchNorm,
    Concat,
    Conv,
    Dense,
    Flatten,
    LayerScale,
    MaxPool,
    Mean,
    Network,
    Scale,
    Step,
    folded,
)

OPSET, IR = 21, 10
PROBABILITIES = "probabilities"


class Prediction:
    """One session with all graph optimisations."""

    def __init__(self, folder: Folder) -> None:
        network, normal = folder.job.network, folder.normal()
        model = onnx_model(network, folded(network, folder.weights()), normal.shape[0])
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = THREADS, 1
        self._session = onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        self._feed = {IMAGES: np.ascontiguousarray(normal.transpose(0, 3, 1, 2))}

    def predict(self) -> NDArray[np.float32]:
        """Probabilities `[N, classes]`."""
        probabilities: NDArray[np.float32] = self._session.run([PROBABILITIES], self._feed)[0]
        return probabilities


def onnx_model(network: Network, weights: Arrays, batch: int) -> ModelProto:
    """From images `[N, C, H, W]`, normalised, to probabilities `[N, classes]`. `weights` are folded."""
    graph = _Graph(network, weights)
    logits = network.walk(IMAGES, lambda step, inputs: _STEPS[type(step)](graph, step, inputs))
    graph.node("Softmax", [logits], PROBABILITIES, axis=1)
    height, width, channels = network.image
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "network",
            [helper.make_tensor_value_info(IMAGES, TensorProto.FLOAT, [batch, channels, height, width])],
            [helper.make_tensor_value_info(PROBABILITIES, TensorProto.FLOAT, [batch, *network.steps[-1].shape])],
            graph.constants,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR,
    )
    checker.check_model(model)
    return model


class _Graph:
    """Nodes and constants while they are written. Values are names."""

    def __init__(self, network: Network, weights: Arrays) -> None:
        self.network, self.weights = network, weights
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []

    def constant(self, name: str, array: NDArray[Any]) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def node(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [output], name=output, **attributes))
        return output

    def activate(self, value: str, activation: str) -> str:
        """As an exporter writes it; swish and GELU have no operator of their own."""
        if activation in _ACTIVATIONS:
            kind, attributes = _ACTIVATIONS[activation]
            return self.node(kind, [value], f"{value}_{activation}", **attributes)
        if activation == "relu6":
            limits = [self.constant(f"{value}_{n}", np.array(n, np.float32)) for n in (0, 6)]
            return self.node("Clip", [value, *limits], f"{value}_relu6")
        if activation == "swish":
            gate = self.node("Sigmoid", [value], f"{value}_gate")
            return self.node("Mul", [value, gate], f"{value}_swish")
        assert activation == "identity"
        return value

    def depth(self, name: str) -> int:
        """The channels of the output of a step without activation."""
        return self.network.shape(name)[-1]

    def channels(self, name: str, part: str) -> str:
        """A vector of the weights as `[C, 1, 1]`."""
        return self.constant(f"{name}_{part}", self.weights[f"{name}_{part}"][:, None, None])


def _conv(graph: _Graph, step: Conv, inputs: list[str]) -> str:
    kernel = graph.weights[f"{step.name}_weight"].transpose(3, 2, 0, 1)
    weight = graph.constant(f"{step.name}_weight", kernel)
    bias = graph.constant(f"{step.name}_bias", graph.weights[f"{step.name}_bias"])
    y = graph.node(
        "Conv",
        [*inputs, weight, bias],
        step.name,
        kernel_shape=[step.size] * 2,
        strides=[step.stride] * 2,
        pads=[step.pad] * 4,
        dilations=[step.dilation] * 2,
        group=step.groups,
    )
    return graph.activate(y, step.activation)


def _add(graph: _Graph, step: Add, inputs: list[str]) -> str:
    return graph.activate(graph.node("Add", inputs, step.name), step.activation)


def _batch_norm(graph: _Graph, step: BatchNorm, inputs: list[str]) -> str:
    scaled = graph.node("Mul", [*inputs, graph.channels(step.name, "weight")], f"{step.name}_scaled")
    y = graph.node("Add", [scaled, graph.channels(step.name, "bias")], step.name)
    return graph.activate(y, step.activation)


def _concat(graph: _Graph, step: Concat, inputs: list[str]) -> str:
    return graph.node("Concat", inputs, step.name, axis=1)


def _scale(graph: _Graph, step: Scale, inputs: list[str]) -> str:
    x, gate = inputs
    shape = graph.constant(f"{step.name}_shape", np.array([0, 0, 1, 1], np.int64))
    return graph.node("Mul", [x, graph.node("Reshape", [gate, shape], f"{step.name}_gate")], step.name)


def _layer_scale(graph: _Graph, step: LayerScale, inputs: list[str]) -> str:
    return graph.node("Mul", [*inputs, graph.channels(step.name, "gamma")], step.name)


def _attention(graph: _Graph, step: Attention, inputs: list[str]) -> str:
    """Queries `[N, heads, d, Q]`, keys `[N, 1, d, K]` and values `[N, 1, D, K]`, as NCHW has them."""
    name, (height, width, channels) = step.name, step.shape
    parts = []
    for part, value, heads in zip(("query", "key", "value"), inputs, (step.heads, 1, 1), strict=True):
        depth = graph.depth(value) // heads
        shape = graph.constant(f"{name}_{part}_shape", np.array([0, heads, depth, -1], np.int64))
        parts.append(graph.node("Reshape", [value, shape], f"{name}_{part}_rows"))
        scale = depth**-0.5 if part == "query" else 1.0
        if scale != 1.0:
            factor = graph.constant(f"{name}_factor", np.array(scale, np.float32))
            parts[0] = graph.node("Mul", [parts[0], factor], f"{name}_scaled")
    query = graph.node("Transpose", [parts[0]], f"{name}_across", perm=[0, 1, 3, 2])
    weights = graph.node("MatMul", [query, parts[1]], f"{name}_products")
    weights = graph.node("Softmax", [weights], f"{name}_weights", axis=-1)
    back = graph.node("Transpose", [weights], f"{name}_back", perm=[0, 1, 3, 2])
    y = graph.node("MatMul", [parts[2], back], f"{name}_values")
    shape = graph.constant(f"{name}_shape", np.array([0, channels, height, width], np.int64))
    return graph.node("Reshape", [y, shape], name)


def _max_pool(graph: _Graph, step: MaxPool, inputs: list[str]) -> str:
    sizes = {"kernel_shape": [step.size] * 2, "strides": [step.stride] * 2, "pads": [step.pad] * 4}
    return graph.node("MaxPool", inputs, step.name, **sizes)


def _avg_pool(graph: _Graph, step: AvgPool, inputs: list[str]) -> str:
    sizes = {"kernel_shape": [step.size] * 2, "strides": [step.stride] * 2, "pads": [step.pad] * 4}
    return graph.node("AveragePool", inputs, step.name, **sizes, count_include_pad=1)


def _mean(graph: _Graph, step: Mean, inputs: list[str]) -> str:
    if step.keeps:
        return graph.node("GlobalAveragePool", inputs, step.name)
    pooled = graph.node("GlobalAveragePool", inputs, f"{step.name}_pooled")
    return graph.node("Flatten", [pooled], step.name, axis=1)


def _flatten(graph: _Graph, step: Flatten, inputs: list[str]) -> str:
    nhwc = graph.node("Transpose", inputs, f"{step.name}_nhwc", perm=[0, 2, 3, 1])
    return graph.node("Flatten", [nhwc], step.name, axis=1)


def _dense(graph: _Graph, step: Dense, inputs: list[str]) -> str:
    constants = [graph.constant(f"{step.name}_{part}", graph.weights[f"{step.name}_{part}"]) for part in _DENSE]
    return graph.activate(graph.node("Gemm", [*inputs, *constants], step.name), step.activation)


_DENSE = ("weight", "bias")
# HardSigmoid's slope is 0.2 where nothing else is said.
_ACTIVATIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "relu": ("Relu", {}),
    "hswish": ("HardSwish", {}),
    "hsigmoid": ("HardSigmoid", {"alpha": 1 / 6, "beta": 0.5}),
    "sigmoid": ("Sigmoid", {}),
    "gelu": ("Gelu", {}),
    "gelu_tanh": ("Gelu", {"approximate": "tanh"}),
}
_STEPS: dict[type[Step], Callable[[_Graph, Any, list[str]], str]] = {
    Conv: _conv,
    BatchNorm: _batch_norm,
    Add: _add,
    Concat: _concat,
    Scale: _scale,
    LayerScale: _layer_scale,
    Attention: _attention,
    MaxPool: _max_pool,
    AvgPool: _avg_pool,
    Mean: _mean,
    Flatten: _flatten,
    Dense: _dense,
}
