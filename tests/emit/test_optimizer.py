"""What follows the gradients, in f64, through the reference interpreter, against the papers' formulas, over batches."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from emit.graph import Graph
from emit.hlo import Block, Function, Module, Value
from emit.hlo.printer import module_text
from emit.manifest import Entry
from emit.op import ONES, ZEROS, Tensor
from emit.optimizers import optimizer_for
from emit.optimizers.adam import Adam
from emit.optimizers.rmsprop import RMSProp
from emit.optimizers.sgd import SGD
from emit.update import state_of, update
from netspec import TrainConfig, recipe
from runtime.engine.session import initial_state
from tests.emit import interpreter, oracle_update
from tests.ops.harness import difference
from tests.ops.mutations import WrongVersions

CONFIG = TrainConfig(learningRate=0.1, batchSize=1, epochs=1, useAdam=False, weightDecay=0.3)
PARAMETERS = [
    ("stem_weight", Tensor("weight", (2, 3), ZEROS, decays=True)),
    ("stem_bn_gamma", Tensor("gamma", (3,), ZEROS)),
    ("stem_bn_beta", Tensor("beta", (3,), ZEROS)),
]
STATISTICS = [("stem_bn_running_variance", Tensor("running_variance", (3,), ONES))]
RMSPROP = replace(CONFIG, useAdam=True, optimizer="rmsprop", momentum=0.8, rmspropDecay=0.7, rmspropEps=0.01)
CONFIGS = {
    "adam": replace(CONFIG, useAdam=True),
    "adam without decay": replace(CONFIG, useAdam=True, weightDecay=0.0),
    "adam, L2, norms and biases too": replace(CONFIG, useAdam=True, coupledDecay=True, wdExcludeNormBias=False),
    "sgd": CONFIG,
    "sgd with momentum": replace(CONFIG, momentum=0.9),
    "sgd with nesterov's momentum": replace(CONFIG, momentum=0.9, nesterov=True),
    "sgd with momentum, L2": replace(CONFIG, momentum=0.9, coupledDecay=True),
    "rmsprop": RMSPROP,
    "rmsprop without momentum": replace(RMSPROP, momentum=0.0),
    "rmsprop, L2": replace(RMSPROP, coupledDecay=True),
    "lamb": replace(CONFIG, useAdam=True, optimizer="lamb"),
    "clipped": replace(CONFIG, momentum=0.9, gradClipNorm=0.5),
    "accumulated": replace(CONFIG, useAdam=True, gradAccumSteps=3),
    "a faster head": replace(CONFIG, headLrMult=10.0),
    "averages": replace(CONFIG, useEMA=True, emaDecay=0.3),
    "everything": replace(RMSPROP, gradClipNorm=0.5, gradAccumSteps=2, useEMA=True, emaDecay=0.99),
}


class Parameters(Graph):
    """Stands for a graph that has these parameters and statistics, the second layer its head."""

    def parameters(self) -> list[tuple[str, Tensor]]:
        return PARAMETERS

    trained = parameters

    def statistics(self) -> list[tuple[str, Tensor]]:
        return STATISTICS

    def head(self) -> list[str]:
        return [PARAMETERS[1][0]]


GRAPH = Parameters((1, 1, 1))


def entries(config: TrainConfig) -> tuple[Entry, ...]:
    return state_of(config, GRAPH)


def begun(config: TrainConfig) -> dict[str, NDArray[Any]]:
    """The initial state, in f64."""
    arrays = initial_state(entries(config), 0)
    return {name: array.astype(np.float64) if array.dtype == np.float32 else array for name, array in arrays.items()}


def update_text(config: TrainConfig) -> str:
    """One update as a module: (rate, gradients, fresh statistics, state) → state."""
    block = Block("f64")
    rate = block.argument("rate", ())
    gradients = {name: block.argument(f"{name}_gradient", tensor.shape) for name, tensor in PARAMETERS}
    fresh = {name: block.argument(f"{name}_fresh", tensor.shape) for name, tensor in STATISTICS}
    state: dict[str, Value] = {
        entry.name: block.argument(entry.name, entry.shape, "i32" if entry.dtype == "i32" else None)
        for entry in entries(config)
    }
    new = update(config, GRAPH, fresh, state, gradients, rate)
    assert new.keys() == state.keys()
    arguments = (rate, *gradients.values(), *fresh.values(), *state.values())
    function = Function("main", arguments, tuple(block.operations), tuple(new[name] for name in state))
    return module_text(Module("update", (), (function,)))


@pytest.mark.parametrize("config", list(CONFIGS.values()), ids=list(CONFIGS))
def test_seven_batches_agree_with_the_papers_formulas_in_f64(config: TrainConfig) -> None:
    text, names = update_text(config), [entry.name for entry in entries(config)]
    source = np.random.default_rng(0)
    state = begun(config)
    for name, tensor in PARAMETERS[:2]:  # β starts at 0, as it does
        state[name] = source.standard_normal(tensor.shape)
    expected = dict(state)
    for number in range(1, 8):
        rate = 0.1 / number
        # Gradients from 1e-9, where ε decides, to 1.
        gradients = {
            name: source.standard_normal(tensor.shape) * 10.0 ** source.integers(-9, 1, tensor.shape)
            for name, tensor in PARAMETERS
        }
        fresh = {name: source.uniform(0.5, 2, tensor.shape) for name, tensor in STATISTICS}
        given = [np.array(rate), *gradients.values(), *fresh.values(), *(state[name] for name in names)]
        state = dict(zip(names, interpreter.run(text, given), strict=True))
        oracle_update.follow(config, expected, gradients, fresh, rate, GRAPH.head()[0])
        for name in names:
            assert difference(state[name], expected[name]) <= 1e-12, name


def test_no_gradient_at_all_is_not_clipped_to_no_number() -> None:
    config = replace(CONFIG, weightDecay=0.0, gradClipNorm=1.0)
    zeros = [np.zeros(tensor.shape) for _, tensor in (*PARAMETERS, *STATISTICS)]
    results = interpreter.run(update_text(config), [np.array(0.1), *zeros, *begun(config).values()])
    assert all(np.isfinite(array).all() for array in results)


def test_a_recipe_chooses_its_optimizer_and_the_slots_it_needs() -> None:
    decay = recipe.WeightDecay(0.3)
    assert optimizer_for(CONFIGS["adam"]) == Adam(recipe.Adam(), decay)
    assert optimizer_for(CONFIGS["sgd with momentum"]) == SGD(recipe.SGD(0.9), decay)
    assert optimizer_for(RMSPROP) == RMSProp(recipe.RMSProp(0.7, 0.01, 0.8), decay)
    slots = [tuple(optimizer_for(config).slots) for config in CONFIGS.values()]
    assert slots[3:5] == [(), ("momentum",)]
    assert slots[7:9] == [("square", "velocity"), ("square",)]


def test_adam_s_first_step_has_the_size_of_the_rate_whatever_the_gradient_is() -> None:
    config = CONFIGS["adam without decay"]
    zeros = [np.zeros(entry.shape) for entry in entries(config) if entry.dtype == "f32"]
    zeros.insert(len(zeros) - 1, np.array(0, np.int32))
    gradients = [np.full((2, 3), 1e-3), np.full(3, -1e3), np.full(3, 1.0), np.zeros(3)]
    weight, gamma, *_ = interpreter.run(update_text(config), [np.array(0.5), *gradients, *zeros])
    np.testing.assert_allclose(weight, -0.5, rtol=1e-4)
    np.testing.assert_allclose(gamma, 0.5, rtol=1e-4)


class TestOptimizer(WrongVersions):
    module = "emit.optimizer"
    wrong = {
        "uphill": ('hlo.subtract(value, change, "new")', 'hlo.add(value, change, "new")'),
        "no learning rate": (
            'return hlo.multiply(direction, everywhere(rate, value), "change"), {}',
            "return direction, {}",
        ),
        "the learning rate twice": (
            'hlo.multiply(direction, everywhere(rate, value), "change")',
            'hlo.multiply(hlo.multiply(direction, everywhere(rate, value)), everywhere(rate, value), "change")',
        ),
        "the change is the new parameter": (
            'return hlo.subtract(value, change, "new"), moved | more',
            "return change, moved | more",
        ),
        "everything decays": ("not (tensor.decays or self.weight_decay.everything)", "False"),
        "nothing decays": ("not (tensor.decays or self.weight_decay.everything)", "True"),
        "what should decay does not, and the rest does": (
            "not (tensor.decays or self.weight_decay.everything)",
            "(tensor.decays or self.weight_decay.everything)",
        ),
        "not everything decays where it should": (
            "not (tensor.decays or self.weight_decay.everything)",
            "not tensor.decays",
        ),
        "L2 decays decoupled": ("if decay is not None and self.weight_decay.coupled:", "if False:"),
        "L2 decays twice": ('hlo.add(gradient, decay, "decayed"), None', 'hlo.add(gradient, decay, "decayed"), decay'),
        "weights grow": ('hlo.add(direction, decay, "decayed")', 'hlo.subtract(direction, decay, "decayed")'),
        "decay inside the moments": (
            "if decay is not None and self.weight_decay.coupled:",
            "if decay is not None:",
        ),
        "decay of the gradient, not of the weight": (
            "decay = self.decay(tensor, value)",
            "decay = self.decay(tensor, gradient)",
        ),
        "decay without the learning rate": (
            'direction = hlo.add(direction, decay, "decayed")\n'
            '        return hlo.multiply(direction, everywhere(rate, value), "change"), {}',
            "return hlo.add(hlo.multiply(direction, everywhere(rate, value)), decay), {}\n"
            '        return hlo.multiply(direction, everywhere(rate, value), "change"), {}',
        ),
        "Adam: bias correction of the step before": (
            "hlo.convert(new[STEP], block.float",
            "hlo.convert(step, block.float",
        ),
        "the step is not counted": ('block.constant(1, (), "i32")', 'block.constant(0, (), "i32")'),
        "the step is counted twice": ('block.constant(1, (), "i32")', 'block.constant(2, (), "i32")'),
        "one slot is read for all": (
            '_squeezed(state[f"{name}_{slot}"]) for slot in chosen.slots',
            '_squeezed(state[f"{name}_{next(iter(chosen.slots))}"]) for slot in chosen.slots',
        ),
        "the slots of another parameter of that shape": (
            'state[f"{name}_{slot}"]) for slot in chosen.slots',
            'state[f"{[n for n, t in parameters if t.shape == tensor.shape][0]}_{slot}"]) for slot in chosen.slots',
        ),
        "new slots under one another's names": (
            '{f"{name}_{slot}": fresh for slot, fresh in moved.items()}',
            '{f"{name}_{slot}": v for slot, v in zip(reversed(moved), moved.values(), strict=True)}',
        ),
        "the slots come back old": (
            '{f"{name}_{slot}": fresh for slot, fresh in moved.items()}',
            '{f"{name}_{slot}": state[f"{name}_{slot}"] for slot in moved}',
        ),
        "the gradient of another parameter of that shape": (
            "_squeezed(gradients[name])",
            "_squeezed(next(g for g in gradients.values() if g.type == gradients[name].type))",
        ),
        "another parameter of that shape is moved": (
            "_squeezed(state[name])",
            "_squeezed(state[[n for n, t in parameters if t.shape == tensor.shape][0]])",
        ),
        "what is new gets the share of what is kept": (
            "scalar(1 - written(share), new)",
            "scalar(written(share), new)",
            "scalar(written(share), old)",
            "scalar(1 - written(share), old)",
        ),
        "what is new counts whole": (
            'hlo.multiply(new, scalar(1 - written(share), new), f"{name}_fresh")',
            "new",
        ),
    }


class TestUpdate(WrongVersions):
    module = "emit.update"
    wrong = {
        "batches are summed, not averaged": (
            'hlo.divide(gradient, scalar(parts, gradient), f"{name}_share")',
            "gradient",
        ),
        "the last batch alone counts": (
            'state[f"{name}_{SUM}"], hlo.divide(gradient',
            "scalar(0, gradient), hlo.divide(gradient",
        ),
        "an update with the first batch": ('block.constant(parts - 1, (), "i32")', 'block.constant(0, (), "i32")'),
        "an update a batch too early": ('block.constant(parts - 1, (), "i32")', 'block.constant(parts - 2, (), "i32")'),
        "the sums go on": ("_chosen(last, scalar(0, total), total", "_chosen(last, total, total"),
        "the counter of batches goes on": (
            'hlo.select(last, block.constant(0, (), "i32"), following, "part_next")',
            "following",
        ),
        "parameters move with every batch": ("_chosen(last, value, state[name], name)", "value"),
        "clipped before it is accumulated": (
            "    if config.gradClipNorm:\n        gradients = _clipped(config.gradClipNorm, gradients)\n",
            "",
            "    if config.gradAccumSteps > 1:\n",
            "    if config.gradClipNorm:\n        gradients = _clipped(config.gradClipNorm, gradients)\n"
            "    if config.gradAccumSteps > 1:\n",
        ),
        "each gradient is clipped by itself": (
            'total = hlo.add(total, mine, "squares_so_far")',
            "total = mine",
        ),
        "clipped by the square of the norm": ('hlo.sqrt(total, "norm")', "total"),
        "short gradients grow": ('hlo.minimum(share, scalar(1, share), "factor")', "share"),
        "long gradients stay": ('hlo.minimum(share, scalar(1, share), "factor")', "scalar(1, share)"),
        "the head learns as the rest does": ("rates |= dict.fromkeys(graph.head(), of_head)", "pass"),
        "all learns as the head does": ("dict.fromkeys(graph.head(), of_head)", "dict.fromkeys(rates, of_head)"),
        "the average forgets everything": ('hlo.add(old, moved, f"{name}_{AVERAGE}")', "value"),
        "the average learns nothing": ('hlo.add(old, moved, f"{name}_{AVERAGE}")', "old"),
        "no warm-up of the averages": (
            'hlo.maximum(early, scalar(1 - written(decay), early), "fresh_share")',
            "scalar(1 - written(decay), early)",
        ),
        "the warm-up has no end": ('hlo.maximum(early, scalar(1 - written(decay), early), "fresh_share")', "early"),
        "the warm-up of the update before": ("step = new[STEP]", "step = state[STEP]"),
        "averages of the old parameters": (
            "{name: new[name] for name, _ in parameters} | dict(statistics)",
            "{name: state[name] for name, _ in parameters} | dict(statistics)",
        ),
        "averages of the old statistics": (
            "{name: new[name] for name, _ in parameters} | dict(statistics)",
            "{name: new[name] for name, _ in parameters} | {name: state[name] for name in statistics}",
        ),
        "no averages of statistics: they are the newest": (
            'found = {}\n    for name, value in now.items():\n        old = state[f"{name}_{AVERAGE}"]',
            "found = {}\n    for name, value in now.items():\n"
            '        old = value if "running" in name else state[f"{name}_{AVERAGE}"]',
        ),
    }
