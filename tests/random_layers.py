"""Random layers for `tests.random_networks`: every layer, block and option, combinators in combinators among them."""

from collections.abc import Callable
from random import Random
from typing import get_args

from emit.dropping import Dropping
from emit.expand import expand
from emit.graph import Graph
from emit.ops.add import Add
from emit.ops.attention import Attention
from netspec import (
    NetSpec,
    attention,
    avgPool,
    batchNorm,
    bottleneckBlock,
    conv2d,
    convBn,
    dense,
    depthwiseBn,
    dropout,
    featureMap,
    fusedMbConv,
    globalAvgPool,
    invertedResidual,
    layerScale,
    maxPool,
    mbConv,
    mbConvV3,
    mobileMQA,
    parallel,
    residual,
    residualBlock,
    separableConv,
    squeezeExcite,
    uib,
)
from netspec.activations import Activation
from netspec.layers import Conventions, Layer, LayerProblem, Shape, nested
from netspec.layers.combinators import Join
from netspec.windows import Padding
from runtime.verify.ops import definition_of

# Of the images of one batch, at any op; so that a network's programs are quick to reference.
MOST_NUMBERS = 30_000
DEEPEST = 2  # combinators in combinators
_STRIDES = (1, 1, 1, 2, 2, 3)
_SIZES = (1, 2, 3, 3, 4, 5, 7)
_PADDINGS = get_args(Padding)
TRIES = 20
Maker = Callable[[Random, Shape, Conventions, int, int], Layer]
_KINDS: tuple[Activation, ...] = get_args(Activation)
_SMOOTH: tuple[Activation, ...] = ("identity", "sigmoid", "swish", "gelu", "gelu_tanh")
_RATES = (0.1, 0.25, 0.5)


def further_row(
    source: Random,
    shape: Shape,
    by: Conventions,
    batch: int,
    count: int,
    depth: int = 0,
    *,
    first: bool = False,
    kind: int | None = None,
) -> tuple[list[Layer], Shape]:
    """So many layers that stand on images of a shape, and the shape that leaves them. Raises LayerProblem.

    Args:
        first: they read the network's images, which have no other name.
        kind: what the last layer is, counted round.
    """
    layers: list[Layer] = []
    for _ in range(TRIES):
        if len(layers) == count:
            return layers, shape
        layer = _layer(source, shape, by, batch, depth, kind if len(layers) == count - 1 else None)
        if layer is not None and (layers or not first or not _names(layer)):
            layers.append(layer)
            shape = layer.output(shape, by)
    raise LayerProblem("layers that fit", "others", "draw again")


def _layer(source: Random, shape: Shape, by: Conventions, batch: int, depth: int, kind: int | None) -> Layer | None:
    """None where what was drawn does not fit."""
    simple = depth == DEEPEST or source.random() > (0.3, 0.5)[depth]
    maker = source.choice(_SIMPLE if simple else _COMBINATORS) if kind is None else _MAKERS[kind % len(_MAKERS)]
    try:
        layer = maker(source, shape, by, batch, depth + 1)
        after = layer.output(shape, by)
    except LayerProblem:
        return None
    return layer if batch * _largest(layer, shape, after, by) <= MOST_NUMBERS else None


def settled(graph: Graph) -> bool:
    """Whether the input of every activation that has kinks can be kept clear of them by some β or bias.

    In a sum of several terms that are dropped at random it cannot. Nor is there an attention over a single pixel: its
    keys and queries change nothing, and their gradients are 0.
    """
    for node in graph.nodes.values():
        if definition_of(node.op).kinks:
            terms = _terms(graph, node.inputs[0])
            dropped = sum(drops for _, drops in terms)
            if (dropped and dropped + len(terms) > 3) or not any(_has_level(graph, leaf) for leaf, _ in terms):
                return False
        if isinstance(node.op, Attention) and graph.shape(node.inputs[1])[:2] == (1, 1):
            return False
    return True


def _terms(graph: Graph, name: str, drops: bool = False) -> list[tuple[str, bool]]:
    """The nodes whose outputs are added up to a node's output, and whether each is dropped at random."""
    node = graph.nodes.get(name)
    if node is None or not isinstance(node.op, Add | Dropping):
        return [(name, drops)]
    drops = drops or isinstance(node.op, Dropping)
    return [term for source in node.inputs for term in _terms(graph, source, drops)]


def _has_level(graph: Graph, name: str) -> bool:
    return name in graph.nodes and any(tensor.name in ("beta", "bias") for tensor in graph.nodes[name].op.parameters())


def _names(layer: Layer) -> bool:
    """Whether it may name what reaches it."""
    return isinstance(layer, dropout) or any(isinstance(each, featureMap) for each in nested([layer]))


def _largest(layer: Layer, shape: Shape, after: Shape, by: Conventions) -> int:
    """How many numbers one image has at most, at any op; of attention also those of all pairs of pixels."""
    before = convBn(3, shape[2], 1, 1, "same")
    end = (globalAvgPool(), dense(after[2], 2, "identity"))
    graph = expand(NetSpec("One layer", [before, layer, *end], shape[0], shape[1], by.activation, by.padding))
    most = 0
    for node in graph.nodes.values():
        numbers = 1
        for size in node.shape:
            numbers *= size
        most = max(most, numbers)
        if node.op.kind == "attention":
            query, key = (graph.shape(name) for name in node.inputs[:2])
            most = max(most, query[0] * query[1] * key[0] * key[1] * query[2] // key[2])
    return most


# --- single layers ----------------------------------------------------------------------------------------------------


def _channels(source: Random) -> int:
    return source.randint(1, 21) if source.random() < 0.6 else source.choice((8, 16, 24, 32, 48))


def _given(source: Random) -> Activation | None:
    return source.choice((None, None, *_KINDS))


def _same_or(source: Random, channels: int) -> int:
    return channels if source.random() < 0.4 else _channels(source)


def _conv2d(source: Random, ic: int) -> Layer:
    size, padding = source.choice(_SIZES), source.choice(_PADDINGS)
    kind, stride = source.choice(_KINDS), source.choice(_STRIDES)
    bias = kind not in _SMOOTH or source.random() < 0.4  # without it see `settled`
    return conv2d(ic, _channels(source), size, padding, kind, stride, bias)


def _conv_bn(source: Random, ic: int) -> Layer:
    size, stride, padding = source.choice(_SIZES), source.choice(_STRIDES), source.choice(_PADDINGS)
    return convBn(ic, _channels(source), size, stride, padding, _given(source))


def _depthwise_bn(source: Random, ic: int) -> Layer:
    size, stride, padding = source.choice(_SIZES), source.choice(_STRIDES), source.choice(_PADDINGS)
    return depthwiseBn(ic, size, stride, padding, _given(source))


def _batch_norm(source: Random, ic: int) -> Layer:
    return batchNorm(source.choice(_KINDS))


def _separable_conv(source: Random, ic: int) -> Layer:
    return separableConv(ic, _channels(source), source.choice(_STRIDES), _given(source))


def _inverted_residual(source: Random, ic: int) -> Layer:
    ratio, stride, blocks = source.choice((1, 2, 3, 6)), source.choice(_STRIDES), source.choice((1, 1, 2))
    return invertedResidual(ic, _same_or(source, ic), ratio, stride, blocks, _given(source))


def _mb_conv(source: Random, ic: int) -> Layer:
    ratio, size, stride = source.choice((1, 2, 4, 6)), source.choice(_SIZES), source.choice(_STRIDES)
    blocks, excites = source.choice((1, 1, 2)), source.random() < 0.6
    return mbConv(ic, _same_or(source, ic), ratio, size, stride, blocks, excites, _given(source))


def _mb_conv_v3(source: Random, ic: int) -> Layer:
    wide, size, stride = _same_or(source, ic), source.choice(_SIZES), source.choice(_STRIDES)
    return mbConvV3(ic, _same_or(source, ic), wide, size, stride, source.random() < 0.6, _given(source))


def _fused_mb_conv(source: Random, ic: int) -> Layer:
    ratio, size, stride = source.choice((1, 1, 2, 4)), source.choice(_SIZES), source.choice(_STRIDES)
    blocks, excites = source.choice((1, 1, 2)), source.random() < 0.5
    return fusedMbConv(ic, _same_or(source, ic), ratio, size, stride, blocks, excites, _given(source))


def _uib(source: Random, ic: int) -> Layer:
    first, second = (source.choice(_SIZES) if source.random() < 0.6 else 0 for _ in range(2))
    ratio, stride, in_the_middle = source.choice((1, 2, 3, 4)), source.choice(_STRIDES), source.random() < 0.6
    scale = source.choice((None, 1e-5, 0.5, 1.0))
    return uib(ic, _same_or(source, ic), ratio, stride, first, second, in_the_middle, scale, _given(source))


def _mobile_mqa(source: Random, ic: int) -> Layer:
    scale = source.choice((None, 1e-5, 0.5))
    return mobileMQA(ic, source.randint(1, 4), source.randint(1, 9), source.choice((1, 2, 3)), scale)


def _residual_block(source: Random, ic: int) -> Layer:
    return residualBlock(ic, _same_or(source, ic), source.choice((1, 1, 2)), source.choice(_STRIDES), _given(source))


def _bottleneck_block(source: Random, ic: int) -> Layer:
    oc = ic if ic % 4 == 0 and source.random() < 0.5 else 4 * source.randint(1, 8)
    blocks, stride, first = source.choice((1, 1, 2)), source.choice(_STRIDES), source.random() < 0.5
    return bottleneckBlock(ic, oc, blocks, stride, first, _given(source))


def _squeeze_excite(source: Random, ic: int) -> Layer:
    return squeezeExcite(ic, source.randint(1, 9), source.choice(_KINDS), source.choice(_KINDS))


def _layer_scale(source: Random, ic: int) -> Layer:
    return layerScale(source.choice((1e-5, 0.1, 1.0)))


def _max_pool(source: Random, ic: int) -> Layer:
    return maxPool(source.randint(1, 5), source.choice(_STRIDES))


def _avg_pool(source: Random, ic: int) -> Layer:
    return avgPool(source.randint(1, 7), source.choice(_STRIDES))


def _dropout(source: Random, ic: int) -> Layer:
    return dropout(source.choice((0.0, *_RATES)))


def _feature_map(source: Random, ic: int) -> Layer:
    return featureMap(f"map{source.randrange(10**9)}")


def _on_channels(make: Callable[[Random, int], Layer]) -> Maker:
    return lambda source, shape, by, batch, depth: make(source, shape[2])


_SIMPLE: tuple[Maker, ...] = tuple(
    _on_channels(make)
    for make in (
        _conv2d,
        _conv_bn,
        _depthwise_bn,
        _batch_norm,
        _separable_conv,
        _inverted_residual,
        _mb_conv,
        _mb_conv_v3,
        _fused_mb_conv,
        _uib,
        _mobile_mqa,
        _residual_block,
        _bottleneck_block,
        _squeeze_excite,
        _layer_scale,
        _max_pool,
        _avg_pool,
        _dropout,
        _feature_map,
    )
)


# --- combinators ------------------------------------------------------------------------------------------------------


def _residual(source: Random, shape: Shape, by: Conventions, batch: int, depth: int) -> Layer:
    body, after = further_row(source, shape, by, batch, source.randint(1, 2), depth)
    shortcut = [] if after == shape and source.random() < 0.8 else _leading(source, shape, after)
    kind, rate = source.choice(_SMOOTH if source.random() < 0.6 else _KINDS), source.choice((0.0, 0.0, *_RATES))
    return residual(body, shortcut, kind, rate)


def _parallel(source: Random, shape: Shape, by: Conventions, batch: int, depth: int) -> Layer:
    first, after = further_row(source, shape, by, batch, source.randint(0, 2), depth)
    join: Join = source.choice(("add", "concat"))
    branches = [first]
    for _ in range(source.choice((1, 1, 2))):
        wanted = after if join == "add" else (*after[:2], _channels(source))
        if wanted[:2] == shape[:2] and source.random() < 0.3 and (join == "concat" or after == shape):
            branches.append([])
        else:
            branches.append(_leading(source, shape, wanted))
    source.shuffle(branches)
    return parallel(branches, join)


def _attention(source: Random, shape: Shape, by: Conventions, batch: int, depth: int) -> Layer:
    heads, width = source.randint(1, 4), source.randint(1, 9)
    before, reduced = further_row(source, shape, by, batch, source.randint(0, 1), depth)
    key = [*before, _pointwise(source, reduced[2], width)]
    value = _leading(source, shape, (*reduced[:2], source.randint(1, 9)))
    query = [_pointwise(source, shape[2], heads * width, source.choice((1, 1, 2)))]
    return attention(heads, width, query, key, value)


def _pointwise(source: Random, ic: int, oc: int, stride: int = 1) -> Layer:
    """Without a bias, as attention has it; sometimes with batch norm."""
    if source.random() < 0.5:
        return conv2d(ic, oc, 1, "same", "identity", stride, False)
    return convBn(ic, oc, 1, stride, "same", "identity")


def _leading(source: Random, shape: Shape, after: Shape) -> list[Layer]:
    """Layers from one shape to another; some stride gives its height and width, or what they are in is drawn again."""
    for stride in (1, 2, 3, 4):
        if all(-(-size // stride) == wanted for size, wanted in zip(shape[:2], after[:2], strict=True)):
            break
    else:
        raise LayerProblem("a stride between the two", "none", "draw again")
    layers: list[Layer] = []
    if stride > 1 and source.random() < 0.5:
        layers, stride = [depthwiseBn(shape[2], source.choice((3, 5)), stride, "same", _given(source))], 1
    layers.append(_pointwise(source, shape[2], after[2], stride))
    if source.random() < 0.3:
        layers.append(source.choice((_batch_norm, _layer_scale, _squeeze_excite, _dropout))(source, after[2]))
    return layers


_COMBINATORS: tuple[Maker, ...] = (_residual, _parallel, _attention)
_MAKERS = (*_SIMPLE, *_COMBINATORS)
