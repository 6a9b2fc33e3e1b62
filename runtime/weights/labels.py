"""Files of class names."""

from pathlib import Path

from netspec.errors import InputError
from netspec.text import shown
from runtime.checkpoint import LONGEST_CLASS
from runtime.system import files

LONGEST = 2**24  # bytes of a file


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
