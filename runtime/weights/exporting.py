"""A checkpoint's weights as the state dict of another library."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy

from netspec.errors import InputError
from netspec.language import NetSpec
from netspec.layers import convBn
from netspec.text import shown
from runtime.checkpoint import Checkpoint, said_of_itself
from runtime.system import files
from runtime.weights.adopt import differences
from runtime.weights.layouts import layouts_for
from runtime.weights.layouts.tensors import BATCHES
from runtime.weights.output import check_replaceable
from runtime.weights.recognised import is_published
from runtime.weights.sources import conventions_of, family_of

MARK = "netspec-export"  # in the header of what is written here: such a file may be replaced


def export(checkpoint: Checkpoint, library: str, path: Path) -> Iterator[str]:
    """Write a safetensors file; sentences on what its reader has to know. Raises InputError and FileError."""
    net = checkpoint.net
    fitting = [
        (layout, tensors)
        for layout, tensors in layouts_for(net)
        if any(source.startswith(library) and conventions_of(source, net) is not None for source in layout.sources)
    ]
    if not fitting or not is_published(net):
        raise InputError(f"{shown(net.name)}: {library} has no such network; choose another --layout.")
    check_replaceable(path, _is_ours)
    layout, tensors = fitting[0]
    arrays: dict[str, Any] = {}
    for tensor in tensors:
        arrays[tensor.theirs] = tensor.to_theirs(checkpoint.tensors[tensor.ours])
        if tensor.theirs.endswith("running_var"):
            # What torch counts, and only a momentum of None uses.
            arrays[f"{tensor.theirs.removesuffix('running_var')}{BATCHES}"] = np.zeros((), np.int64)
    said = {"format": "pt", MARK: net.name}
    files.write_whole(path, safetensors.numpy.save(arrays, said))
    yield f"pictures are read as {net.preprocessing}, which the file does not say; nor does it say the classes' names"
    if net.imageC == 1:
        yield f"warning: the network is for gray images: build {library}'s with one channel"
    if library == "torchvision" and family_of(net) == "mobilenet_v3" and _scaled(net):
        yield "warning: torchvision scales MobileNetV3's channels otherwise, so that its network of this width differs"
    if library == "torchvision" and family_of(net) == "mnasnet":
        yield (
            "torchvision's MNASNet asks for a version, for which the file has no place: before load_state_dict, "
            'state = collections.OrderedDict(state); state._metadata = {"": {"version": 2}}'
        )
    for source in layout.sources:
        conventions = conventions_of(source, net)
        if source.startswith(library) and conventions is not None and not list(differences(net, conventions)):
            if source == "timm-tf":
                yield "the network has TensorFlow's padding and epsilon: load the file into timm's tf_ network"
            return
    yield (
        f"warning: the network's conventions ({net.activation}, padding {net.padding}, epsilon {net.bnEps:g}) are not "
        f"those of {library}'s: its own network gives other numbers with these weights unless it is built with them"
    )


def _scaled(net: NetSpec) -> bool:
    """Whether a MobileNetV3 has another width than 1."""
    return next(layer.oc for layer in reversed(net.layers) if isinstance(layer, convBn)) not in (576, 960)


def _is_ours(path: Path) -> bool:
    return MARK in said_of_itself(path)
