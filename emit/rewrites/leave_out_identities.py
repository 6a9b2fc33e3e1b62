"""Nodes that give their input back are left out: what drops in training alone, for evaluation and inference."""

from emit.graph import Graph


def without_identities(graph: Graph, *, training: bool) -> Graph:
    """The same network; what read such a node reads that node's input. State is the same: an identity has none."""
    lean = Graph(graph.image)
    stands: dict[str, str] = {}
    for node in graph.nodes.values():
        inputs = tuple(stands.get(source, source) for source in node.inputs)
        if node.op.is_identity(training=training and not node.frozen):
            stands[node.name] = inputs[0]
        else:
            lean.add(node.name, node.op, inputs, node.layer, frozen=node.frozen)
    lean.outputs = {name: stands.get(node, node) for name, node in graph.outputs.items()}
    return lean
