"""A new run that starts from the weights of another: the same network, for other images, classes or another recipe."""

from dataclasses import replace
from pathlib import Path
from typing import cast

from emit.expand import expand
from netspec.errors import InputError
from netspec.language import NetSpec
from netspec.layers import dense
from netspec.text import shown
from runtime.checkpoint import Checkpoint, load
from runtime.engine.session import Arrays
from runtime.training.run import TO_USE, find_checkpoint


def read_weights(path: Path, net: NetSpec) -> Checkpoint:
    """The checkpoint that a file or a run's folder names (its best), for a network to start from. Raises InputError.

    The layers are the same but for the number of classes; the image size may differ.
    """
    found = find_checkpoint(path, TO_USE)
    checkpoint = load(found, to_train=False)
    theirs, ours = (_for_comparison(each) for each in (checkpoint.net, net))
    for index, (before, after) in enumerate(zip(theirs.layers, ours.layers, strict=False)):
        if before != after:
            raise InputError(
                f"{shown(found)}: its weights are of another network: layer {index}: expected {after}, found {before}."
            )
    if theirs != ours:
        raise InputError(
            f"{shown(found)}: its weights are of another network: expected {_conventions(ours)}, found "
            f"{_conventions(theirs)}."
        )
    return checkpoint


def _for_comparison(net: NetSpec) -> NetSpec:
    """The network without what may differ: name, image size, classes."""
    head = replace(cast(dense, net.layers[-1]), fanOut=2)
    return replace(net, name="", imageH=1, imageW=1, layers=(*net.layers[:-1], head))


def _conventions(net: NetSpec) -> str:
    return f"{len(net.layers)} layers, activation={net.activation}, padding={net.padding}"


def started_from(checkpoint: Checkpoint, classes: tuple[str, ...], initial: Arrays) -> tuple[Arrays, bool]:
    """The state that a run begins with: the checkpoint's parameters and running statistics, all else as `initial`.

    Where the classes differ, the head is `initial`'s, and the second result is true.
    """
    anew = checkpoint.classes != classes
    graph = expand(checkpoint.net)
    head = [name for name, _ in graph.nodes[graph.output].parameters()] if anew else []
    known = {name for name, _ in (*graph.parameters(), *graph.statistics())} - set(head)
    return {name: checkpoint.tensors[name] if name in known else array for name, array in initial.items()}, anew
