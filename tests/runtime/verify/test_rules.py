"""The first two certainties hold for what is bundled, and name what is wrong. The mutations show that they can fail."""

from dataclasses import fields, replace

import pytest

from emit.expand import expand
from emit.losses.cross_entropy import CrossEntropy
from emit.lowerings import Lowerings
from emit.op import REGISTRY, Call, Cotangents, Result
from emit.ops.dense import Dense
from emit.programs import emit
from emit.targets import LOWERINGS
from netspec import NetSpec, TrainConfig, conv2d, dense, flatten, maxPool
from netspec.activations import ACTIVATIONS
from runtime.verify.cases import by_family, by_window, general_cases, network_cases
from runtime.verify.composition import check_composition
from runtime.verify.op import Case, Wrong
from runtime.verify.reduced import reduced
from runtime.verify.rules import check_rules, hold
from runtime.verify.step import check_small_instance
from specs.mobilenet_v2 import mobilenetV2, mobilenetV2Config
from specs.resnet34 import resnet34, resnet34Config
from specs.tiny import tiny, tinyConfig
from tests.emit.test_networks import MIXED

NETWORKS = {
    "tiny": (tiny, tinyConfig),
    "tiny with sgd": (tiny, replace(tinyConfig, useAdam=False)),
    "tiny with momentum": (tiny, replace(tinyConfig, useAdam=False, momentum=0.9)),
    **{f"tiny with {each}": (replace(tiny, activation=each), tinyConfig) for each in ACTIVATIONS},
    "mixed": (MIXED, tinyConfig),
    "mobilenet_v2": (mobilenetV2(), mobilenetV2Config),
    "resnet34": (resnet34, resnet34Config),
}
LARGE = ("mobilenet_v2", "resnet34")
NETWORKS_MARKED = [pytest.param(name, marks=pytest.mark.ordinary) if name in LARGE else name for name in NETWORKS]


@pytest.mark.ordinary
def test_the_general_cases_hold() -> None:
    failed = [check.found for check in check_rules(general_cases(), by_family) if not check.passed]
    assert not failed


def test_the_general_cases_cover_the_registry_and_every_choice_of_form() -> None:
    assert {case.op.kind for case in general_cases()} == set(REGISTRY)
    for field in fields(Lowerings):
        if field.name in (
            "chosen",
            "on_choice",
            "panel_columns",
        ):  # the rules' values give every lowering; the last is no op's
            continue
        assert len({getattr(case.lowerings, field.name) for case in general_cases()}) >= 2, field.name


@pytest.mark.parametrize("name", NETWORKS_MARKED)
@pytest.mark.parametrize("backend", ["cpu", "cuda"])
def test_a_network_s_own_ops_hold(name: str, backend: str) -> None:
    net, config = NETWORKS[name]
    cases = network_cases(expand(net), config.batchSize, LOWERINGS[backend], CrossEntropy(config.labelSmoothing))
    failed = [check.found for check in check_rules(cases, by_window) if not check.passed]
    assert not failed


@pytest.mark.ordinary
@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("backend", ["cpu", "cuda"])
def test_a_training_step_is_the_chain_rule_over_its_ops(name: str, backend: str) -> None:
    net, config = NETWORKS[name]
    check = check_composition(emit("train_step", net, config, backend=backend), net, config, backend)
    assert check.passed, check.found
    assert f"{len(expand(net).parameters())} gradients" in check.found


@pytest.mark.parametrize("name", NETWORKS_MARKED)
def test_a_small_instance_s_whole_step_holds(name: str) -> None:
    for check in check_small_instance(*NETWORKS[name], "cpu"):
        assert check.passed, f"{check.subject}: {check.found}"


@pytest.mark.parametrize("name", NETWORKS)
def test_a_small_instance_has_the_same_ops_in_the_same_order(name: str) -> None:
    def shape_of(net: NetSpec) -> list[tuple[str, str]]:
        return [(node.name, node.op.kind) for node in expand(net).nodes.values()]

    net = NETWORKS[name][0]
    small = reduced(net)
    assert shape_of(small) == shape_of(net)
    assert small.imageH * small.imageW < net.imageH * net.imageW


def test_a_small_instance_is_one_that_the_largest_window_fits_in() -> None:
    layers = [maxPool(3, 2), conv2d(3, 7, 6, "valid", "relu"), flatten(), dense(7 * 3 * 5, 4, "identity")]
    net = NetSpec("Windows", layers, 16, 19, "relu", "symmetric")
    small = reduced(net)
    assert (small.imageH, small.imageW) == (13, 13)
    assert all(check.passed for check in check_small_instance(net, tinyConfig, "cpu"))


def test_a_small_instance_of_a_large_network_is_small_where_an_image_shrinks_to_one_pixel() -> None:
    layers = [maxPool(3, 8), conv2d(3, 7, 7, "valid", "relu"), flatten(), dense(7 * 22, 4, "identity")]
    small = reduced(NetSpec("One row", layers, 56, 224, "relu", "same"))
    assert (small.imageH, small.imageW) == (49, 49)


def test_a_program_for_another_backend_differs() -> None:
    program = emit("train_step", tiny, tinyConfig, backend="cpu")
    check = check_composition(program, tiny, tinyConfig, "cuda")
    assert not check.passed
    assert check.found.startswith(
        "block1_2_project, backward: %block1_2_project_pieces: expected dot_general (contract (0, 0)"
    )


def test_a_program_of_another_recipe_differs() -> None:
    program = emit("train_step", tiny, tinyConfig)
    other: TrainConfig = replace(tinyConfig, labelSmoothing=0.2)
    check = check_composition(program, tiny, other, "cpu")
    assert not check.passed
    assert "loss" in check.found


class Lopsided(Dense):
    """A dense layer whose way back forgets the bias's cotangent of all rows but the first."""

    def vjp(self, call: Call, result: Result, cotangent: object, wanted: tuple[bool, ...]) -> Cotangents:
        from emit import hlo

        right = super().vjp(call, result, cotangent, wanted)  # type: ignore[arg-type]
        first = hlo.slice_(cotangent, (0, 0), (1, self.fan_out))  # type: ignore[arg-type]
        return Cotangents(right.inputs, {**right.parameters, "bias": hlo.reshape(first, (self.fan_out,))})


def test_a_wrong_rule_is_named_by_its_cotangent() -> None:
    case = Case(Lopsided(3, 2), ((4, 3),))
    with pytest.raises(Wrong, match=r"the cotangent of bias is wrong \(not equal in GF"):
        hold(case)
    (check,) = check_rules([case], by_family)
    assert not check.passed
    assert check.found.startswith("1 of 1 fail: dense, 4×3: the cotangent of bias is wrong")
