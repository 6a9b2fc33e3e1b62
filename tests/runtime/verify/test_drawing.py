"""A network that draws holds all three certainties, and what is wrong around its ops is found."""

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from emit.losses.cross_entropy import CrossEntropy
from emit.programs import emit, graph_of
from emit.targets import LOWERINGS
from netspec import NetSpec, TrainConfig, convBn, dense, globalAvgPool, residualBlock
from netspec.activations import Activation
from runtime.compiler.compile import compile_programs
from runtime.compiler.target import target
from runtime.engine.iree import Device
from runtime.report import Report
from runtime.verify import random
from runtime.verify.cases import by_window, network_cases
from runtime.verify.clear import CLEAR
from runtime.verify.composition import check_composition
from runtime.verify.numbers import call
from runtime.verify.rules import check_rules
from runtime.verify.step import check_small_instance
from runtime.verify.text import parsed_back
from runtime.verify.truth import Truth
from specs.mobilenet_v2 import mobilenetV2
from specs.tiny import tiny, tinyConfig
from tests.drawing import drawing
from tests.ops.mutations import Mutation, applied


def residual(activation: Activation) -> NetSpec:
    """Additions before an activation, with and without a convolution on the shortcut, and two dense layers."""
    layers = [
        convBn(3, 16, 3, 2, "same"),
        residualBlock(16, 16, 2, 1),
        residualBlock(16, 32, 2, 2),
        globalAvgPool(),
        dense(32, 16, "relu"),
        dense(16, 10, "identity"),
    ]
    return NetSpec("Residual", layers, 17, 16, activation, "same")


pytestmark = pytest.mark.ordinary

CONFIG = replace(tinyConfig, batchSize=16)
NETWORKS = {"tiny": tiny, "residual": residual("relu"), "mobilenet_v2": mobilenetV2()}
KINKED: tuple[Activation, ...] = ("relu", "relu6", "hswish")


@pytest.mark.parametrize("name", NETWORKS)
def test_a_step_that_draws_is_the_chain_rule_over_its_ops_and_its_text_says_so(name: str) -> None:
    net = NETWORKS[name]
    with drawing():
        program = emit("train_step", net, CONFIG)
        check = check_composition(program, net, CONFIG, "cpu")
        assert check.passed, check.found
        assert parsed_back(program).passed


@pytest.mark.parametrize("name", ["tiny", "residual"])
@pytest.mark.parametrize("config", [CONFIG, replace(CONFIG, useAdam=False)], ids=["adam", "sgd"])
def test_a_small_instance_that_draws_holds(name: str, config: TrainConfig) -> None:
    with drawing():
        for check in check_small_instance(NETWORKS[name], config, "cpu"):
            assert check.passed, f"{check.subject}: {check.found}"


@pytest.mark.parametrize("first", [0.0, 3.0])
def test_a_recipe_with_weights_of_classes_has_a_small_instance_of_fewer_classes(first: float) -> None:
    config = replace(CONFIG, classWeights=(first, *[0.0] * 7, 1.0, 2.0))
    for check in check_small_instance(tiny, config, "cpu"):
        assert check.passed, f"{check.subject}: {check.found}"


def test_a_network_s_own_ops_that_draw_hold() -> None:
    with drawing():
        cases = network_cases(graph_of("train_step", tiny, TrainConfig()), 16, LOWERINGS["cpu"], CrossEntropy(0.1))
    drawn = [case for case in cases if case.op.draws]
    assert [case.op.kind for case in drawn] == ["stochastic_depth", "dropout"]
    assert all(check.passed for check in check_rules(drawn, by_window))


WRONG = {
    "all ops draw the same": ("_random(state, draws[node.name])", "_random(state, 0)"),
    "the numbers are turned round": (
        "_random(state, draws[node.name])",
        "_random(state, len(draws) - 1 - draws[node.name])",
    ),
    "the place of the first image is the step": ('state["first_example"], number', "state[STEP], number"),
    "the step is the place of the first image": ('state[STEP], state["first', 'state["first_example"], state["first'),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_walk_that_draws_otherwise_is_caught_by_the_walk_and_by_the_small_instance(name: str) -> None:
    net = residual("relu")
    with drawing(), applied(Mutation(name, "emit.walk", (WRONG[name],))):
        assert not check_composition(emit("train_step", net, CONFIG), net, CONFIG, "cpu").passed
        assert not all(check.passed for check in check_small_instance(net, CONFIG, "cpu"))


def test_a_definition_that_draws_otherwise_is_no_definition_of_this_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(random, "_TURNS", random._TURNS[::-1])
    with drawing():
        failed = [check.subject for check in check_small_instance(tiny, CONFIG, "cpu") if not check.passed]
    assert failed == ["small train_step, loss"]


@pytest.mark.parametrize("activation", KINKED)
def test_inputs_are_clear_of_kinks_whatever_is_dropped(activation: Activation) -> None:
    with drawing():
        assert Truth(residual(activation), CONFIG, "cpu").nearest >= CLEAR


@pytest.mark.parametrize("name", ["tiny", pytest.param("residual", marks=pytest.mark.slow)])
def test_the_compiled_step_has_the_numbers_of_xla_and_a_device_that_drew_otherwise_would_not(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NETSPEC_CACHE", str(tmp_path))
    net, cpu = NETWORKS[name], target("cpu")
    with drawing():
        truth, program = Truth(net, CONFIG, "cpu"), emit("train_step", net, CONFIG)
    truth.run()
    (compiled,) = compile_programs([program], cpu, Report(live=False, stream=io.StringIO()))

    def passed(**other: NDArray[Any]) -> bool:
        results = call(Device(cpu), compiled, program.manifest, truth.arguments | other)
        return all(tensor.passed for tensor in truth.judge(results))

    assert passed()
    assert not passed(seed=truth.arguments["seed"] + np.uint32(1))
    assert not passed(first_example=truth.arguments["first_example"] + np.int32(1))
