"""Networks that draw: dropout before every dense layer, stochastic depth on every branch that is added.

The ops stand in the graph, and in the definition of a network, as a layer of the language would put them there.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from emit.expand import expand
from emit.graph import Graph
from emit.op import Op
from emit.ops.add import Add
from emit.ops.dense import Dense
from emit.ops.dropout import Dropout
from emit.ops.stochastic_depth import StochasticDepth
from emit.programs import evaluate, predict, train_step
from netspec.language import NetSpec
from runtime.verify import networks
from runtime.verify.ops import output
from runtime.verify.random import Drawing

DROPOUT, DEPTH = 0.2, 0.25
_plainly = networks._Network.op


def drawing_graph(net: NetSpec, dropout: float = DROPOUT, depth: float = DEPTH) -> Graph:
    """A network's graph, with what draws in it."""
    plain = expand(net)
    graph = Graph(plain.image)
    for node in plain.nodes.values():
        inputs = node.inputs
        if isinstance(node.op, Add):
            entry, branch = inputs
            inputs = entry, graph.add(f"{node.name}_depth", StochasticDepth(depth), (branch,), node.layer)
        if isinstance(node.op, Dense):
            inputs = (graph.add(f"{node.name}_dropout", Dropout(dropout), inputs, node.layer),)
        graph.add(node.name, node.op, inputs, node.layer)
    graph.outputs = dict(plain.outputs)
    return graph


@contextmanager
def drawing(dropout: float = DROPOUT, depth: float = DEPTH) -> Iterator[None]:
    """Every network draws, in all programs and by definition."""

    def graph(net: NetSpec, frozen: int = 0, *, fixed: bool = False) -> Graph:
        return drawing_graph(net, dropout, depth)

    def by_definition(net: Any, op: Op, name: str, *inputs: Any) -> Any:
        def dropped(op: Op, x: Any) -> Any:
            if not net.training:
                return x
            if not hasattr(net, "drawing"):
                net.drawing = Drawing(net.numbers)
            return output(net.at, op, [x], net.drawing.given(op))

        if isinstance(op, Add):
            inputs = inputs[0], dropped(StochasticDepth(depth), inputs[1])
        if isinstance(op, Dense):
            inputs = (dropped(Dropout(dropout), inputs[0]),)
        return _plainly(net, op, name, *inputs)

    with (
        mock.patch.object(train_step, "expand", graph),
        mock.patch.object(evaluate, "expand", graph),
        mock.patch.object(predict, "expand", graph),
        mock.patch.object(networks._Network, "op", by_definition),
    ):
        yield
