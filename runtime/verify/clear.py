"""Inputs for which rounding decides no branch: every channel is within one linear piece of its activation."""

from collections.abc import Callable, Sequence
from math import prod, sqrt

import numpy as np

from emit.dropping import Dropping
from emit.graph import IMAGES, Graph, Node
from emit.images import mean_and_std
from emit.op import Op
from emit.ops.add import Add
from emit.ops.attention import Attention
from emit.ops.average_pool import AveragePool
from emit.ops.batch_norm import BatchNorm
from emit.ops.channel_scale import ChannelScale
from emit.ops.concatenate import Concatenate
from emit.ops.convolution import Convolution
from emit.ops.dense import Dense
from emit.ops.depthwise import Depthwise
from emit.ops.fixed_batch_norm import FixedBatchNorm
from emit.ops.layer_scale import LayerScale
from emit.ops.max_pool import MaxPool
from netspec.errors import InputError
from netspec.preprocessing import Preprocessing
from runtime.verify.arithmetic import Arithmetic
from runtime.verify.ops import definition_of, output
from runtime.verify.reference import Array

Arrays = dict[str, Array]


# The distance of channels from a kink before an activation: an eighth of them on each outer piece, the others above
# the lowest kink.
LEVEL = 3.0
# A channel's standard deviation before it is measured; of a term added to others, a quarter of that.
DEVIATION = 0.3
ADDED = 0.25
# The largest distance of a channel's numbers from its level after scaling, and where that came too near a kink.
FARTHEST = 1.5
NEARER = 1.2
CLEAR = 0.05
ALL_EQUAL = 1e-3
# With fewer numbers a channel, batch norm has next to no gradient.
FEWEST = 8


def kinks_of(op: Op) -> tuple[int, ...]:
    """Where an activation's pieces meet, in order; nowhere of any other op."""
    return tuple(definition_of(op).kinks)


def check_batch_norm(graph: Graph, batch: int) -> None:
    """Batch norm must see enough numbers a channel. Raises InputError."""
    for node in graph.nodes.values():
        count = batch * prod(node.shape[:-1])
        if isinstance(node.op, BatchNorm) and node.moving() and count < FEWEST:
            raise InputError(
                f"{node.name}: batch norm has {count} numbers a channel, which leaves its input no gradient to "
                f"verify: expected at least {FEWEST}; raise --batch-size or --image-size, or leave the numbers out "
                "with --quick."
            )


class ClearState:
    """Parameters with which every channel of every activation's input is within one piece of the activation.

    Of batch norms whose running statistics stay also those, which are those of their input.

    Batch norm's output has mean β and deviation |γ|; the mean of a convolution with small weights is near its bias. So
    the level (mean) of every channel is known, node by node, and β or the bias is chosen so that it becomes `LEVEL`.
    """

    def __init__(self, graph: Graph, images: Array, source: np.random.Generator, said: Preprocessing) -> None:
        self.graph = graph
        self.parameters: Arrays = {}
        self._source, self._batch = source, len(images)
        mean, deviation = images.mean((0, 1, 2)) / said.scale, images.std((0, 1, 2)) / said.scale
        zero, one = (np.array(each) for each in mean_and_std(images.shape[-1], said))
        self._levels: Arrays = {IMAGES: (mean - zero) / one}
        self._variances: Arrays = {IMAGES: (deviation / one) ** 2}
        nodes = graph.nodes.values()
        self.leaves = {node.name: self._terms(node.inputs[0]) for node in nodes if kinks_of(node.op)}
        self._before = {leaf: name for name, leaves in self.leaves.items() for leaf in leaves}
        self._dropped = {node.inputs[0]: float(node.op.keep) for node in nodes if isinstance(node.op, Dropping)}
        self._into_depthwise = {node.inputs[0] for node in nodes if isinstance(node.op, Depthwise)}
        for node in nodes:
            known = ClearState._activation if node.name in self.leaves else ClearState._same
            known = ClearState._drop if isinstance(node.op, Dropping) else known
            _LEVELS.get(type(node.op), known)(self, node)

    def settle(self, activation: str, lowest: Array, highest: Array, *, first: bool) -> float:
        """Adjust parameters to the measured range `[C]` of an activation's input; the distance to the nearest kink.

        The first time, every channel is scaled to deviate as far as the kinks allow: its deviation is then large
        relative to its level. Later, a channel near a kink, or on both sides of one, is scaled down.
        """
        kinks = np.array(kinks_of(self.graph.nodes[activation].op))[:, None]
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
        """Scale deviations by a factor a channel, through other activations, pools and scales as well."""
        for leaf in leaves:
            if leaf == IMAGES:
                continue
            node = self.graph.nodes[leaf]
            if isinstance(node.op, _THROUGH) or node.name in self.leaves:
                self._scale(self._terms(node.inputs[0]), factors)
            if isinstance(node.op, Concatenate):
                first = 0
                for source in node.inputs:
                    last = first + self.graph.shape(source)[-1]
                    self._scale(self._terms(source), factors[first:last])
                    first = last
            for name, tensor in node.parameters():
                if tensor.name == ("gamma" if isinstance(node.op, BatchNorm) else "weight"):
                    self.parameters[name] = (self.parameters[name] * factors).astype(np.float32)

    def _terms(self, name: str) -> list[str]:
        """The nodes whose outputs are added to a node's output: itself, or the terms of an Add, also those dropped."""
        node = self.graph.nodes.get(name)  # None for the images
        if node is None or not isinstance(node.op, Add | Dropping):
            return [name]
        return [leaf for source in node.inputs for leaf in self._terms(source)]

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
        kept = self._dropped.get(node.name)
        if len(known) < len(others):  # a later leaf completes the level
            return source.standard_normal(channels) if kept is None else np.zeros(channels), deviation
        op = self.graph.nodes[activation].op
        lowest, *above = kinks_of(op)
        wanted = np.full(channels, lowest + LEVEL)
        order, eighth = source.permutation(channels), channels // 8
        # Above the last kink an activation may give that kink, to which a dropped leaf would add nothing.
        uppermost = [] if self._dropped else above[-1:]
        for place, outer in enumerate((lowest - LEVEL, *(kink + LEVEL for kink in uppermost))):
            # A depthwise convolution would make equal numbers of equal ones, and their sum rounds one way.
            value, slope = (each.item() for each in _line(op, np.array([outer])))
            if value == 0 or slope != 0 or activation not in self._into_depthwise:
                wanted[order[place * eighth : (place + 1) * eighth]] = outer
        if kept is not None and others:
            # The sum is on one piece whether this leaf is dropped or not: that of the others; or, where the others are
            # 0 and that is a kink, below it, where a sum of zeros is exact.
            clear = np.abs(level - np.array(kinks_of(op))[:, None]).min(axis=0) > LEVEL / 2
            return np.where(clear, 0.0, kept * (lowest - LEVEL)), deviation
        return wanted - level, deviation

    def _batch_norm(self, node: Node) -> None:
        level, deviation = self._chosen(node)
        self._put(node, "gamma", deviation * self._source.choice((-1.0, 1.0), deviation.shape))
        self._put(node, "beta", level)
        if not node.moving():
            self._put(node, "running_mean", self._levels[node.inputs[0]])
            self._put(node, "running_variance", self._variances[node.inputs[0]])
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

    def _attention(self, node: Node) -> None:
        """Each head takes a mean of the values, with shares that add up to one."""
        for known in (self._levels, self._variances):
            values = known[node.inputs[2]]
            known[node.name] = np.tile(values, node.shape[-1] // len(values))

    def _channel_scale(self, node: Node) -> None:
        """The product of two that know nothing of one another."""
        (level, gate), (variance, spread) = (
            [known[source] for source in node.inputs] for known in (self._levels, self._variances)
        )
        self._levels[node.name] = level * gate
        self._variances[node.name] = variance * gate**2 + spread * level**2 + variance * spread

    def _layer_scale(self, node: Node) -> None:
        gamma = self._source.uniform(0.8, 1.2, node.shape[-1]) * self._source.choice((-1.0, 1.0), node.shape[-1])
        self._put(node, "gamma", gamma)
        self._levels[node.name] = self._levels[node.inputs[0]] * gamma
        self._variances[node.name] = self._variances[node.inputs[0]] * gamma**2

    def _concatenate(self, node: Node) -> None:
        for known in (self._levels, self._variances):
            known[node.name] = np.concatenate([known[source] for source in node.inputs])

    def _activation(self, node: Node) -> None:
        self._levels[node.name], slope = _line(node.op, self._levels[node.inputs[0]])
        self._variances[node.name] = slope**2 * self._variances[node.inputs[0]]

    def _drop(self, node: Node) -> None:
        """The mean stays; the mean square is divided by the share that is kept."""
        assert isinstance(node.op, Dropping)
        level, variance = self._levels[node.inputs[0]], self._variances[node.inputs[0]]
        self._levels[node.name] = level
        self._variances[node.name] = (level**2 + variance) / float(node.op.keep) - level**2

    def _same(self, node: Node) -> None:
        """Pools and flatten: channel by channel, or pixel by pixel."""
        for known in (self._levels, self._variances):
            channels = known[node.inputs[0]]
            known[node.name] = np.tile(channels, node.shape[-1] // len(channels))

    def _put(self, node: Node, tensor: str, numbers: Array) -> None:
        self.parameters[f"{node.name}_{tensor}"] = numbers.astype(np.float32)


_LEVELS: dict[type[Op], Callable[[ClearState, Node], None]] = {
    BatchNorm: ClearState._batch_norm,
    FixedBatchNorm: ClearState._batch_norm,
    Convolution: ClearState._linear,
    Depthwise: ClearState._linear,
    Dense: ClearState._linear,
    Add: ClearState._add,
    Attention: ClearState._attention,
    ChannelScale: ClearState._channel_scale,
    LayerScale: ClearState._layer_scale,
    Concatenate: ClearState._concatenate,
}
# Ops of whose output each channel deviates as that channel of their first input does.
_THROUGH = (MaxPool, AveragePool, ChannelScale, LayerScale)


def _line(op: Op, x: Array) -> tuple[Array, Array]:
    """An activation's value and slope, for each of some numbers."""
    low, value, high = (np.asarray(output(Arithmetic(), op, [x + step], {})) for step in (-0.5, 0.0, 0.5))
    return value, high - low


def _balanced(weight: Array, levels: Array, variances: Array) -> Array:
    """Weights for which the inputs' levels contribute no more than their deviations.

    Otherwise the levels add up to a large number that the next batch norm subtracts, and its rounding is large relative
    to the rest.
    """
    groups = len(levels) // weight.shape[2] if weight.ndim == 4 else 1
    if groups == len(levels) == weight.shape[-1] > 1:  # depthwise
        kept = np.minimum(1.0, np.sqrt(variances) / np.maximum(np.abs(levels), 1e-9))
        return np.asarray(weight - (1 - kept) * weight.mean((0, 1), keepdims=True))
    if groups > 1:
        parts = zip(np.split(weight, groups, 3), np.split(levels, groups), np.split(variances, groups), strict=True)
        return np.concatenate([_balanced(*part) for part in parts], 3)
    size = max(float(np.sum(levels**2)), 1e-9)
    share = 1 - min(1.0, sqrt(float(np.sum(variances)) / size))
    return np.asarray(weight - share * levels[:, None] * (levels @ weight)[..., None, :] / size)


def random_images(shape: tuple[int, int, int, int], source: np.random.Generator) -> Array:
    """uint8 `[N, H, W, C]`: a colour, a coarse pattern and noise, so that images differ in mean and pixel by pixel."""
    batch, height, width, colours = shape
    colour = source.uniform(88, 168, (batch, 1, 1, colours))
    pattern = source.uniform(-60, 60, (batch, 5, 5, colours))
    coarse = pattern[:, np.arange(height) * 5 // height][:, :, np.arange(width) * 5 // width]
    return (colour + coarse + source.uniform(-20, 20, shape)).astype(np.uint8)
