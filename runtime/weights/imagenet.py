"""The classes of ImageNet's challenge (ILSVRC 2012), in the order of all published weights.

A name is the first of its WordNet synset, or longer where two synsets share it.
"""

from functools import cache
from importlib.resources import files

CLASSES = 1000
BACKGROUND = "background"


@cache
def _lines() -> tuple[tuple[str, str], ...]:
    text = (files("runtime.weights") / "imagenet.txt").read_text(encoding="ascii")
    listed = [line.partition(" ") for line in text.splitlines()]
    return tuple((synset, name) for synset, _, name in listed)


def names() -> tuple[str, ...]:
    """The 1000 names, by label."""
    return tuple(name for _, name in _lines())


def by_synset() -> dict[str, str]:
    """The name of each synset, as ImageNet's folders are called: `n01440764`."""
    return dict(_lines())
