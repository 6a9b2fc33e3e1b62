"""Batch norm folded into the convolution before it, as inference has it.

With running statistics, γ·(k∗x - μ)·r + β with r = 1/√(σ² + ε) is (γ·r·k)∗x + (β - γ·r·μ): a convolution with a scaled
kernel and a bias. Jacob et al. 2018, "Quantization and training of neural networks for efficient
integer-arithmetic-only inference", section 3.2.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from emit.graph import Graph, Node
from emit.ops.batch_norm import BatchNorm
from emit.ops.convolution import Convolution
from emit.ops.depthwise import Depthwise


@dataclass(frozen=True)
class Folded:
    """A graph without the batch norms that could be folded.

    Args:
        norms: the convolutions that took one in, and the batch norm that each took.
    """

    graph: Graph
    norms: Mapping[Node, Node]


def folded(graph: Graph) -> Folded:
    """The same network for inference: a batch norm that is all that reads a convolution becomes part of it."""
    lean = Graph(graph.image)
    norms: dict[Node, Node] = {}
    stands: dict[str, str] = {}
    for node in graph.nodes.values():
        if node.name in stands:
            continue
        inputs = tuple(stands.get(source, source) for source in node.inputs)
        (reader, *others) = graph.readers(node.name) or [node]
        alone = not others and node.name not in graph.outputs.values()
        if isinstance(node.op, Convolution | Depthwise) and isinstance(reader.op, BatchNorm) and alone:
            lean.add(node.name, replace(node.op, bias=True), inputs, node.layer)
            norms[node] = reader
            stands[reader.name] = node.name
        else:
            lean.add(node.name, node.op, inputs, node.layer)
    lean.outputs = {name: stands.get(node, node) for name, node in graph.outputs.items()}
    return Folded(lean, norms)
