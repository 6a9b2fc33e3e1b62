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
from netspec.windows import extent, output_size, pads

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
    """From images `[N, H, W, C]`, normalised, to probabilities `[N, classes]`. `weights` are folded."""
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
        kind = type(options).__name__.removesuffix("T") if options else "NONE"
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

    def constants(self, name: str, part: str) -> int:
        """A tensor of the weights."""
        return self.constant(f"{name}_{part}", self.weights[f"{name}_{part}"])

    def binary(self, kind: str, inputs: Sequence[int], name: str, shape: Sequence[int], fused: str = "identity") -> int:
        """`ADD` or `MUL`, with a fused activation."""
        options = {"ADD": schema.AddOptionsT, "MUL": schema.MulOptionsT}[kind]
        return self.operator((kind, options(fusedActivationFunction=_FUSED[fused])), inputs, name, shape)

    def reshaped(self, value: int, name: str, shape: Sequence[int]) -> int:
        """The same numbers of each image under another shape."""
        table = self.constant(f"{name}_shape", np.array([-1, *shape], np.int32))
        return self.operator(("RESHAPE", schema.ReshapeOptionsT(newShape=[-1, *shape])), [value, table], name, shape)

    def activate(self, value: int, step: Any) -> int:
        """An activation that no operator before it can take in."""
        name, kind, shape = f"{step.name}_{step.activation}", step.activation, step.shape
        if kind in _FUSED:
            return value
        if kind == "swish":
            gate = self.operator(_LOGISTIC, [value], f"{name}_gate", shape)
            return self.binary("MUL", [value, gate], name, shape)
        if kind == "hsigmoid":
            numbers = [self.constant(f"{name}_{i}", np.array(n, np.float32)) for i, n in enumerate((3, 1 / 6))]
            above = self.binary("ADD", [value, numbers[0]], f"{name}_above", shape, "relu6")
            return self.binary("MUL", [above, numbers[1]], name, shape)
        return self.operator(_ACTIVATIONS[kind], [value], name, shape)

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
        "dilationWFactor": step.dilation,
        "dilationHFactor": step.dilation,
        "fusedActivationFunction": _FUSED.get(step.activation, 0),
    }
    kernel = graph.weights[f"{step.name}_weight"]
    if step.depthwise:
        kernel = kernel.transpose(2, 0, 1, 3)  # [k, k, 1, C] → [1, k, k, C]
        what = ("DEPTHWISE_CONV_2D", schema.DepthwiseConv2DOptionsT(depthMultiplier=1, **common))
    else:
        kernel = kernel.transpose(3, 0, 1, 2)  # [k, k, i, o] → [o, k, k, i]
        what = ("CONV_2D", schema.Conv2DOptionsT(**common))
    weight = graph.constant(f"{step.name}_weight", kernel)
    operands = [value, weight, graph.constants(step.name, "bias")]
    return graph.activate(graph.operator(what, operands, step.name, step.shape), step)


def _batch_norm(graph: _Graph, step: BatchNorm, inputs: list[int]) -> int:
    scaled = graph.binary("MUL", [*inputs, graph.constants(step.name, "weight")], f"{step.name}_scaled", step.shape)
    operands, fused = [scaled, graph.constants(step.name, "bias")], step.activation
    y = graph.binary("ADD", operands, step.name, step.shape, fused if fused in _FUSED else "identity")
    return graph.activate(y, step)


def _add(graph: _Graph, step: Add, inputs: list[int]) -> int:
    fused = step.activation if step.activation in _FUSED else "identity"
    return graph.activate(graph.binary("ADD", inputs, step.name, step.shape, fused), step)


def _concat(graph: _Graph, step: Concat, inputs: list[int]) -> int:
    what = ("CONCATENATION", schema.ConcatenationOptionsT(axis=3, fusedActivationFunction=0))
    return graph.operator(what, inputs, step.name, step.shape)


def _scale(graph: _Graph, step: Scale, inputs: list[int]) -> int:
    x, gate = inputs
    spread = graph.reshaped(gate, f"{step.name}_gate", (1, 1, step.shape[2]))
    return graph.binary("MUL", [x, spread], step.name, step.shape)


def _layer_scale(graph: _Graph, step: LayerScale, inputs: list[int]) -> int:
    return graph.binary("MUL", [*inputs, graph.constants(step.name, "gamma")], step.name, step.shape)


def _attention(graph: _Graph, step: Attention, inputs: list[int]) -> int:
    """All heads' queries are rows of one matrix, as keys and values are shared."""
    name, (height, width, channels) = step.name, step.shape
    (tall, wide, depth), deep = graph.network.shape(step.sources[1]), channels // step.heads
    rows, keys = height * width * step.heads, tall * wide
    query = graph.reshaped(inputs[0], f"{name}_query_rows", (rows, depth))
    key = graph.reshaped(inputs[1], f"{name}_key_rows", (keys, depth))
    value = graph.reshaped(inputs[2], f"{name}_value_rows", (keys, deep))
    factor = graph.constant(f"{name}_factor", np.array(depth**-0.5, np.float32))
    query = graph.binary("MUL", [query, factor], f"{name}_scaled", (rows, depth))
    across = ("BATCH_MATMUL", schema.BatchMatMulOptionsT(adjY=True))
    products = graph.operator(across, [query, key], f"{name}_products", (rows, keys))
    weights = graph.operator(("SOFTMAX", schema.SoftmaxOptionsT(beta=1.0)), [products], f"{name}_weights", (rows, keys))
    plain = ("BATCH_MATMUL", schema.BatchMatMulOptionsT())
    y = graph.operator(plain, [weights, value], f"{name}_values", (rows, deep))
    return graph.reshaped(y, name, step.shape)


def _max_pool(graph: _Graph, step: MaxPool, inputs: list[int]) -> int:
    value, padding = _padded(graph, step, inputs[0], _LOWEST)
    options = schema.Pool2DOptionsT(
        padding=padding, strideW=step.stride, strideH=step.stride, filterWidth=step.size, filterHeight=step.size
    )
    return graph.operator(("MAX_POOL_2D", options), [value], step.name, step.shape)


def _avg_pool(graph: _Graph, step: AvgPool, inputs: list[int]) -> int:
    """Zeros around the image count, so they are written down where there are any."""
    value, padding = _padded(graph, step, inputs[0], 0.0)
    options = schema.Pool2DOptionsT(
        padding=padding, strideW=step.stride, strideH=step.stride, filterWidth=step.size, filterHeight=step.size
    )
    return graph.operator(("AVERAGE_POOL_2D", options), [value], step.name, step.shape)


def _mean(graph: _Graph, step: Mean, inputs: list[int]) -> int:
    axes = graph.constant(f"{step.name}_axes", np.array([1, 2], np.int32))
    what = ("MEAN", schema.ReducerOptionsT(keepDims=step.keeps))
    return graph.operator(what, [*inputs, axes], step.name, step.shape)


def _flatten(graph: _Graph, step: Flatten, inputs: list[int]) -> int:
    return graph.reshaped(inputs[0], step.name, step.shape)


def _dense(graph: _Graph, step: Dense, inputs: list[int]) -> int:
    weight = graph.constant(f"{step.name}_weight", graph.weights[f"{step.name}_weight"].T)
    bias = graph.constant(f"{step.name}_bias", graph.weights[f"{step.name}_bias"])
    options = schema.FullyConnectedOptionsT(fusedActivationFunction=_FUSED.get(step.activation, 0))
    y = graph.operator(("FULLY_CONNECTED", options), [*inputs, weight, bias], step.name, step.shape)
    return graph.activate(y, step)


def _padded(graph: _Graph, step: Conv | MaxPool | AvgPool, value: int, fill: float) -> tuple[int, int]:
    """The value that a window of TFLite reads, and the padding it then asks for."""
    height, width, channels = graph.network.shape(step.sources[0])
    if step.pad == 0:
        return value, schema.Padding.VALID
    if not isinstance(step, AvgPool) and all(_is_same(size, step) for size in (height, width)):
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


def _is_same(size: int, step: Conv | MaxPool | AvgPool) -> bool:
    """Whether TFLite's own padding puts the windows of one axis where the step has them."""
    window = _extent(step)
    counts = {output_size(size, window, step.stride, padding) for padding in ("same", "symmetric")}
    return len(counts) == 1 and pads(size, window, step.stride, "same")[0] == step.pad


def _around(size: int, step: Conv | MaxPool | AvgPool) -> tuple[int, int]:
    """Rows before an axis and, as far as a window sees them, after it."""
    count = output_size(size, _extent(step), step.stride, "symmetric")
    return step.pad, max((count - 1) * step.stride + _extent(step) - size - step.pad, 0)


def _extent(step: Conv | MaxPool | AvgPool) -> int:
    return extent(step.size, step.dilation) if isinstance(step, Conv) else step.size


_STEPS: dict[type[Step], Callable[[_Graph, Any, list[int]], int]] = {
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
# What an operator takes in, and what is one of its own.
_FUSED = {
    "identity": schema.ActivationFunctionType.NONE,
    "relu": schema.ActivationFunctionType.RELU,
    "relu6": schema.ActivationFunctionType.RELU6,
}
_LOGISTIC = ("LOGISTIC", None)
_ACTIVATIONS = {
    "sigmoid": _LOGISTIC,
    "hswish": ("HARD_SWISH", schema.HardSwishOptionsT()),
    "gelu": ("GELU", schema.GeluOptionsT(approximate=False)),
    "gelu_tanh": ("GELU", schema.GeluOptionsT(approximate=True)),
}
