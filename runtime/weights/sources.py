"""What each source of weights takes for granted, and its files do not say: batch norm's epsilon, padding, pictures.

Facts of torchvision 0.28, timm 1.0.31 and Keras 3.15; a source's file is of no use under other conventions.
"""

from dataclasses import dataclass, replace
from typing import Any, Literal

from netspec.activations import Activation
from netspec.language import NetSpec
from netspec.layers import Block, convBn, nested
from netspec.preprocessing import Filter, Preprocessing
from netspec.windows import Padding

Source = Literal["torchvision", "timm", "timm-tf", "keras", "tflite", "efficientnet-pytorch"]
Family = str  # a key of `TITLES`

TITLES: dict[Family, str] = {
    "mobilenet_v1": "MobileNetV1",
    "mobilenet_v2": "MobileNetV2",
    "mobilenet_v3": "MobileNetV3",
    "mobilenet_v4": "MobileNetV4",
    "efficientnet": "EfficientNet",
    "efficientnet_v2": "EfficientNetV2",
    "efficientnet_lite": "EfficientNet-Lite",
    "mnasnet": "MnasNet",
    "resnet": "ResNet",
}
_LITE = (3, 3, 5, 3, 5, 5, 3)  # the windows of its stages


@dataclass(frozen=True)
class Conventions:
    """What a source takes for granted of one family.

    Attributes:
        image: pixels a side at which the source evaluates; 0: as the network says.
        unsure: whether the source's files differ in how pictures are read.
    """

    eps: float
    momentum: float
    padding: Padding
    activation: Activation
    preprocessing: Preprocessing
    image: int = 0
    unsure: bool = False


def family_of(net: NetSpec) -> Family | None:
    """The family that a network's blocks belong to."""
    kinds = {type(layer).__name__ for layer in nested(net.layers)}
    for kind, family in _FAMILIES.items():
        if kind in kinds:
            return family
    blocks: list[Any] = [layer for layer in net.layers if type(layer).__name__ == "mbConv"]
    if not blocks:
        return None
    if all(block.useSE for block in blocks):
        return "efficientnet"
    lite = tuple(block.kSize for block in blocks) == _LITE and not any(block.useSE for block in blocks)
    return "efficientnet_lite" if lite else "mnasnet"


_FAMILIES: dict[str, Family] = {
    "separableConv": "mobilenet_v1",
    "invertedResidual": "mobilenet_v2",
    "mbConvV3": "mobilenet_v3",
    "uib": "mobilenet_v4",
    "fusedMbConv": "efficientnet_v2",
    "residualBlock": "resnet",
    "bottleneckBlock": "resnet",
}


def conventions_of(source: Source, net: NetSpec) -> Conventions | None:
    """The conventions of a source for a network's family; None where it has none of that family."""
    family = family_of(net)
    known = _CONVENTIONS.get(source)  # a checkpoint's header may say anything
    return known(family, net) if known is not None and family is not None else None


def _activation(family: Family, net: NetSpec) -> Activation:
    """As the papers have it; hybrid_large, the one with attention and GELU, by the error function."""
    if family == "mobilenet_v4":
        large = any(type(layer).__name__ == "mobileMQA" and getattr(layer, "heads", 0) == 8 for layer in net.layers)
        return "gelu" if large else "relu"
    return _ACTIVATIONS[family]


_ACTIVATIONS: dict[Family, Activation] = {
    "mobilenet_v1": "relu6",
    "mobilenet_v2": "relu6",
    "mobilenet_v3": "hswish",
    "efficientnet": "swish",
    "efficientnet_v2": "swish",
    "efficientnet_lite": "relu6",
    "mnasnet": "relu",
    "resnet": "relu",
}
_HALF = (0.5, 0.5, 0.5)


def _covering(size: int, resized: int, filter: Filter, half: bool = False) -> Preprocessing:
    """As torchvision and timm read pictures: scaled until they cover `resized` pixels, then cut to `size`."""
    mean = _HALF if half else ()
    return Preprocessing("cover", size / resized, filter, decode="whole", mean=mean, std=mean)


def _size(net: NetSpec) -> int:
    return min(net.imageH, net.imageW)


# EfficientNet-B0 to B2 by their blocks and the channels of the last convolution: pixels used, and scaled to.
_COMPOUND = {(16, 1280): (224, 256), (23, 1280): (240, 256), (23, 1408): (288, 288)}


def _torchvision(family: Family, net: NetSpec) -> Conventions | None:
    """A file's checksum says more of how pictures are read (`runtime.weights.published`)."""
    eps = {"mobilenet_v3": 1e-3, "efficientnet_v2": 1e-3}.get(family, 1e-5)
    momentum = {"mobilenet_v3": 0.01, "mnasnet": 3e-4}.get(family, 0.1)
    if family in ("mobilenet_v1", "mobilenet_v4", "efficientnet_lite"):
        return None
    images, image = _covering(224, 256, "bilinear"), 0
    if family == "efficientnet":
        size, resized = _COMPOUND.get((_blocks(net), _last_width(net)), (_size(net), int(_size(net) / 0.875)))
        images, image = _covering(size, resized, "bicubic"), size
    if family == "efficientnet_v2":
        images, image = _covering(384, 384, "bilinear"), 384
    return Conventions(eps, momentum, "symmetric", _activation(family, net), images, image, unsure=True)


def _timm(family: Family, net: NetSpec) -> Conventions | None:
    shares = {"mobilenet_v4": 0.95, "efficientnet_v2": 1.0, "resnet": 0.95}
    half = family == "mobilenet_v1"
    resized = int(_size(net) / shares.get(family, 0.875))
    images = _covering(_size(net), resized, "bicubic", half)
    return Conventions(1e-5, 0.1, "symmetric", _activation(family, net), images, unsure=True)


def _timm_tf(family: Family, net: NetSpec) -> Conventions | None:
    if family not in ("mobilenet_v3", "efficientnet", "efficientnet_v2", "efficientnet_lite"):
        return None
    shares = {240: 0.882, 260: 0.89} if family in ("efficientnet", "efficientnet_lite") else {}
    share = 1.0 if family == "efficientnet_v2" else shares.get(_size(net), 0.875)
    images = _covering(
        _size(net),
        int(_size(net) / share),
        "bilinear" if family == "mobilenet_v3" else "bicubic",
        half=family != "efficientnet",
    )
    return Conventions(
        1e-3,
        0.1,
        "same",
        _activation(family, net),
        images,
        unsure=family in ("efficientnet", "efficientnet_v2"),
    )


def _keras(family: Family, net: NetSpec) -> Conventions | None:
    """As `keras.utils.load_img` reads pictures, and each application's `preprocess_input` scales them."""
    if family not in ("mobilenet_v1", "mobilenet_v2", "mobilenet_v3"):
        return None
    images = Preprocessing("stretch", 1.0, "nearest", decode="whole", mean=_HALF, std=_HALF)
    padding: Padding = "even" if family == "mobilenet_v1" else "same"
    momentum = 0.01 if family == "mobilenet_v1" else 0.001
    return Conventions(1e-3, momentum, padding, _activation(family, net), images)


def _tflite(family: Family, net: NetSpec) -> Conventions | None:
    """Batch norm is folded into the kernels, so that its epsilon is the network's own."""
    if family not in ("mobilenet_v1", "mobilenet_v2", "mobilenet_v3", "efficientnet_lite"):
        return None
    images = Preprocessing("crop", 0.875, "bilinear", decode="whole", mean=_HALF, std=_HALF)
    if family == "efficientnet_lite":
        images = replace(images, filter="bicubic", scale=1.0, mean=(127.0,) * 3, std=(128.0,) * 3)
    return Conventions(net.bnEps, net.bnMomentum, "same", _activation(family, net), images, unsure=True)


def _efficientnet_pytorch(family: Family, net: NetSpec) -> Conventions | None:
    if family not in ("efficientnet", "efficientnet_lite"):
        return None
    images = _covering(_size(net), int(_size(net) / {240: 0.882, 260: 0.89}.get(_size(net), 0.875)), "bicubic")
    if family == "efficientnet_lite":
        images = replace(images, scale=1.0, mean=(127.0,) * 3, std=(128.0,) * 3)
    return Conventions(1e-3, 0.01, "same", _activation(family, net), images)


_CONVENTIONS = {
    "torchvision": _torchvision,
    "timm": _timm,
    "timm-tf": _timm_tf,
    "keras": _keras,
    "tflite": _tflite,
    "efficientnet-pytorch": _efficientnet_pytorch,
}


def _blocks(net: NetSpec) -> int:
    return sum(getattr(layer, "nBlocks", 1) for layer in net.layers if isinstance(layer, Block))


def _last_width(net: NetSpec) -> int:
    return next((layer.oc for layer in reversed(net.layers) if isinstance(layer, convBn)), 0)
