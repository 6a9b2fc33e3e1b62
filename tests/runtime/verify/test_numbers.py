"""The numbers on the device: tolerances by hand, inputs clear of kinks; right programs pass, a wrong one does not."""

import io
import math
import re
import time
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from emit import hlo
from emit.hlo import Block, Function, Operation, Value
from emit.hlo.printer import module_text
from emit.hlo.program import Comment
from emit.lowerings import Chosen
from emit.op import REGISTRY
from emit.program import Program
from emit.programs import emit
from netspec import (
    NetSpec,
    TrainConfig,
    batchNorm,
    conv2d,
    convBn,
    dense,
    flatten,
    globalAvgPool,
    maxPool,
    residualBlock,
)
from netspec.activations import ACTIVATIONS, Activation
from netspec.errors import InputError, NetSpecError
from runtime.compiler.target import target
from runtime.engine.iree import Device
from runtime.report import Report
from runtime.verify import numbers, reference
from runtime.verify.check import Check
from runtime.verify.clear import CLEAR, kinks_of
from runtime.verify.numbers import Numbers
from runtime.verify.reference import (
    UNIT,
    Expected,
    RandomSums,
    Reference,
    producers,
    roundings,
    subfunction,
    tolerance,
)
from runtime.verify.truth import Truth
from specs.mobilenet_v2 import mobilenetV2, mobilenetV2Config
from specs.tiny import tiny, tinyConfig

ADAM = replace(tinyConfig, batchSize=4)
SGD = replace(ADAM, useAdam=False)
SMALL = replace(tiny, imageH=16, imageW=16)
# Of which inputs are kept clear.
KINKED = [kind for kind in ACTIVATIONS if kinks_of(REGISTRY[kind]())]
# ReLU after an Add, a max-pool with overlap, a convolution with a bias before a kink, odd sizes.
OTHERS = NetSpec(
    name="Others",
    imageH=21,
    imageW=27,
    activation="relu",
    padding="symmetric",
    layers=[
        conv2d(3, 8, 5, "valid", "relu6", 2),
        maxPool(3, 2),
        residualBlock(8, 20, 2, 2),
        conv2d(20, 6, 3, "symmetric", "identity"),
        flatten(),
        dense(54, 12, "relu"),
        dense(12, 5, "identity"),
    ],
)

# Pixels apart, of which a pool's windows and a convolution's see some and zeros around them: the zeros between stay.
APART = NetSpec(
    name="Apart",
    imageH=14,
    imageW=11,
    activation="relu",
    padding="symmetric",
    layers=[
        convBn(3, 4, 3, 1, "same"),
        maxPool(4, 1),
        conv2d(4, 6, 1, "same", "identity", 3),
        conv2d(6, 5, 3, "same", "identity"),
        conv2d(5, 7, 1, "valid", "relu", 2),
        flatten(),
        dense(42, 5, "identity"),
    ],
)
GRAY = replace(SMALL, imageC=1, layers=[convBn(1, 16, 3, 2, "same"), *SMALL.layers[1:]])
# What is added to the images themselves, and a shortcut that sees every other of their pixels.
AGAIN = NetSpec(
    name="Again",
    imageH=9,
    imageW=12,
    activation="relu6",
    padding="same",
    layers=[residualBlock(3, 3, 1, 1), residualBlock(3, 7, 1, 2), globalAvgPool(), dense(7, 5, "identity")],
)


def function(block: Block, arguments: list[Value], *results: Value) -> Function:
    return Function("f", tuple(arguments), tuple(block.operations), results)


def counted(*results: Value, arguments: list[Value]) -> list[float]:
    return roundings(function(results[0].block, arguments, *results), results)


def test_roundings_are_the_additions_before_a_value_counting_every_operation_once() -> None:
    block = Block("f64")
    x, y = block.argument("x", (7, 5)), block.argument("y", (5, 3))
    image, kernel = block.argument("image", (2, 6, 6, 4)), block.argument("kernel", (3, 2, 4, 8))
    matmul = hlo.dot(x, y, (1, 0))
    moved = hlo.reshape(hlo.reverse(matmul, (0,)), (3, 7))
    convolved = hlo.convolution(image, kernel)
    (total,) = hlo.sums((convolved,), (0, 1, 2))
    largest = hlo.reduce_max(convolved, (0, 1, 2))
    twice = hlo.add(matmul, matmul)
    scaled = hlo.multiply(twice, block.constant(Fraction(1, 10), twice.shape))
    halved = hlo.multiply(twice, block.constant(0.5, twice.shape))
    found = counted(matmul, moved, convolved, total, largest, twice, scaled, halved, arguments=[x, y, image, kernel])
    places = 2 * 4 * 5
    assert found == [5, 5, 3 * 2 * 4, 24 + places, 24, 5 + 1, 6 + 1 + 1, 6 + 1]


def test_grouped_convolutions_count_the_inputs_of_one_group() -> None:
    block = Block("f64")
    image, kernel = block.argument("image", (1, 6, 6, 4)), block.argument("kernel", (3, 3, 1, 4))
    assert counted(hlo.convolution(image, kernel, groups=4), arguments=[image, kernel]) == [9]


def test_what_enlarges_errors_counts_more() -> None:
    block = Block("f64")
    x, y = block.argument("x", (7, 5)), block.argument("y", (5, 3))
    matmul = hlo.dot(x, y, (1, 0))
    program = function(block, [x, y], hlo.add(matmul, matmul))
    (producer,) = (step for step in program.operations if isinstance(step, Operation) and step.results[0] is matmul)
    assert roundings(program, program.results, {producer: 9.0}) == [9 * 5 + 1]


def test_the_tolerance_is_eight_times_the_root_of_the_count_in_units_of_rounding() -> None:
    assert tolerance(100) == pytest.approx(8 * 10 * 2.0**-24, rel=1e-15)
    assert tolerance(0) == 0


def test_errors_are_measured_by_norm_and_by_the_spacing_of_f32() -> None:
    expected = Expected("t", "slot", np.array([3.0, 4.0]), roundings=100)
    error = expected.error(np.array([3.0, 4.0 + 5e-6]))
    assert error.relative == pytest.approx(1e-6)
    assert error.ulps == pytest.approx(5e-6 / 2.0**-22)  # at 5/√2 = 3.5
    assert error.tolerance == tolerance(100)
    assert error.passed
    assert not expected.error(np.array([3.0, math.nan])).passed
    assert not expected.error(np.array([3.0, 4.1])).passed
    assert str(error) == "t: 1.0e-06 relative, 21 ULP, tolerance 4.8e-06"


def test_where_sums_cancel_the_error_is_measured_by_the_sums_of_random_signs() -> None:
    nothing = Expected("t", "slot", np.array([1e-20, 0.0]), roundings=100, floor=2.0)
    assert nothing.error(np.array([2e-6, 0.0])).relative == pytest.approx(1e-6)


def test_a_parameter_s_error_is_measured_by_what_it_moved_by_and_f32_stores_no_finer() -> None:
    moved = Expected("t", "parameter", np.array([1000.001]), roundings=100, before=np.array([1000.0]))
    error = moved.error(np.array([1000.0]))
    assert error.relative == pytest.approx(1.0)
    assert error.tolerance == pytest.approx(math.hypot(tolerance(100), 8 * UNIT * 1e6), rel=1e-5)
    assert not Expected("t", "parameter", np.array([2.0]), 0, before=np.array([2.0])).error(np.array([2.1])).passed
    assert Expected("t", "parameter", np.array([2.0]), 0, before=np.array([2.0])).error(np.array([2.0])).passed


def test_the_size_of_a_sum_of_random_signs() -> None:
    block = Block("f64")
    x, y = block.argument("x", (6, 5)), block.argument("y", (6, 3))
    (total,) = hlo.sums((x,), (0,))
    staged = hlo.sums(hlo.sums((hlo.reshape(x, (2, 3, 5)),), (1,)), (0,))[0]
    matmul = hlo.reshape(hlo.dot(x, y, (0, 0)), (15,))
    scaled = hlo.divide(total, block.constant(4.0, (5,)))
    values = [total, staged, matmul, scaled]
    sums = RandomSums(function(block, [x, y], *values))
    norms = [sums.norm(value) for value in values]
    source = np.random.default_rng(0)
    arguments = {"x": source.standard_normal((6, 5)), "y": source.standard_normal((6, 3))}
    found = Reference(function(block, [x, y], *norms))(arguments)
    size = np.linalg.norm(arguments["x"])
    expected = [size, size, math.sqrt(np.sum((arguments["x"] ** 2).T @ arguments["y"] ** 2)), size / 4]
    assert [float(found[norm]) for norm in norms] == pytest.approx(expected)


def test_cutting_keeps_what_is_needed_and_makes_arguments_of_what_is_given() -> None:
    block = Block("f64")
    x, y = block.argument("x", (3,)), block.argument("y", (3,))
    first = hlo.add(x, y)
    second = hlo.multiply(first, block.constant(2.0, (3,)))
    third = hlo.subtract(second, x)
    program = function(block, [x, y], third, hlo.sqrt(first))
    part = subfunction(program, [third], [first, third])
    assert part.arguments == (x, first)
    assert part.results == (third,)
    assert [step.opcode for step in producers(part).values()] == ["constant", "multiply", "subtract"]


def test_too_little_memory_for_the_reference_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    block = Block("f64")
    x = block.argument("x", (1000,))
    ready = Reference(function(block, [x], hlo.add(x, x)))
    monkeypatch.setattr(reference, "_available_memory", lambda: 1000)
    with pytest.raises(NetSpecError, match=r"needs 0\.0 GB of memory and 0\.0 GB are available: .* --batch-size"):
        ready({"x": np.zeros(1000)})


@pytest.mark.ordinary
@pytest.mark.parametrize(
    "net", [OTHERS, GRAY, *(replace(SMALL, activation=kind) for kind in KINKED)], ids=["others", "gray", *KINKED]
)
def test_every_channel_lies_wholly_on_one_piece_and_all_pieces_are_met(net: NetSpec) -> None:
    truth = Truth(net, ADAM, "cpu")
    assert truth.nearest >= CLEAR
    marks, nodes = truth.program.landmarks, truth.graph.nodes
    kinks = {name: kinks_of(node.op) for name, node in nodes.items() if kinks_of(node.op)}
    inputs = {name: marks.outputs[nodes[name].inputs[0]] for name in kinks}
    found = truth.values(list(inputs.values()))
    met: dict[tuple[float, ...], set[int]] = {}
    for name, value in inputs.items():
        x = found[value].reshape(-1, value.shape[-1])
        piece = np.sum([x > kink for kink in kinks[name]], axis=0)
        assert (piece == piece[0]).all(), name
        assert min(float(np.abs(x - kink).min()) for kink in kinks[name]) >= CLEAR
        met.setdefault(kinks[name], set()).update(np.asarray(piece[0]).tolist())
    assert met == {pieces: set(range(len(pieces) + 1)) for pieces in met}


@pytest.mark.parametrize("kind", [kind for kind in ACTIVATIONS if kind not in KINKED])
def test_a_network_without_kinks_has_none_to_be_clear_of(kind: Activation) -> None:
    truth = Truth(replace(SMALL, activation=kind), ADAM, "cpu")
    assert truth.nearest == np.inf


def test_an_activation_that_nothing_keeps_clear_of_its_kink_is_named() -> None:
    layers = [conv2d(3, 16, 3, "same", "relu", 2, bias=False), *SMALL.layers[1:]]
    truth = Truth(replace(SMALL, layers=layers), ADAM, "cpu")
    assert (truth.nearest, truth.nearest_to) == (0.0, "conv1_relu")


@pytest.mark.ordinary
def test_a_batch_norm_of_the_images_themselves_is_verified_too() -> None:
    truth = Truth(replace(SMALL, layers=[batchNorm("identity"), *SMALL.layers]), ADAM, "cpu")
    truth.run()
    assert {"norm1_gamma", "norm1_running_mean"} <= {each.name for each in truth.expected}


def test_batch_norm_over_too_few_numbers_is_refused(tmp_path: Path) -> None:
    net, cpu = replace(SMALL, imageH=8, imageW=8), target("cpu")
    with pytest.raises(InputError, match=r"^block1_1_dw_bn: batch norm has 4 numbers .* raise --batch-size"):
        Numbers(net, replace(ADAM, batchSize=1), cpu, Device(cpu), Report(live=False), folder=tmp_path)


def rounded(truth: Truth) -> list[NDArray[Any]]:
    """The step in f32 by XLA, in the place of a device, with every number that goes in a little further up."""
    given = {
        name: np.nextafter(x, np.float32(np.inf)) if x.dtype == np.float32 else x for name, x in truth.arguments.items()
    }
    function = reference.in_f32(truth.function)
    found = Reference(function)(given)
    return [found[value] for value in function.results]


@pytest.mark.ordinary
def test_where_a_gradient_is_nothing_but_rounding_it_is_measured_by_other_roundings_and_named() -> None:
    truth = Truth(replace(tiny, imageH=12, imageW=12), replace(ADAM, batchSize=1), "cpu")
    truth.run()
    found = rounded(truth)
    beyond = {error.name for error in truth.compare(found) if not error.passed}
    assert beyond
    errors = truth.judge(found)
    assert all(error.passed for error in errors), [str(error) for error in errors if not error.passed]
    assert {error.name for error in errors if error.rounding_alone} == beyond
    places = {error.name: place for place, error in enumerate(errors)}
    wrong = [*found]
    wrong[places["head_bias_m"]] = found[places["head_bias_m"]] * np.float32(1.01)  # as large as any
    wrong[places["stem_weight_m"]] = found[places["stem_weight_m"]] + np.float32(1)  # beyond all rounding
    assert "stem_weight_m" in beyond
    assert {error.name for error in truth.judge(wrong) if not error.passed} == {"head_bias_m", "stem_weight_m"}


@pytest.mark.ordinary
def test_a_wrong_number_is_found_where_others_are_nothing_but_rounding(
    quiet: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numbers, "emit", altered_in_f32)
    recipe = replace(SGD, batchSize=1, momentum=0.9)
    checks = checked(replace(tiny, imageH=12, imageW=12), recipe, quiet, tmp_path / "repro")[1]
    assert {name for name, check in checks.items() if not check.passed} == {"statistics", "where it begins"}
    assert "; rounding alone, in f32 by XLA too: " in checks["slots"].found


@pytest.fixture
def quiet(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Report:
    """Compiled programs are kept from one run of the tests to the next."""
    cache = Path(request.config.cache.mkdir("netspec")) if request.config.cache else Path(".pytest_cache")
    monkeypatch.setenv("NETSPEC_CACHE", str(cache))
    return Report(live=False, stream=io.StringIO())


def checked(net: NetSpec, config: TrainConfig, report: Report, folder: Path) -> tuple[Numbers, dict[str, Check]]:
    cpu = target("cpu")
    with Numbers(net, config, cpu, Device(cpu), report, folder=folder) as session:
        return session, {check.subject.removeprefix("train_step, "): check for check in session.checks()}


EVERYTHING = replace(
    ADAM,
    optimizer="rmsprop",
    momentum=0.9,
    wdExcludeNormBias=False,
    gradClipNorm=0.01,
    gradAccumSteps=3,
    useEMA=True,
    emaDecay=0.9,
    useMixup=True,
    useCutmix=True,
    classWeights=(0.5, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.25),
    distillWeight=0.4,
    distillTemperature=3.0,
)


FROZEN = replace(ADAM, freeze=1, headLrMult=10.0, dropPath=0.4, dropout=0.2, useEMA=True, gradAccumSteps=2)


@pytest.mark.ordinary
@pytest.mark.parametrize(
    ("net", "config"),
    [
        (SMALL, ADAM),
        (SMALL, SGD),
        (SMALL, replace(SGD, momentum=0.9)),
        (OTHERS, replace(SGD, momentum=0.9, weightDecay=0.0)),
        (GRAY, ADAM),
        (APART, ADAM),
        (AGAIN, ADAM),
        (SMALL, EVERYTHING),
        (SMALL, replace(EVERYTHING, optimizer="lamb", momentum=0.0, gradClipNorm=1e6, labelSmoothing=0.0)),
        (SMALL, replace(SGD, distillWeight=1.0, distillTemperature=0.5)),
        (SMALL, FROZEN),
        (OTHERS, replace(ADAM, freeze=3, dropout=0.3)),
        (SMALL, replace(ADAM, freezeBN=True)),
    ],
    ids=[
        "Adam",
        "SGD",
        "momentum",
        "others",
        "gray",
        "pixels apart",
        "images again",
        "everything",
        "everything, LAMB",
        "a teacher alone",
        "frozen",
        "frozen, no norm trained",
        "statistics that stay",
    ],
)
def test_right_programs_pass(net: NetSpec, config: TrainConfig, quiet: Report, tmp_path: Path) -> None:
    session, checks = checked(net, config, quiet, tmp_path / "repro")
    assert all(check.passed for check in checks.values()), [str(check) for check in checks.values()]
    manifest = emit("train_step", net, config).manifest
    some = {"slots": "slot", "averages": "average", "part": "part", "statistics": "statistic"}
    given = {entry.role for entry in manifest.results}
    assert set(checks) == {"inputs", "loss", "parameters", "step"} | {name for name in some if some[name] in given}
    assert [tensor.name for tensor in session.tensors] == [entry.name for entry in manifest.results]
    assert all(tensor.share < 0.5 for tensor in session.tensors), max(session.tensors, key=lambda tensor: tensor.share)
    assert re.fullmatch(r"worst \S+: \S+ relative, \S+ ULP, tolerance \S+", checks["parameters"].found), checks[
        "parameters"
    ].found
    assert session.finding is None
    assert not (tmp_path / "repro").exists()


def altered(program: Program) -> Program:
    """The same program with another number for batch norm's momentum."""

    def wrong(step: Operation | Comment) -> Operation | Comment:
        if isinstance(step, Operation) and step.opcode == "constant" and step.attributes["value"] == Fraction(1, 10):
            return Operation(step.opcode, step.operands, step.results, {"value": Fraction(101, 1000)})
        return step

    (right,) = program.module.functions
    changed = replace(right, operations=tuple(wrong(step) for step in right.operations))
    module = replace(program.module, functions=(changed,))
    assert module_text(module) != program.text
    return replace(program, module=module, text=module_text(module))


def altered_in_f32(*asked: object, backend: str, chosen: Chosen, real: str = "f32") -> Program:
    program = emit(*asked, backend=backend, real=real, chosen=chosen)  # type: ignore[arg-type]
    return altered(program) if real == "f32" else program


@pytest.mark.ordinary
def test_a_number_that_is_wrong_on_the_device_alone_is_found(
    quiet: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numbers, "emit", altered_in_f32)
    session, checks = checked(SMALL, SGD, quiet, tmp_path / "repro")
    failed = {name for name, check in checks.items() if not check.passed}
    assert failed == {"statistics", "where it begins"}
    assert checks["statistics"].found.startswith("14 of 14 are off, worst ")
    assert session.finding is not None
    assert session.finding.alone
    assert session.finding.where == 'layer 0: convBn(3, 16, 3, 2, "same"), stem_bn, forward'
    assert session.finding.operations == 1


@pytest.mark.ordinary
def test_leaving_early_stops_the_compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETSPEC_CACHE", str(tmp_path))
    cpu = target("cpu")
    config = replace(mobilenetV2Config, batchSize=1)

    def begun() -> list[Path]:
        return list(tmp_path.glob("programs/compiling-*/train_step-flow.log"))

    def interrupted() -> None:
        with Numbers(mobilenetV2(), config, cpu, Device(cpu), Report(live=False), folder=tmp_path):
            deadline = time.monotonic() + 30
            while not begun() and time.monotonic() < deadline:
                time.sleep(0.05)
            assert begun()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not list(tmp_path.glob("programs/[!.]*"))
    assert not list(_children("iree-compile"))


def _children(name: str) -> list[str]:
    """This process's children of a name, by Linux's account; elsewhere none."""
    ids = [word for file in Path("/proc/self/task").glob("*/children") for word in file.read_text().split()]
    commands = [Path(f"/proc/{number}/comm") for number in ids]
    return [command.read_text() for command in commands if command.exists() and name in command.read_text()]


def test_a_network_without_batch_norm_or_activation_has_a_reference() -> None:
    net = replace(OTHERS, layers=[flatten(), dense(21 * 27 * 3, 5, "identity")])
    truth = Truth(net, replace(SGD, weightDecay=0.0), "cpu")
    truth.run()
    assert truth.nearest == math.inf
    assert [tensor.name for tensor in truth.expected] == ["loss", "head_weight", "head_bias", "step"]


@pytest.mark.ordinary
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_residuals_are_clear_of_every_activation_s_kinks_too(activation: Activation) -> None:
    layers = [convBn(3, 16, 3, 1, "same"), residualBlock(16, 24, 3, 2), globalAvgPool(), dense(24, 5, "identity")]
    net = replace(OTHERS, activation=activation, padding="same", layers=layers)
    assert Truth(net, ADAM, "cpu").nearest >= CLEAR
