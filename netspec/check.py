"""Validation of a network and of a recipe, before anything is emitted."""

import itertools
from collections.abc import Iterator
from dataclasses import replace

from netspec.contradictions import check_contradictions
from netspec.errors import SpecError
from netspec.fields import annotations, problem
from netspec.language import NetSpec, TrainConfig
from netspec.layers import (
    LAYERS,
    Block,
    Layer,
    LayerProblem,
    Shape,
    batchNorm,
    convBn,
    dense,
    depthwiseBn,
    featureMap,
    maxPool,
    nested,
    residuals,
)
from netspec.preprocessing import check_preprocessing
from netspec.recipe import frozen_layers, optimizer_name, with_rates
from netspec.text import shown

LONGEST_NAME = 200  # characters: it is part of messages and of a run folder's name
DEEPEST = 16  # layers inside layers
MOST_LAYERS = 20_000  # of a network, those inside others counted
NORMED = (Block, convBn, depthwiseBn, batchNorm)


def check_net(net: NetSpec) -> tuple[Shape, ...]:
    """The output shape of every layer, `(H, W, C)` or `(features,)`. Raises SpecError."""
    for name, annotation in annotations(NetSpec).items():
        if name != "layers" and (wrong := problem(annotation, getattr(net, name))):
            raise SpecError(f"NetSpec.{name}: {wrong}.")
    if len(net.name) > LONGEST_NAME:
        raise SpecError(f"NetSpec.name: expected at most {LONGEST_NAME} letters, received {len(net.name)}.")
    if not net.name.strip() or not net.name.isprintable():
        raise SpecError(f"NetSpec.name: expected a printable name, received {shown(repr(net.name))}.")
    check_preprocessing(net.preprocessing, net.imageC)
    if not isinstance(net.layers, tuple):
        raise SpecError(f"NetSpec.layers: expected a list of layers, received {shown(type(net.layers).__name__)}.")
    if not net.layers:
        raise SpecError(
            f"{shown(net.name)}: expected at least one layer, received an empty list; end it with "
            'dense(features, classes, "identity").'
        )
    shape: Shape = net.image
    shapes: list[Shape] = []
    counter = itertools.count(1)
    for index, layer in enumerate(net.layers):
        _check_layer(layer, f"layer {index}", counter)
    for index, layer in enumerate(net.layers):
        try:
            shape = layer.output(shape, net.conventions)
        except LayerProblem as wrong:
            at_images = all(isinstance(before, maxPool) for before in net.layers[:index])
            remedy = wrong.at_images if at_images else wrong.remedy
            within = "".join(f", {shown(each)}" for each in wrong.within)
            where = f"layer {index}, {shown(layer)}{within}"
            raise SpecError(f"{where}: expected {wrong.expected}, received {wrong.received}; {remedy}.") from None
        shapes.append(shape)
    _check_names(net)
    _check_head(net)
    return tuple(shapes)


def check_config(config: TrainConfig) -> None:
    """Check every field, and contradictions between fields. Raises SpecError."""
    for name, annotation in annotations(TrainConfig).items():
        if wrong := problem(annotation, getattr(config, name)):
            raise SpecError(f"TrainConfig.{name}: {wrong}.")
    check_contradictions(config)


def training_net(net: NetSpec, config: TrainConfig) -> NetSpec:
    """A checked network as a recipe trains it: its rates of what is dropped, and the size of its training images.

    Its parameters are the same. Given the result, it gives that again. Raises SpecError where the network cannot have
    that size.
    """
    net = with_rates(net, config)
    side = config.trainRes
    if not side:
        return net
    if net.imageH != net.imageW:
        raise SpecError(
            f"TrainConfig.trainRes: expected 0 for {shown(net.name)}, whose images of {net.imageH}×{net.imageW} pixels "
            f"are not square, received {side}; remove trainRes, or give the network a square image."
        )
    trained = replace(net, imageH=side, imageW=side)
    try:
        check_net(trained)
    except SpecError as wrong:
        raise SpecError(
            f"TrainConfig.trainRes: expected a size that {shown(net.name)} can have, received {side} "
            f"({str(wrong).partition('; ')[0]}); choose another, or 0."
        ) from None
    return trained


def check_fits(net: NetSpec, config: TrainConfig) -> None:
    """Raises SpecError where a checked recipe is for a network with other classes, more layers, or residuals."""
    if config.freeze >= len(net.layers):
        raise SpecError(
            f"TrainConfig.freeze: expected at most {len(net.layers) - 1}, the layers of {shown(net.name)} before its "
            f"head, received {config.freeze}; -1 freezes all of those."
        )
    if config.dropPath and not residuals(net.layers[frozen_layers(net, config) :], net.conventions):
        raise SpecError(
            f"TrainConfig.dropPath: {config.dropPath} is without use in {shown(net.name)}, which has no residuals"
            f"{' that are trained' if config.freeze else ''}; remove it."
        )
    if config.classWeights and len(config.classWeights) != net.classes:
        raise SpecError(
            f"TrainConfig.classWeights: expected {net.classes} numbers, one for each class of {shown(net.name)}, "
            f"received {len(config.classWeights)}."
        )
    if config.classWeights and not any(config.classWeights):
        raise SpecError("TrainConfig.classWeights: expected a number above 0 among them, received none.")


def check_learns(net: NetSpec, config: TrainConfig) -> None:
    """Raises SpecError where a checked network cannot learn at all from batches of this size."""
    layer, pixels = _fewest(net, config)
    if pixels and config.batchSize * pixels == 1:
        raise SpecError(
            f"{layer}: expected more than one number a channel for batch norm to normalise, received a batch of one "
            "image that is 1×1 there: it always gives the same, and nothing before it learns; use a larger "
            f"--batch-size or {'trainRes' if config.trainRes else '--image-size'}."
        )


def doubts(net: NetSpec, config: TrainConfig) -> list[str]:
    """Warnings about what is allowed in a checked network and recipe, and rarely intended."""
    warnings = []
    if net.activation is not None and all(getattr(layer, "act", "") is not None for layer in nested(net.layers)):
        warnings.append(
            f'activation="{net.activation}" of the network is not used: no layer of it has batch norm and no act of '
            "its own; remove it, or act of a layer"
        )
    if config.batchSize == 1 and _fewest(net, config)[1]:
        warnings.append(
            "batch size 1: batch norm normalises each image by itself, which takes away most of what distinguishes "
            "images; a network with batch norm learns little or nothing so: use --batch-size 8 or more"
        )
    if optimizer_name(config) == "adam" and config.learningRate >= 0.03:
        warnings.append(
            f"Adam with learningRate={config.learningRate:g} seldom learns (the default is "
            f"{TrainConfig().learningRate:g}); lower it (--lr), or write useAdam=False for SGD"
        )
    return warnings


def _fewest(net: NetSpec, config: TrainConfig) -> tuple[str, int]:
    """The layer with batch norm, of the batch, whose output has the fewest pixels, and their number; 0 for none."""
    if config.freezeBN:
        return "", 0
    net, frozen = training_net(net, config), frozen_layers(net, config)
    sizes = [
        (shape[0] * shape[1], f"layer {index}, {layer}")
        for index, (layer, shape) in enumerate(zip(net.layers, check_net(net), strict=True))
        if index >= frozen and len(shape) == 3 and any(isinstance(each, NORMED) for each in nested([layer]))
    ]
    pixels, layer = min(sizes, default=(0, ""))
    return layer, pixels


def _check_layer(layer: object, where: str, counter: Iterator[int], depth: int = 1) -> None:
    """Check the fields of a layer, and of those inside it. `where`: its place, as `layer 3`."""
    if next(counter) > MOST_LAYERS:
        raise SpecError(f"{where}: expected at most {MOST_LAYERS} layers, received more.")
    if isinstance(layer, type) and issubclass(layer, Layer):
        raise SpecError(
            f"{where}: expected a layer, received the constructor {shown(layer.__name__)} itself; "
            f"write {shown(layer.__name__)}(...)."
        )
    if not isinstance(layer, Layer) or type(layer) is not LAYERS.get(type(layer).__name__):
        raise SpecError(
            f"{where}: expected a layer, received {shown(type(layer).__name__)}; choose from {', '.join(LAYERS)}."
        )
    if depth > DEEPEST:
        raise SpecError(f"{where}: expected layers inside layers at most {DEEPEST} deep.")
    where = f"{where}, {type(layer).__name__}"
    for name, annotation in annotations(type(layer)).items():
        value = getattr(layer, name)
        if isinstance(value, tuple):
            _check_listed(value, f"{where}: {name}", counter, depth)
        if wrong := problem(annotation, value):
            raise SpecError(f"{where}: {name}: {wrong}.")


def _check_listed(layers: tuple[object, ...], where: str, counter: Iterator[int], depth: int) -> None:
    """Check layers in a list, or in lists in it."""
    for index, layer in enumerate(layers):
        if isinstance(layer, tuple):
            _check_listed(layer, f"{where}, branch {index}", counter, depth)
        else:
            _check_layer(layer, f"{where}, layer {index}", counter, depth + 1)


def _check_names(net: NetSpec) -> None:
    names = [layer.name for layer in nested(net.layers) if isinstance(layer, featureMap)]
    for name in names:
        if names.count(name) > 1:
            raise SpecError(f"{shown(net.name)}: two feature maps have the name {shown(name)}; rename one.")


def _check_head(net: NetSpec) -> None:
    index, head = len(net.layers) - 1, net.layers[-1]
    if not isinstance(head, dense):
        raise SpecError(
            f"layer {index}, {head}: expected the network to end with its head, received {type(head).__name__}; "
            'add dense(features, classes, "identity").'
        )
    if head.act != "identity":
        raise SpecError(
            f'layer {index}, {head}: expected act="identity" in the head, whose outputs are logits, received '
            f'act="{head.act}"; write dense({head.fanIn}, {head.fanOut}, "identity").'
        )
    if head.fanOut < 2:
        raise SpecError(
            f"layer {index}, {head}: expected at least 2 classes, received fanOut={head.fanOut}; "
            "give the head one output a class."
        )
