"""What a pickle of PyTorch's describes, as plain values of our own: nothing of it was called or imported.

Numbers, texts, `None` and the like are Python's. A container may be filled only until it is put into another one, so
that none can hold itself.
"""

from dataclasses import dataclass, field

from runtime.weights.formats.untrusted import UnreadableError

DEEPEST = 64  # containers within containers; real files have ten


@dataclass(frozen=True, slots=True, eq=False)
class Name:
    """A class or a function that a pickle names, of those that are known.

    Args:
        full: with its module.
        dtype: of a class of storages: its elements, as NumPy writes them, or `bfloat16`.
    """

    full: str
    dtype: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Storage:
    """Numbers in a row, somewhere in the file.

    Args:
        key: under which the file holds them.
        count: how many.
        offset: where they begin in what the file holds under that key, in elements.
    """

    key: str
    dtype: str
    count: int
    offset: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Tensor:
    """Some numbers of a storage; offset and strides in elements. Not checked against the storage."""

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


@dataclass(slots=True, eq=False, repr=False)
class Sequence:
    """A list, or a tuple, which is never open."""

    items: list[object] | tuple[object, ...]
    depth: int = 1
    open: bool = False

    def extend(self, values: list[object]) -> None:
        """Append values, which are complete then."""
        self.depth = max(self.depth, 1 + closed(values))
        if isinstance(self.items, list):
            self.items.extend(values)


@dataclass(slots=True, eq=False, repr=False)
class Table:
    """A dict: its items whose keys are texts; others are of no use here, and dropped."""

    items: dict[str, object] = field(default_factory=dict)
    depth: int = 1
    open: bool = True

    def put(self, key: object, value: object) -> None:
        """Add an item, which is complete then. Raises UnreadableError for a key that is there."""
        self.depth = max(self.depth, 1 + closed([key, value]))
        if not isinstance(key, str):
            return
        if key in self.items:
            raise UnreadableError("one that holds two things under one name")
        self.items[key] = value


def closed(values: list[object] | tuple[object, ...]) -> int:
    """Close what is about to be put into a container, and give its depth. Raises UnreadableError when it is too deep.

    Nothing is walked: a container knows its depth.
    """
    deepest = 0
    for value in values:
        if isinstance(value, Sequence | Table):
            value.open = False
            deepest = max(deepest, value.depth)
    if deepest >= DEEPEST:
        raise UnreadableError(f"one whose pickle is nested more than {DEEPEST} deep")
    return deepest
