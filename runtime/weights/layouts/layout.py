"""What a layout is: where each node of a network lies in a state dict of somebody else's."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from netspec.language import NetSpec
from runtime.weights.sources import Family, Source

Places = Iterable[tuple[str, str]]  # a node of ours, and the module that holds its tensors


@dataclass(frozen=True)
class Layout:
    """The names of one library for networks of some families.

    Attributes:
        library: whose names they are.
        families: of networks that it has names for (`runtime.weights.sources`).
        places: the module of every node that holds tensors, in the order of the state dict.
        sources: of files with these names (`runtime.weights.sources`).
        as_images: modules that hold a dense layer as a convolution of 1×1, as all do a squeeze.
    """

    library: str
    sources: tuple[Source, ...]
    families: frozenset[Family]
    places: Callable[[NetSpec], Places]
    as_images: frozenset[str] = frozenset()

    def names(self, net: NetSpec) -> dict[str, str]:
        """By node, its module. Raises KeyError, IndexError or ValueError for a network of another kind."""
        return dict(self.places(net))
