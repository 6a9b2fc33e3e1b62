"""Lowerings: what was measured is kept and used, and the fastest option of every choice is found."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from emit.hlo import Operation
from emit.program import Program
from emit.programs import choices_of, emit
from runtime.compiler.target import target
from runtime.compiler.tiling.tuned import chosen_lowerings, keep, program_for
from runtime.profile.origin import Origin, origins
from runtime.profile.record import Recorded
from runtime.report import Report
from runtime.tune import lowerings as module
from runtime.tune.lowerings import tune_lowerings
from specs.tiny import tiny, tinyConfig

CPU = target("cpu")
RECIPE = replace(tinyConfig, batchSize=4)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETSPEC_CACHE", str(tmp_path))


def opcodes(program: Program) -> list[str]:
    return [item.opcode for item in program.module.functions[0].operations if isinstance(item, Operation)]


def slow(weights: Mapping[str, float], step: Mapping[str, float] | None = None) -> Any:
    """A device on which operations take `weights` seconds by opcode, and a run `step` seconds, by the same."""

    def timed(program: Program, graph: Any, *_: Any, **__: Any) -> tuple[Recorded, list[tuple[Origin, float]]]:
        known = origins(program.module, graph)
        times = [
            (known[item.results[0].name], weights.get(item.opcode, 0.001))
            for item in program.module.functions[0].operations
            if isinstance(item, Operation)
        ]
        run = sum((step or weights).get(opcode, 0.001) for opcode in opcodes(program))
        return Recorded((), (), run), times

    return timed


@pytest.mark.ordinary
def test_the_fastest_option_of_every_choice_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "timed", slow({"reduce": 1.0}))
    tuned = tune_lowerings("train_step", tiny, RECIPE, CPU, Report(live=False), runs=1)
    choices = {str(choice): choice for choice in choices_of("train_step", tiny, RECIPE, "cpu")}
    assert set(tuned.chosen) == set(choices)
    sums = {name: option for name, option in tuned.chosen.items() if name.startswith("channel_sum")}
    assert sums
    assert set(sums.values()) == {"whole"}  # one reduction where staged sums are two
    assert tuned.after_s < tuned.before_s
    for faster in tuned.faster:
        assert faster.rule == choices[faster.choice].rule != faster.option == tuned.chosen[faster.choice]
        assert faster.after_s < faster.before_s
    program = emit("train_step", tiny, RECIPE, chosen=tuned.chosen)
    assert opcodes(program).count("reduce") < opcodes(emit("train_step", tiny, RECIPE)).count("reduce")


@pytest.mark.ordinary
def test_what_gains_layer_by_layer_and_not_together_is_not_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "timed", slow({"reduce": 1.0}, {"reduce": 0.0}))
    tuned = tune_lowerings("train_step", tiny, RECIPE, CPU, Report(live=False), runs=1)
    assert tuned.faster
    assert tuned.chosen == {}


def test_a_program_without_a_choice_is_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "timed", None)
    assert tune_lowerings("evaluate", tiny, RECIPE, CPU, Report(live=False), runs=1).chosen == {}


def test_what_is_kept_is_used_on_this_machine_for_this_program_alone() -> None:
    plain = emit("train_step", tiny, RECIPE).text
    assert program_for("train_step", tiny, RECIPE, CPU).text == plain
    first = next(choice for choice in choices_of("train_step", tiny, RECIPE, "cpu") if choice.family == "channel_sum")
    other = next(option for option in first.options if option != first.rule)
    keep("forms", "train_step", {str(first): other})
    changed = program_for("train_step", tiny, RECIPE, CPU).text
    assert changed == emit("train_step", tiny, RECIPE, chosen={str(first): other}).text != plain
    for elsewhere in (target("cpu", "generic"), target("cuda")):
        assert chosen_lowerings(elsewhere, "train_step") == {}
    assert chosen_lowerings(CPU, "evaluate") == {}
    keep("forms", "train_step", {str(first): first.rule})
    assert program_for("train_step", tiny, RECIPE, CPU).text == plain
