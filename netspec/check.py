"""Validation of a network and of a recipe, before anything is emitted."""

from netspec.errors import SpecError
from netspec.fields import annotations, problem
from netspec.language import NetSpec, TrainConfig
from netspec.layers import LAYERS, Layer, LayerProblem, Shape, dense


def check_net(net: NetSpec) -> tuple[Shape, ...]:
    """The shape that leaves each layer, `(H, W, C)` or `(features,)`. Raises SpecError."""
    for name, annotation in annotations(NetSpec).items():
        if name != "layers" and (wrong := problem(annotation, getattr(net, name))):
            raise SpecError(f"NetSpec.{name}: {wrong}.")
    if not net.name.strip() or not net.name.isprintable():
        raise SpecError(f"NetSpec.name: expected a printable name, received {net.name!r}.")
    if not isinstance(net.layers, tuple):
        raise SpecError(f"NetSpec.layers: expected a list of layers, received {type(net.layers).__name__}.")
    if not net.layers:
        raise SpecError(
            f"{net.name}: expected at least one layer, received an empty list; end it with dense(features, classes, "
            '"identity").'
        )
    shape: Shape = (net.imageH, net.imageW, 3)
    shapes: list[Shape] = []
    for index, layer in enumerate(net.layers):
        _check_fields(index, layer)
        try:
            shape = layer.output(shape, net.conventions)
        except LayerProblem as wrong:
            raise SpecError(
                f"layer {index}, {layer}: expected {wrong.expected}, received {wrong.received}; {wrong.remedy}."
            ) from None
        shapes.append(shape)
    _check_head(net)
    return tuple(shapes)


def check_config(config: TrainConfig) -> None:
    """Every field, and what contradicts what. Raises SpecError."""
    for name, annotation in annotations(TrainConfig).items():
        if wrong := problem(annotation, getattr(config, name)):
            raise SpecError(f"TrainConfig.{name}: {wrong}.")
    if config.useAdam and config.momentum:
        raise SpecError(
            f"TrainConfig: useAdam=True leaves momentum={config.momentum:g} without use; expected one of the two: "
            "remove momentum, or set useAdam=False for SGD."
        )
    if config.warmupEpochs >= config.epochs and config.warmupEpochs:
        raise SpecError(
            f"TrainConfig.warmupEpochs: expected fewer than epochs={config.epochs}, received {config.warmupEpochs}; "
            "lower it (--set warmupEpochs=0) or train for longer."
        )


def _check_fields(index: int, layer: object) -> None:
    if isinstance(layer, type) and issubclass(layer, Layer):
        raise SpecError(
            f"layer {index}: expected a layer, received the constructor {layer.__name__} itself; "
            f"write {layer.__name__}(...)."
        )
    if not isinstance(layer, Layer) or type(layer) is not LAYERS.get(type(layer).__name__):
        raise SpecError(
            f"layer {index}: expected a layer, received {type(layer).__name__}; choose from {', '.join(LAYERS)}."
        )
    for name, annotation in annotations(type(layer)).items():
        if wrong := problem(annotation, getattr(layer, name)):
            raise SpecError(f"layer {index}, {type(layer).__name__}: {name}: {wrong}.")


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
