"""The graph of a TFLite file as plain data, from its tables: all that it refers to is there, and fits.

In a file of f16 weights each constant stands before a DEQUANTIZE operator: the graph that is given out lacks these, and
what reads their results reads the constants.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from netspec.text import shown
from runtime.weights.formats import tflite_schema as schema
from runtime.weights.formats.flatbuffer import Flatbuffer, Table
from runtime.weights.formats.strided import BYTES, READABLE
from runtime.weights.formats.untrusted import UnreadableError, UntrustedFile

MOST = 8192  # tables of a kind; EfficientNets have hundreds
HIGHEST_RANK = 8
SHARED = 2**20  # bytes by which all tensors together may exceed twice the file's size: some share a buffer
_QUANTIZED = "export the float model: in a quantised file the weights are rounded to 8 bits"


@dataclass(frozen=True)
class Tensor:
    """A tensor of the graph.

    Args:
        name: the file's, followed by `#` and the tensor's number where it is empty or an earlier tensor's.
        shape: -1 for a size that is not known.
        dtype: `float32`, `int32`, ..., in NumPy's words.
        constant: whether the file holds its numbers.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    constant: bool


@dataclass(frozen=True)
class Operator:
    """An operator of the graph. Options that its kind lacks keep their defaults.

    Args:
        kind: TFLite's name, such as `CONV_2D`; of a custom operator `CUSTOM` and its name; of a rare one `OPERATOR` and
            its number.
        inputs: tensors by number, -1 for one that is left out.
        padding: `SAME` or `VALID`, empty where there is none.
        stride: down and across, as are `dilation` and `window`, the size that is pooled.
        activation: what is applied to the result: `NONE`, `RELU`, `RELU6`, ...
        multiplier: outputs per input of a depthwise convolution.
        beta: what softmax multiplies its operand by.
        axis: along which tensors are concatenated.
        keep_dims: whether a mean keeps the axes that it reduces, at size 1.
    """

    kind: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    padding: str = ""
    stride: tuple[int, int] = (1, 1)
    dilation: tuple[int, int] = (1, 1)
    window: tuple[int, int] = (1, 1)
    activation: str = "NONE"
    multiplier: int = 1
    beta: float = 1.0
    axis: int = 0
    keep_dims: bool = False


@dataclass(frozen=True)
class Graph:
    """The only subgraph: `operators` in their order, `tensors` by number, and which of these come in and go out."""

    tensors: tuple[Tensor, ...]
    operators: tuple[Operator, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


@dataclass(frozen=True)
class Model:
    """All that is read of a file's tables.

    Args:
        spans: of each tensor where its bytes begin, and how many they are; (0, 0) where it is no constant.
        description: what the converter wrote, such as `TOCO Converted.`.
        widened: how many DEQUANTIZE operators were left out.
    """

    graph: Graph
    spans: tuple[tuple[int, int], ...]
    description: str
    widened: int


def model(file: UntrustedFile) -> Model:
    """Read the tables of a TFLite file. Raises UnreadableError."""
    root = Flatbuffer(file).root()
    if (count := root.count(schema.MODEL_SUBGRAPHS)) != 1:
        raise UnreadableError(f"one of {count} subgraphs", "only files of a single one can be read")
    subgraph = next(root.tables(schema.MODEL_SUBGRAPHS, 1, "subgraphs"))
    buffers = [_span(file, table) for table in root.tables(schema.MODEL_BUFFERS, MOST, "buffers")]
    tensors, spans = _tensors(file, subgraph.tables(schema.GRAPH_TENSORS, MOST, "tensors"), buffers)
    graph = Graph(
        tensors,
        _operators(subgraph, _kinds(root)),
        subgraph.numbers(schema.GRAPH_INPUTS),
        subgraph.numbers(schema.GRAPH_OUTPUTS),
    )
    _check_order(graph)
    lean = _without_dequantizing(graph)
    widened = len(graph.operators) - len(lean.operators)
    return Model(lean, spans, root.text(schema.MODEL_DESCRIPTION), widened)


def _span(file: UntrustedFile, buffer: Table) -> tuple[int, int]:
    """Where the data of a buffer are: in the table, or in a file of more than 2 GiB behind all tables."""
    offset, size = buffer.span(schema.BUFFER_DATA)
    if size == 0 and (offset := buffer.number(schema.BUFFER_OFFSET, "Q")) > 1:
        size = buffer.number(schema.BUFFER_SIZE, "Q")
    if size > file.size - offset:
        raise UnreadableError(f"{size} bytes of numbers from byte {offset} on, which end outside of it")
    return (offset, size) if size else (0, 0)


def _tensors(
    file: UntrustedFile, tables: Iterator[Table], buffers: list[tuple[int, int]]
) -> tuple[tuple[Tensor, ...], tuple[tuple[int, int], ...]]:
    tensors: list[Tensor] = []
    spans: list[tuple[int, int]] = []
    names: set[str] = set()
    for number, table in enumerate(tables):
        name = table.text(schema.TENSOR_NAME)
        while not name or name in names:
            name = f"{name}#{number}"
        names.add(name)
        buffer = table.number(schema.TENSOR_BUFFER, "I")
        if buffer >= max(len(buffers), 1):
            raise UnreadableError(f"the tensor {shown(name)} in buffer {buffer} of {len(buffers)}")
        span = buffers[buffer] if buffers else (0, 0)
        tensors.append(_tensor(table, name, span))
        spans.append(span)
    widened = sum(4 * math.prod(tensor.shape) for tensor in tensors if tensor.constant and tensor.dtype in READABLE)
    if widened > 2 * file.size + SHARED:
        raise UnreadableError(f"tensors that share their numbers: they take {widened} bytes of a file of {file.size}")
    return tuple(tensors), tuple(spans)


def _tensor(table: Table, name: str, span: tuple[int, int]) -> Tensor:
    kind = table.number(schema.TENSOR_TYPE, "b")
    if not 0 <= kind < len(schema.TYPES):
        raise UnreadableError(
            f"the tensor {shown(name)} of the unknown type {kind}", "is it of a later release of TFLite?"
        )
    shape, dtype, constant = table.numbers(schema.TENSOR_SHAPE), schema.TYPES[kind], span[1] > 0
    if len(shape) > HIGHEST_RANK or any(size < -1 for size in shape):
        raise UnreadableError(f"the tensor {shown(name)} of shape {shown(list(shape))}")
    if dtype in schema.QUANTIZED and (constant or _has_scales(table)):
        raise UnreadableError(f"a quantised one: its tensor {shown(name)} is of type {dtype}", _QUANTIZED)
    if constant and table.table(schema.TENSOR_SPARSITY) is not None:
        raise UnreadableError(f"the sparse tensor {shown(name)}", "export the model without sparse weights")
    if constant and dtype in BYTES and span[1] != _bytes(shape, dtype):
        raise UnreadableError(f"{span[1]} bytes for the tensor {shown(name)}, which is {dtype} of shape {list(shape)}")
    return Tensor(name, shape, dtype, constant)


def _has_scales(table: Table) -> bool:
    quantization = table.table(schema.TENSOR_QUANTIZATION)
    return quantization is not None and quantization.count(schema.QUANTIZATION_SCALE) > 0


def _bytes(shape: tuple[int, ...], dtype: str) -> int:
    return math.prod(shape) * BYTES[dtype] if min(shape, default=0) >= 0 else -1


def _kinds(root: Table) -> list[str]:
    """The kinds of operators that the file lists, by number."""
    kinds = []
    for table in root.tables(schema.MODEL_CODES, MOST, "kinds of operators"):
        code = max(table.number(schema.CODE_SMALL, "b"), table.number(schema.CODE, "i"))
        kind = schema.OPERATORS[code] if 0 <= code < len(schema.OPERATORS) else f"OPERATOR {code}"
        kinds.append(f"CUSTOM {table.text(schema.CODE_CUSTOM)}" if kind == "CUSTOM" else kind)
    return kinds


def _operators(subgraph: Table, kinds: list[str]) -> tuple[Operator, ...]:
    operators = []
    for number, table in enumerate(subgraph.tables(schema.GRAPH_OPERATORS, MOST, "operators")):
        code = table.number(schema.OPERATOR_CODE, "I")
        if code >= len(kinds):
            raise UnreadableError(f"operator {number} of kind {code} of {len(kinds)}")
        kind = kinds[code]
        operators.append(
            Operator(
                kind,
                table.numbers(schema.OPERATOR_INPUTS),
                table.numbers(schema.OPERATOR_OUTPUTS),
                **_options(table, kind, f"operator {number}, {shown(kind)}"),
            )
        )
    return tuple(operators)


def _options(table: Table, kind: str, name: str) -> dict[str, Any]:
    """What an operator's own table says, as arguments of `Operator`."""
    if kind not in schema.OPTIONS:
        return {}
    number, fields = schema.OPTIONS[kind]
    options = table.table(schema.OPERATOR_OPTIONS)
    found = table.number(schema.OPERATOR_OPTIONS_KIND, "B")
    if options is not None and found != number:
        raise UnreadableError(f"{name}, with options of the kind {found} in place of {number}")
    if options is None:
        if "padding" in fields:
            raise UnreadableError(f"{name}, without its options")
        return {}
    if "weights_format" in fields and options.number(fields["weights_format"], "b"):
        raise UnreadableError(f"{name}, with shuffled weights", _QUANTIZED)
    values: dict[str, Any] = {}
    if "padding" in fields:
        values["padding"] = _choice(options, fields["padding"], schema.PADDINGS, f"{name}, with padding")
    if "activation" in fields:
        values["activation"] = _choice(options, fields["activation"], schema.ACTIVATIONS, f"{name}, with activation")
    for pair, default in (("stride", 0), ("dilation", 1), ("window", 0)):
        if f"{pair}H" in fields:
            values[pair] = sizes = _pair(options, fields, pair, default)
            if min(sizes) < 1:
                raise UnreadableError(f"{name}, with a {pair} of {sizes[0]} x {sizes[1]}")
    for option in ("multiplier", "axis"):
        if option in fields:
            values[option] = options.number(fields[option], "i")
    if "beta" in fields:
        values["beta"] = options.real(fields["beta"])
    if "keep_dims" in fields:
        values["keep_dims"] = bool(options.number(fields["keep_dims"], "b"))
    return values


def _pair(options: Table, fields: Mapping[str, int], pair: str, default: int) -> tuple[int, int]:
    """Down and across."""
    return options.number(fields[f"{pair}H"], "i", default), options.number(fields[f"{pair}W"], "i", default)


def _choice(options: Table, field: int, names: tuple[str, ...], about: str) -> str:
    number = options.number(field, "b")
    if not 0 <= number < len(names):
        raise UnreadableError(f"{about} {number}, which is unknown", "is it of a later release of TFLite?")
    return names[number]


def _check_order(graph: Graph) -> None:
    """Raises UnreadableError unless each tensor is there before it is used, and is computed once."""
    count = len(graph.tensors)
    known = {number for number, tensor in enumerate(graph.tensors) if tensor.constant or 0 in tensor.shape}
    computed = {number for number, tensor in enumerate(graph.tensors) if tensor.constant} | set(graph.inputs)
    known |= set(graph.inputs)
    if any(not 0 <= number < count for number in (*graph.inputs, *graph.outputs)):
        raise UnreadableError(
            f"inputs {shown(list(graph.inputs))} and outputs {shown(list(graph.outputs))} of {count} tensors"
        )
    for place, operator in enumerate(graph.operators):
        name = f"operator {place}, {shown(operator.kind)}"
        if any(number != -1 and number not in known for number in operator.inputs):
            raise UnreadableError(
                f"{name}, which reads tensors {shown(list(operator.inputs))}: not all are there by then"
            )
        for number in operator.outputs:
            if not 0 <= number < count or number in computed:
                raise UnreadableError(f"{name}, which writes tensor {number}: there is none, or it is written twice")
            computed.add(number)
        known.update(operator.outputs)
    if missing := set(graph.outputs) - known:
        raise UnreadableError(f"the output {shown(graph.tensors[min(missing)].name)}, which no operator computes")


def _without_dequantizing(graph: Graph) -> Graph:
    """The graph without the operators that widen f16 constants."""
    constants: dict[int, int] = {}
    operators = []
    for operator in graph.operators:
        inputs = tuple(constants.get(number, number) for number in operator.inputs)
        if operator.kind == "DEQUANTIZE" and len(inputs) == len(operator.outputs) == 1 and _is_real(graph, inputs[0]):
            constants[operator.outputs[0]] = inputs[0]
        else:
            operators.append(replace(operator, inputs=inputs))
    outputs = tuple(constants.get(number, number) for number in graph.outputs)
    return replace(graph, operators=tuple(operators), outputs=outputs)


def _is_real(graph: Graph, number: int) -> bool:
    return number != -1 and graph.tensors[number].constant and graph.tensors[number].dtype in READABLE
