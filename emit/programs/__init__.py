"""Whole programs, from a checked network and recipe to text and manifest: one file an entry point.

A file has two functions: `graph(net, config)`, the graph that the program walks, and `program(net, config, lowerings,
real)`.
"""

from dataclasses import replace
from typing import Protocol

from emit.graph import Graph
from emit.lowerings import BY_RULE, Choice, Chosen, Lowerings
from emit.program import Program
from emit.programs import evaluate, predict, train_step
from emit.targets import lowerings_of
from netspec.check import training_net
from netspec.language import NetSpec, TrainConfig


class EntryPoint(Protocol):
    """The functions of an entry point's file."""

    def graph(self, net: NetSpec, config: TrainConfig) -> Graph:
        """The graph that the program walks. Raises SpecError."""

    def program(self, net: NetSpec, config: TrainConfig, lowerings: Lowerings, real: str) -> Program:
        """The program. Raises SpecError."""


_FILES: dict[str, EntryPoint] = {"train_step": train_step, "evaluate": evaluate, "predict": predict}
# In the order in which they are compiled.
ENTRY_POINTS = tuple(_FILES)


def emit(
    entry_point: str,
    net: NetSpec,
    config: TrainConfig,
    *,
    backend: str = "cpu",
    real: str = "f32",
    chosen: Chosen = BY_RULE,
) -> Program:
    """The program of an entry point: `train_step`, `evaluate` or `predict`.

    The same network, recipe and choice give the same bytes. Raises SpecError.

    Args:
        real: the type of its real numbers.
        chosen: lowerings that were measured, which go before the target's rules.
    """
    return _FILES[entry_point].program(net_of(entry_point, net, config), config, lowerings_of(backend, chosen), real)


def choices_of(entry_point: str, net: NetSpec, config: TrainConfig, backend: str) -> tuple[Choice, ...]:
    """Every choice of a lowering that a program faces, once each, in order. Raises SpecError."""
    found: dict[str, Choice] = {}

    def on_choice(choice: Choice) -> None:
        found.setdefault(str(choice), choice)

    lowerings = replace(lowerings_of(backend), on_choice=on_choice)
    _FILES[entry_point].program(net_of(entry_point, net, config), config, lowerings, "f32")
    return tuple(found.values())


def net_of(entry_point: str, net: NetSpec, config: TrainConfig) -> NetSpec:
    """The network that a program is of: a training step's is as the recipe trains it. Raises SpecError."""
    return training_net(net, config) if entry_point == "train_step" else net


def graph_of(entry_point: str, net: NetSpec, config: TrainConfig) -> Graph:
    """The graph that a program walks: `predict` has batch norms folded into what is before them. Raises SpecError."""
    return _FILES[entry_point].graph(net, config)
