"""Whole networks in f32, compiled by IREE for this CPU: the programs that ship, against JAX's autodiff in f64.

The image is smaller than the recipe's and the batch too; every layer and every channel is there.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from emit.manifest import Entry
from emit.programs import ENTRY_POINTS, emit
from netspec import NetSpec, TrainConfig, conv2d, dense, flatten, invertedResidual, maxPool, residualBlock
from runtime.compiler.compile import compile_programs
from runtime.compiler.target import target
from runtime.engine.iree import Device
from runtime.engine.session import Session, initial_state
from runtime.report import Report
from specs.mobilenet_v2 import mobilenetV2, mobilenetV2Config
from specs.resnet34 import resnet34, resnet34Config
from specs.tiny import tiny, tinyConfig
from tests.emit import oracle
from tests.emit.oracle import Arrays
from tests.ops.harness import difference

pytestmark = pytest.mark.ordinary

STEPS = 3
CHANGE_TOLERANCE = 0.1  # measured 0.04, betas whose gradients nearly vanish; weights 2e-5
RATE = 1e-4  # Adam turns rounding in a gradient near 0 into a whole step, and the next step's gradients see it.
MOVED = 1e-3  # The rate times the weight decay: so much of itself a weight loses, which a comparison to 1e-4 sees.
# f32 rounds at 6e-8; through 50 layers forward and 50 back it grows to 2e-5 in the worst tensor.
TOLERANCE = 1e-4


@dataclass(frozen=True)
class Trial:
    """A network, its recipe, and the numbers it is tried with.

    Where an activation's input falls within rounding of a kink, f32 and f64 may stand on two sides of it, and the
    gradient jumps: one pixel of a late layer moves it by 1e-2 (measured, with gamma = 1 and beta = 0, where a
    pass has 2 million activations and ten of them within five roundings of a kink). Two things keep clear of that:

    * `betas`, the range of beta in front of activations (gamma is near 1). In the deep networks it centres ReLU6's
      input between its kinks 0 and 6 and lifts ReLU's above 0, so that fewer inputs come near one: some 1 % lie
      beyond a kink, still thousands. (Farther up, the betas' own gradients would cancel: a batch norm that follows
      takes a constant away again.) In the small networks it is a third.
    * `seed` is one for which no input comes nearer to a kink than `clear` in any step; the test asserts it.
    """

    net: NetSpec
    config: TrainConfig
    seed: int
    betas: tuple[float, float]
    clear: float
    rate: float = RATE

    def start(self, entries: tuple[Entry, ...]) -> Arrays:
        """The initial state with other batch norms: gamma = 1 and beta = 0 everywhere would hide a mistake."""
        source = np.random.default_rng(self.seed)
        state = initial_state(entries, self.seed)
        for name, array in state.items():
            if name.endswith("_gamma"):
                state[name] = source.uniform(0.9, 1.1, array.shape).astype(np.float32)
            elif name.endswith("project_bn_beta"):
                state[name] = source.uniform(-0.5, 0.5, array.shape).astype(np.float32)
            elif name.endswith("_beta"):
                state[name] = source.uniform(*self.betas, array.shape).astype(np.float32)
            elif name.endswith("_running_mean"):
                state[name] = source.uniform(-0.2, 0.2, array.shape).astype(np.float32)
            elif name.endswith("_running_variance"):
                state[name] = source.uniform(0.5, 2.0, array.shape).astype(np.float32)
        return state

    def batches(self) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.int32]]]:
        """Noise, with labels."""
        source = np.random.default_rng((self.seed, 1))
        shape = (self.config.batchSize, *self.net.image)
        while True:
            images = source.integers(0, 256, shape, dtype=np.uint8)
            yield images, source.integers(0, self.net.classes, len(images), dtype=np.int32)


def reduced(
    net: NetSpec, config: TrainConfig, size: int, batch: int, rate: float = RATE
) -> tuple[NetSpec, TrainConfig]:
    return replace(net, imageH=size, imageW=size), replace(config, batchSize=batch, weightDecay=MOVED / rate)


SGD = replace(tinyConfig, useAdam=False, momentum=0.9)
# Every other layer of the language, with "symmetric" padding and odd sizes.
MIXED = NetSpec(
    name="Mixed",
    imageH=21,
    imageW=27,
    activation="relu",
    padding="symmetric",
    bnEps=1e-3,
    bnMomentum=0.01,
    layers=[
        conv2d(3, 8, 5, "valid", "relu6", 2),
        maxPool(3, 2),
        residualBlock(8, 20, 2, 2),
        invertedResidual(20, 20, 2, 1, 1, "relu6"),
        conv2d(20, 6, 3, "symmetric", "identity"),
        flatten(),
        dense(54, 12, "relu"),
        dense(12, 5, "identity"),
    ],
)
TRIALS = {
    "tiny": Trial(*reduced(tiny, tinyConfig, 32, 8), seed=0, betas=(0.0, 3.0), clear=1e-5),
    "tiny with momentum": Trial(*reduced(tiny, SGD, 32, 8, 3e-3), seed=0, betas=(0.0, 3.0), clear=1e-5, rate=3e-3),
    "mixed": Trial(
        MIXED, replace(tinyConfig, batchSize=6, weightDecay=MOVED / RATE), seed=1, betas=(0.0, 2.0), clear=1e-5
    ),
    "mobilenet_v2": Trial(*reduced(mobilenetV2(), mobilenetV2Config, 64, 4), seed=0, betas=(2.0, 4.0), clear=5e-6),
    "resnet34": Trial(*reduced(resnet34, resnet34Config, 64, 4, 1e-5), seed=4, betas=(1.5, 3.0), clear=1e-5, rate=1e-5),
}


@dataclass(frozen=True)
class Run:
    """What a trial gave, on the device (`states[i]` after i steps) and by the oracle."""

    trial: Trial
    states: list[Arrays]
    losses: list[float]
    steps: list[oracle.Step]
    parameters: Arrays
    slots: Arrays
    evaluated: Arrays
    eval_images: NDArray[np.uint8]
    eval_labels: NDArray[np.int32]
    null: frozenset[str]


def follow(session: Session, entries: tuple[Entry, ...], trial: Trial) -> Run:
    """Three steps on three batches, on the device and beside it, and an evaluation of a fourth."""
    names = {role: [entry.name for entry in entries if entry.role == role] for role in ("parameter", "slot")}
    state = trial.start(entries)
    session.restore(state, "the test")
    parameters: Arrays = {name: state[name].astype(np.float64) for name in names["parameter"]}
    statistics: Arrays = {e.name: state[e.name].astype(np.float64) for e in entries if e.role == "statistic"}
    slots: Arrays = {name: state[name].astype(np.float64) for name in names["slot"]}
    states, losses, steps = [state], [], []
    null: frozenset[str] = frozenset()
    config, batches = trial.config, trial.batches()
    for number in range(1, STEPS + 1):
        images, labels = next(batches)
        losses.append(session.number(session.step(images, labels, trial.rate)))
        states.append(session.state())
        found = oracle.step(trial.net, config.labelSmoothing, parameters, statistics, images, labels)
        steps.append(found)
        statistics = found.statistics
        if config.useAdam:
            oracle.adam(parameters, slots, found.gradients, step=number, rate=trial.rate, decay=config.weightDecay)
        else:
            decay, momentum = config.weightDecay, config.momentum
            oracle.sgd(parameters, slots, found.gradients, rate=trial.rate, decay=decay, momentum=momentum)
        null = null_gradients(found.gradients)
        # Adam moves them by the sign of rounding's noise. The loss does not see where they go, the running means
        # of the next batch norm do: so the oracle goes on from where the device put them.
        parameters |= {name: states[-1][name].astype(np.float64) for name in null}
    images, labels = next(batches)
    labels[-2:] = -1
    return Run(trial, states, losses, steps, parameters, slots, session.evaluate(images, labels), images, labels, null)


def null_gradients(gradients: Arrays) -> frozenset[str]:
    """The betas that the loss does not depend on: a batch norm that follows takes them away again."""
    return frozenset(
        name
        for name, gradient in gradients.items()
        if name.endswith("_beta")
        and np.linalg.norm(gradient) < 1e-9 * np.linalg.norm(gradients[name.replace("_beta", "_gamma")])
    )


# The deep ones take minutes.
DEEP = {"mobilenet_v2", "resnet34"}
SLOW = [pytest.mark.slow, pytest.mark.networks]


@pytest.fixture(scope="module", params=[pytest.param(name, marks=SLOW * (name in DEEP)) for name in TRIALS])
def run(request: pytest.FixtureRequest) -> Run:
    trial = TRIALS[request.param]
    programs = [emit(entry_point, trial.net, trial.config) for entry_point in ENTRY_POINTS]
    cpu = target("cpu")
    # Compiled programs are kept from one run of the tests to the next, under a key of all that decides their bytes.
    cache = Path(request.config.cache.mkdir("netspec")) if request.config.cache else Path(".pytest_cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NETSPEC_CACHE", str(cache))
        compiled = compile_programs(programs, cpu, Report(live=False, stream=io.StringIO()))
    loaded = {
        each.entry_point: (each.program, program.manifest) for each, program in zip(compiled, programs, strict=True)
    }
    return follow(Session(Device(cpu), loaded), programs[0].manifest.state(), trial)


def device_gradients(run: Run) -> dict[str, NDArray[Any]]:
    """The first step's gradients, out of the optimizer's slots: Adam's m is (1 - β₁)·g there, the momentum is g."""
    after = run.states[1]
    if run.trial.config.useAdam:
        return {name: after[f"{name}_m"] / np.float64(np.float32(1 - 0.9)) for name in run.steps[0].gradients}
    return {name: after[f"{name}_momentum"] for name in run.steps[0].gradients}


def worst(errors: dict[str, float]) -> tuple[float, str]:
    return max((error, name) for name, error in errors.items())


def gradient_errors(run: Run) -> dict[str, float]:
    found, expected = device_gradients(run), run.steps[0].gradients
    return {name: difference(found[name], expected[name]) for name in expected if name not in run.null}


def test_no_activation_comes_so_near_a_kink_that_rounding_could_decide(run: Run) -> None:
    nearest = min(step.nearest for step in run.steps)
    assert nearest >= run.trial.clear, f"{nearest:.1e}: choose another seed for this trial"


def test_every_gradient_of_the_shipped_training_step_agrees_with_autodiff_in_f64(run: Run) -> None:
    assert worst(gradient_errors(run)) <= (TOLERANCE, "~")


def test_a_gradient_that_is_zero_by_theory_is_zero_up_to_rounding(run: Run) -> None:
    projections = {name for name in run.parameters if name.endswith("project_bn_beta")}
    assert run.null == (projections if run.trial.net.name == mobilenetV2().name else set())
    found = device_gradients(run)
    for name in run.null:
        scale = np.linalg.norm(run.steps[0].gradients[name.replace("_beta", "_gamma")])
        assert np.linalg.norm(found[name]) <= TOLERANCE * scale, name


def test_the_loss_of_every_step_agrees(run: Run) -> None:
    assert run.losses == pytest.approx([step.loss for step in run.steps], rel=TOLERANCE)


def statistic_errors(run: Run, number: int) -> dict[str, float]:
    expected = run.steps[number - 1].statistics
    return {name: difference(run.states[number][name], expected[name]) for name in expected}


@pytest.mark.parametrize("number", range(1, STEPS + 1))
def test_running_statistics_agree_after_each_step(run: Run, number: int) -> None:
    if errors := statistic_errors(run, number):
        assert worst(errors) <= (TOLERANCE, "~")


def parameter_errors(run: Run) -> dict[str, float]:
    return {name: difference(run.states[-1][name], run.parameters[name]) for name in run.parameters}


def slot_errors(run: Run) -> dict[str, float]:
    null = {f"{name}_{slot}" for name in run.null for slot in ("m", "v", "momentum")}
    return {name: difference(run.states[-1][name], run.slots[name]) for name in run.slots if name not in null}


def test_parameters_agree_after_three_steps_on_three_batches(run: Run) -> None:
    assert worst(parameter_errors(run)) <= (TOLERANCE, "~")


def change_errors(run: Run) -> dict[str, float]:
    first, last = run.states[0], run.states[-1]
    every = run.trial.config.useAdam and run.trial.net.name != mobilenetV2().name
    return {
        name: difference(last[name].astype(np.float64) - first[name], run.parameters[name] - first[name])
        for name in run.parameters
        if name not in run.null and (every or name.endswith("weight"))
    }


def test_the_change_of_each_parameter_over_three_steps_agrees(run: Run) -> None:
    """The parameters hardly move, so a wrong update could hide in them; in what they moved by it could not.

    A gamma near 1 that moves by 3e-5 is stored to 6e-8, which is 2e-3 of what it moved by. MobileNetV2's weights alone
    are compared: some betas' gradients nearly vanish there, and Adam moves those by their rounding; so with SGD, which
    moves what has a small gradient by less than f32 stores.
    """
    assert worst(change_errors(run)) <= (CHANGE_TOLERANCE, "~")


def test_slots_agree_after_three_steps_on_three_batches(run: Run) -> None:
    assert worst(slot_errors(run)) <= (TOLERANCE, "~")


def test_the_step_is_counted(run: Run) -> None:
    assert [int(state["step"]) for state in run.states] == list(range(STEPS + 1))


def test_evaluation_agrees_and_padding_rows_count_nothing(run: Run) -> None:
    state = {name: run.states[-1][name] for name in [*run.parameters, *run.steps[0].statistics]}
    logits = oracle.logits(run.trial.net, state, run.eval_images)
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities = shifted / shifted.sum(axis=1, keepdims=True)
    assert difference(run.evaluated["probabilities"], probabilities) <= TOLERANCE
    rows = np.flatnonzero(run.eval_labels >= 0)
    labels = run.eval_labels[rows]
    assert len(rows) == len(run.eval_labels) - 2
    assert run.evaluated["loss_sum"] == pytest.approx(-np.log(probabilities[rows, labels]).sum(), rel=TOLERANCE)
    assert run.evaluated["correct"] == (logits[rows].argmax(axis=1) == labels).sum()
