"""The names of the package efficientnet-pytorch and of those made from it: EfficientNet and its Lite."""

from runtime.weights.layouts.layout import Layout, Places, conv_and_norm
from runtime.weights.layouts.rows import Row

_PARTS = {"expand": "_expand_conv", "dw": "_depthwise_conv", "project": "_project_conv"}


def _efficientnet(layers: list[Row]) -> Places:
    stem, *between, head = layers
    *stages, last = between
    yield from conv_and_norm(stem, "_conv_stem", "_bn0")
    for number, block in enumerate(block for row in stages for block in row.blocks):
        module = f"_blocks.{number}"
        for norm, (part, name) in enumerate(_PARTS.items()):
            if part in block:
                yield block[part], f"{module}.{name}"
                yield block[f"{part}_bn"], f"{module}._bn{norm}"
            if part == "dw" and "se_reduce" in block:
                yield block["se_reduce"], f"{module}._se_reduce"
                yield block["se_expand"], f"{module}._se_expand"
    yield from conv_and_norm(last, "_conv_head", "_bn1")
    yield head.node, "_fc"


LAYOUTS = [
    Layout(
        "efficientnet-pytorch",
        ("efficientnet-pytorch",),
        frozenset({"efficientnet", "efficientnet_lite"}),
        _efficientnet,
    )
]
