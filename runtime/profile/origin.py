"""Which layer and direction an operation of a program comes from, and the commands that IREE compiles it to."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from emit.graph import Graph
from emit.hlo import Module, Operation
from emit.hlo.program import Comment

FORWARD, BACKWARD, OPTIMIZER = DIRECTIONS = ("forward", "backward", "optimizer")
# The comments that head the parts of a program's text: direction, and the layer of values that no node names.
_HEADINGS = {
    "images:": (FORWARD, "images"),
    "layer ": (FORWARD, ""),
    "loss:": (FORWARD, "loss"),
    "what is counted": (FORWARD, "loss"),
    "softmax": (FORWARD, "loss"),
    "backward, ": (BACKWARD, ""),
    "optimizer:": (OPTIMIZER, "optimizer"),
}
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Origin:
    """A layer (a convolution with its batch norm and activation counts as one) and a direction."""

    layer: str
    direction: str


@dataclass(frozen=True)
class Command:
    """One command of the device: a `dispatch` with its name, a `fill` or a `copy`."""

    kind: str
    name: str
    origin: Origin


def layer_names(graph: Graph) -> dict[str, str]:
    """The layer that each node belongs to: `stem_bn` and `stem_relu6` to `stem`."""
    layers: dict[str, str] = {}
    for name in graph.nodes:
        first = next((known for known in layers if name.startswith(f"{known}_")), name)
        layers[name] = layers.get(first, first)
    return layers


def origins(module: Module, graph: Graph) -> dict[str, Origin]:
    """Where each value of a program comes from, by its name."""
    layers = layer_names(graph)
    longest = sorted(layers, key=len, reverse=True)
    origins_by_value: dict[str, Origin] = {}
    direction, part = FORWARD, UNKNOWN
    for item in module.functions[0].operations:
        if isinstance(item, Comment):
            direction, part = next(
                (known for start, known in _HEADINGS.items() if item.text.startswith(start)), (direction, part)
            )
            continue
        for value in item.results:
            node = next((name for name in longest if value.name == name or value.name.startswith(f"{name}_")), None)
            origins_by_value[value.name] = Origin(layers[node] if node else part or UNKNOWN, direction)
    return origins_by_value


def commands(stream: str, text: str, known: Mapping[str, Origin]) -> list[Command]:
    """The device's commands in IREE's stream phase, printed with its locations, in the order of recording.

    A location is a line of `text`; the value that the line defines has an origin.
    """
    lines = text.splitlines()
    return [Command(kind, name, _origin(lines, line, known)) for kind, name, line in _recorded(stream)]


_COMMAND = re.compile(r"^\s*stream\.cmd\.(dispatch|fill|copy)\b(?: @[\w$]+::@([\w$]+))?")
_LOCATION = re.compile(r'"<stdin>":(\d+):\d+')
_VALUE = re.compile(r"^\s*%(\w+)")


def _recorded(stream: str) -> Iterator[tuple[str, str, int]]:
    """Kind, name and line of the text. A dispatch's location follows its closing brace.

    Initializers of the module, which prepare constants once, are no part of a run.
    """
    waiting: tuple[str, str] | None = None
    in_initializer = False
    for line in stream.splitlines():
        if line.startswith("  util.initializer"):
            in_initializer = True
        in_initializer = in_initializer and not line.startswith("  }")
        if in_initializer:
            continue
        if match := _COMMAND.match(line):
            waiting = match[1], match[2] or match[1]
        if waiting and (waiting[0] != "dispatch" or line.lstrip().startswith("}")):
            location = _LOCATION.search(line)
            yield *waiting, int(location[1]) if location else 0
            waiting = None


def _origin(lines: list[str], line: int, known: Mapping[str, Origin]) -> Origin:
    match = _VALUE.match(lines[line - 1]) if 0 < line <= len(lines) else None
    return known.get(match[1], Origin(UNKNOWN, FORWARD)) if match else Origin(UNKNOWN, FORWARD)


NOT_JOINED: Mapping[str, str] = {}
# As `runtime.compiler.passes.fuse_inverted_residual` names the executables of an inverted residual.
_FUSED = re.compile(r"_dispatch_\d+_block\d+_")


def fused_layers(names: Sequence[str], sources: Sequence[Origin], graph: Graph) -> dict[str, str]:
    """The joint name of layers that one dispatch computes, by layer: `block2_2 (expand, dw, project)`.

    Args:
        names, sources: of the dispatches, in their order; a fused one's source is the last of its layers.
    """
    layers = list(dict.fromkeys(layer_names(graph).values()))
    own = {origin.layer for name, origin in zip(names, sources, strict=True) if not _FUSED.search(name)}
    has_macs = {layer for node, layer in layer_names(graph).items() if graph.macs(graph.nodes[node])}
    joined: dict[str, str] = {}
    ends = {origin.layer: None for name, origin in zip(names, sources, strict=True) if _FUSED.search(name)}
    for last in ends:
        end = layers.index(last) + 1
        begin = end
        while begin and sum(layer in has_macs for layer in layers[begin:end]) < _CONVOLUTIONS:
            begin -= 1
        if layers[end : end + 1] and layers[end] not in has_macs and layers[end] not in own:
            end += 1  # the addition after it
        joined |= dict.fromkeys(layers[begin:end], _together(layers[begin:end]))
    return joined


_CONVOLUTIONS = 3  # of an inverted residual


def _together(layers: Sequence[str]) -> str:
    stems = {layer.rpartition("_")[0] for layer in layers}
    if len(stems) > 1:
        return " + ".join(layers)
    return f"{stems.pop()} ({', '.join(layer.rpartition('_')[2] for layer in layers)})"


@dataclass(frozen=True)
class Work:
    """The work of a layer in a direction: MACs, and bytes that are read and written at least once."""

    macs: int
    bytes: int


def work(
    module: Module, graph: Graph, batch: int, known: Mapping[str, Origin], joined: Mapping[str, str] = NOT_JOINED
) -> dict[Origin, Work]:
    """Each layer's work. Its bytes are those that it reads from other layers, and those of its own that others read.

    Args:
        known: the origin of each value, with the joint names of `joined` layers.
    """
    function = module.functions[0]
    operations = [item for item in function.operations if isinstance(item, Operation) and item.opcode != "constant"]
    makers = {value: known[value.name] for op in operations for value in op.results}
    outside = set(function.arguments)
    crossing: dict[Origin, set[str]] = {}
    sizes: dict[str, int] = {}

    def cross(origin: Origin, value_name: str, size: int) -> None:
        crossing.setdefault(origin, set()).add(value_name)
        sizes[value_name] = size

    for op in operations:
        here = known[op.results[0].name]
        for value in op.operands:
            size = value.type.elements * _BYTES[value.dtype]
            if value in outside:
                cross(here, value.name, size)
            elif value in makers and makers[value] != here:
                cross(here, value.name, size)
                cross(makers[value], value.name, size)
    for value in function.results:
        if value in makers:
            cross(makers[value], value.name, value.type.elements * _BYTES[value.dtype])
    macs = _macs(graph, batch, joined)
    return {origin: Work(macs.get(origin, 0), sum(sizes[name] for name in names)) for origin, names in crossing.items()}


_BYTES = {"bf16": 2, "f32": 4, "f64": 8, "i32": 4, "ui32": 4, "ui8": 1, "i1": 1}


def _macs(graph: Graph, batch: int, joined: Mapping[str, str]) -> dict[Origin, int]:
    """MACs by origin. Backward costs the forward's once for parameters, and once for inputs other than images."""
    layers = layer_names(graph)
    totals: dict[Origin, int] = {}
    for node in graph.nodes.values():
        macs = batch * graph.macs(node)
        times = bool(node.op.parameters()) + any(source in graph.nodes for source in node.inputs)
        for direction, count in ((FORWARD, 1), (BACKWARD, times)):
            layer = layers[node.name]
            origin = Origin(joined.get(layer, layer), direction)
            totals[origin] = totals.get(origin, 0) + macs * count
    return totals
