"""Batch norms and layer scales folded into the convolutions beside them, as inference has it.

With running statistics, γ·(k∗x - μ)·r + β with r = 1/√(σ² + ε) is (γ·r·k)∗x + (β - γ·r·μ): a convolution with a scaled
kernel and a bias. Jacob et al. 2018, "Quantization and training of neural networks for efficient
integer-arithmetic-only inference", section 3.2. A layer scale multiplies the kernel and the bias.

Before a 1×1 kernel, k·(s·x + t) is (k·s)·x + k·t, at every pixel; a larger one sees padding, which is not shifted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from emit.graph import Graph, Node
from emit.ops.batch_norm import BatchNorm
from emit.ops.convolution import Convolution
from emit.ops.depthwise import Depthwise
from emit.ops.layer_scale import LayerScale


@dataclass(frozen=True)
class Folded:
    """A graph without the batch norms and layer scales that could be folded.

    Args:
        before, after: the convolutions that took some in, and what each took: what it reads, and, in order, what is
            after it.
    """

    graph: Graph
    before: Mapping[Node, Node]
    after: Mapping[Node, tuple[Node, ...]]


def folded(graph: Graph) -> Folded:
    """The same network for inference: a convolution takes in what scales its channels, and a 1×1 one's inputs."""
    lean = Graph(graph.image)
    before: dict[Node, Node] = {}
    after: dict[Node, tuple[Node, ...]] = {}
    stands: dict[str, str] = {}
    for node in graph.nodes.values():
        if node.name in stands:
            continue
        inputs = tuple(stands.get(source, source) for source in node.inputs)
        scales = _scales(graph, node)
        if isinstance(node.op, Convolution | Depthwise) and (scales or node in before):
            shifts = node.op.bias or any(isinstance(each.op, BatchNorm) for each in (*scales, before.get(node, node)))
            lean.add(node.name, replace(node.op, bias=shifts), inputs, node.layer)
            after[node] = scales
            stands |= {each.name: node.name for each in scales}
        elif readers := _readers_that_take(graph, node):
            before |= dict.fromkeys(readers, node)
            stands[node.name] = inputs[0]
        else:
            lean.add(node.name, node.op, inputs, node.layer)
    lean.outputs = {name: stands.get(node, node) for name, node in graph.outputs.items()}
    return Folded(lean, before, after)


def _readers_that_take(graph: Graph, node: Node) -> list[Node]:
    """All that read a batch norm or layer scale, where they are 1×1 convolutions."""
    readers = graph.readers(node.name)
    convolutions = (each.op for each in readers if isinstance(each.op, Convolution))
    single = sum(op.window.size == op.groups == 1 for op in convolutions)
    alone = single == len(readers) and node.name not in graph.outputs.values()
    return readers if isinstance(node.op, BatchNorm | LayerScale) and alone else []


def _scales(graph: Graph, node: Node) -> tuple[Node, ...]:
    """The batch norms and layer scales in a row after a node, of which each alone reads the one before."""
    found: list[Node] = []
    while node.name not in graph.outputs.values() and len(graph.readers(node.name)) == 1:
        (node,) = graph.readers(node.name)
        if not isinstance(node.op, BatchNorm | LayerScale):
            break
        found.append(node)
    return tuple(found)
