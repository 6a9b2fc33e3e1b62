"""Installed releases of packages, without `importlib.metadata`, whose import takes 10 ms."""

import functools
import os
import sys
from collections.abc import Iterator


def release(package: str) -> str:
    """A package's release, "3.13.0" say. Raises PackageNotFoundError (an ImportError) when it is not installed."""
    number = _installed().get(package.replace("-", "_").lower())
    if number is not None:
        return number
    import importlib.metadata  # for packages installed in another way: an egg, a zip file

    return importlib.metadata.version(package)


@functools.cache
def _installed() -> dict[str, str]:
    """Releases by name, lower case with `_`; of a package installed twice, the one that is imported."""
    releases: dict[str, str] = {}
    for name in _described():
        package, _, number = name.removesuffix(".dist-info").rpartition("-")
        releases.setdefault(package.lower(), number)
    return releases


def _described() -> Iterator[str]:
    """The names of dist-info folders ("iree_base_compiler-3.13.0.dist-info"), in the path's order."""
    for folder in sys.path:
        try:
            with os.scandir(folder or ".") as entries:
                names = [entry.name for entry in entries]
        except OSError:  # not every entry is a folder that is there
            continue
        yield from (name for name in names if name.endswith(".dist-info"))
