"""LiteRT with XNNPACK: the network as a TFLite flatbuffer, NHWC, batch norm folded, activations fused.

TFLite pads as XLA does ("SAME") or not at all; where torch's padding is another, an explicit PAD stands before the
window, as converters from torch write it. XNNPACK fuses such a PAD into the convolution after it.
"""

from collections.abc import Callable, Sequence
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from benchmarks.job import THREADS, Folder
from benchmarks.network import IMAGES, Add, Arrays, Conv, Dense, Flatten, MaxPool, Mean, Network, Step, folded
from netspec.windows import output_size, pads

_LOWEST = float(np.finfo(np.float32).min)


class Prediction:
    """One interpreter; the XNNPACK delegate is on by default."""

    def __init__(self, folder: Folder) -> None:
        network = folder.job.network
        self._images = folder.normal()
        content = tflite_model(network, folded(network, folder.weights()), self._images.shape[0])
        self._interpreter = Interpreter(model_content=content, num_threads=THREADS)
        self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._output = self._interpreter.get_output_details()[0]["index"]

    def predict(self) -> NDArray[np.float32]:
        """Probabilities `[N, classes]`."""
        self._interpreter.set_tensor(self._input, self._images)
        self._interpreter.invoke()
        probabilities: NDArray[np.float32] = self._interpreter.get_tensor(self._output)
        return probabilities


def tflite_model(network: Network, weights: Arrays, batch: int) -> bytes:
    """From images `[N, H, W, 3]`, normalised, to probabilities `[N, classes]`. `weights` are folded."""
    graph = _Graph(network, weights, batch)
    images = graph.tensor(IMAGES, network.image)
    logits = network.walk(images, lambda step, inputs: _STEPS[type(step)](graph, step, inputs))
    softmax = ("SOFTMAX", schema.SoftmaxOptionsT(beta=1.0))
    probabilities = graph.operator(softmax, [logits], "probabilities", network.steps[-1].shape)
    return graph.packed(images, probabilities)


class _Graph:
    """Tensors, buffers and operators while they are written. Values are tensor numbers."""

    def __init__(self, network: Network, weights: Arrays, batch: int) -> None:
        self.network, self.weights, self._batch = network, weights, batch
        self._tensors: list[Any] = []
        self._buffers: list[Any] = [schema.BufferT()]  # number 0 is the empty one
        self._operators: list[Any] = []
        self._codes: dict[str, int] = {}

    def tensor(self, name: str, shape: Sequence[int]) -> int:
        """A value; `shape` is one image's."""
        return self._tensor(name, (self._batch, *shape), schema.TensorType.FLOAT32, 0)

    def constant(self, name: str, array: NDArray[Any]) -> int:
        kind = {"float32": schema.TensorType.FLOAT32, "int32": schema.TensorType.INT32}[str(array.dtype)]
        data = np.frombuffer(np.ascontiguousarray(array).tobytes(), np.uint8)
        self._buffers.append(schema.BufferT(data=data))
        return self._tensor(name, array.shape, kind, len(self._buffers) - 1)

    def operator(self, what: tuple[str, Any], inputs: Sequence[int], name: str, shape: Sequence[int]) -> int:
        """`what`: the operator's name and its options."""
        code, options = what
        output = self.tensor(name, shape)
        kind = type(options).__name__.removesuffix("T")
        self._operators.append(
            schema.OperatorT(
                opcodeIndex=self._codes.setdefault(code, len(self._codes)),
                inputs=list(inputs),
                outputs=[output],
                builtinOptionsType=getattr(schema.BuiltinOptions, kind),
                builtinOptions=options,
            )
        )
        return output

    def packed(self, images: int, probabilities: int) -> bytes:
        """The model's bytes."""
        subgraph = schema.SubGraphT(
            tensors=self._tensors, inputs=[images], outputs=[probabilities], operators=self._operators, name="network"
        )
        numbers = [getattr(schema.BuiltinOperator, code) for code in self._codes]
        codes = [schema.OperatorCodeT(deprecatedBuiltinCode=n, builtinCode=n) for n in numbers]
        model = schema.ModelT(version=3, operatorCodes=codes, subgraphs=[subgraph], buffers=self._buffers)
        builder = flatbuffers.Builder(1 << 20)
        builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
        return bytes(builder.Output())

    def _tensor(self, name: str, shape: Sequence[int], kind: int, buffer: int) -> int:
        self._tensors.append(schema.TensorT(shape=list(shape), type=kind, buffer=buffer, name=name))
        return len(self._tensors) - 1


def _conv(graph: _Graph, step: Conv, inputs: list[int]) -> int:
    value, padding = _padded(graph, step, inputs[0], 0.0)
    common = {
        "padding": padding,
        "strideW": step.stride,
        "strideH": step.stride,
        "fusedActivationFunction": _ACTIVATIONS[step.activation],
    }
    kernel = graph.weights[f"{step.name}_weight"]
    if step.depthwise:
        kernel = kernel.transpose(2, 0, 1, 3)  # [k, k, 1, C] → [1, k, k, C]
        what = ("DEPTHWISE_CONV_2D", schema.DepthwiseConv2DOptionsT(depthMultiplier=1, **common))
    else:
        kernel = kernel.transpose(3, 0, 1, 2)  # [k, k, i, o] → [o, k, k, i]
        what = ("CONV_2D", schema.Conv2DOptionsT(**common))
    weight = graph.constant(f"{step.name}_weight", kernel)
    bias = graph.constant(f"{step.name}_bias", graph.weights[f"{step.name}_bias"])
    return graph.operator(what, [value, weight, bias], step.name, step.shape)


def _add(graph: _Graph, step: Add, inputs: list[int]) -> int:
    what = ("ADD", schema.AddOptionsT(fusedActivationFunction=_ACTIVATIONS[step.activation]))
    return graph.operator(what, inputs, step.name, step.shape)


def _max_pool(graph: _Graph, step: MaxPool, inputs: list[int]) -> int:
    value, padding = _padded(graph, step, inputs[0], _LOWEST)
    options = schema.Pool2DOptionsT(
        padding=padding, strideW=step.stride, strideH=step.stride, filterWidth=step.size, filterHeight=step.size
    )
    return graph.operator(("MAX_POOL_2D", options), [value], step.name, step.shape)


def _mean(graph: _Graph, step: Mean, inputs: list[int]) -> int:
    axes = graph.constant(f"{step.name}_axes", np.array([1, 2], np.int32))
    return graph.operator(("MEAN", schema.ReducerOptionsT(keepDims=False)), [*inputs, axes], step.name, step.shape)


def _flatten(graph: _Graph, step: Flatten, inputs: list[int]) -> int:
    shape = graph.constant(f"{step.name}_shape", np.array([-1, *step.shape], np.int32))
    what = ("RESHAPE", schema.ReshapeOptionsT(newShape=[-1, *step.shape]))
    return graph.operator(what, [*inputs, shape], step.name, step.shape)


def _dense(graph: _Graph, step: Dense, inputs: list[int]) -> int:
    weight = graph.constant(f"{step.name}_weight", graph.weights[f"{step.name}_weight"].T)
    bias = graph.constant(f"{step.name}_bias", graph.weights[f"{step.name}_bias"])
    options = schema.FullyConnectedOptionsT(fusedActivationFunction=_ACTIVATIONS[step.activation])
    return graph.operator(("FULLY_CONNECTED", options), [*inputs, weight, bias], step.name, step.shape)


def _padded(graph: _Graph, step: Conv | MaxPool, value: int, fill: float) -> tuple[int, int]:
    """The value that a window of TFLite reads, and the padding it then asks for."""
    height, width, channels = graph.network.shape(step.sources[0])
    if step.pad == 0:
        return value, schema.Padding.VALID
    if all(_is_same(size, step) for size in (height, width)):
        return value, schema.Padding.SAME
    around = [(0, 0), *(_around(size, step) for size in (height, width)), (0, 0)]
    table = graph.constant(f"{step.name}_pads", np.array(around, np.int32))
    shape = (height + sum(around[1]), width + sum(around[2]), channels)
    if fill == 0.0:
        what, operands = ("PAD", schema.PadOptionsT()), [value, table]
    else:
        filling = graph.constant(f"{step.name}_fill", np.array(fill, np.float32))
        what, operands = ("PADV2", schema.PadV2OptionsT()), [value, table, filling]
    return graph.operator(what, operands, f"{step.name}_padded", shape), schema.Padding.VALID


def _is_same(size: int, step: Conv | MaxPool) -> bool:
    """Whether TFLite's own padding puts the windows of one axis where the step has them."""
    counts = {output_size(size, step.size, step.stride, padding) for padding in ("same", "symmetric")}
    return len(counts) == 1 and pads(size, step.size, step.stride, "same")[0] == step.pad


def _around(size: int, step: Conv | MaxPool) -> tuple[int, int]:
    """Rows before an axis and, as far as a window sees them, after it."""
    count = output_size(size, step.size, step.stride, "symmetric")
    return step.pad, max((count - 1) * step.stride + step.size - size - step.pad, 0)


_STEPS: dict[type[Step], Callable[[_Graph, Any, list[int]], int]] = {
    Conv: _conv,
    Add: _add,
    MaxPool: _max_pool,
    Mean: _mean,
    Flatten: _flatten,
    Dense: _dense,
}
_ACTIVATIONS = {
    "identity": schema.ActivationFunctionType.NONE,
    "relu": schema.ActivationFunctionType.RELU,
    "relu6": schema.ActivationFunctionType.RELU6,
}
