"""One train step by the reference: inputs, results, and what decides the tolerance of f32 results."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp, log, sqrt

import numpy as np

from emit import hlo
from emit.graph import IMAGES, Node
from emit.hlo import Function, Operation, Value
from emit.lowerings import BY_RULE, Chosen
from emit.ops.batch_norm import BatchNorm
from emit.ops.max_pool import MaxPool
from emit.optimizer import STEP
from emit.optimizers import optimizer_for
from emit.programs import emit, graph_of
from emit.sums import scalar
from emit.update import AVERAGE, PART, SUM
from netspec import recipe
from netspec.check import training_net
from netspec.language import NetSpec, TrainConfig
from runtime.engine.session import random_sources
from runtime.verify.clear import CLEAR, Arrays, ClearState, random_images
from runtime.verify.reference import (
    Array,
    Expected,
    RandomSums,
    Reference,
    TensorError,
    affected,
    boundary,
    in_f32,
    operations,
    producers,
    roundings,
    subfunction,
    undecided,
)

Runner = Callable[[Function], Callable[[Mapping[str, Array]], dict[Value, Array]]]
TRIES = 10
STEPS_BEFORE = 2
_CHOSEN_LATE = ("learning_rate", "slot", "statistic", "average")  # roles of arguments
_FAR = 2**20  # from every kink
FIRST_EXAMPLE = 1000  # of the batch in the global batch, where a network draws


@dataclass(frozen=True)
class _Gradient:
    """A parameter's gradient by the reference; `floor`: its norm with random signs in its last sums."""

    numbers: Array
    floor: float

    @property
    def norm(self) -> float:
        return max(float(np.linalg.norm(self.numbers)), self.floor)

    @property
    def scale(self) -> float:
        return self.norm / sqrt(self.numbers.size)


@dataclass(frozen=True)
class _Update:
    """What an update does to a gradient: its optimizer divides it by `root`, and multiplies it by the rate."""

    optimizer: recipe.Optimizer
    rate: float

    def root(self, gradient: _Gradient) -> float:
        """Of RMSProp's square, which is of the gradient's size; 1 of others."""
        if isinstance(self.optimizer, recipe.RMSProp):
            return sqrt(gradient.scale**2 + self.optimizer.epsilon)
        return 1.0

    @property
    def fresh_square(self) -> float:
        """The share of the new square in a slot."""
        return 1 - (self.optimizer.decay if isinstance(self.optimizer, recipe.RMSProp) else recipe.Adam.beta2)


def _square(g: _Gradient, update: _Update, source: np.random.Generator) -> tuple[Array, float]:
    """The error of a square, 2·|g|·error, is relative to the largest gradient."""
    return (
        update.fresh_square * g.scale**2 * source.uniform(0.5, 1.5, g.numbers.shape),
        2 * update.fresh_square * float(np.max(np.abs(g.numbers))) * g.norm,
    )


def _velocity(g: _Gradient, update: _Update, source: np.random.Generator) -> tuple[Array, float]:
    share = update.rate / update.root(g)
    return share * g.scale * source.standard_normal(g.numbers.shape), share * g.floor


# For every slot, its numbers, of the size of a step's update, and the floor of its norm, from that of the gradient.
_SLOTS: dict[str, Callable[[_Gradient, _Update, np.random.Generator], tuple[Array, float]]] = {
    "m": lambda g, _, source: (
        (1 - recipe.Adam.beta1) * g.scale * source.standard_normal(g.numbers.shape),
        (1 - recipe.Adam.beta1) * g.floor,
    ),
    "v": _square,
    "momentum": lambda g, _, source: (g.scale * source.standard_normal(g.numbers.shape), g.floor),
    "square": _square,
    "velocity": _velocity,
}


def judged(
    expected: Sequence[Expected],
    results: Sequence[Array],
    function: Function,
    arguments: Mapping[str, Array],
    rounded_by: Runner,
) -> list[TensorError]:
    """The errors of a device's results, in order; where one is too large, compared with other roundings in f32.

    Where the gradient is zero in theory, or nearly (of one image, the mean over the pixels after a batch norm is β,
    whatever comes before; of two numbers a channel, batch norm gives β + γ and β - γ), the value of a tensor is
    rounding, however it is computed, and no count of additions bounds that relative to zero. So other roundings are
    measured.

    Args:
        function: the reference's, in f64. In f32 it is the program, except for constants written in f32.
        rounded_by: runs it in f32.
    """
    errors = _errors(expected, results)
    if all(error.passed for error in errors):
        return errors
    others = [_errors(expected, other) for other in _other_roundings(in_f32(function), arguments, rounded_by)]
    return [
        replace(error, measured=max(other.relative for other in rounded))
        for error, *rounded in zip(errors, *others, strict=True)
    ]


def _errors(expected: Sequence[Expected], results: Sequence[Array]) -> list[TensorError]:
    return [tensor.error(numbers) for tensor, numbers in zip(expected, results, strict=True)]


def _other_roundings(function: Function, arguments: Mapping[str, Array], rounded_by: Runner) -> Iterator[list[Array]]:
    """Its results; then two more with every input moved to a neighbouring float, so that all roundings differ."""
    run, source = rounded_by(function), np.random.default_rng(1)
    for moved in (False, True, True):
        given = {name: _neighbours(x, source) for name, x in arguments.items()} if moved else arguments
        rounded = run(given)
        yield [rounded[value] for value in function.results]


class Truth:
    """One train step by the reference: `arguments` by name, and `expected` results in order."""

    def __init__(
        self,
        net: NetSpec,
        config: TrainConfig,
        backend: str,
        seed: int = 0,
        *,
        reference: Runner = Reference,
        chosen: Chosen = BY_RULE,
    ) -> None:
        """Choose the inputs, running the forward pass. `reference` compiles a function. Raises NetSpecError."""
        self._reference = reference
        net = training_net(net, config)
        self.net, self.config, self.graph = net, config, graph_of("train_step", net, config)
        self.program = emit("train_step", net, config, backend=backend, real="f64", chosen=chosen)
        self.function = self.program.module.functions[0]
        entries, producer_of = self.program.manifest, producers(self.function)
        self.results = dict(zip((entry.name for entry in entries.results), self.function.results, strict=True))
        # The part after the gradients: slots and rate are chosen by the gradients' size, so it runs after them.
        # What is frozen is no result, and the forward pass takes it.
        late = {
            entry.name
            for entry in entries.arguments
            if entry.role in _CHOSEN_LATE and (entry.role != "statistic" or entry.name in self.results)
        }
        self.late = affected(self.function, {value for value in self.function.arguments if value.name in late})
        self._boundary = boundary(self.function, self.late)
        self._fresh = {
            entry.name: next(
                value for value in producer_of[self.results[entry.name]].operands if value in self._boundary
            )
            for entry in entries.named("statistic")
            if entry.name in self.results
        }
        self._source = np.random.default_rng(seed)
        shape = (config.batchSize, *net.image)
        self.arguments: Arrays = {
            IMAGES: random_images(shape, self._source),
            "labels": self._source.integers(0, net.classes, config.batchSize, dtype=np.int32),
            **self._mixed(),
            **self._taught(),
            STEP: np.array(STEPS_BEFORE, np.int32),
            PART: np.array(config.gradAccumSteps - 1, np.int32),  # this batch completes an update
        }
        sources = random_sources(config.seed, FIRST_EXAMPLE)
        self.arguments |= {entry.name: sources[entry.role] for entry in entries.arguments if entry.role in sources}
        self.nearest, self.nearest_to = self._clear()
        self.floors: dict[Value, float] = {}
        self.undecided = 0.0
        self.expected: list[Expected] = []

    def _mixed(self) -> Arrays:
        """Of a recipe that mixes images: the other labels, and shares."""
        entries, count = self.program.manifest, self.config.batchSize
        if not entries.named("share"):
            return {}
        others = self._source.integers(0, self.net.classes, count, dtype=np.int32)
        return {"other_labels": others, "share": self._source.uniform(0, 1, count).astype(np.float32)}

    def _taught(self) -> Arrays:
        """Of a recipe with a teacher: its probabilities, of which the first is 0."""
        arrays: Arrays = {}
        for entry in self.program.manifest.named("teacher"):
            powers = np.exp(self._source.standard_normal(entry.shape))
            powers[0, 0] = 0
            arrays[entry.name] = (powers / np.sum(powers, axis=1, keepdims=True)).astype(np.float32)
        return arrays

    def run(self) -> None:
        """Run the step; `expected` then holds its results in order. Raises NetSpecError."""
        values = self._early()
        state = [value for value in self.function.results if value in self.late]
        given = {value.name: values[value] for value in self._boundary}
        values |= self._reference(subfunction(self.function, state, self._boundary))(self.arguments | given)
        named = [(entry.name, entry.role, self.results[entry.name]) for entry in self.program.manifest.results]
        self.expected = self.expect(named, values)

    def compare(self, results: Sequence[Array]) -> list[TensorError]:
        """The errors of a device's results, in order. Only after `run`."""
        return _errors(self.expected, results)

    def judge(self, results: Sequence[Array], rounded_by: Runner = Reference) -> list[TensorError]:
        """As `compare`; where an error is too large, other roundings are measured: see `judged`."""
        return judged(self.expected, results, self.function, self.arguments, rounded_by)

    def values(self, wanted: Sequence[Value]) -> dict[Value, Array]:
        """Any values of the program, by the reference."""
        return self._reference(subfunction(self._everything(), wanted))(self.arguments)

    def expect(self, named: Sequence[tuple[str, str, Value]], numbers: Mapping[Value, Array]) -> list[Expected]:
        """Expected tensors for values of the program, given by name and role. Only after `run`."""
        counts = roundings(self.function, [value for _, _, value in named], self._enlarged)
        return [
            Expected(
                name,
                role,
                numbers[value],
                count,
                self.floors.get(value, 0.0),
                sqrt(2 * sum(share**2 for reached, share in self._ties if value in reached)),
                self.arguments[name] if role == "parameter" else None,
            )
            for (name, role, value), count in zip(named, counts, strict=True)
        ]

    def _clear(self) -> tuple[float, str]:
        """Run the forward pass until every channel is clear of the kinks; the distance to the nearest, and its node."""
        state = ClearState(self.graph, self.arguments[IMAGES], self._source, self.net.preprocessing)
        outputs, nodes = self.program.landmarks.outputs, self.graph.nodes
        drops = bool(self.graph.drawing())
        measured = {name: _extremes(outputs[nodes[name].inputs[0]], drops) for name in state.leaves}
        self.arguments |= state.parameters
        nearest, node = np.inf, ""
        if measured:
            wanted = [value for pair in measured.values() for value in pair]
            reference = self._reference(subfunction(self._everything(), wanted))
            for attempt in range(TRIES):
                ranges = reference(self.arguments)
                first = attempt == 0
                nearest, node = min(
                    (state.settle(name, ranges[low], ranges[high], first=first), name)
                    for name, (low, high) in measured.items()
                )
                if nearest >= CLEAR and not first:
                    break
                self.arguments |= state.parameters
        return nearest, node

    def _early(self) -> dict[Value, Array]:
        """Everything up to the gradients; then choose the rate, the slots and the running statistics."""
        marks, sums = self.program.landmarks, RandomSums(self.function)
        floors = {value: sums.norm(value) for value in (*marks.gradients.values(), *self._fresh.values())}
        ties = {
            node.inputs[0]: self._tie(node, node.op)
            for node in self.graph.nodes.values()
            if isinstance(node.op, MaxPool) and not self.graph.stops(node.inputs[0])
        }
        early = [value for value in self.function.results if value not in self.late]
        wanted = [*early, *self._boundary, *marks.gradients.values(), *floors.values(), *ties.values()]
        values = self.values(list(dict.fromkeys(wanted)))
        self.floors = {value: float(values[floor]) for value, floor in floors.items()}
        self._ties = [
            (affected(self.function, {marks.cotangents[name]}), float(values[tie])) for name, tie in ties.items()
        ]
        self.undecided = max((share for _, share in self._ties), default=0.0)
        self._enlarged = self._measured_enlargement(values)
        self._choose_state(values)
        return values

    def _tie(self, node: Node, pool: MaxPool) -> Value:
        """The share of a max-pool's cotangent that near ties leave undecided.

        Broadcast values are equal all over a window: only the rounding of the others can change an order.
        """
        marks, producer_of = self.program.landmarks, producers(self.function)
        x = marks.outputs[node.inputs[0]]
        own = subfunction(
            self.function, [x], [value for value in producer_of if producer_of[value].opcode == "broadcast_in_dim"]
        )
        return undecided(x, marks.outputs[node.name], marks.cotangents[node.name], pool, roundings(own, [x])[0])

    def _measured_enlargement(self, values: Mapping[Value, Array]) -> dict[Operation, float]:
        """κ² for every operation before a batch norm, which enlarges its relative error.

        Rounding is relative to a number, and after a batch norm its deviation from the channel's mean counts: κ² is the
        mean over channels of (μ² + σ²)/σ². Before one of the images there is their conversion alone.
        """
        enlarged: dict[Operation, float] = {}
        for name, node in self.graph.nodes.items():
            if isinstance(node.op, BatchNorm) and node.inputs[0] != IMAGES and node.moving():
                fresh = (values[self._fresh[f"{name}_{tensor.name}"]] for tensor in node.op.statistics())
                mean, variance = (numbers / node.op.momentum for numbers in fresh)
                kappa = float(np.mean(1 + mean**2 / (variance + node.op.epsilon)))
                before = subfunction(self.function, [self.program.landmarks.outputs[node.inputs[0]]])
                enlarged |= {step: kappa for step in operations(before) if step not in enlarged}
        return enlarged

    def _choose_state(self, values: Mapping[Value, Array]) -> None:
        """Choose slots of the size of their updates, and a rate at which updates are about as large as parameters."""
        chosen = optimizer_for(self.config)
        gradients = {
            name: _Gradient(values[value], self.floors[value])
            for name, value in self.program.landmarks.gradients.items()
        }
        sizes = {name: float(np.linalg.norm(self.arguments[name])) for name in gradients}
        gradients = self._combined(gradients)
        update = _Update(recipe.optimizer_of(self.config), 1.0)
        ratios = [
            log(sizes[name] * update.root(gradient) / gradient.norm)
            for name, gradient in gradients.items()
            if sizes[name] and gradient.norm
        ]
        normalized = isinstance(update.optimizer, recipe.Adam | recipe.Lamb)
        if ratios and not normalized:
            update = replace(update, rate=exp(sum(ratios) / len(ratios)))
        self.arguments["learning_rate"] = np.array(update.rate, np.float32)
        for name, gradient in gradients.items():
            share = 0.0 if normalized else update.rate / update.root(gradient)
            self.floors[self.results[name]] = share * gradient.floor
            for slot in chosen.slots:
                numbers, floor = _SLOTS[slot](gradient, update, self._source)
                self.arguments[f"{name}_{slot}"] = numbers.astype(np.float32)
                self.floors[self.results[f"{name}_{slot}"]] = floor
        for name, value in self._fresh.items():
            size = float(np.sqrt(np.mean(values[value] ** 2)))
            self.arguments[name] = (size * self._source.uniform(0.5, 1.5, values[value].shape)).astype(np.float32)
            self.floors[self.results[name]] = self.floors[value]
        for entry in self.program.manifest.named("average"):
            numbers = self.arguments[entry.name.removesuffix(f"_{AVERAGE}")]
            self.arguments[entry.name] = numbers * self._source.uniform(0.5, 1.5, numbers.shape).astype(np.float32)

    def _combined(self, gradients: dict[str, _Gradient]) -> dict[str, _Gradient]:
        """What the optimizer is given: with the gradients of the batches before, which are chosen, and clipped."""
        parts, most = self.config.gradAccumSteps, self.config.gradClipNorm
        if parts > 1:
            for name, gradient in gradients.items():
                before = gradient.scale / parts * self._source.standard_normal(gradient.numbers.shape)
                self.arguments[f"{name}_{SUM}"] = before.astype(np.float32)
                gradients[name] = _Gradient(before + gradient.numbers / parts, gradient.floor / parts)
        norm = sqrt(sum(gradient.norm**2 for gradient in gradients.values()))
        if most and norm > most:
            share = most / norm
            gradients = {name: _Gradient(share * each.numbers, share * each.floor) for name, each in gradients.items()}
        return gradients

    def _everything(self) -> Function:
        """The step with the operations added to measure it."""
        block = self.function.results[0].block
        return Function("reference", self.function.arguments, tuple(block.operations), ())


def _neighbours(numbers: Array, source: np.random.Generator) -> Array:
    """Every f32 number moved by -1, 0 or 1 steps; 0 and integers stay."""
    if numbers.dtype != np.float32:
        return numbers
    steps = source.integers(-1, 2, numbers.shape)
    moved = np.where(steps > 0, np.nextafter(numbers, np.float32(np.inf)), np.nextafter(numbers, np.float32(-np.inf)))
    return np.where((steps == 0) | (numbers == 0), numbers, moved)


def _extremes(x: Value, drops: bool) -> tuple[Value, Value]:
    """The smallest and the largest number of each channel, `[C]`.

    Where numbers are dropped, of those that are not 0: a 0 is exact then, so that no rounding moves it over a kink.
    """
    axes = tuple(range(len(x.shape) - 1))
    low, high = x, x
    if drops:
        exists = hlo.compare(x, "NE", scalar(0, x), "not_dropped")
        low, high = (hlo.select(exists, x, scalar(end, x), "not_dropped") for end in (_FAR, -_FAR))
    return hlo.reduce_min(low, axes, 2**31, "lowest"), hlo.reduce_max(high, axes, "highest")
