"""torchvision's names (0.28): MobileNetV2 and V3, EfficientNet and EfficientNetV2, MnasNet, ResNet."""

from runtime.weights.layouts.layout import Layout, Places, conv_and_norm
from runtime.weights.layouts.rows import Row
from runtime.weights.sources import Source

PARTS = ("expand", "conv", "dw", "se_reduce", "se_expand", "project")  # of a block, in order


def _ends(layers: list[Row]) -> tuple[Row, list[Row], Row, list[Row]]:
    """The stem, the blocks, the last convolution, and the dense layers."""
    stem, *between = layers
    dense = [row for row in between if row.kind == "dense"]
    *blocks, last = (row for row in between if row.kind != "dense")
    return stem, blocks, last, dense


def _mobilenet_v2(layers: list[Row]) -> Places:
    stem, blocks, last, (head,) = _ends(layers)
    yield from conv_and_norm(stem, "features.0.0", "features.0.1")
    number = 0
    for number, block in enumerate((block for row in blocks for block in row.blocks), 1):
        for index, part in enumerate(part for part in ("expand", "dw", "project") if part in block):
            module = f"features.{number}.conv.{index}"
            if part == "project":
                yield block[part], module
                yield block["project_bn"], f"features.{number}.conv.{index + 1}"
            else:
                yield block[part], f"{module}.0"
                yield block[f"{part}_bn"], f"{module}.1"
    yield from conv_and_norm(last, f"features.{number + 1}.0", f"features.{number + 1}.1")
    yield head.node, "classifier.1"


def _block(block: dict[str, str], module: str) -> Places:
    """A block of V3 or EfficientNet: its convolutions and its squeeze are numbered in order."""
    index = -1
    for part in (part for part in PARTS if part in block):
        index += part != "se_expand"
        if part.startswith("se_"):
            yield block[part], f"{module}.{index}.{'fc1' if part == 'se_reduce' else 'fc2'}"
        else:
            yield block[part], f"{module}.{index}.0"
            yield block[f"{part}_bn"], f"{module}.{index}.1"


def _mobilenet_v3(layers: list[Row]) -> Places:
    stem, blocks, last, (hidden, head) = _ends(layers)
    yield from conv_and_norm(stem, "features.0.0", "features.0.1")
    for number, row in enumerate(blocks, 1):
        yield from _block(row.blocks[0], f"features.{number}.block")
    yield from conv_and_norm(last, f"features.{len(blocks) + 1}.0", f"features.{len(blocks) + 1}.1")
    yield hidden.node, "classifier.0"
    yield head.node, "classifier.3"


def _efficientnet(layers: list[Row]) -> Places:
    stem, blocks, last, (head,) = _ends(layers)
    yield from conv_and_norm(stem, "features.0.0", "features.0.1")
    for stage, row in enumerate(blocks, 1):
        for repeat, block in enumerate(row.blocks):
            yield from _block(block, f"features.{stage}.{repeat}.block")
    yield from conv_and_norm(last, f"features.{len(blocks) + 1}.0", f"features.{len(blocks) + 1}.1")
    yield head.node, "classifier.1"


def _mnasnet(layers: list[Row]) -> Places:
    """Stem and first block lie flat in `layers`, before the stages."""
    stem, (first, *blocks), last, (head,) = _ends(layers)
    numbers = {"expand": 0, "dw": 3, "project": 6}

    def three(block: dict[str, str], module: str) -> Places:
        for part, number in numbers.items():
            if part in block:
                yield block[part], f"{module}{number}"
                yield block[f"{part}_bn"], f"{module}{number + 1}"

    yield from conv_and_norm(stem, "layers.0", "layers.1")
    yield from three(first.blocks[0], "layers.")
    for stage, row in enumerate(blocks, 8):
        for repeat, block in enumerate(row.blocks):
            yield from three(block, f"layers.{stage}.{repeat}.layers.")
    yield from conv_and_norm(last, f"layers.{len(blocks) + 8}", f"layers.{len(blocks) + 9}")
    yield head.node, "classifier.1"


def _resnet(layers: list[Row]) -> Places:
    stem, *stages, head = layers
    yield from conv_and_norm(stem, "conv1", "bn1")
    for stage, row in enumerate(stages, 1):
        for repeat, block in enumerate(row.blocks):
            module = f"layer{stage}.{repeat}"
            for part, node in block.items():
                number = part.removesuffix("_bn").removeprefix("conv")
                if part.startswith("shortcut"):
                    yield node, f"{module}.downsample.{1 if part.endswith('_bn') else 0}"
                else:
                    yield node, f"{module}.{'bn' if part.endswith('_bn') else 'conv'}{number}"
    yield head.node, "fc"


TORCHVISION: tuple[Source, ...] = ("torchvision",)
LAYOUTS = [
    Layout("torchvision", TORCHVISION, frozenset({"mobilenet_v2"}), _mobilenet_v2),
    Layout("torchvision", TORCHVISION, frozenset({"mobilenet_v3"}), _mobilenet_v3),
    Layout("torchvision", TORCHVISION, frozenset({"efficientnet", "efficientnet_v2"}), _efficientnet),
    Layout("torchvision", TORCHVISION, frozenset({"mnasnet"}), _mnasnet),
    Layout("torchvision", ("torchvision", "timm"), frozenset({"resnet"}), _resnet),
]
