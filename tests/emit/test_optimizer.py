"""The optimizers in f64, through the reference interpreter, against the papers' formulas, over several steps."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from emit.hlo import Block, Function, Module, Value
from emit.hlo.printer import module_text
from emit.op import ZEROS, Tensor
from emit.optimizer import STEP, apply
from emit.optimizers import optimizer_for
from emit.optimizers.adam import Adam
from emit.optimizers.sgd import SGD
from netspec import TrainConfig, recipe
from tests.emit import interpreter, oracle
from tests.ops.harness import difference
from tests.ops.mutations import WrongVersions

CONFIG = TrainConfig(learningRate=0.1, batchSize=1, epochs=1, useAdam=False, weightDecay=0.3)
PARAMETERS = [
    ("stem_weight", Tensor("weight", (2, 3), ZEROS, decays=True)),
    ("stem_bn_gamma", Tensor("gamma", (3,), ZEROS)),
]
CONFIGS = {
    "adam": replace(CONFIG, useAdam=True),
    "adam without decay": replace(CONFIG, useAdam=True, weightDecay=0.0),
    "sgd": CONFIG,
    "sgd with momentum": replace(CONFIG, momentum=0.9),
}


def update_text(config: TrainConfig) -> tuple[str, list[str]]:
    """One update as a module: (rate, gradients, state) → state. The names are the state's."""
    chosen = optimizer_for(config)
    block = Block("f64")
    rate = block.argument("rate", ())
    gradients = {name: block.argument(f"{name}_gradient", tensor.shape) for name, tensor in PARAMETERS}
    state: dict[str, Value] = {name: block.argument(name, tensor.shape) for name, tensor in PARAMETERS}
    for slot in chosen.slots:
        state |= {f"{name}_{slot}": block.argument(f"{name}_{slot}", tensor.shape) for name, tensor in PARAMETERS}
    state[STEP] = block.argument(STEP, (), "i32")
    new = apply(chosen, PARAMETERS, state, gradients, rate)
    assert new.keys() == state.keys()
    arguments = (rate, *gradients.values(), *state.values())
    function = Function("main", arguments, tuple(block.operations), tuple(new[name] for name in state))
    return module_text(Module("update", (), (function,))), list(state)


@pytest.mark.parametrize("config", list(CONFIGS.values()), ids=list(CONFIGS))
def test_five_updates_agree_with_the_papers_formulas_in_f64(config: TrainConfig) -> None:
    text, names = update_text(config)
    source = np.random.default_rng(0)
    parameters = {name: source.standard_normal(tensor.shape) for name, tensor in PARAMETERS}
    slots = {f"{name}_{slot}": np.zeros(tensor.shape) for slot in ("m", "v", "momentum") for name, tensor in PARAMETERS}
    state: dict[str, NDArray[Any]] = {STEP: np.array(0, np.int32), **slots, **parameters}
    for number in range(1, 6):
        rate = 0.1 / number
        # Gradients from 1e-9, where ε decides, to 1.
        gradients = {
            name: source.standard_normal(tensor.shape) * 10.0 ** source.integers(-9, 1, tensor.shape)
            for name, tensor in PARAMETERS
        }
        results = interpreter.run(text, [np.array(rate), *gradients.values(), *(state[name] for name in names)])
        state |= dict(zip(names, results, strict=True))
        if config.useAdam:
            oracle.adam(parameters, slots, gradients, step=number, rate=rate, decay=config.weightDecay)
        else:
            decay, momentum = config.weightDecay, config.momentum
            oracle.sgd(parameters, slots, gradients, rate=rate, decay=decay, momentum=momentum)
        assert state[STEP] == number
        for name, expected in (parameters | slots).items():
            if name in names:
                assert difference(state[name], expected) <= 1e-12, name


def test_a_recipe_chooses_its_optimizer_and_the_slots_it_needs() -> None:
    assert optimizer_for(CONFIGS["adam"]) == Adam(recipe.Adam(), 0.3)
    assert optimizer_for(CONFIGS["sgd with momentum"]) == SGD(recipe.SGD(0.9), 0.3)
    assert [optimizer_for(config).slots for config in CONFIGS.values()] == [("m", "v"), ("m", "v"), (), ("momentum",)]


def test_adam_s_first_step_has_the_size_of_the_rate_whatever_the_gradient_is() -> None:
    text, names = update_text(CONFIGS["adam without decay"])
    zeros = {name: np.zeros(tensor.shape) for name, tensor in PARAMETERS}
    gradients = [np.full((2, 3), 1e-3), np.full(3, -1e3)]
    slots = [zeros[name] for name in (*zeros, *zeros)]
    results = interpreter.run(text, [np.array(0.5), *gradients, *zeros.values(), *slots, np.array(0, np.int32)])
    found = dict(zip(names, results, strict=True))
    np.testing.assert_allclose(found["stem_weight"], -0.5, rtol=1e-4)
    np.testing.assert_allclose(found["stem_bn_gamma"], 0.5, rtol=1e-4)


class TestOptimizer(WrongVersions):
    module = "emit.optimizer"
    wrong = {
        "uphill": ('hlo.subtract(value, change, "new")', 'hlo.add(value, change, "new")'),
        "no learning rate": (
            'change = hlo.multiply(direction, everywhere(rate, value), "change")',
            "change = direction",
        ),
        "the learning rate twice": (
            'hlo.multiply(direction, everywhere(rate, value), "change")',
            'hlo.multiply(hlo.multiply(direction, everywhere(rate, value)), everywhere(rate, value), "change")',
        ),
        "the change is the new parameter": ('return hlo.subtract(value, change, "new"), moved', "return change, moved"),
        "everything decays": ("if tensor.decays and self.weight_decay:", "if self.weight_decay:"),
        "nothing decays": ("if tensor.decays and self.weight_decay:", "if False:"),
        "what should decay does not, and the rest does": (
            "if tensor.decays and self.weight_decay:",
            "if not tensor.decays and self.weight_decay:",
        ),
        "weights grow": ('hlo.add(direction, decay, "decayed")', 'hlo.subtract(direction, decay, "decayed")'),
        "decay inside the moments": (
            "direction, moved = self.direction(gradient, slots, prepared)\n"
            "        if tensor.decays and self.weight_decay:",
            "if tensor.decays and self.weight_decay:\n"
            '            pull = hlo.multiply(value, scalar(written(self.weight_decay), value), "decay")\n'
            "            gradient = hlo.add(gradient, pull)\n"
            "        direction, moved = self.direction(gradient, slots, prepared)\n"
            "        if False:",
        ),
        "decay of the gradient, not of the weight": (
            'hlo.multiply(value, scalar(written(self.weight_decay), value), "decay")',
            'hlo.multiply(gradient, scalar(written(self.weight_decay), value), "decay")',
        ),
        "decay without the learning rate": (
            'return hlo.subtract(value, change, "new"), moved',
            "if tensor.decays:\n"
            "            value = hlo.subtract(value, hlo.multiply(value, scalar(written(self.weight_decay), value)))\n"
            '        return hlo.subtract(value, change, "new"), moved',
            "if tensor.decays and self.weight_decay:",
            "if False:",
        ),
        "Adam: bias correction of the step before": (
            "hlo.convert(new[STEP], block.float",
            "hlo.convert(step, block.float",
        ),
        "the step is not counted": ('block.constant(1, (), "i32")', 'block.constant(0, (), "i32")'),
        "the step is counted twice": ('block.constant(1, (), "i32")', 'block.constant(2, (), "i32")'),
        "one slot is read for all": (
            '_squeezed(state[f"{name}_{slot}"]) for slot in chosen.slots',
            '_squeezed(state[f"{name}_{chosen.slots[0]}"]) for slot in chosen.slots',
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
    }
