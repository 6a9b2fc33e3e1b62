"""The third certainty, on the device: a train step, compiled as `netspec train` compiles it, beside XLA in f64.

Every output tensor is compared. The numbers that go in are chosen so that rounding decides nothing: every channel lies
wholly on one piece of its activation, away from the kinks.
"""

import io
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from math import exp, log, prod, sqrt
from pathlib import Path
from typing import Self

import numpy as np

from emit import hlo
from emit.expand import expand
from emit.graph import IMAGES, Graph, Node
from emit.hlo import Function, Operation, Value
from emit.manifest import Manifest
from emit.op import Op
from emit.ops import Add, BatchNorm, Convolution, Dense, Depthwise, MaxPool, Relu, Relu6
from emit.ops.batch_norm import EPSILON, MOMENTUM
from emit.optimizer import STEP, Adam, optimizer
from emit.program import IMAGENET_MEAN, IMAGENET_STD, emit
from netspec.errors import InputError
from netspec.language import NetSpec, TrainConfig
from runtime.compile import Compiled, compile_programs
from runtime.device import Device
from runtime.report import Report
from runtime.target import Target
from runtime.verify.check import Check
from runtime.verify.narrow import Finding, narrow
from runtime.verify.reference import (
    Array,
    Expected,
    RandomSums,
    Reference,
    TensorError,
    affected,
    boundary,
    cut,
    makers,
    operations,
    roundings,
    undecided,
)

Arrays = dict[str, Array]
Runner = Callable[[Function], Callable[[Mapping[str, Array]], dict[Value, Array]]]

KINKS: dict[type[Op], tuple[float, ...]] = {Relu: (0.0,), Relu6: (0.0, 6.0)}
# Where channels lie before an activation: an eighth of them on each outer piece, the others 3 above zero.
LEVEL = 3.0
OUTER: dict[type[Op], tuple[float, ...]] = {Relu: (-3.0,), Relu6: (-3.0, 9.0)}
# How much a channel deviates from its level before it is measured; what is added to others, a quarter of that.
DEVIATION = 0.3
ADDED = 0.25
# How far from its level the farthest number of a channel is to lie then, and where that came too near a kink.
FARTHEST = 1.5
NEARER = 1.2
CLEAR = 0.05
ALL_EQUAL = 1e-3
TRIES = 10
# With fewer numbers a channel, batch norm has next to no gradient.
FEWEST = 8
STEPS_BEFORE = 2


class ClearState:
    """Parameters with which every channel of every activation's input lies wholly on one piece of the activation.

    Batch norm's output has mean β and deviation |γ|; a convolution's with small weights lies around its bias. So the
    level of every channel is known, node by node, and β or the bias is what it lacks to `LEVEL`.
    """

    def __init__(self, graph: Graph, images: Array, source: np.random.Generator) -> None:
        self.graph = graph
        self.parameters: Arrays = {}
        self._source, self._batch = source, len(images)
        mean, deviation = images.mean((0, 1, 2)) / 255, images.std((0, 1, 2)) / 255
        self._levels: Arrays = {IMAGES: (mean - IMAGENET_MEAN) / IMAGENET_STD}
        self._variances: Arrays = {IMAGES: (deviation / np.array(IMAGENET_STD)) ** 2}
        nodes = graph.nodes.values()
        self.leaves = {node.name: self._added(node.inputs[0]) for node in nodes if type(node.op) in KINKS}
        self._before = {leaf: name for name, leaves in self.leaves.items() for leaf in leaves}
        self._into_depthwise = {node.inputs[0] for node in nodes if isinstance(node.op, Depthwise)}
        for node in nodes:
            _LEVELS.get(type(node.op), ClearState._same)(self, node)

    def settle(self, activation: str, lowest: Array, highest: Array, *, first: bool) -> float:
        """Take what was measured of each channel of an activation's input; give the distance to the nearest kink.

        The first time, every channel is made to deviate as far as the kinks allow: beside its level, what counts of it
        is then large. Later, one that comes near a kink, or lies on both sides of one, deviates less from then on.
        """
        kinks = np.array(KINKS[type(self.graph.nodes[activation].op)])[:, None]
        away = np.minimum(np.abs(lowest - kinks), np.abs(highest - kinks))
        nearest: Array = np.where((lowest < kinks) & (kinks < highest), 0.0, away).min(axis=0)
        leaves = self.leaves[activation]
        level = sum(self._levels[leaf] for leaf in leaves)
        deviation = np.maximum(highest - level, level - lowest)
        if first and len(leaves) == 1:
            self._scale(leaves, np.where(deviation > ALL_EQUAL, FARTHEST / np.maximum(deviation, DEVIATION), 1.0))
        elif (nearest < CLEAR).any():
            self._scale(leaves, np.where(nearest < CLEAR, NEARER / np.maximum(deviation, NEARER), 1.0))
        return float(nearest.min())

    def _scale(self, leaves: Sequence[str], factors: Array) -> None:
        """Deviate by a factor a channel; what reaches the activation past other activations and pools does too."""
        for leaf in leaves:
            node = self.graph.nodes[leaf]
            if isinstance(node.op, MaxPool) or type(node.op) in KINKS:
                self._scale(self._added(node.inputs[0]), factors)
            for name, tensor in node.parameters():
                if tensor.name == ("gamma" if isinstance(node.op, BatchNorm) else "weight"):
                    self.parameters[name] = (self.parameters[name] * factors).astype(np.float32)

    def _added(self, name: str) -> list[str]:
        """The nodes whose outputs add up to a node's output: itself, or the terms of an Add."""
        node = self.graph.nodes[name]
        return [leaf for source in node.inputs for leaf in self._added(source)] if isinstance(node.op, Add) else [name]

    def _chosen(self, node: Node) -> tuple[Array, Array]:
        """Level and deviation of each channel of a node that has a β or a bias."""
        channels, source = node.shape[-1], self._source
        activation = self._before.get(node.name)
        if activation is None:
            return source.standard_normal(channels), source.uniform(0.8, 1.2, channels)
        others = [leaf for leaf in self.leaves[activation] if leaf != node.name]
        known = [leaf for leaf in others if leaf in self._levels]
        level: Array = sum((self._levels[leaf] for leaf in known), np.zeros(channels))
        variance: Array = sum((self._variances[leaf] for leaf in known), np.zeros(channels))
        deviation = DEVIATION * source.uniform(0.7, 1.0, channels) * np.where(variance > 0, ADDED, 1.0)
        if len(known) < len(others):  # another leaf comes later, and makes up the level
            return source.standard_normal(channels), deviation
        wanted = np.full(channels, LEVEL)
        order, eighth = source.permutation(channels), channels // 8
        for place, outer in enumerate(OUTER[type(self.graph.nodes[activation].op)]):
            # A depthwise convolution would make equal numbers of equal ones, and their sum rounds one way.
            if outer < 0 or activation not in self._into_depthwise:
                wanted[order[place * eighth : (place + 1) * eighth]] = outer
        return wanted - level, deviation

    def _batch_norm(self, node: Node) -> None:
        places = self._batch * prod(node.shape[:-1])
        if places < FEWEST:
            raise InputError(
                f"{node.name}: batch norm sees {places} numbers a channel, which leaves its input no gradient to "
                f"verify: expected at least {FEWEST}; raise --batch-size or --image-size."
            )
        level, deviation = self._chosen(node)
        self._put(node, "gamma", deviation * self._source.choice((-1.0, 1.0), deviation.shape))
        self._put(node, "beta", level)
        self._levels[node.name], self._variances[node.name] = level, deviation**2

    def _linear(self, node: Node) -> None:
        """Weights that give the chosen deviation from inputs of any level; without a bias, a deviation of one."""
        tensors = {tensor.name: tensor.shape for tensor in node.op.parameters()}
        level, deviation = np.zeros(node.shape[-1]), np.ones(node.shape[-1])
        if "bias" in tensors:
            level, deviation = self._chosen(node)
            self._put(node, "bias", level)
        levels, variances = self._levels[node.inputs[0]], self._variances[node.inputs[0]]
        size = deviation / sqrt(prod(tensors["weight"][:-1]) * float(np.mean(levels**2 + variances)))
        weight = self._source.standard_normal(tensors["weight"]) * size
        self._put(node, "weight", _balanced(weight, levels, variances))
        self._levels[node.name], self._variances[node.name] = level, deviation**2

    def _add(self, node: Node) -> None:
        for known in (self._levels, self._variances):
            known[node.name] = known[node.inputs[0]] + known[node.inputs[1]]

    def _activation(self, node: Node) -> None:
        low, high = (*KINKS[type(node.op)], np.inf)[:2]
        level = self._levels[node.inputs[0]]
        self._levels[node.name] = np.clip(level, low, high)
        linear = (level > low) & (level < high)
        self._variances[node.name] = np.where(linear, self._variances[node.inputs[0]], 0.0)

    def _same(self, node: Node) -> None:
        """Pools and flatten: channel by channel, or pixel by pixel."""
        for known in (self._levels, self._variances):
            channels = known[node.inputs[0]]
            known[node.name] = np.tile(channels, node.shape[-1] // len(channels))

    def _put(self, node: Node, tensor: str, numbers: Array) -> None:
        self.parameters[f"{node.name}_{tensor}"] = numbers.astype(np.float32)


_LEVELS: dict[type[Op], Callable[[ClearState, Node], None]] = {
    BatchNorm: ClearState._batch_norm,
    Convolution: ClearState._linear,
    Depthwise: ClearState._linear,
    Dense: ClearState._linear,
    Add: ClearState._add,
    Relu: ClearState._activation,
    Relu6: ClearState._activation,
}


def _balanced(weight: Array, levels: Array, variances: Array) -> Array:
    """Weights that make no more of the inputs' levels than of their deviations.

    The levels would add up to a large number that the next batch norm takes away again, and its rounding would be
    large beside what is left.
    """
    if weight.ndim == 4 and weight.shape[2] < len(levels):  # depthwise
        kept = np.minimum(1.0, np.sqrt(variances) / np.maximum(np.abs(levels), 1e-9))
        return np.asarray(weight - (1 - kept) * weight.mean((0, 1), keepdims=True))
    size = max(float(np.sum(levels**2)), 1e-9)
    share = 1 - min(1.0, sqrt(float(np.sum(variances)) / size))
    return np.asarray(weight - share * levels[:, None] * (levels @ weight)[..., None, :] / size)


def random_images(shape: tuple[int, int, int, int], source: np.random.Generator) -> Array:
    """uint8 `[N, H, W, 3]`: a colour, a coarse pattern and noise, so that images differ as wholes and by pixels."""
    batch, height, width, colours = shape
    colour = source.uniform(88, 168, (batch, 1, 1, colours))
    pattern = source.uniform(-60, 60, (batch, 5, 5, colours))
    coarse = pattern[:, np.arange(height) * 5 // height][:, :, np.arange(width) * 5 // width]
    return (colour + coarse + source.uniform(-20, 20, shape)).astype(np.uint8)


@dataclass(frozen=True)
class _Gradient:
    """A parameter's gradient by the reference; `floor` is its norm if the sums it ends in had random signs."""

    numbers: Array
    floor: float

    @property
    def norm(self) -> float:
        return max(float(np.linalg.norm(self.numbers)), self.floor)

    @property
    def scale(self) -> float:
        return self.norm / sqrt(self.numbers.size)


# For each slot, its numbers, of the size of what a step adds, and the floor of its norm, from that of the gradient.
# A square, 2·|g|·error, is held against the largest gradient.
_SLOTS: dict[str, Callable[[_Gradient, np.random.Generator], tuple[Array, float]]] = {
    "m": lambda g, source: (
        (1 - Adam.beta1) * g.scale * source.standard_normal(g.numbers.shape),
        (1 - Adam.beta1) * g.floor,
    ),
    "v": lambda g, source: (
        (1 - Adam.beta2) * g.scale**2 * source.uniform(0.5, 1.5, g.numbers.shape),
        2 * (1 - Adam.beta2) * float(np.max(np.abs(g.numbers))) * g.norm,
    ),
    "momentum": lambda g, source: (g.scale * source.standard_normal(g.numbers.shape), g.floor),
}


class Truth:
    """One train step by the reference: what goes in, by name, and what comes out."""

    def __init__(
        self, net: NetSpec, config: TrainConfig, backend: str, seed: int = 0, *, reference: Runner = Reference
    ) -> None:
        """Choose the numbers, running the forward walk. `reference` makes a function runnable. Raises NetSpecError."""
        self._reference = reference
        self.net, self.config, self.graph = net, config, expand(net)
        self.program = emit("train_step", net, config, backend=backend, real="f64")
        self.function = self.program.module.functions[0]
        entries, made = self.program.manifest, makers(self.function)
        self.results = dict(zip((entry.name for entry in entries.results), self.function.results, strict=True))
        # What waits for the gradients: slots and rate are chosen by their size, so it runs after them.
        late = {entry.name for entry in entries.arguments if entry.role in ("learning_rate", "slot", STEP, "statistic")}
        self.late = affected(self.function, {value for value in self.function.arguments if value.name in late})
        self._boundary = boundary(self.function, self.late)
        self._fresh = {
            entry.name: next(value for value in made[self.results[entry.name]].operands if value in self._boundary)
            for entry in entries.named("statistic")
        }
        self._source = np.random.default_rng(seed)
        shape = (config.batchSize, net.imageH, net.imageW, 3)
        self.arguments: Arrays = {
            IMAGES: random_images(shape, self._source),
            "labels": self._source.integers(0, net.classes, config.batchSize, dtype=np.int32),
        }
        self.nearest = self._clear()
        self.floors: dict[Value, float] = {}
        self.undecided = 0.0
        self.expected: list[Expected] = []

    def run(self) -> None:
        """Run the step; `expected` then holds its results in order. Raises NetSpecError."""
        found = self._early()
        state = [value for value in self.function.results if value in self.late]
        given = {value.name: found[value] for value in self._boundary}
        found |= self._reference(cut(self.function, state, self._boundary))(self.arguments | given)
        named = [(entry.name, entry.role, self.results[entry.name]) for entry in self.program.manifest.results]
        self.expected = self.expect(named, found)

    def compare(self, found: Sequence[Array]) -> list[TensorError]:
        """What a device gave for each result, in order, against the reference. Only after `run`."""
        return [expected.error(numbers) for expected, numbers in zip(self.expected, found, strict=True)]

    def values(self, wanted: Sequence[Value]) -> dict[Value, Array]:
        """Any values of the program, by the reference."""
        return self._reference(cut(self._everything(), wanted))(self.arguments)

    def expect(self, named: Sequence[tuple[str, str, Value]], numbers: Mapping[Value, Array]) -> list[Expected]:
        """Values of the program by name and role, with what decides their tolerances. Only after `run`."""
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

    def _clear(self) -> float:
        """Run the forward walk until every channel is clear of the kinks; give the distance to the nearest."""
        state = ClearState(self.graph, self.arguments[IMAGES], self._source)
        outputs, nodes = self.program.landmarks.outputs, self.graph.nodes
        measured = {name: _extremes(outputs[nodes[name].inputs[0]]) for name in state.leaves}
        self.arguments |= state.parameters
        nearest = np.inf
        if measured:
            wanted = [value for pair in measured.values() for value in pair]
            reference = self._reference(cut(self._everything(), wanted))
            for attempt in range(TRIES):
                found = reference(self.arguments)
                first = attempt == 0
                nearest = min(
                    state.settle(name, found[low], found[high], first=first) for name, (low, high) in measured.items()
                )
                if nearest >= CLEAR and not first:
                    break
                self.arguments |= state.parameters
        return nearest

    def _early(self) -> dict[Value, Array]:
        """Everything up to the gradients; then choose the rate, the slots and the running statistics."""
        marks, sums = self.program.landmarks, RandomSums(self.function)
        floors = {value: sums.norm(value) for value in (*marks.gradients.values(), *self._fresh.values())}
        ties = {
            node.inputs[0]: self._tie(node, node.op)
            for node in self.graph.nodes.values()
            if isinstance(node.op, MaxPool) and node.inputs[0] != IMAGES
        }
        early = [value for value in self.function.results if value not in self.late]
        wanted = [*early, *self._boundary, *marks.gradients.values(), *floors.values(), *ties.values()]
        found = self.values(list(dict.fromkeys(wanted)))
        self.floors = {value: float(found[floor]) for value, floor in floors.items()}
        self._ties = [
            (affected(self.function, {marks.cotangents[name]}), float(found[tie])) for name, tie in ties.items()
        ]
        self.undecided = max((share for _, share in self._ties), default=0.0)
        self._enlarged = self._measured_enlargement(found)
        self._choose_state(found)
        return found

    def _tie(self, node: Node, pool: MaxPool) -> Value:
        """How much of a max-pool's cotangent near ties leave undecided.

        What is broadcast is the same all over a window: only the rounding of the rest can turn an order round.
        """
        marks, made = self.program.landmarks, makers(self.function)
        x = marks.outputs[node.inputs[0]]
        own = cut(self.function, [x], [value for value in made if made[value].opcode == "broadcast_in_dim"])
        return undecided(x, marks.outputs[node.name], marks.cotangents[node.name], pool, roundings(own, [x])[0])

    def _measured_enlargement(self, found: Mapping[Value, Array]) -> dict[Operation, float]:
        """κ² for each operation between one batch norm and the next: what the next makes of relative errors.

        Rounding is relative to a number, and what counts behind batch norm is its deviation from the channel's mean:
        κ² is the mean over channels of (μ² + σ²)/σ².
        """
        enlarged: dict[Operation, float] = {}
        for name, node in self.graph.nodes.items():
            if isinstance(node.op, BatchNorm):
                fresh = (found[self._fresh[f"{name}_{tensor.name}"]] for tensor in node.op.statistics())
                mean, variance = (numbers / float(MOMENTUM) for numbers in fresh)
                kappa = float(np.mean(1 + mean**2 / (variance + float(EPSILON))))
                before = cut(self.function, [self.program.landmarks.outputs[node.inputs[0]]])
                enlarged |= {step: kappa for step in operations(before) if step not in enlarged}
        return enlarged

    def _choose_state(self, found: Mapping[Value, Array]) -> None:
        """Slots of the size of what a step adds to them, and a rate at which parameters move by about their size."""
        chosen = optimizer(self.config)
        gradients = {
            name: _Gradient(found[value], self.floors[value])
            for name, value in self.program.landmarks.gradients.items()
        }
        sizes = {name: float(np.linalg.norm(self.arguments[name])) for name in gradients}
        ratios = [log(sizes[name] / each.norm) for name, each in gradients.items() if sizes[name] and each.norm]
        rate = 1.0 if isinstance(chosen, Adam) or not ratios else exp(sum(ratios) / len(ratios))
        self.arguments |= {"learning_rate": np.array(rate, np.float32), STEP: np.array(STEPS_BEFORE, np.int32)}
        for name, gradient in gradients.items():
            self.floors[self.results[name]] = 0.0 if isinstance(chosen, Adam) else rate * gradient.floor
            for slot in chosen.slots:
                numbers, floor = _SLOTS[slot](gradient, self._source)
                self.arguments[f"{name}_{slot}"] = numbers.astype(np.float32)
                self.floors[self.results[f"{name}_{slot}"]] = floor
        for name, value in self._fresh.items():
            size = float(np.sqrt(np.mean(found[value] ** 2)))
            self.arguments[name] = (size * self._source.uniform(0.5, 1.5, found[value].shape)).astype(np.float32)
            self.floors[self.results[name]] = self.floors[value]

    def _everything(self) -> Function:
        """The step with all that was added to measure it."""
        block = self.function.results[0].block
        return Function("reference", self.function.arguments, tuple(block.operations), ())


def _extremes(x: Value) -> tuple[Value, Value]:
    """The smallest and the largest number of each channel, `[C]`."""
    axes = tuple(range(len(x.shape) - 1))
    return hlo.reduce_min(x, axes, 2**31, "lowest"), hlo.reduce_max(x, axes, "highest")


def call(device: Device, compiled: Compiled, manifest: Manifest, arguments: Mapping[str, Array]) -> list[Array]:
    """Run a compiled program on a device once; its results in order."""
    loaded = device.load(compiled.vmfb, compiled.entry_point)
    results = loaded([device.put(arguments[each.name], each.dtype) for each in manifest.arguments])
    return [device.read(buffer, each.dtype) for buffer, each in zip(results, manifest.results, strict=True)]


class Numbers:
    """The check of one spec on one device. Used as a context: the compiler runs from entering on, in the background.

        with Numbers(net, config, target, device, report, folder=folder) as numbers:
            ...  # other checks
            for check in numbers.checks():
                ...

    After `checks`, `tensors` has every tensor's figures, and `finding` says where a failure begins. The program is
    the one that `netspec train` compiles, and is taken from its cache. Leaving the context stops the compiler.
    """

    def __init__(
        self,
        net: NetSpec,
        config: TrainConfig,
        target: Target,
        device: Device,
        report: Report,
        *,
        folder: Path,
        seed: int = 0,
    ) -> None:
        """`folder` takes the files of a failure. Raises SpecError."""
        self.tensors: list[TensorError] = []
        self.finding: Finding | None = None
        self._net, self._config, self._target, self._report = net, config, target, report
        self._folder, self._seed = folder, seed
        self._device = device
        self._program = emit("train_step", net, config, backend=target.backend)
        self._quiet = _Quiet()

    def __enter__(self) -> Self:
        self._pool = ThreadPoolExecutor(1, "iree-compile")
        self._compiled: Future[list[Compiled]] = self._pool.submit(
            compile_programs, [self._program], self._target, self._quiet
        )
        return self

    def __exit__(self, *failure: object) -> None:
        self._quiet.stopped.set()
        self._pool.shutdown()

    def checks(self) -> Iterator[Check]:
        """The checks, one after the other. Raises NetSpecError when one cannot be made."""
        started = time.perf_counter()
        with self._report.clock("Running the train step on XLA in f64"):
            truth = Truth(self._net, self._config, self._target.backend, self._seed)
            clear = truth.nearest >= CLEAR
            if clear:
                truth.run()
        yield self._inputs(truth, time.perf_counter() - started)
        if not clear:
            return
        compiled = self._wait()
        started = time.perf_counter()
        found = call(self._device, compiled, self._program.manifest, truth.arguments)
        self.tensors = truth.compare(found)
        seconds = time.perf_counter() - started
        for role, (subject, several) in _ROLES.items():
            if some := [tensor for tensor in self.tensors if tensor.role == role]:
                yield self._compared(some, subject, several, seconds)
                seconds = 0.0
        if not all(tensor.passed for tensor in self.tensors):
            yield self._narrowed(truth)

    def _wait(self) -> Compiled:
        with self._report.clock(f"Compiling train_step for {self._target}") as tick:
            while not self._compiled.done():
                tick("train_step")
                wait([self._compiled], timeout=0.1)
        return self._compiled.result()[0]

    def _inputs(self, truth: Truth, seconds: float) -> Check:
        found = f"nearest kink {truth.nearest:.2g} away" if truth.nearest < np.inf else "no activation"
        if truth.undecided:
            found += f"; max-pools: near ties of {truth.undecided:.1e} of the cotangent"
        activations = sum(type(node.op) in KINKS for node in truth.graph.nodes.values())
        passed = truth.nearest >= CLEAR
        if not passed:
            found = f"a channel comes within {truth.nearest:.1e} of a kink, expected {CLEAR}: rounding may decide there"
        return self._check(
            "inputs", "every channel lies on one piece", f"{activations} activations", found, seconds, passed
        )

    def _compared(self, tensors: Sequence[TensorError], subject: str, several: bool, seconds: float) -> Check:
        worst = max(tensors, key=lambda tensor: tensor.share)
        wrong = sum(not tensor.passed for tensor in tensors)
        found = f"worst {worst}" if several else str(worst)
        if wrong and several:
            found = f"{wrong} of {len(tensors)} are off, {found}"
        extent = f"{len(tensors)} tensor{'s' if len(tensors) > 1 else ''}"
        return self._check(subject, "IREE in f32 = XLA in f64", extent, found, seconds, not wrong)

    def _narrowed(self, truth: Truth) -> Check:
        started = time.perf_counter()
        with self._report.clock("Looking for where it begins"):
            self.finding = narrow(
                truth, self._program, self.tensors, self._device, self._target, self._quiet, self._folder
            )
        seconds = time.perf_counter() - started
        extent = f"{len(self.tensors)} tensors"
        return self._check("where it begins", "IREE in f32 = XLA in f64", extent, str(self.finding), seconds, False)

    def _check(self, subject: str, identity: str, extent: str, found: str, seconds: float, passed: bool) -> Check:
        return Check("number", f"train_step, {subject}", identity, "f32 against f64", extent, passed, found, seconds)


# By role: what a line calls the tensors, and whether there may be several.
_ROLES = {
    "loss": ("loss", False),
    "parameter": ("parameters", True),
    "slot": ("slots", True),
    "statistic": ("statistics", True),
    "step": ("step", False),
}


class _Stopped(Exception):
    """The compilation is not wanted any more."""


class _Quiet(Report):
    """Says nothing. A compilation that reports to it ends when `stopped` is set."""

    def __init__(self) -> None:
        super().__init__(live=False, stream=io.StringIO())
        self.stopped = threading.Event()

    def say(self, text: str) -> None:
        """Nothing."""

    @contextmanager
    def clock(self, title: str) -> Iterator[Callable[[str], None]]:
        """Raises what stops the work when `stopped` is set."""

        def tick(detail: str) -> None:
            if self.stopped.is_set():
                raise _Stopped

        yield tick
