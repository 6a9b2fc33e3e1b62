"""Batch norms and layer scales folded into the convolution before them, as inference has it.

With running statistics, γ·(k∗x - μ)·r + β with r = 1/√(σ² + ε) is (γ·r·k)∗x + (β - γ·r·μ): a convolution with a scaled
kernel and a bias. Jacob et al. 2018, "Quantization and training of neural networks for efficient
integer-arithmetic-only inference", section 3.2. A layer scale multiplies the kernel and the bias.
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
        taken: the convolutions that took some in, and what each took, in order.
    """

    graph: Graph
    taken: Mapping[Node, tuple[Node, ...]]


def folded(graph: Graph) -> Folded:
    """The same network for inference: what scales a convolution's channels and alone reads them is part of it."""
    lean = Graph(graph.image)
    taken: dict[Node, tuple[Node, ...]] = {}
    stands: dict[str, str] = {}
    for node in graph.nodes.values():
        if node.name in stands:
            continue
        inputs = tuple(stands.get(source, source) for source in node.inputs)
        scales = _scales(graph, node)
        if isinstance(node.op, Convolution | Depthwise) and scales:
            shifts = node.op.bias or any(isinstance(each.op, BatchNorm) for each in scales)
            lean.add(node.name, replace(node.op, bias=shifts), inputs, node.layer)
            taken[node] = scales
            stands |= {each.name: node.name for each in scales}
        else:
            lean.add(node.name, node.op, inputs, node.layer)
    lean.outputs = {name: stands.get(node, node) for name, node in graph.outputs.items()}
    return Folded(lean, taken)


def _scales(graph: Graph, node: Node) -> tuple[Node, ...]:
    """The batch norms and layer scales in a row after a node, of which each alone reads the one before."""
    found: list[Node] = []
    while node.name not in graph.outputs.values() and len(graph.readers(node.name)) == 1:
        (node,) = graph.readers(node.name)
        if not isinstance(node.op, BatchNorm | LayerScale):
            break
        found.append(node)
    return tuple(found)
