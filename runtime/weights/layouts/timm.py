"""timm's names (1.0): MobileNetV1 to V4, EfficientNet, EfficientNetV2, Lite, MnasNet; its ResNets have torchvision's.

A stage begins with a stride of 2; V3's stages are counted (`V3_STAGES`), as one of them begins without.
"""

from collections.abc import Iterator

from runtime.weights.layouts.layout import Layout, Places, conv_and_norm
from runtime.weights.layouts.rows import Row
from runtime.weights.sources import Family, Source

# Blocks of each stage, by how many there are in all.
V3_STAGES = {15: (1, 2, 3, 4, 2, 3), 11: (1, 2, 3, 2, 3)}
_UIB = {"start": "dw_start", "expand": "pw_exp", "middle": "dw_mid", "project": "pw_proj"}
_ATTENTION = {
    "attention_query": "attn.query.proj",
    "attention_key_down": "attn.key.down_conv",
    "attention_key_down_bn": "attn.key.norm",
    "attention_key": "attn.key.proj",
    "attention_value_down": "attn.value.down_conv",
    "attention_value_down_bn": "attn.value.norm",
    "attention_value": "attn.value.proj",
    "output": "attn.output.proj",
}


def _efficientnet(layers: list[Row]) -> Places:
    """A stage is a layer of its own, with all its repeats."""
    stem, *between, head = layers
    *stages, last = between
    yield from conv_and_norm(stem, "conv_stem", "bn1")
    for stage, row in enumerate(stages):
        for repeat, block in enumerate(row.blocks):
            yield from _block(block, f"blocks.{stage}.{repeat}")
    yield from conv_and_norm(last, "conv_head", "bn2")
    yield head.node, "classifier"


def _mobilenet_v1(layers: list[Row]) -> Places:
    stem, *between, head = layers
    yield from conv_and_norm(stem, "conv_stem", "bn1")
    for row, module in _staged(between):
        block = row.blocks[0]
        for part, (conv, norm) in {"dw": ("conv_dw", "bn1"), "pw": ("conv_pw", "bn2")}.items():
            yield block[part], f"{module}.{conv}"
            yield block[f"{part}_bn"], f"{module}.{norm}"
    yield head.node, "classifier"


def _mobilenet_v3(layers: list[Row]) -> Places:
    stem, *between, last, hidden, head = layers
    yield from conv_and_norm(stem, "conv_stem", "bn1")
    counts = V3_STAGES[len(between)]
    modules = (f"blocks.{stage}.{repeat}" for stage, count in enumerate(counts) for repeat in range(count))
    for row, module in zip(between, modules, strict=True):
        yield from _block(row.blocks[0], module)
    yield from conv_and_norm(last, f"blocks.{len(counts)}.0.conv", f"blocks.{len(counts)}.0.bn1")
    yield hidden.node, "conv_head"
    yield head.node, "classifier"


def _mobilenet_v4(layers: list[Row]) -> Places:
    stem, *between, last, hidden, head = layers
    yield from conv_and_norm(stem, "conv_stem", "bn1")
    stages = 0
    for row, module in _staged(between):
        stages = int(module.split(".")[1]) + 1
        if row.kind == "convBn":
            yield from conv_and_norm(row, f"{module}.conv", f"{module}.bn1")
        elif row.kind == "fusedMbConv":
            yield from _block(row.blocks[0], module)
        else:
            yield from _universal(row.blocks[0], module)
    yield from conv_and_norm(last, f"blocks.{stages}.0.conv", f"blocks.{stages}.0.bn1")
    yield from conv_and_norm(hidden, "conv_head", "norm_head")
    yield head.node, "classifier"


def _staged(between: list[Row]) -> Iterator[tuple[Row, str]]:
    """Each layer with its place in the stages: a stride begins one."""
    stage, repeat = 0, -1
    for number, row in enumerate(between):
        strided = getattr(row.layer, "stride", 1) > 1
        stage, repeat = (stage + 1, 0) if strided and number else (stage, repeat + 1)
        yield row, f"blocks.{stage}.{repeat}"


def _block(block: dict[str, str], module: str) -> Places:
    """A block of EfficientNet: its convolutions have names, and its batch norms are numbered."""
    if "conv" in block:
        parts = {"conv": "conv"}
    elif "dw" not in block:
        parts = {"expand": "conv_exp", "project": "conv_pwl"}
    elif "expand" in block:
        parts = {"expand": "conv_pw", "dw": "conv_dw", "project": "conv_pwl"}
    else:
        parts = {"dw": "conv_dw", "project": "conv_pw"}
    for number, (part, conv) in enumerate(parts.items(), 1):
        yield block[part], f"{module}.{conv}"
        yield block[f"{part}_bn"], f"{module}.bn{number}"
        if part == "dw" and "se_reduce" in block:
            yield block["se_reduce"], f"{module}.se.conv_reduce"
            yield block["se_expand"], f"{module}.se.conv_expand"


def _universal(block: dict[str, str], module: str) -> Places:
    """A block of V4: `uib`, or `mobileMQA`."""
    for part, node in block.items():
        plain = part.removesuffix("_bn")
        if plain in _UIB:
            yield node, f"{module}.{_UIB[plain]}.{'bn' if part.endswith('_bn') else 'conv'}"
        elif part == "scale":
            yield node, f"{module}.layer_scale"
        elif part == "norm":
            yield node, f"{module}.norm"
        else:
            yield node, f"{module}.{_ATTENTION[part]}"


TIMM: tuple[Source, ...] = ("timm", "timm-tf")
EFFICIENT: frozenset[Family] = frozenset(
    {"mobilenet_v2", "efficientnet", "efficientnet_v2", "efficientnet_lite", "mnasnet"}
)
LAYOUTS = [
    Layout("timm", TIMM, frozenset({"mobilenet_v1"}), _mobilenet_v1),
    Layout("timm", TIMM, EFFICIENT, _efficientnet),
    Layout("timm", TIMM, frozenset({"mobilenet_v3"}), _mobilenet_v3, frozenset({"conv_head"})),
    Layout("timm", TIMM, frozenset({"mobilenet_v4"}), _mobilenet_v4),
]
