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
    """The checkpoint of a file or of a run folder (its best), for a network to start from. Raises InputError.

    The layers are the same but for the number of classes; the image size may differ.
    """
    file = find_checkpoint(path, TO_USE)
    checkpoint = load(file, to_train=False)
    theirs, ours = _for_comparison(checkpoint.net), _for_comparison(net)
    for index, (before, after) in enumerate(zip(theirs.layers, ours.layers, strict=False)):
        if before != after:
            raise InputError(
                f"{shown(file)}: its weights are of another network: layer {index}: expected {after}, found {before}."
            )
    if theirs != ours:
        raise InputError(
            f"{shown(file)}: its weights are of another network: expected {_conventions(ours)}, found "
            f"{_conventions(theirs)}."
        )
    return checkpoint


def _for_comparison(net: NetSpec) -> NetSpec:
    """The network without what may differ: name, image size, classes."""
    head = replace(cast(dense, net.layers[-1]), fanOut=2)
    return replace(net, name="", imageH=1, imageW=1, layers=(*net.layers[:-1], head))


def _conventions(net: NetSpec) -> str:
    return f"{len(net.layers)} layers, activation={net.activation}, padding={net.padding}, imageC={net.imageC}"


def started_from(checkpoint: Checkpoint, classes: tuple[str, ...], initial: Arrays) -> tuple[Arrays, bool]:
    """The initial state of a run: the checkpoint's parameters and running statistics, the rest from `initial`.

    Where the classes differ, the head is from `initial` too, and the second result is true.
    """
    new_head = checkpoint.classes != classes
    graph = expand(checkpoint.net)
    head = [name for name, _ in graph.nodes[graph.outputs["logits"]].parameters()] if new_head else []
    known = {name for name, _ in (*graph.parameters(), *graph.statistics())} - set(head)
    return {name: checkpoint.tensors[name] if name in known else array for name, array in initial.items()}, new_head
