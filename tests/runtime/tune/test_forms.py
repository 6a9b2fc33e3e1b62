"""Forms: what was measured is kept and obeyed, and the fastest form of every choice is found."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from emit.hlo import Operation
from emit.program import Program, emit, questions
from runtime.compiler.target import target
from runtime.compiler.tiling.tuned import chosen_forms, keep, program_for
from runtime.profile.origin import Origin, origins
from runtime.profile.record import Recorded
from runtime.report import Report
from runtime.tune import forms as module
from runtime.tune.forms import tune_forms
from specs.tiny import tiny, tinyConfig

CPU = target("cpu")
RECIPE = replace(tinyConfig, batchSize=4)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETSPEC_CACHE", str(tmp_path))


def opcodes(program: Program) -> list[str]:
    return [item.opcode for item in program.module.functions[0].operations if isinstance(item, Operation)]


def slow(weights: Mapping[str, float], step: Mapping[str, float] | None = None) -> Any:
    """A device on which an operation takes as long as is told; and a whole run, for itself."""

    def timed(program: Program, graph: Any, *_: Any, **__: Any) -> tuple[Recorded, list[tuple[Origin, float]]]:
        known = origins(program.module, graph)
        times = [
            (known[item.results[0].name], weights.get(item.opcode, 0.001))
            for item in program.module.functions[0].operations
            if isinstance(item, Operation)
        ]
        whole = sum((step or weights).get(opcode, 0.001) for opcode in opcodes(program))
        return Recorded((), (), whole), times

    return timed


@pytest.mark.ordinary
def test_the_fastest_form_of_every_choice_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "timed", slow({"reduce": 1.0}))
    found = tune_forms("train_step", tiny, RECIPE, CPU, Report(live=False), runs=1)
    asked = {str(question): question for question in questions("train_step", tiny, RECIPE, "cpu")}
    assert set(found.chosen) == set(asked)
    sums = {name: answer for name, answer in found.chosen.items() if name.startswith("channel_sum")}
    assert sums
    assert set(sums.values()) == {"whole"}  # one reduction where staged sums are two
    assert found.after_s < found.before_s
    for form in found.forms:
        assert form.rule == asked[form.question].rule != form.answer == found.chosen[form.question]
        assert form.after_s < form.before_s
    program = emit("train_step", tiny, RECIPE, chosen=found.chosen)
    assert opcodes(program).count("reduce") < opcodes(emit("train_step", tiny, RECIPE)).count("reduce")


@pytest.mark.ordinary
def test_what_gains_layer_by_layer_and_not_together_is_not_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "timed", slow({"reduce": 1.0}, {"reduce": 0.0}))
    found = tune_forms("train_step", tiny, RECIPE, CPU, Report(live=False), runs=1)
    assert found.forms
    assert found.chosen == {}


def test_a_program_without_a_choice_is_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "timed", None)
    assert tune_forms("evaluate", tiny, RECIPE, CPU, Report(live=False), runs=1).chosen == {}


def test_what_is_kept_is_obeyed_by_this_machine_and_program_alone() -> None:
    plain = emit("train_step", tiny, RECIPE).text
    assert program_for("train_step", tiny, RECIPE, CPU).text == plain
    first = next(each for each in questions("train_step", tiny, RECIPE, "cpu") if each.family == "channel_sum")
    other = next(answer for answer in first.answers if answer != first.rule)
    keep("forms", "train_step", {str(first): other})
    changed = program_for("train_step", tiny, RECIPE, CPU).text
    assert changed == emit("train_step", tiny, RECIPE, chosen={str(first): other}).text != plain
    for elsewhere in (target("cpu", "generic"), target("cuda")):
        assert chosen_forms(elsewhere, "train_step") == {}
    assert chosen_forms(CPU, "evaluate") == {}
    keep("forms", "train_step", {str(first): first.rule})
    assert program_for("train_step", tiny, RECIPE, CPU).text == plain
