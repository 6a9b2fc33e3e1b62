"""Other libraries' names for a network's tensors: one file a library, found by its `LAYOUTS`."""

import importlib
import pkgutil
from collections.abc import Iterator

from emit.expand import expand
from netspec.errors import InputError
from netspec.language import NetSpec
from netspec.layers import nested
from netspec.text import shown
from runtime.weights.layouts.layout import Layout
from runtime.weights.layouts.rows import rows
from runtime.weights.layouts.tensors import Tensor, tensors_of
from runtime.weights.sources import family_of


def layouts() -> Iterator[Layout]:
    """Every layout, library by library."""
    for module in sorted(found.name for found in pkgutil.iter_modules(__path__)):
        yield from getattr(importlib.import_module(f"{__name__}.{module}"), "LAYOUTS", [])


def layouts_for(net: NetSpec) -> list[tuple[Layout, list[Tensor]]]:
    """The layouts that have names for a network, with its tensors in each. Raises InputError where none has."""
    family, graph = family_of(net), expand(net)
    found = rows(net, graph)
    fitting = []
    for layout in layouts():
        if family in layout.families:
            try:
                fitting.append((layout, list(tensors_of(graph, found, layout))))
            except (KeyError, IndexError, ValueError):  # a network of the same blocks in another order
                continue
    if not fitting:
        raise InputError(
            f"{shown(net.name)}: no library is known here that has such a network: expected one of the families in "
            f"specs/, found the layers "
            f"{', '.join(sorted({type(layer).__name__ for layer in nested(net.layers)}))}."
        )
    return fitting
