"""Every layer and block in a small network, in f64: emitted programs against JAX's autodiff of `tests.emit.oracle`."""

import numpy as np
import pytest

from emit.hlo import Value
from emit.manifest import Entry
from emit.programs import emit
from netspec import NetSpec
from netspec.layers import LAYERS, nested
from runtime.engine.session import random_sources
from runtime.verify.evaluate import Evaluated
from runtime.verify.reference import subfunction
from tests.emit import oracle
from tests.emit.networks import NETWORKS, RECIPE
from tests.emit.oracle import Arrays
from tests.ops.harness import TOLERANCE, difference

pytestmark = pytest.mark.ordinary

DRAWN = oracle.Drawn(RECIPE.seed, step=7, first_example=2**20)


def state(entries: tuple[Entry, ...], source: np.random.Generator) -> Arrays:
    """Parameters of the size of one, so that none hides another; variances large enough that nothing explodes."""
    found: Arrays = {}
    for entry in entries:
        if entry.name.endswith("_running_variance"):
            found[entry.name] = source.uniform(2, 6, entry.shape)
        elif entry.name.endswith("_gamma"):
            found[entry.name] = source.uniform(0.5, 1.5, entry.shape)
        elif entry.name.endswith("_weight"):
            found[entry.name] = source.standard_normal(entry.shape) * (2 / np.prod(entry.shape[:-1])) ** 0.5
        else:
            found[entry.name] = source.uniform(-0.5, 0.5, entry.shape)
    return found


def batch(net: NetSpec, source: np.random.Generator) -> Arrays:
    images = source.integers(0, 256, (RECIPE.batchSize, *net.image), dtype=np.uint8)
    return {"images": images, "labels": source.integers(0, net.classes, len(images), dtype=np.int32)}


def worst(found: Arrays, expected: Arrays) -> tuple[float, str]:
    """The largest error of a tensor; where a gradient is zero in theory, relative to its companion's."""
    assert found.keys() == expected.keys()
    errors = {name: difference_of(name, found, expected) for name in expected}
    return max((error if np.isfinite(error) else np.inf, name) for name, error in errors.items())


def difference_of(name: str, found: Arrays, expected: Arrays) -> float:
    companion = name.replace("_beta", "_gamma").replace("_bias", "_weight")
    size = float(np.linalg.norm(expected.get(companion, expected[name])))
    if np.linalg.norm(expected[name]) < 1e-9 * size:
        return float(np.linalg.norm(found[name] - expected[name])) / size
    return difference(found[name], expected[name])


def check(net: NetSpec) -> None:
    """The loss, every gradient and the statistics of a training step, then evaluation. Raises AssertionError."""
    source = np.random.default_rng(5)
    program = emit("train_step", net, RECIPE, real="f64")
    entries, function = program.manifest, program.module.functions[0]
    numbers = batch(net, source)
    parameters = state(entries.named("parameter"), source)
    statistics = state(entries.named("statistic"), source)
    results = dict(zip((entry.name for entry in entries.results), function.results, strict=True))
    gradients = program.landmarks.gradients
    wanted: dict[str, Value] = {"loss": results["loss"], **{name: results[name] for name in statistics}, **gradients}
    sources = random_sources(DRAWN.seed, DRAWN.first_example) | {"step": np.array(DRAWN.step, np.int32)}
    run = Evaluated(subfunction(function, list(wanted.values())))
    values = run({**numbers, **sources, **parameters, **statistics})
    images, labels = numbers["images"], numbers["labels"]
    expected = oracle.step(net, RECIPE.labelSmoothing, parameters, statistics, images, labels, DRAWN)
    assert float(values[results["loss"]]) == pytest.approx(expected.loss, rel=TOLERANCE)
    found = {name: values[value] for name, value in gradients.items()}
    assert worst(found, expected.gradients) <= (TOLERANCE, "~")
    if statistics:
        assert worst({name: values[results[name]] for name in statistics}, expected.statistics) <= (TOLERANCE, "~")
    evaluation = emit("evaluate", net, RECIPE, real="f64")
    logits = evaluation.landmarks.outputs["head"]
    values = Evaluated(subfunction(evaluation.module.functions[0], [logits]))({**numbers, **parameters, **statistics})
    right = oracle.logits(net, {**parameters, **statistics}, images)
    assert difference(values[logits], right) <= TOLERANCE


# Two of a block one after the other, with two paddings: in turn one of each is among the tests that are not slow.
LATER = [pytest.mark.slow, pytest.mark.networks]
CASES = [pytest.param(net, id=net.name, marks=LATER * (i % 4 in (1, 2))) for i, net in enumerate(NETWORKS)]


@pytest.mark.parametrize("net", CASES)
def test_a_training_step_and_evaluation_agree_with_autodiff_in_f64(net: NetSpec) -> None:
    check(net)


def test_the_networks_have_every_layer() -> None:
    layers = nested(layer for net in NETWORKS for layer in net.layers)
    assert {type(layer) for layer in layers} == set(LAYERS.values())
