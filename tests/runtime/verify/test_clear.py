"""Levels and deviations of channels, which are known before a network is run, are those that it then has."""

import numpy as np
from numpy.typing import NDArray

from emit.graph import IMAGES, Graph
from emit.op import REGISTRY
from emit.ops.average_pool import AveragePool
from emit.ops.batch_norm import BatchNorm
from emit.ops.channel_scale import ChannelScale
from emit.ops.concatenate import Concatenate
from emit.ops.convolution import Convolution
from emit.ops.dense import Dense
from emit.ops.global_average_pool import GlobalAveragePool
from emit.ops.layer_scale import LayerScale
from emit.windows import Window
from netspec.preprocessing import HOUSE
from runtime.verify.arithmetic import Arithmetic
from runtime.verify.clear import CLEAR, ClearState, random_images
from runtime.verify.ops import output

BATCH = 64


def branches() -> Graph:
    """Every op of which a kinked activation's channels can be known through: scales, a pool, channels side by side."""
    graph = Graph((12, 12, 3))
    stem = graph.add("stem", Convolution(3, 8, Window(3, 1, "same")), (IMAGES,), 0)
    x = graph.add("stem_bn", BatchNorm(8), (stem,), 0)
    gates = graph.add("average", GlobalAveragePool(), (x,), 1)
    gates = graph.add("gates", Dense(8, 8), (gates,), 1)
    scaled = graph.add("scaled", ChannelScale(), (x, gates), 1)
    layer = graph.add("layer", LayerScale(8, 1e-5), (scaled,), 2)
    pooled = graph.add("pooled", AveragePool(Window(3, 1, "same"), counts_padding=False), (x,), 3)
    joined = graph.add("joined", Concatenate(), (layer, pooled), 4)
    after = graph.add("after", Convolution(16, 8, Window(1, 1, "same")), (joined,), 5)
    norm = graph.add("after_bn", BatchNorm(8), (after,), 5)
    graph.add("out", REGISTRY["relu6"](), (norm,), 5)
    return graph


def with_levels(state: ClearState, name: str, source: np.random.Generator) -> NDArray[np.float64]:
    """Random numbers of a node whose channels have exactly the levels and deviations that the state has of them."""
    x = source.standard_normal((BATCH, *state.graph.shape(name)))
    axes = tuple(range(x.ndim - 1))
    deviations = (x - x.mean(axes)) / x.std(axes) * np.sqrt(state._variances[name])
    return np.asarray(state._levels[name] + deviations, np.float64)


def test_levels_and_deviations_are_known_through_scales_pools_and_concatenations() -> None:
    graph, source = branches(), np.random.default_rng(0)
    state = ClearState(graph, random_images((2, 12, 12, 3), source), source, HOUSE)
    assert set(state.parameters) == {name for name, _ in graph.parameters()}
    values = {name: with_levels(state, name, source) for name in ("stem_bn", "gates")}
    for name in ("scaled", "layer", "pooled", "joined"):
        node = graph.nodes[name]
        tensors = {tensor.name: state.parameters[full].astype(np.float64) for full, tensor in node.parameters()}
        values[name] = output(Arithmetic(), node.op, [values[source] for source in node.inputs], tensors)
        assert np.allclose(values[name].mean((0, 1, 2)), state._levels[name], atol=0.05)
        if name in ("scaled", "layer"):  # the mean of neighbours that know nothing of one another deviates less
            assert np.allclose(values[name].std((0, 1, 2)), np.sqrt(state._variances[name]), rtol=0.05)


def test_a_channel_near_a_kink_is_scaled_down_through_them() -> None:
    graph, source = Graph((12, 12, 3)), np.random.default_rng(0)
    stem = graph.add("stem", Convolution(3, 4, Window(3, 1, "same")), (IMAGES,), 0)
    first = graph.add("first", BatchNorm(4), (stem,), 0)
    second = graph.add("second", BatchNorm(4), (stem,), 1)
    scaled = graph.add("scaled", LayerScale(4, 1e-5), (first,), 2)
    pooled = graph.add("pooled", AveragePool(Window(2, 2, "valid"), counts_padding=True), (scaled,), 2)
    other = graph.add("other", AveragePool(Window(2, 2, "valid"), counts_padding=True), (second,), 3)
    joined = graph.add("joined", Concatenate(), (pooled, other), 4)
    graph.add("out", REGISTRY["relu"](), (joined,), 5)
    state = ClearState(graph, random_images((2, 12, 12, 3), source), source, HOUSE)
    before = {name: state.parameters[f"{name}_gamma"].copy() for name in ("first", "second")}
    lowest, highest = np.full(8, 1.0), np.full(8, 2.0)
    lowest[5] = -1.0
    assert state.settle("out", lowest, highest, first=False) < CLEAR
    assert np.array_equal(state.parameters["first_gamma"], before["first"])
    changed = state.parameters["second_gamma"] != before["second"]
    assert changed.tolist() == [False, True, False, False]
