"""A network's nodes that hold tensors, by the layer and the block that they are written in."""

import re
from dataclasses import dataclass, field

from emit.graph import Graph
from netspec.language import NetSpec
from netspec.layers import Block, Layer

_IN_BLOCK = re.compile(r"block\d+(?:_(\d+))?_(\w+)")


@dataclass(frozen=True)
class Row:
    """One layer of a network.

    Attributes:
        layer: as the spec writes it.
        blocks: of a block, its repeats; of another layer, one. By part (`expand`, `expand_bn`, `dw`, ...), the node;
            a layer that is no block has `itself`, and with batch norm `itself_bn`.
    """

    layer: Layer
    blocks: list[dict[str, str]] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """The layer's name."""
        return type(self.layer).__name__

    @property
    def node(self) -> str:
        """The first node of a layer that is no block."""
        return self.blocks[0]["itself"]


def rows(net: NetSpec, graph: Graph) -> list[Row]:
    """The layers of a network that hold tensors, first to last. `graph`: its own."""
    found: dict[int, Row] = {}
    repeats: dict[int, list[str]] = {}
    for node in graph.nodes.values():
        if not node.parameters():
            continue
        row = found.setdefault(node.layer, Row(net.layers[node.layer]))
        repeat, part = _place(row.layer, node.name)
        known = repeats.setdefault(node.layer, [])
        if repeat not in known:
            known.append(repeat)
            row.blocks.append({})
        row.blocks[known.index(repeat)][part] = node.name
    return [found[index] for index in sorted(found)]


def _place(layer: Layer, name: str) -> tuple[str, str]:
    """The repeat that a node belongs to, and its part in it."""
    matched = _IN_BLOCK.fullmatch(name) if isinstance(layer, Block) else None
    if matched is None:
        return "", "itself_bn" if name.endswith("_bn") else "itself"
    return matched[1] or "", matched[2]
