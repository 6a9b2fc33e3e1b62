"""Random legal networks (`tests.random_networks`): each compiles as it is, and gives what the evaluator gives in f64.

All of them are slow tests; `SAMPLE` is among the ordinary ones too.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import product
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from emit.expand import expand
from emit.ops.batch_norm import BatchNorm
from emit.program import Program
from emit.programs import ENTRY_POINTS, emit
from netspec import NetSpec, TrainConfig, mobileMQA, parallel, residual, uib
from netspec.activations import Activation
from netspec.layers import LAYERS, nested
from netspec.windows import Padding
from runtime.compiler.compile import Compiled, compile_programs
from runtime.compiler.target import target
from runtime.engine.iree import Device
from runtime.report import Report
from runtime.verify.clear import CLEAR, FEWEST
from runtime.verify.evaluate import Evaluated
from runtime.verify.numbers import call
from runtime.verify.reference import Array, Expected, Reference, TensorError, roundings
from runtime.verify.truth import Truth, judged
from runtime.verify.verify import Job, verify
from runtime.weights.fold_scales import fold_parameters
from tests.random_networks import COUNT, SECOND, as_spec, random_network

# Batch 1; a residual of the images themselves; single pixels by a stride first; a single column; a pool behind pixels
# that are apart; gradients that are nothing but rounding.
SAMPLE = (2, 29, 41, 92, 112, 139)
VERIFIED = range(0, COUNT, COUNT // 40)
CPU = target("cpu")
RECIPE = TrainConfig()


def numbers(of: Sequence[int]) -> list[object]:
    """The sample among the ordinary tests, all others slow."""
    return [pytest.param(n, marks=pytest.mark.ordinary if n in SAMPLE else pytest.mark.slow) for n in of]


def slowly(of: Sequence[int]) -> list[object]:
    return [pytest.param(n, marks=pytest.mark.slow) for n in of]


@pytest.fixture
def quiet(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Report:
    """Compiled programs are kept from one run of the tests to the next."""
    cache = Path(request.config.cache.mkdir("netspec")) if request.config.cache else Path(".pytest_cache")
    monkeypatch.setenv("NETSPEC_CACHE", str(cache))
    return Report(live=False, stream=io.StringIO())


@pytest.mark.random_programs
@pytest.mark.parametrize("number", numbers(range(COUNT)))
def test_all_three_programs_compile_and_agree_with_the_evaluator(number: int, quiet: Report) -> None:
    net, config = random_network(number)
    programs = [emit(entry_point, net, config) for entry_point in ENTRY_POINTS]
    compiled = dict(zip(ENTRY_POINTS, compile_programs(programs, CPU, quiet), strict=True))
    truth = Truth(net, config, "cpu", reference=Evaluated)
    assert truth.nearest >= CLEAR, as_spec(net, config)
    truth.run()
    found = call(Device(CPU), compiled["train_step"], programs[0].manifest, truth.arguments)
    off = wrong("train_step", truth.judge(found))
    state = trained(truth)
    for program in programs[1:]:
        arguments = {**state, "labels": padded(truth.arguments["labels"])}
        if program.manifest.entry_point == "predict":
            arguments |= fold_parameters(net, state, program.manifest)
        off += wrong(program.manifest.entry_point, compared(net, config, program, compiled, arguments))
    assert not off, f"{off}\n{as_spec(net, config)}"


@pytest.mark.ordinary
def test_the_networks_have_every_layer_padding_and_stride_and_images_of_next_to_no_pixels() -> None:
    pairs = [random_network(number) for number in range(COUNT)]
    nets, layers = [net for net, _ in pairs], list(nested(layer for net, _ in pairs for layer in net.layers))
    assert {type(layer) for layer in layers} == set(LAYERS.values())
    assert {net.padding for net in nets} | {getattr(layer, "pad", "same") for layer in layers} == set(get_args(Padding))
    assert {getattr(layer, "stride", 1) for layer in layers} == {1, 2, 3, 4}
    assert {getattr(layer, "kSize", 1) for layer in layers} == set(range(1, 8))
    assert {config.batchSize for _, config in pairs} == set(range(1, 10))
    assert sum(min(net.imageH, net.imageW) == 1 for net in nets) >= 5
    assert sum(getattr(layer, "oc", 0) % 8 != 0 for layer in layers) > sum(hasattr(layer, "oc") for layer in layers) / 3
    assert {config.useAdam for _, config in pairs} == {True, False}
    assert all(random_network(number) == pairs[number] for number in SAMPLE)


@pytest.mark.ordinary
def test_the_later_networks_have_every_option_and_combinators_in_combinators() -> None:
    nets = [random_network(number)[0] for number in range(SECOND, COUNT)]
    layers = list(nested(layer for net in nets for layer in net.layers))
    assert {type(layer) for layer in layers} == set(LAYERS.values())
    assert {layer.act for layer in layers if hasattr(layer, "act")} == {None, *get_args(Activation)}
    flags = [(layer, name, value) for layer in layers for name, value in vars(layer).items() if isinstance(value, bool)]
    for kind, name in {(type(layer), name) for layer, name, _ in flags}:
        assert {value for layer, field, value in flags if (type(layer), field) == (kind, name)} == {True, False}, name
    blocks = [layer for layer in layers if isinstance(layer, uib)]
    assert {(block.preDWk > 0, block.postDWk > 0) for block in blocks} == set(product((True, False), repeat=2))
    scales = [layer.scale for layer in layers if isinstance(layer, (uib, mobileMQA))]
    assert len(set(scales)) > 2
    assert None in scales
    assert {layer.join for layer in layers if isinstance(layer, parallel)} == {"add", "concat"}
    assert {bool(layer.dropPath) for layer in layers if isinstance(layer, residual)} == {True, False}
    assert {bool(layer.shortcut) for layer in layers if isinstance(layer, residual)} == {True, False}
    assert sum(layer.inner() != () for each in layers for layer in each.inner()) >= 10


@pytest.mark.ordinary
def test_networks_stay_what_they_are() -> None:
    """Those with older layers alone: failures of theirs are known by their numbers."""
    texts = (as_spec(random_network(number)[0], RECIPE).partition("config =")[0] for number in range(SECOND))
    assert sha256("".join(texts).encode()).hexdigest()[:16] == "a2e010e8703395a6"


def wrong(entry_point: str, errors: Sequence[TensorError]) -> list[str]:
    return [f"{entry_point}: {error}" for error in errors if not error.passed]


def trained(truth: Truth) -> dict[str, Array]:
    """The images, the parameters that went in, and the batch's own statistics as the running ones."""
    state = {entry.name: truth.arguments[entry.name] for entry in truth.program.manifest.named("parameter")}
    momentum = truth.net.bnMomentum
    kept = 1 - momentum
    for expected in truth.expected:
        if expected.role == "statistic":
            fresh = (expected.numbers - kept * truth.arguments[expected.name]) / momentum
            state[expected.name] = fresh.astype(np.float32)
    return {"images": truth.arguments["images"], **state}


def padded(labels: Array) -> Array:
    """With a row of padding behind several rows."""
    return np.where(np.arange(len(labels)) < max(len(labels) - 1, 1), labels, -1).astype(np.int32)


def compared(
    net: NetSpec, config: TrainConfig, program: Program, compiled: Mapping[str, Compiled], arguments: dict[str, Array]
) -> list[TensorError]:
    """A program on the device beside the same program in f64."""
    manifest = program.manifest
    function = emit(manifest.entry_point, net, config, real="f64").module.functions[0]
    right = Evaluated(function)(arguments)
    expected = [
        Expected(entry.name, entry.role, right[value], count)
        for entry, value, count in zip(
            manifest.results, function.results, roundings(function, function.results), strict=True
        )
    ]
    found = call(Device(CPU), compiled[manifest.entry_point], manifest, arguments)
    return judged(expected, found, function, arguments, Reference)


def certified(net: NetSpec, config: TrainConfig, folder: Path, *, quick: bool) -> list[str]:
    """What `netspec verify` finds wrong with a network."""
    certificate = verify(Job(net, config, CPU, folder, quick), lambda part, check: None, lambda doing: None)
    return [f"{check.subject}: {check.found}" for check in certificate.checks if not check.passed]


@pytest.mark.random_quick
@pytest.mark.parametrize("number", slowly(range(COUNT)))
def test_a_quick_verification_raises_no_false_alarm(
    number: int, quiet: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    net, config = random_network(number)
    if number:  # the rules that know nothing of the network are the same for all
        monkeypatch.setattr("runtime.verify.verify.general_cases", lambda: [])
    assert not certified(net, config, tmp_path, quick=True), as_spec(net, config)


@pytest.mark.random_verify
@pytest.mark.parametrize("number", slowly(VERIFIED))
def test_a_whole_verification_raises_no_false_alarm(number: int, quiet: Report, tmp_path: Path) -> None:
    net, config = random_network(number)
    if not enough_places(net, config.batchSize):
        config = replace(config, batchSize=FEWEST)
    assert not certified(net, config, tmp_path, quick=False), as_spec(net, config)


def enough_places(net: NetSpec, batch: int) -> bool:
    """Whether `netspec verify` takes the network: batch norms of fewer numbers a channel it refuses."""
    nodes = expand(net).nodes.values()
    return all(batch * node.shape[0] * node.shape[1] >= FEWEST for node in nodes if isinstance(node.op, BatchNorm))
