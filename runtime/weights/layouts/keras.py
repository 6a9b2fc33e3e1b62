"""Keras' names (3.15, and 2): MobileNetV1, V2 and V3, a layer a module.

In a `.weights.h5` weights have numbers in place of names (`Conv1/0`), in the order in which a layer makes them.
"""

from collections.abc import Mapping

from runtime.weights.formats.weight_file import Stored
from runtime.weights.layouts.layout import Layout, Places, conv_and_norm
from runtime.weights.layouts.rows import Row

_BY_COUNT = {1: ("kernel",), 2: ("kernel", "bias"), 4: ("gamma", "beta", "moving_mean", "moving_variance")}


def _mobilenet_v1(layers: list[Row]) -> Places:
    stem, *blocks, head = layers
    yield from conv_and_norm(stem, "conv1", "conv1_bn")
    for number, row in enumerate(blocks, 1):
        for part in ("dw", "pw"):
            yield row.blocks[0][part], f"conv_{part}_{number}"
            yield row.blocks[0][f"{part}_bn"], f"conv_{part}_{number}_bn"
    yield head.node, "conv_preds"


def _mobilenet_v2(layers: list[Row]) -> Places:
    stem, *between, head = layers
    *stages, last = between
    yield from conv_and_norm(stem, "Conv1", "bn_Conv1")
    for number, block in enumerate(block for row in stages for block in row.blocks):
        yield from _block(block, f"block_{number}" if number else "expanded_conv", "BN")
    yield from conv_and_norm(last, "Conv_1", "Conv_1_bn")
    yield head.node, "predictions"


def _mobilenet_v3(layers: list[Row]) -> Places:
    stem, *blocks, last, hidden, head = layers
    yield from conv_and_norm(stem, "conv", "conv_bn")
    for number, row in enumerate(blocks):
        yield from _block(row.blocks[0], f"expanded_conv_{number}" if number else "expanded_conv", "bn")
    yield from conv_and_norm(last, "conv_1", "conv_1_bn")
    yield hidden.node, "conv_2"
    yield head.node, "logits"


def _block(block: dict[str, str], name: str, norm: str) -> Places:
    for part, module in {"expand": "expand", "dw": "depthwise", "project": "project"}.items():
        if part in block:
            yield block[part], f"{name}_{module}"
            yield block[f"{part}_bn"], f"{name}_{module}_{norm}"
        if part == "dw" and "se_reduce" in block:
            yield block["se_reduce"], f"{name}_squeeze_excite_conv"
            yield block["se_expand"], f"{name}_squeeze_excite_conv_1"


def _named(held: Mapping[str, Stored]) -> dict[str, str]:
    """By the name with a word for each weight, the file's own."""
    layers: dict[str, list[str]] = {}
    for name in held:
        layers.setdefault(name.rpartition("/")[0], []).append(name)
    named = {}
    for layer, names in layers.items():
        numbered = all(name.rpartition("/")[2].isdecimal() for name in names)
        words = _BY_COUNT.get(len(names), ()) if numbered else ()
        for index, name in enumerate(names):
            word = words[index] if words else name.rpartition("/")[2]
            word = "kernel" if word == "depthwise_kernel" else word
            named[f"{layer}/{word}" if layer else word] = name
    return named


LAYOUTS = [
    Layout("keras", ("keras",), frozenset({family}), places, images, "keras", _named)
    for family, places, images in (
        ("mobilenet_v1", _mobilenet_v1, frozenset({"conv_preds"})),
        ("mobilenet_v2", _mobilenet_v2, frozenset[str]()),
        ("mobilenet_v3", _mobilenet_v3, frozenset({"conv_2", "logits"})),
    )
]
