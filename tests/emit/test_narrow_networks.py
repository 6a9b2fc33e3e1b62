"""Every bundled network at an eighth of its width, against JAX's autodiff in f64.

Its text is evaluated in f64; its programs are compiled by IREE for this CPU and run in f32. Some sums nearly cancel, so
that f32 has few digits of them: what is further off than 1e-4 must be so in JAX's own f32. Every block is there: see
`tests.emit.narrow`. A network of `specs/` is tested by being there.
"""

import io
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from emit.manifest import Entry
from emit.programs import emit
from netspec import NetSpec, TrainConfig, check_net
from netspec.layers import Layer, nested
from runtime.cli.specs import listed
from runtime.compiler.compile import compile_programs
from runtime.compiler.target import target
from runtime.engine.iree import Device
from runtime.engine.session import Session, initial_state
from runtime.networks import open_spec
from runtime.report import Report
from runtime.system.paths import bundled
from tests.emit import oracle
from tests.emit.narrow import CLASSES, narrowed
from tests.emit.oracle import Arrays
from tests.emit.test_blocks import check
from tests.ops.harness import difference

# The momentum of a first step is the gradient.
CONFIG = TrainConfig(batchSize=8, epochs=1, useAdam=False, momentum=0.9, seed=3)
TOLERANCE = 1e-4
AS_JAX = 4  # times the error of JAX's own f32, where that is more
RATE = 1e-3
# No input of an activation is nearer to a kink: f32 and f64 could stand on two sides of it, where the gradient jumps.
CLEAR = 1e-5
SEEDS = 60
# Of batch norms before an activation: so that fewer inputs come near its kinks, and thousands still lie beyond one.
BETAS = {"relu": (1.5, 3.0), "relu6": (2.0, 4.0), "hswish": (-1.0, 1.0), "hsigmoid": (-1.0, 1.0)}
OTHER_BETAS = (-0.5, 0.5)


NETWORKS = {each.name: open_spec(each.name).net for page in bundled().values() for each in listed(page)}


def start(entries: tuple[Entry, ...], followed: Mapping[str, str | None], seed: int) -> Arrays:
    """The initial state, but for what would hide a mistake: batch norm that is none, and layer scales next to 0.

    `followed`: the activation after each batch norm.
    """
    source = np.random.default_rng(seed)
    state = initial_state(entries, seed)
    for name, array in state.items():
        if name.endswith("_gamma"):
            drawn = source.uniform(0.9, 1.1, array.shape)
        elif name.endswith("_beta"):
            drawn = source.uniform(*BETAS.get(str(followed[name.removesuffix("_beta")]), OTHER_BETAS), array.shape)
        elif name.endswith("_running_mean"):
            drawn = source.uniform(-0.2, 0.2, array.shape)
        elif name.endswith("_running_variance"):
            drawn = source.uniform(0.5, 2.0, array.shape)
        elif name.endswith("_bias"):
            drawn = source.uniform(-0.5, 0.5, array.shape)
        else:
            continue
        state[name] = drawn.astype(np.float32)
    return state


def batch(net: NetSpec, seed: int) -> Arrays:
    source = np.random.default_rng((seed, 1))
    images = source.integers(0, 256, (CONFIG.batchSize, *net.image), dtype=np.uint8)
    return {"images": images, "labels": source.integers(0, net.classes, len(images), dtype=np.int32)}


def errors(found: Arrays, expected: Arrays) -> dict[str, float]:
    """By tensor, relative to its norm, or to that of its layer's other tensor where a gradient is zero in theory."""
    wrong = {}
    for name, right in expected.items():
        other = expected.get(name.replace("_beta", "_gamma").replace("_bias", "_weight"), right)
        size, others = np.linalg.norm(right), np.linalg.norm(other)
        error = float(np.linalg.norm(found[name] - right) / (others if size < 1e-9 * others else size))
        wrong[name] = error if np.isfinite(error) else np.inf
    return wrong


def worst(wrong: dict[str, float]) -> tuple[float, str]:
    return max(((error, name) for name, error in wrong.items()), default=(0.0, ""))


@pytest.fixture
def quiet(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Report:
    """Compiled programs are kept from one run of the tests to the next."""
    cache = Path(request.config.cache.mkdir("netspec")) if request.config.cache else Path(".pytest_cache")
    monkeypatch.setenv("NETSPEC_CACHE", str(cache))
    return Report(live=False, stream=io.StringIO())


@pytest.mark.slow
@pytest.mark.networks
@pytest.mark.parametrize("name", NETWORKS)
def test_the_text_of_a_narrow_network_agrees_with_autodiff_to_nine_digits(name: str) -> None:
    check(narrowed(NETWORKS[name]))


@pytest.mark.slow
@pytest.mark.networks
@pytest.mark.parametrize("name", NETWORKS)
def test_a_step_and_evaluation_of_a_narrow_network_agree_with_autodiff_in_f64(name: str, quiet: Report) -> None:
    net = narrowed(NETWORKS[name])
    programs = [emit(entry_point, net, CONFIG) for entry_point in ("train_step", "evaluate")]
    entries = programs[0].manifest.state()
    followed = oracle.followed(net, {e.name: e.shape for e in entries if e.role in ("parameter", "statistic")})
    drawn = oracle.Drawn(CONFIG.seed, 0)
    for seed in range(SEEDS):
        state, numbers = start(entries, followed, seed), batch(net, seed)
        parameters = {e.name: state[e.name] for e in entries if e.role == "parameter"}
        statistics = {e.name: state[e.name] for e in entries if e.role == "statistic"}
        images, labels = numbers["images"], numbers["labels"]
        expected = oracle.step(net, CONFIG.labelSmoothing, parameters, statistics, images, labels, drawn)
        if expected.nearest >= CLEAR and all(gradient.any() for gradient in expected.gradients.values()):
            break
    else:
        raise AssertionError(f"with every seed below {SEEDS} some input is near a kink, or some gradient is 0")
    device = Device(target("cpu"))
    compiled = compile_programs(programs, target("cpu"), quiet)
    loaded = {
        each.entry_point: (each.program, program.manifest) for each, program in zip(compiled, programs, strict=True)
    }
    session = Session(device, loaded, CONFIG.seed)
    session.restore(state, "the test")
    evaluated = session.evaluate(images, labels)
    loss = session.number(session.step(images, labels, RATE))
    after = session.state()
    logits = oracle.logits(net, parameters | statistics, images)
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    gradients = {each: after[f"{each}_momentum"] for each in parameters}
    wrong = errors(gradients, expected.gradients)
    if worst(wrong)[0] > TOLERANCE:
        single = oracle.step(net, CONFIG.labelSmoothing, parameters, statistics, images, labels, drawn, np.float32)
        of_jax = errors(single.gradients, expected.gradients)
        wrong = {name: error if error > AS_JAX * of_jax[name] else 0.0 for name, error in wrong.items()}
    off = {"gradients": worst(wrong), "statistics": worst(errors(after, expected.statistics))}
    off["probabilities"] = (difference(evaluated["probabilities"], powers / powers.sum(axis=1, keepdims=True)), "")
    off["loss"] = (abs(loss / expected.loss - 1), "")
    assert all(error <= TOLERANCE for error, _ in off.values()), off


@pytest.mark.parametrize("name", NETWORKS)
def test_a_narrow_network_has_every_layer_of_the_network_and_two_pixels_a_side_at_least(name: str) -> None:
    net, small = NETWORKS[name], narrowed(NETWORKS[name])
    assert [shown(layer) for layer in nested(net.layers)] == [shown(layer) for layer in nested(small.layers)]
    assert small.classes == CLASSES
    shapes = [shape for shape in check_net(small) if len(shape) == 3]
    assert min(min(shape[:2]) for shape in shapes if shape[:2] != (1, 1)) >= 2
    assert replace(small, layers=net.layers, imageH=net.imageH, imageW=net.imageW) == net


def shown(layer: Layer) -> tuple[object, ...]:
    """All of a layer but its channels, and whether it changes their number."""
    widths = {"ic", "oc", "fanIn", "fanOut", "expandCh", "squeeze", "keyDim"}
    kept = {name: value for name, value in vars(layer).items() if name not in widths and not isinstance(value, tuple)}
    inputs = getattr(layer, "ic", 0)
    return type(layer), kept, getattr(layer, "oc", 0) == inputs, getattr(layer, "expandCh", 0) == inputs
