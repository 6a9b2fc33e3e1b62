"""Small legal networks by number: every layer of the language, in shapes that nobody would think of.

The same number is the same network on every machine. `python -m tests.random_networks 17` prints one as a spec file.
"""

import sys
from contextlib import suppress
from dataclasses import replace
from random import Random

from emit.expand import expand
from emit.ops.batch_norm import BatchNorm
from netspec import (
    NetSpec,
    Preprocessing,
    TrainConfig,
    conv2d,
    convBn,
    dense,
    dropout,
    flatten,
    globalAvgPool,
    invertedResidual,
    maxPool,
    residualBlock,
)
from netspec.activations import ACTIVATIONS, Activation
from netspec.check import check_config, check_net
from netspec.layers import Conventions, Layer, LayerProblem, Shape
from netspec.preprocessing import HOUSE
from netspec.windows import Padding
from tests.random_layers import further_row, settled

COUNT, FIRST, SECOND = 320, 200, 220
BATCHES = (1, 9)
_STRIDES = (1, 1, 1, 2, 2, 3, 4)
# The first networks are of these, the next ones of those; those behind them, of all activations that there are by now.
_FIRST_ACTIVATIONS: tuple[Activation, ...] = ("identity", "relu", "relu6")
_SECOND_ACTIVATIONS: tuple[Activation, ...] = (
    "relu",
    "relu6",
    "hswish",
    "hsigmoid",
    "sigmoid",
    "swish",
    "gelu_tanh",
)
_PADDINGS: tuple[Padding, ...] = ("same", "symmetric", "valid")  # of the first networks
_MOST_NUMBERS = 60_000  # that a layer's images hold in one batch, so that a network's programs are quick to reference
_MOST_NODES = 40  # so that a network's programs are quick to compile
_MOST_FEATURES = 700  # of a dense layer


PREPROCESSED = (
    Preprocessing(mean=(0.5, 0.4, 0.6), std=(0.5, 0.25, 0.3)),
    Preprocessing(fit="cover", scale=1.0, mean=(127.0, 128.0, 100.0), std=(128.0, 64.0, 70.0)),
)


def random_network(number: int) -> tuple[NetSpec, TrainConfig]:
    """A network and its recipe."""
    source = Random(number)
    batch = source.randint(*BATCHES)
    while True:
        net = None
        with suppress(LayerProblem):
            net = _network(number, source, batch)
        if net is not None:
            config = _config(source, batch)
            check_net(net)
            check_config(config)
            return net, config


def _network(number: int, source: Random, batch: int) -> NetSpec | None:
    """None where batch norm sees a single number a channel, of which a training step makes nothing.

    Of later networks also where they are large, or some inputs of activations cannot be chosen.
    """
    kinds = _SECOND_ACTIVATIONS if number < SECOND else ACTIVATIONS
    conventions = Conventions(
        source.choice(_FIRST_ACTIVATIONS[1:] if number < FIRST else kinds), source.choice(("same", "symmetric"))
    )
    height, width = _side(source), _side(source)
    layers: list[Layer] = []
    shape: Shape = (height, width, 3)
    if number >= SECOND:
        row, shape = further_row(source, shape, conventions, batch, source.randint(2, 4), first=True, kind=number)
        layers += row
    for _ in range(0 if number >= SECOND else source.randint(1, 4) if source.random() < 0.95 else 0):
        layer, shape = _layer(source, shape, conventions, batch)
        if number >= FIRST and isinstance(layer, (convBn, invertedResidual, residualBlock)):
            layer = replace(layer, act=source.choice((None, *kinds)))
        layers.append(layer)
    pixels: Layer = flatten()
    if shape[0] * shape[1] * shape[2] > _MOST_FEATURES or source.random() < 0.6:
        pixels = globalAvgPool()
    if number >= SECOND and isinstance(pixels, globalAvgPool) and source.random() < 0.3:
        layers.append(globalAvgPool(keepDims=True))
        row, shape = further_row(
            source, (1, 1, shape[2]), conventions, batch, source.randint(0, 1), kind=source.randint(0, 1)
        )
        layers += row
        pixels = flatten()
    layers.append(pixels)
    (features,) = pixels.output(shape, conventions)
    if number >= SECOND and source.random() < 0.2:
        layers.append(dropout(source.choice((0.1, 0.5))))
    of_dense = _FIRST_ACTIVATIONS if number < SECOND else ("identity", *kinds)
    for _ in range(source.choice((0, 0, 0, 1, 2))):
        layers.append(dense(features, source.randint(1, 40), source.choice(of_dense)))
        features = layers[-1].output((features,), conventions)[0]
    layers.append(dense(features, source.randint(2, 12), "identity"))
    net = NetSpec(f"Random {number}", layers, height, width, conventions.activation, conventions.padding)
    if number >= FIRST:
        net = replace(net, bnEps=source.choice((1e-5, 1e-3, 1e-6)), bnMomentum=source.choice((0.1, 0.01, 1.0)))
    if number >= SECOND and number % 3 == 0:
        net = replace(net, preprocessing=PREPROCESSED[number % len(PREPROCESSED)])
    graph = expand(net)
    places = (batch * node.shape[0] * node.shape[1] for node in graph.nodes.values() if _normalises(node.op))
    if min(places, default=2) == 1 or (number >= SECOND and (len(graph.nodes) > _MOST_NODES or not settled(graph))):
        return None
    return net


def _normalises(op: object) -> bool:
    return isinstance(op, BatchNorm)


def _side(source: Random) -> int:
    """Pixels along one side of an image: a quarter have next to none."""
    return source.randint(1, 5) if source.random() < 0.25 else source.randint(6, 33)


def _channels(source: Random) -> int:
    """Mostly no multiple of a register's numbers; some are, as rules ask for that."""
    kind = source.random()
    if kind < 0.6:
        return source.randint(1, 37)
    return source.choice((8, 16, 24, 32, 48, 64) if kind < 0.92 else (96, 128, 144))


def _layer(source: Random, shape: Shape, conventions: Conventions, batch: int) -> tuple[Layer, Shape]:
    """One that stands on images of a shape, and the shape that leaves it. Draws again what does not fit."""
    while True:
        layer = source.choice(_DRAWN)(source, shape[2])
        try:
            after = layer.output(shape, conventions)
        except LayerProblem:
            continue
        if batch * after[0] * after[1] * _widest(layer, after[2]) <= _MOST_NUMBERS:
            return layer, after


def _widest(layer: Layer, channels: int) -> int:
    return max(channels, layer.ic * layer.expandRatio) if isinstance(layer, invertedResidual) else channels


def _conv2d(source: Random, channels: int) -> Layer:
    size, padding, kind = source.randint(1, 7), source.choice(_PADDINGS), source.choice(_FIRST_ACTIVATIONS)
    return conv2d(channels, _channels(source), size, padding, kind, source.choice(_STRIDES))


def _conv_bn(source: Random, channels: int) -> Layer:
    return convBn(channels, _channels(source), source.randint(1, 7), source.choice(_STRIDES), source.choice(_PADDINGS))


def _inverted_residual(source: Random, channels: int) -> Layer:
    outputs = channels if source.random() < 0.4 else _channels(source)
    ratio = source.choice((1, 2, 3, 6))
    return invertedResidual(channels, outputs, ratio, source.choice(_STRIDES), source.choice((1, 1, 2)))


def _residual_block(source: Random, channels: int) -> Layer:
    outputs = channels if source.random() < 0.3 else _channels(source)
    return residualBlock(channels, outputs, source.choice((1, 1, 2)), source.choice(_STRIDES))


def _max_pool(source: Random, channels: int) -> Layer:
    return maxPool(source.randint(1, 7), source.choice(_STRIDES))


_DRAWN = (_conv2d, _conv_bn, _inverted_residual, _residual_block, _max_pool)


def _config(source: Random, batch: int) -> TrainConfig:
    """Adam, SGD, or SGD with momentum; with and without weight decay and label smoothing."""
    config = TrainConfig(
        learningRate=0.01,
        batchSize=batch,
        epochs=1,
        weightDecay=source.choice((0.0, 1e-4, 0.01)),
        labelSmoothing=source.choice((0.0, 0.1)),
    )
    kind = source.choice(("Adam", "SGD", "momentum"))
    return replace(config, useAdam=kind == "Adam", momentum=0.9 if kind == "momentum" else 0.0)


def as_spec(net: NetSpec, config: TrainConfig) -> str:
    """The text of a spec file."""
    layers = "".join(f"        {layer},\n" for layer in net.layers)
    images = f" preprocessing={net.preprocessing}," if net.preprocessing != HOUSE else ""
    return (
        "from netspec import *\n\n"
        f"net = NetSpec(\n    name={net.name!r}, imageH={net.imageH}, imageW={net.imageW}, "
        f"activation={net.activation!r}, padding={net.padding!r},\n"
        f"    bnEps={net.bnEps}, bnMomentum={net.bnMomentum},{images}\n"
        f"    layers=[\n{layers}    ],\n)\nconfig = {config}\n"
    )


if __name__ == "__main__":
    print(as_spec(*random_network(int(sys.argv[1]))), end="")
