"""An independent reading of the blocks of papers, in JAX: each is written out from its paper, one after another.

A block that adds its input does so where the paper's does: at stride 1, and where it has as many channels out as in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import sqrt
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp

import netspec.layers as spec

if TYPE_CHECKING:
    from tests.emit.oracle_layers import Pass


def separable(walk: Pass, x: jax.Array, layer: spec.separableConv, name: str) -> jax.Array:
    """MobileNet's: depthwise and pointwise, both with batch norm and ReLU (Howard et al. 2017, figure 3 right)."""
    kind = layer.act or walk.net.activation
    x = walk.depthwise_bn(x, f"{name}_dw", 3, layer.stride, walk.padding, kind)
    return walk.pointwise_bn(x, f"{name}_pw", layer.oc, kind)


def inverted_residual(walk: Pass, x: jax.Array, layer: spec.invertedResidual, name: str) -> jax.Array:
    """MobileNetV2's (Sandler et al. 2018, table 1 and figure 4d), repeated as its table 2 says."""
    kind = layer.act or walk.net.activation
    for number in range(layer.nBlocks):
        own, stride, entry = f"{name}_{number + 1}", layer.stride if number == 0 else 1, x
        if layer.expandRatio != 1:
            x = walk.pointwise_bn(x, f"{own}_expand", layer.expandRatio * x.shape[3], kind)
        x = walk.depthwise_bn(x, f"{own}_dw", 3, stride, walk.padding, kind)
        x = walk.pointwise_bn(x, f"{own}_project", layer.oc, "identity")
        x = _plus(entry, x, stride)
    return x


def mb_conv(walk: Pass, x: jax.Array, layer: spec.mbConv, name: str) -> jax.Array:
    """MnasNet's (Tan et al. 2019, figure 7), as EfficientNet has it (Tan and Le 2019, table 1).

    Squeeze and excitation after the depthwise convolution, down to a quarter of the block's input channels; sigmoid.
    """
    kind = layer.act or walk.net.activation
    for number in range(layer.nBlocks):
        own, stride, entry = f"{name}_{number + 1}", layer.stride if number == 0 else 1, x
        if layer.expandRatio > 1:
            x = walk.pointwise_bn(x, f"{own}_expand", layer.expandRatio * x.shape[3], kind)
        x = walk.depthwise_bn(x, f"{own}_dw", layer.kSize, stride, walk.padding, kind)
        if layer.useSE:
            x = walk.excite(x, f"{own}_se", max(1, int(entry.shape[3] * 0.25)), kind, "sigmoid")
        x = walk.pointwise_bn(x, f"{own}_project", layer.oc, "identity")
        x = _plus(entry, x, stride)
    return x


def mb_conv_v3(walk: Pass, x: jax.Array, layer: spec.mbConvV3, name: str) -> jax.Array:
    """MobileNetV3's (Howard et al. 2019, figure 4 and tables 1 and 2).

    Squeeze and excitation on the expanded channels, down to a quarter of them as a multiple of 8 (section 5.3), with
    ReLU inside and a hard sigmoid.
    """
    kind, entry = layer.act or walk.net.activation, x
    if layer.expandCh != x.shape[3]:
        x = walk.pointwise_bn(x, f"{name}_expand", layer.expandCh, kind)
    x = walk.depthwise_bn(x, f"{name}_dw", layer.kSize, layer.stride, walk.padding, kind)
    if layer.useSE:
        x = walk.excite(x, f"{name}_se", _multiple_of_8(layer.expandCh / 4), "relu", "hsigmoid")
    x = walk.pointwise_bn(x, f"{name}_project", layer.oc, "identity")
    return _plus(entry, x, layer.stride)


def fused_mb_conv(walk: Pass, x: jax.Array, layer: spec.fusedMbConv, name: str) -> jax.Array:
    """EfficientNetV2's (Tan and Le 2021, figure 2 right).

    As in the authors' program, squeeze and excitation is in front of the last convolution, which is the only one, with
    kernel, stride and activation, where nothing is expanded.
    """
    kind = layer.act or walk.net.activation
    for number in range(layer.nBlocks):
        own, stride, entry = f"{name}_{number + 1}", layer.stride if number == 0 else 1, x
        if layer.expandRatio > 1:
            wide = layer.expandRatio * x.shape[3]
            x = walk.conv_bn(x, f"{own}_expand", wide, layer.kSize, stride, walk.padding, kind)
        if layer.useSE:
            x = walk.excite(x, f"{own}_se", max(1, int(entry.shape[3] * 0.25)), kind, "sigmoid")
        if layer.expandRatio > 1:
            x = walk.pointwise_bn(x, f"{own}_project", layer.oc, "identity")
        else:
            x = walk.conv_bn(x, f"{own}_conv", layer.oc, layer.kSize, stride, walk.padding, kind)
        x = _plus(entry, x, stride)
    return x


def universal(walk: Pass, x: jax.Array, layer: spec.uib, name: str) -> jax.Array:
    """MobileNetV4's (Qin et al. 2024, figure 4): up to two depthwise convolutions, the first without an activation.

    The stride is the second one's where it is there and is to have it (`middle_dw_downsample`), else the first one's.
    """
    kind, entry = layer.act or walk.net.activation, x
    wide = _multiple_of_8(layer.expandRatio * x.shape[3])
    in_the_middle = layer.middleDwDownsample and bool(layer.postDWk)
    if layer.preDWk:
        stride = 1 if in_the_middle else layer.stride
        x = walk.depthwise_bn(x, f"{name}_start", layer.preDWk, stride, walk.padding, "identity")
    x = walk.pointwise_bn(x, f"{name}_expand", wide, kind)
    if layer.postDWk:
        stride = layer.stride if in_the_middle else 1
        x = walk.depthwise_bn(x, f"{name}_middle", layer.postDWk, stride, walk.padding, kind)
    x = walk.pointwise_bn(x, f"{name}_project", layer.oc, "identity")
    if layer.scale is not None:
        x = walk.scaled(x, f"{name}_scale")
    return _plus(entry, x, layer.stride)


def mobile_mqa(walk: Pass, x: jax.Array, layer: spec.mobileMQA, name: str) -> jax.Array:
    """MobileNetV4's attention (Qin et al. 2024, section 4 and equation 1): queries of every pixel, head by head.

    Keys and values are of fewer pixels, each by a 3×3 depthwise convolution of its own, and are shared by all heads.
    """
    batch, height, width, channels = x.shape
    entry, width_of = x, layer.keyDim
    x = walk.norm(x, f"{name}_norm", "identity")
    sources = {}
    for each in ("key", "value"):
        sources[each] = x
        if layer.kvStride != 1:
            down = f"{name}_attention_{each}_down"
            sources[each] = walk.depthwise_bn(x, down, 3, layer.kvStride, walk.padding, "identity")
    weights = {
        each: walk.tensor(f"{name}_attention_{each}_weight", (1, 1, channels, wide))[0, 0]
        for each, wide in (("query", layer.heads * width_of), ("key", width_of), ("value", width_of))
    }
    keys = (sources["key"] @ weights["key"]).reshape(batch, -1, width_of)
    values = (sources["value"] @ weights["value"]).reshape(batch, -1, width_of)
    pixels = x.reshape(batch, -1, channels)
    heads = []
    for head in range(layer.heads):
        query = pixels @ weights["query"][:, head * width_of : (head + 1) * width_of]
        scores = query @ jnp.swapaxes(keys, 1, 2) / sqrt(width_of)
        powers = jnp.exp(scores - scores.max(axis=2, keepdims=True))
        heads.append(powers / powers.sum(axis=2, keepdims=True) @ values)
    output = walk.tensor(f"{name}_output_weight", (1, 1, layer.heads * width_of, channels))[0, 0]
    x = (jnp.concatenate(heads, axis=2) @ output).reshape(batch, height, width, channels)
    if layer.scale is not None:
        x = walk.scaled(x, f"{name}_scale")
    return entry + x


def basic(walk: Pass, x: jax.Array, layer: spec.residualBlock, name: str) -> jax.Array:
    """ResNet's of two 3×3 convolutions (He et al. 2015, figure 5 left), shortcut B where the shape changes."""
    kind = layer.act or walk.net.activation
    for number in range(layer.nBlocks):
        own, stride = f"{name}_{number + 1}", layer.firstStride if number == 0 else 1
        y = walk.conv_bn(x, f"{own}_conv1", layer.oc, 3, stride, walk.padding, kind)
        y = walk.conv_bn(y, f"{own}_conv2", layer.oc, 3, 1, walk.padding, "identity")
        x = _rectified(walk, x, y, own, "conv2", stride, kind)
    return x


def bottleneck(walk: Pass, x: jax.Array, layer: spec.bottleneckBlock, name: str) -> jax.Array:
    """ResNet's of three convolutions (He et al. 2015, figure 5 right and table 1): C/4, C/4 and C channels.

    The paper's first one has the stride; torchvision's 3×3 has it.
    """
    kind, narrow = layer.act or walk.net.activation, layer.oc // 4
    for number in range(layer.nBlocks):
        own, stride = f"{name}_{number + 1}", layer.firstStride if number == 0 else 1
        y = walk.conv_bn(x, f"{own}_conv1", narrow, 1, stride if layer.strideFirst else 1, "valid", kind)
        y = walk.conv_bn(y, f"{own}_conv2", narrow, 3, 1 if layer.strideFirst else stride, walk.padding, kind)
        y = walk.pointwise_bn(y, f"{own}_conv3", layer.oc, "identity")
        x = _rectified(walk, x, y, own, "conv3", stride, kind)
    return x


def _rectified(
    walk: Pass, x: jax.Array, y: jax.Array, name: str, last: str, stride: int, kind: str | None
) -> jax.Array:
    """The activation of the sum of a block and its shortcut."""
    walk.followed[f"{name}_{last}_bn"] = kind
    if stride != 1 or x.shape[3] != y.shape[3]:
        x = walk.pointwise_bn(x[:, ::stride, ::stride], f"{name}_shortcut", y.shape[3], "identity")
        walk.followed[f"{name}_shortcut_bn"] = kind
    return walk.activate(x + y, kind)


def _plus(entry: jax.Array, x: jax.Array, stride: int) -> jax.Array:
    return entry + x if stride == 1 and entry.shape[3] == x.shape[3] else x


def _multiple_of_8(channels: float) -> int:
    """The nearest multiple of 8, or the next where that loses more than a tenth (`make_divisible` of MobileNetV2)."""
    nearest = 8 * max(1, int((channels + 4) // 8))
    return nearest if nearest >= 0.9 * channels else nearest + 8


BLOCKS: Mapping[type[spec.Layer], Callable[[Pass, jax.Array, Any, str], jax.Array]] = {
    spec.separableConv: separable,
    spec.invertedResidual: inverted_residual,
    spec.mbConv: mb_conv,
    spec.mbConvV3: mb_conv_v3,
    spec.fusedMbConv: fused_mb_conv,
    spec.uib: universal,
    spec.mobileMQA: mobile_mqa,
    spec.residualBlock: basic,
    spec.bottleneckBlock: bottleneck,
}
