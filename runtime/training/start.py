"""A new run that starts from the weights of another: the same network, for other images, classes or another recipe."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import numpy as np

from emit.expand import expand
from netspec.errors import InputError
from netspec.language import NetSpec, TrainConfig
from netspec.layers import dense
from netspec.text import shown
from runtime.checkpoint import Checkpoint, is_checkpoint, load
from runtime.engine.session import Arrays
from runtime.report import Report
from runtime.training.run import TO_USE, find_checkpoint
from runtime.weights import imagenet
from runtime.weights.adopt import adopted
from runtime.weights.importing import Request, imported
from runtime.weights.sources import Conventions, Source, conventions_of


@dataclass(frozen=True)
class Start:
    """The weights that a new run starts from.

    Args:
        path: a checkpoint, a run folder, or a file that another framework wrote.
        source, config_file, repository: as for `runtime.weights.importing.Request`.
        adopt: whether the network takes the conventions of their source; None: where they have one.
    """

    path: Path
    source: Source | None = None
    adopt: bool | None = False
    config_file: Path | None = None
    repository: str = ""


def read_weights(start: Start, net: NetSpec, config: TrainConfig, report: Report) -> tuple[Checkpoint, NetSpec]:
    """The weights for a network to start from, and the network with their conventions if it takes those.

    The layers are the same but for the number of classes; the image size may differ. Raises InputError.
    """
    file = find_checkpoint(start.path, TO_USE)
    if file.is_file() and not is_checkpoint(file):
        request = Request(
            *(file, net, config, start.source, start.adopt is not False),
            keep_size=True,
            config_file=start.config_file,
            repository=start.repository,
            headless=True,
        )
        checkpoint = imported(request, report)
        return checkpoint, net if start.adopt is False else with_conventions_of(checkpoint, net)
    if start.source is not None or start.config_file is not None:
        raise InputError(
            f"{shown(file)}: is a checkpoint of netspec, which says where it comes from: leave --source and --config "
            "out."
        )
    checkpoint = load(file, to_train=False)
    if start.adopt and checkpoint.origin is None:
        raise InputError(f"{shown(file)}: was not imported: leave --conventions out.")
    if start.adopt or (start.adopt is None and _conventions_of(checkpoint, net) is not None):
        net = with_conventions_of(checkpoint, net)
    _check_same(file, checkpoint, net)
    return checkpoint, net


def with_conventions_of(checkpoint: Checkpoint, net: NetSpec) -> NetSpec:
    """A network with the conventions of the source that a checkpoint's weights come from. Raises InputError."""
    conventions = _conventions_of(checkpoint, net)
    if conventions is None:
        source = (checkpoint.origin or {}).get("source", "")
        raise InputError(f"{shown(net.name)}: {shown(source)} has no conventions for such a network that are known.")
    return adopted(net, conventions)


def _conventions_of(checkpoint: Checkpoint, net: NetSpec) -> Conventions | None:
    """Those of a network in the source that a checkpoint's weights come from; None where they are not known."""
    source = (checkpoint.origin or {}).get("source", "")
    return conventions_of(cast(Source, source), net) if source else None


def _check_same(file: Path, checkpoint: Checkpoint, net: NetSpec) -> None:
    theirs, ours = _for_comparison(checkpoint.net), _for_comparison(net)
    remedy = "; --conventions source takes theirs" if checkpoint.origin is not None else ""
    for index, (before, after) in enumerate(zip(theirs.layers, ours.layers, strict=False)):
        if before != after:
            raise InputError(
                f"{shown(file)}: its weights are of another network: layer {index}: expected {after}, found "
                f"{before}{remedy}."
            )
    if theirs != ours:
        raise InputError(
            f"{shown(file)}: its weights are of another network: expected {_conventions(ours)}, found "
            f"{_conventions(theirs)}{remedy}."
        )


def _for_comparison(net: NetSpec) -> NetSpec:
    """The network without what may differ: name, image size, classes, how pictures are read."""
    head = replace(cast(dense, net.layers[-1]), fanOut=2)
    same = {"name": "", "imageH": 1, "imageW": 1, "preprocessing": NetSpec.preprocessing}
    return replace(net, layers=(*net.layers[:-1], head), **same)  # type: ignore[arg-type]


def _conventions(net: NetSpec) -> str:
    return (
        f"{len(net.layers)} layers, activation={net.activation}, padding={net.padding}, bnEps={net.bnEps:g}, "
        f"bnMomentum={net.bnMomentum:g}, imageC={net.imageC}"
    )


def has_classes(checkpoint: Checkpoint, classes: tuple[str, ...]) -> bool:
    """Whether a checkpoint's classes are those of the images, in their order; ImageNet's by their synsets as well."""
    synsets = imagenet.by_synset()  # as ImageNet's folders are called
    return checkpoint.classes in (classes, tuple(synsets.get(name, name) for name in classes))


def started_from(checkpoint: Checkpoint, classes: tuple[str, ...], initial: Arrays) -> tuple[Arrays, bool]:
    """The initial state of a run: the checkpoint's parameters and running statistics, the rest from `initial`.

    Where the classes differ, the head starts at 0 (Kolesnikov et al. 2020, "Big Transfer", section 3.3), and the second
    result is true: one that is drawn as for training from scratch would send large gradients into the layers below.
    """
    new_head = not has_classes(checkpoint, classes)
    graph = expand(checkpoint.net)
    head = graph.head() if new_head else []
    known = checkpoint.tensors.keys() & {name for name, _ in (*graph.parameters(), *graph.statistics())} - set(head)
    zeros = {name: np.zeros_like(initial[name]) for name in head}
    return initial | {name: checkpoint.tensors[name] for name in known} | zeros, new_head
