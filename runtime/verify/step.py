"""The second certainty, by numbers: programs of a small instance, run operation by operation in long decimals.

Train step: the loss is the composition of the ops' definitions; its derivative along a random direction of all
parameters, by dual numbers, is the inner product of that direction with the emitted gradients; statistics, slots and
parameters are updated by their definitions. Evaluation: every result is equal to its definition.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from emit.graph import IMAGES, Graph
from emit.hlo import Value
from emit.hlo.program import FLOATS
from emit.losses.cross_entropy import CrossEntropy
from emit.losses.distillation import Distillation
from emit.op import Op
from emit.ops.batch_norm import BatchNorm
from emit.program import Program
from emit.programs import emit, graph_of
from netspec.language import NetSpec, TrainConfig
from runtime.tensors import SQUARES
from runtime.verify import definitions, networks
from runtime.verify.arithmetic import DIGITS, Decimals, Dual, Duals, agreeing_digits, long_decimals
from runtime.verify.check import Check
from runtime.verify.evaluate import evaluate
from runtime.verify.op import AGREEING
from runtime.verify.ops import definition_of, output
from runtime.verify.ops.batch_norm import moved_statistics
from runtime.verify.random import Drawing
from runtime.verify.reduced import BATCH, reduced

# The program holds log β of Adam as a rounded number, so its bias correction, and the new parameters, are exact to 15
# digits; the slots do not depend on it.
ADAM_AGREEING = 14
# Of the digits of an op that is emitted as an approximation, how many the ops after it may lose.
LOST = 4
STEPS_BEFORE = 6


def check_small_instance(net: NetSpec, config: TrainConfig, backend: str) -> Iterator[Check]:
    """The checks of a network's small instance, one after the other."""
    small, recipe = reduced(net), replace(config, batchSize=BATCH, trainRes=0)
    if weights := [weight for weight in config.classWeights if weight]:  # it has fewer classes
        recipe = replace(recipe, classWeights=tuple(np.resize(weights, small.classes).tolist()))
    step = _Step(small, recipe, backend)
    for subject, identity, check in (
        ("loss", "the definitions, composed", step.loss),
        ("gradients", "dloss(p + t·v)/dt = Σ⟨v, gradient⟩", step.gradients),
        ("statistics", "their definition", step.statistics),
        ("optimizer", "the papers' formulas", step.optimizer),
    ):
        yield _timed(f"train_step, {subject}", identity, small, check)
    yield _timed("evaluate", "the definitions, composed", small, _Evaluation(step, backend).check)


def _timed(subject: str, identity: str, net: NetSpec, check: Callable[[], tuple[int, int, str]]) -> Check:
    started = time.perf_counter()
    try:
        with long_decimals():
            digits, enough, where = check()
        passed, message = digits >= enough, f"{digits} digits"
        if not passed:
            message = f"{where}: {digits} digits agree, expected {enough}"
    except Exception as failed:  # a program that cannot be run is wrong
        passed, message = False, f"{type(failed).__name__}: {failed}"
    return Check(
        "whole",
        f"small {subject}",
        identity,
        Decimals.name,
        f"{net.imageH}×{net.imageW}, batch {BATCH}, {len(net.layers)} layers",
        passed,
        message,
        time.perf_counter() - started,
    )


@dataclass(frozen=True)
class _Setting:
    """A program, and random numbers for its arguments by name."""

    program: Program
    numbers: Mapping[str, Any]

    def environment(self) -> dict[Value, Any]:
        return {value: self.numbers[value.name] for value in self.program.module.functions[0].arguments}


class _Step:
    """A small train step with random state, run once on dual numbers by the first check."""

    def __init__(self, net: NetSpec, config: TrainConfig, backend: str) -> None:
        self.net, self.config, self.at = net, config, Decimals()
        self.graph: Graph = graph_of("train_step", net, config)
        digits = min(definition_of(node.op).digits for node in self.graph.nodes.values())
        self.enough = AGREEING if digits == AGREEING else digits - LOST
        program = emit("train_step", net, config, backend=backend)
        self.setting = _Setting(program, _random_arguments(program, net.classes, config))
        source = np.random.default_rng(1)
        self.direction = {name: self.at.random(source, tensor.shape) for name, tensor in self.graph.trained()}
        self._values: dict[Value, Any] | None = None

    @property
    def numbers(self) -> Mapping[str, Any]:
        return self.setting.numbers

    def values(self) -> dict[Value, Any]:
        """Every value of the program; those that depend on parameters are dual numbers."""
        if self._values is None:
            function = self.setting.program.module.functions[0]
            environment = self.setting.environment()
            for value in function.arguments:
                if value.dtype in FLOATS:
                    zero = self.at.constant(0, value.shape)
                    environment[value] = Dual(environment[value], self.direction.get(value.name, zero))
            evaluate(function.operations, environment, Duals(self.at))
            self._values = environment
        return self._values

    def value(self, value: Value) -> Any:
        number = self.values()[value]
        return number.value if isinstance(number, Dual) else number

    def results(self) -> dict[str, Value]:
        program = self.setting.program
        names = [entry.name for entry in program.manifest.results]
        return dict(zip(names, program.module.functions[0].results, strict=True))

    def loss(self) -> tuple[int, int, str]:
        logits = networks.logits(self.at, self.net, self.numbers, self.config)
        mixed = self.config.useMixup or self.config.useCutmix
        labels = CrossEntropy(self.config.labelSmoothing, mixed, tuple(self.config.classWeights))
        targets = ["labels", "other_labels", "share"] if mixed else ["labels"]
        op: Op = labels
        if self.config.distillWeight:
            op = Distillation(labels, self.config.distillWeight, self.config.distillTemperature)
            targets.append("teacher")
        expected = output(self.at, op, [logits, *(self.numbers[name] for name in targets)], {})
        return agreeing_digits(self.value(self.results()["loss"]), expected), self.enough, "loss"

    def gradients(self) -> tuple[int, int, str]:
        tangent = self.values()[self.results()["loss"]].tangent
        total = self.at.number(0)
        gradients = self.setting.program.landmarks.gradients
        for name, along in self.direction.items():
            total += np.sum(self.value(gradients[name]) * along)
        return agreeing_digits(tangent, total), self.enough, "the sum over all parameters"

    def statistics(self) -> tuple[int, int, str]:
        images = _composed(self.net, self.graph, self.numbers)
        digits_found = [(DIGITS, self.enough, "")]
        for node in self.graph.nodes.values():
            if isinstance(node.op, BatchNorm) and node.moving():
                old = {tensor.name: self.numbers[name] for name, tensor in node.statistics()}
                norm = BatchNorm(node.op.channels, self.net.bnEps, self.net.bnMomentum)
                moved = moved_statistics(self.at, norm, images[node.inputs[0]], old)
                for name, tensor in node.statistics():
                    digits = agreeing_digits(self.value(self.results()[name]), moved[tensor.name])
                    digits_found.append((digits, self.enough, name))
        return min(digits_found)

    def optimizer(self) -> tuple[int, int, str]:
        found = [self._updated(self.numbers, self.value)]
        if self.config.gradAccumSteps > 1:  # a batch that does not complete an update, too
            numbers = {**self.numbers, "part": np.array(0)}
            environment = replace(self.setting, numbers=numbers).environment()
            evaluate(self.setting.program.module.functions[0].operations, environment, self.at)
            found.append(self._updated(numbers, environment.__getitem__))
        return min(found, key=lambda check: check[0] - check[1])

    def _updated(self, numbers: Mapping[str, Any], value: Callable[[Value], Any]) -> tuple[int, int, str]:
        """The state after a step, given the arguments and what the program's values are."""
        results = {name: value(result) for name, result in self.results().items()}
        names = {name: tensor.name == "weight" for name, tensor in self.graph.trained()}
        gradients = {name: value(self.setting.program.landmarks.gradients[name]) for name in names}
        statistics = {name: results[name] for name, _ in self.graph.moving()}
        # What is frozen is not among the results.
        old = {
            entry.name: numbers[entry.name] for entry in self.setting.program.manifest.state() if entry.name in results
        }
        old["learning_rate"] = numbers["learning_rate"]
        expected = definitions.new_state(self.at, self.config, names, statistics, old, gradients)
        corrects = bool({"m", "v"} & {*definitions.slots(self.config)})
        digits_found = []
        for name, each in expected.items():
            rounded = corrects and (name in names or name.removesuffix("_average") in names)
            enough = ADAM_AGREEING if rounded else AGREEING
            digits_found.append((agreeing_digits(results[name], each), enough, name))
        return min(digits_found, key=lambda check: check[0] - check[1])


class _Evaluation:
    """The small evaluation program, its last row padding."""

    def __init__(self, step: _Step, backend: str) -> None:
        self.step = step
        program = emit("evaluate", step.net, step.config, backend=backend)
        numbers = {**_random_arguments(program, step.net.classes, step.config)}
        numbers["labels"] = np.array([*numbers["labels"][:-1], -1])
        self.setting = _Setting(program, numbers)

    def check(self) -> tuple[int, int, str]:
        return min(self._check(self.setting), self._check(self._tied()))

    def _tied(self) -> _Setting:
        """All logits equal and negative: the first class is predicted, and is the label."""
        numbers = dict(self.setting.numbers)
        numbers["head_weight"] = self.step.at.constant(0, numbers["head_weight"].shape)
        numbers["head_bias"] = self.step.at.constant(-3, numbers["head_bias"].shape)
        numbers["labels"] = np.where(numbers["labels"] < 0, -1, 0)
        return replace(self.setting, numbers=numbers)

    def _check(self, setting: _Setting) -> tuple[int, int, str]:
        at, numbers = self.step.at, setting.numbers
        program = setting.program
        environment = setting.environment()
        evaluate(program.module.functions[0].operations, environment, at)
        loss_sum, correct, probabilities = (environment[value] for value in program.module.functions[0].results)
        logits = networks.logits(at, self.step.net, numbers, None)
        rows, labels = len(logits) - 1, numbers["labels"][:-1]
        op = CrossEntropy(0.0)
        expected = output(at, op, [logits[:rows], labels], {}) * rows
        powers = at.unary("exponential", logits)
        shares = powers / np.sum(powers, axis=1)[:, None]
        right = sum(int(np.argmax(logits[row])) == labels[row] for row in range(rows))
        if int(correct) != right:
            return 0, self.step.enough, f"correct: {correct}, by definition {right}"
        return min(
            (agreeing_digits(loss_sum, expected), self.step.enough, "loss_sum"),
            (agreeing_digits(probabilities, shares), self.step.enough, "probabilities"),
        )


def _composed(net: NetSpec, graph: Graph, numbers: Mapping[str, Any]) -> dict[str, Any]:
    """Every node's output by definition, from the images on."""
    at = Decimals()
    values = {IMAGES: definitions.normalised(at, numbers[IMAGES], net.preprocessing)}
    drawing = Drawing(numbers)
    for node in graph.nodes.values():
        tensors = {tensor.name: numbers[name] for name, tensor in [*node.parameters(), *node.statistics()]}
        inputs = [values[source] for source in node.inputs]
        values[node.name] = output(at, node.op, inputs, tensors | drawing.given(node.op), training=not node.frozen)
    return values


def _random_arguments(program: Program, classes: int, config: TrainConfig) -> dict[str, Any]:
    """Images and labels, a learning rate, and state without zeros; squares are positive."""
    at, source = Decimals(), np.random.default_rng(0)
    numbers: dict[str, Any] = {}
    with long_decimals():
        for entry in program.manifest.arguments:
            if entry.role == "images":
                numbers[entry.name] = source.integers(0, 256, entry.shape)
            elif entry.role == "labels":
                numbers[entry.name] = source.integers(0, classes, entry.shape)
            elif entry.role == "step":
                numbers[entry.name] = np.array(STEPS_BEFORE)
            elif entry.role == "part":
                numbers[entry.name] = np.array(config.gradAccumSteps - 1)
            elif entry.role == "seed":
                numbers[entry.name] = source.integers(0, 2**32, entry.shape)
            elif entry.role == "first_example":
                numbers[entry.name] = source.integers(0, 2**20, entry.shape)
            else:
                drawn = at.random(source, entry.shape)
                positive = entry.name.endswith(SQUARES) or entry.role in ("learning_rate", "teacher")
                numbers[entry.name] = np.asarray(np.abs(drawn), object) if positive else drawn
                if entry.name.endswith("_running_variance"):
                    numbers[entry.name] = drawn + 10  # so that the exponentials of logits do not overflow
    return numbers
