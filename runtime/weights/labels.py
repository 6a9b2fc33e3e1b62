"""The names of a file's classes: given, published with it, or ImageNet's."""

from collections.abc import Callable, Sequence
from pathlib import Path

from netspec.errors import InputError
from netspec.text import shown
from runtime.checkpoint import LONGEST_CLASS
from runtime.system import files
from runtime.weights import imagenet
from runtime.weights.sources import Source

LONGEST = 2**24  # bytes of a file
TENSORFLOW = ("timm-tf", "keras", "tflite")  # sources that may have a class before the first: the background


def read_labels(path: Path) -> tuple[str, ...]:
    """The names in a text file, one a line, by label. Raises InputError."""
    names = tuple(line.strip() for line in files.read_text(path, LONGEST).splitlines())
    while names and not names[-1]:
        names = names[:-1]
    for number, name in enumerate(names, 1):
        if not name or len(name) > LONGEST_CLASS:
            raise InputError(
                f"{shown(path)}, line {number}: expected a name of 1 to {LONGEST_CLASS} letters, found {len(name)}."
            )
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(f"{shown(path)}: expected different names, found {shown(twice)} twice.")
    return names


def names_of_classes(
    count: int,
    given: Sequence[str],
    published: Sequence[str],
    source: Source,
    file: str,
    report: Callable[[str], None],
) -> tuple[str, ...]:
    """Names by label, of `count` classes; which they are, is reported. Raises InputError, naming `file`.

    Args:
        given: by the user.
        published: with the weights.
    """
    if given:
        if len(given) != count:
            raise InputError(
                f"{file}: expected {count} names of classes in --labels, one for each output, found {len(given)}."
            )
        return tuple(given)
    if published:
        usable = all(0 < len(name) <= LONGEST_CLASS for name in published)
        if usable and len(set(published)) == len(published) == count:
            report(f"{count} classes, by the names that are published with the weights")
            return tuple(published)
        report(
            f"warning: the {len(published)} names of classes that are published with the weights are not used: "
            f"expected {count} different ones of 1 to {LONGEST_CLASS} letters"
        )
    if count == imagenet.CLASSES:
        report(f"{count} classes: taken to be ImageNet's, in its order (--labels gives others)")
        return imagenet.names()
    if count == imagenet.CLASSES + 1:
        if source not in TENSORFLOW:
            raise InputError(
                f"{file}: has {count} classes, where {source} has ImageNet's {imagenet.CLASSES}: give --labels with "
                "the names of all."
            )
        report(f"{count} classes: taken to be the background and ImageNet's, in its order (--labels gives others)")
        return (imagenet.BACKGROUND, *imagenet.names())
    report(f"{count} classes, called 0 to {count - 1} (--labels gives names)")
    return tuple(str(number) for number in range(count))
