"""A network as a graph of named nodes, each an op: what the layers of a spec expand into."""

from dataclasses import dataclass
from math import prod

from emit.op import Op, Tensor
from netspec.layers import Shape

IMAGES = "images"


@dataclass(frozen=True)
class Node:
    """One op, where its inputs come from, and which line of the spec wrote it. `shape` is one example's.

    `frozen`: its layer stays as it is in training.
    """

    name: str
    op: Op
    inputs: tuple[str, ...]
    layer: int
    shape: Shape
    frozen: bool = False

    def parameters(self) -> list[tuple[str, Tensor]]:
        """Its parameters with their full names."""
        return [(f"{self.name}_{tensor.name}", tensor) for tensor in self.op.parameters()]

    def statistics(self) -> list[tuple[str, Tensor]]:
        """Its running statistics with their full names."""
        return [(f"{self.name}_{tensor.name}", tensor) for tensor in self.op.statistics()]

    def moving(self) -> list[tuple[str, Tensor]]:
        """Its running statistics that training changes."""
        return self.statistics() if self.op.moves_statistics and not self.frozen else []


class Graph:
    """Nodes in an order in which each comes after its inputs; the network's images are the input `IMAGES`.

    `outputs` has the node of each output, by the output's name.
    """

    def __init__(self, image: Shape) -> None:
        self.image = image
        self.nodes: dict[str, Node] = {}
        self.outputs: dict[str, str] = {}
        self._shapes: dict[str, Shape] = {IMAGES: image}

    def add(self, name: str, op: Op, inputs: tuple[str, ...], layer: int, *, frozen: bool = False) -> str:
        """Append a node and give its name back. A name is used once, an input is there already."""
        if name in self._shapes:
            raise ValueError(f"two nodes are named {name}")
        shape = op.shape(*(self._shapes[source] for source in inputs))
        self.nodes[name] = Node(name, op, inputs, layer, shape, frozen)
        self._shapes[name] = shape
        return name

    def output(self, name: str, node: str) -> None:
        """Name an output."""
        if name in self.outputs or node not in self.nodes:
            raise ValueError(f"there is an output {name} already, or no node {node}")
        self.outputs[name] = node

    def shape(self, name: str) -> Shape:
        """The shape of a node's output for one example."""
        return self._shapes[name]

    def readers(self, name: str) -> list[Node]:
        """The nodes that read a node, or the images."""
        return [node for node in self.nodes.values() if name in node.inputs]

    def parameters(self) -> list[tuple[str, Tensor]]:
        """Every parameter, in the order of the nodes."""
        return [entry for node in self.nodes.values() for entry in node.parameters()]

    def statistics(self) -> list[tuple[str, Tensor]]:
        """Every running statistic, in the order of the nodes."""
        return [entry for node in self.nodes.values() for entry in node.statistics()]

    def trained(self) -> list[tuple[str, Tensor]]:
        """The parameters that training changes."""
        return [entry for node in self.nodes.values() if not node.frozen for entry in node.parameters()]

    def moving(self) -> list[tuple[str, Tensor]]:
        """The running statistics that training changes."""
        return [entry for node in self.nodes.values() for entry in node.moving()]

    def head(self) -> list[str]:
        """The names of the parameters of the layer that gives the logits."""
        return [name for name, _ in self.nodes[self.outputs["logits"]].parameters()]

    def stops(self, source: str) -> bool:
        """Whether the backward pass ends at what a node reads: the images, or what a frozen node gives."""
        return source == IMAGES or self.nodes[source].frozen

    def drawing(self) -> list[str]:
        """The nodes that draw random numbers, in order."""
        return [node.name for node in self.nodes.values() if node.op.draws]

    def macs(self, node: Node) -> int:
        """Multiply-accumulate operations of a node for one example."""
        return node.op.macs(*(self._shapes[source] for source in node.inputs))

    def attention_macs(self, node: Node) -> int:
        """Those that `macs` leaves out: attention's products."""
        return node.op.attention_macs(*(self._shapes[source] for source in node.inputs))


def size(tensors: list[tuple[str, Tensor]]) -> int:
    """How many numbers some tensors hold."""
    return sum(prod(tensor.shape) for _, tensor in tensors)
