"""What a layout is: where each node of a network lies among the weights of another library's."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from runtime.weights.formats.weight_file import Stored
from runtime.weights.layouts.rows import Row
from runtime.weights.sources import Family, Source

Places = Iterable[tuple[str, str]]  # a node of ours, and the module that holds its tensors


def conv_and_norm(row: Row, module: str, norm: str) -> Places:
    """The places of a layer that is a convolution and its batch norm."""
    yield row.node, module
    yield row.blocks[0]["itself_bn"], norm


def _as_they_are(held: Mapping[str, Stored]) -> dict[str, str]:
    return {name: name for name in held}


@dataclass(frozen=True)
class Layout:
    """The names of one library for networks of some families.

    Attributes:
        library: whose names they are.
        sources: of files with these names (`runtime.weights.sources`).
        families: of networks that it has names for (`runtime.weights.sources`).
        places: the module of every node that holds tensors, in the order of the library.
        as_images: modules that hold a dense layer as a convolution of 1×1, as all do a squeeze.
        axes: whose order of axes, and words for weights: `runtime.weights.layouts.tensors` has them.
        named: the names of a file's tensors by those of this layout, where a file has others.
    """

    library: str
    sources: tuple[Source, ...]
    families: frozenset[Family]
    places: Callable[[list[Row]], Places]
    as_images: frozenset[str] = frozenset()
    axes: Literal["torch", "keras"] = "torch"
    named: Callable[[Mapping[str, Stored]], dict[str, str]] = _as_they_are

    def names(self, layers: list[Row]) -> dict[str, str]:
        """By node, its module. Raises KeyError, IndexError or ValueError for another kind of network."""
        return dict(self.places(layers))
