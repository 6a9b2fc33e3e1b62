"""A checkpoint's weights as the state dict of another library."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy

from netspec.errors import InputError
from netspec.text import shown
from runtime.checkpoint import Checkpoint
from runtime.system import files
from runtime.weights.adopt import differences
from runtime.weights.layouts import layouts_for
from runtime.weights.layouts.tensors import BATCHES
from runtime.weights.sources import conventions_of


def export(checkpoint: Checkpoint, library: str, path: Path) -> Iterator[str]:
    """Write a safetensors file; sentences on what its reader has to know. Raises InputError and FileError."""
    net = checkpoint.net
    fitting = [
        (layout, tensors)
        for layout, tensors in layouts_for(net)
        if any(source.startswith(library) and conventions_of(source, net) is not None for source in layout.sources)
    ]
    if not fitting:
        raise InputError(f"{shown(net.name)}: {library} has no such network; choose another --layout.")
    layout, tensors = fitting[0]
    arrays: dict[str, Any] = {}
    for tensor in tensors:
        arrays[tensor.theirs] = tensor.to_theirs(checkpoint.tensors[tensor.ours])
        if tensor.theirs.endswith("running_var"):
            # What torch counts, and only a momentum of None uses.
            arrays[f"{tensor.theirs.removesuffix('running_var')}{BATCHES}"] = np.zeros((), np.int64)
    said = {"format": "pt", "network": net.name}
    files.write_whole(path, safetensors.numpy.save(arrays, said))
    for source in layout.sources:
        conventions = conventions_of(source, net)
        if source.startswith(library) and conventions is not None and not list(differences(net, conventions)):
            return
    yield (
        f"warning: the network's conventions ({net.activation}, padding {net.padding}, epsilon {net.bnEps:g}) are not "
        f"those of {library}'s: its own network gives other numbers with these weights unless it is built with them"
    )
