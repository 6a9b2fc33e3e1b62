"""onnxruntime: the network as an ONNX graph, NCHW, batch norm folded, as an exporter would leave it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, checker, helper, numpy_helper

from benchmarks.job import THREADS, Folder
from benchmarks.network import IMAGES, Add, Arrays, Conv, Dense, Flatten, MaxPool, Mean, Network, Step, folded

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
    """From images `[N, 3, H, W]`, normalised, to probabilities `[N, classes]`. `weights` are folded."""
    graph = _Graph(weights)
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

    def __init__(self, weights: Arrays) -> None:
        self.weights = weights
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []

    def constant(self, name: str, array: NDArray[Any]) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def node(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [output], name=output, **attributes))
        return output

    def activate(self, value: str, activation: str) -> str:
        if activation == "identity":
            return value
        if activation == "relu":
            return self.node("Relu", [value], f"{value}_relu")
        limits = [self.constant(f"{value}_{n}", np.array(n, np.float32)) for n in (0, 6)]
        return self.node("Clip", [value, *limits], f"{value}_relu6")


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
        group=step.shape[-1] if step.depthwise else 1,
    )
    return graph.activate(y, step.activation)


def _add(graph: _Graph, step: Add, inputs: list[str]) -> str:
    return graph.activate(graph.node("Add", inputs, step.name), step.activation)


def _max_pool(graph: _Graph, step: MaxPool, inputs: list[str]) -> str:
    sizes = {"kernel_shape": [step.size] * 2, "strides": [step.stride] * 2, "pads": [step.pad] * 4}
    return graph.node("MaxPool", inputs, step.name, **sizes)


def _mean(graph: _Graph, step: Mean, inputs: list[str]) -> str:
    pooled = graph.node("GlobalAveragePool", inputs, f"{step.name}_pooled")
    return graph.node("Flatten", [pooled], step.name, axis=1)


def _flatten(graph: _Graph, step: Flatten, inputs: list[str]) -> str:
    nhwc = graph.node("Transpose", inputs, f"{step.name}_nhwc", perm=[0, 2, 3, 1])
    return graph.node("Flatten", [nhwc], step.name, axis=1)


def _dense(graph: _Graph, step: Dense, inputs: list[str]) -> str:
    constants = [graph.constant(f"{step.name}_{part}", graph.weights[f"{step.name}_{part}"]) for part in _DENSE]
    return graph.activate(graph.node("Gemm", [*inputs, *constants], step.name), step.activation)


_DENSE = ("weight", "bias")
_STEPS: dict[type[Step], Callable[[_Graph, Any, list[str]], str]] = {
    Conv: _conv,
    Add: _add,
    MaxPool: _max_pool,
    Mean: _mean,
    Flatten: _flatten,
    Dense: _dense,
}
