"""The forward walk over a graph and the reverse walk back: the chain rule, and nothing else."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from emit import hlo
from emit.graph import IMAGES, Graph, Node
from emit.hlo import Block, Value
from emit.lowerings import Lowerings
from emit.op import AffineCotangent, Call, Result
from emit.optimizer import STEP
from emit.random import Random
from netspec.errors import SpecError


@dataclass(frozen=True)
class Forward:
    """Every node's call and result, kept for the backward pass."""

    calls: Mapping[str, Call]
    results: Mapping[str, Result]
    statistics: Mapping[str, Value]

    def outputs(self, graph: Graph, names: Sequence[str]) -> list[Value]:
        """The graph's outputs of some names."""
        return [self.results[graph.outputs[name]].output for name in names]


def forward(
    block: Block,
    graph: Graph,
    images: Value,
    state: Mapping[str, Value],
    *,
    lowerings: Lowerings,
    training: bool,
    heading: Callable[[int], str],
) -> Forward:
    """Emit every node in order. `state` holds parameters and running statistics by full name.

    Of a graph that draws it also holds, in training, `seed`, `first_example` and the step counter.

    What a node gives is kept in the type of the block's products, and read back by each node that takes it.
    """
    values = {IMAGES: images}
    calls: dict[str, Call] = {}
    results: dict[str, Result] = {}
    statistics: dict[str, Value] = {}
    draws = {name: number for number, name in enumerate(graph.drawing() if training else ())}
    layer = -1
    for node in graph.nodes.values():
        if node.layer != layer:
            layer = node.layer
            block.comment(heading(layer))
        try:
            with block.scope(node.name):
                call = Call(
                    tuple(hlo.read(values[source]) for source in node.inputs),
                    {tensor.name: state[name] for name, tensor in node.parameters()},
                    {tensor.name: state[name] for name, tensor in node.statistics()},
                    lowerings,
                    training and not node.frozen,
                    random=_random(state, draws[node.name]) if node.name in draws else None,
                )
                result = node.op.forward(call)
                (values[node.name],) = hlo.kept((result.output,))
        except SpecError as wrong:
            raise SpecError(f"{heading(node.layer)}: {wrong}") from None
        if result.output.shape[1:] != node.shape:
            raise hlo.ShapeError(f"{node.name}: emitted {result.output.type}, its shape rule says {node.shape}")
        calls[node.name], results[node.name] = call, result
        for name, tensor in node.moving() if training else ():
            statistics[name] = result.statistics[tensor.name]
    return Forward(calls, results, statistics)


def _random(state: Mapping[str, Value], number: int) -> Random:
    return Random(state["seed"], state[STEP], state["first_example"], number)


@dataclass(frozen=True)
class Backward:
    """Each node's cotangent, after the fan-in, and each parameter's gradient, by full name."""

    cotangents: Mapping[str, Value]
    gradients: Mapping[str, Value]


def reverse(
    block: Block, graph: Graph, walked: Forward, seeds: Mapping[str, Value], *, heading: Callable[[int], str]
) -> Backward:
    """Emit every node's VJP, last to first, from the cotangents `seeds` of the nodes that are outputs.

    A value that several nodes read gets a cotangent from each; they are added here, once, when the walk
    reaches the node that made it. The images get none, nor what frozen nodes give. A lazy cotangent goes on to an op
    that takes it, and is materialized before any other.
    """
    arriving: dict[str, list[Value | AffineCotangent]] = {name: [seed] for name, seed in seeds.items()}
    cotangents: dict[str, Value] = {}
    gradients: dict[str, Value] = {}
    layer = -1
    for node in reversed([node for node in graph.nodes.values() if not node.frozen]):
        if node.layer != layer:
            layer = node.layer
            block.comment(heading(layer))
        with block.scope(node.name):
            wanted = tuple(not graph.stops(source) for source in node.inputs)
            call, result = _rematerialized(block, node, walked), walked.results[node.name]
            match arriving.pop(node.name, []):
                case []:
                    raise ValueError(f"{node.name}: no cotangent arrives: the loss does not depend on it")
                case [AffineCotangent() as lazy]:
                    found = node.op.vjp_of_affine(call, result, lazy, wanted)
                case arrived:
                    cotangent = _fan_in([each for each in arrived if not isinstance(each, AffineCotangent)])
                    cotangents[node.name] = cotangent
                    found = node.op.vjp(call, result, cotangent, wanted)
            lazily = len(node.inputs) == 1 and takes_affine(graph, node.inputs[0], walked.calls)
            inputs = found.inputs if lazily else found.materialized()
        _check(node, walked.calls[node.name], inputs, found.parameters)
        for source, value in zip(node.inputs, inputs, strict=True):
            if value is not None:
                arriving.setdefault(source, []).append(value)
        for name, tensor in node.parameters():
            gradients[name] = found.parameters[tensor.name]
    assert not arriving, f"cotangents that no node took: {', '.join(arriving)}"
    return Backward(cotangents, {name: gradients[name] for name, _ in graph.trained()})


def takes_affine(graph: Graph, name: str, calls: Mapping[str, Call]) -> bool:
    """Whether what a node reads is made by an op that takes a lazy cotangent, and is read by nothing else."""
    if graph.stops(name) or len(graph.readers(name)) != 1 or name in graph.outputs.values():
        return False
    return graph.nodes[name].op.takes_affine(calls[name])


def _rematerialized(block: Block, node: Node, walked: Forward) -> Call:
    """What a node's VJP is given: the forward call, with its input rematerialized where both sides can."""
    call = walked.calls[node.name]
    source = walked.results.get(node.inputs[0])
    if not node.op.reads_rematerialized or source is None or source.rematerialize is None:
        return call
    with block.scope(node.inputs[0]):
        return replace(call, rematerialized=source.rematerialize())


def _fan_in(cotangents: list[Value]) -> Value:
    """The sum of what arrives: d/dx of f(x) + g(x)."""
    total = cotangents[0]
    for cotangent in cotangents[1:]:
        total = hlo.add(total, cotangent, "fan_in")
    return total


def _check(
    node: Node, call: Call, inputs: tuple[Value | AffineCotangent | None, ...], parameters: Mapping[str, Value]
) -> None:
    """A cotangent has the type of its value."""
    plain = (each.direct if isinstance(each, AffineCotangent) else each for each in inputs)
    pairs = [
        *zip(call.inputs, plain, strict=True),
        *((call.parameters[name], parameters[name]) for name in parameters),
    ]
    for value, cotangent in pairs:
        if cotangent is not None and cotangent.type != value.type:
            raise hlo.ShapeError(f"{node.name}: the cotangent of {value.type} is {cotangent.type}")
