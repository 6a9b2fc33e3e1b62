"""What is published beside a file of weights: timm's `config.json`, and torchvision's names, which hold a checksum."""

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args

from netspec.errors import InputError
from netspec.language import NetSpec
from netspec.preprocessing import Filter, Preprocessing
from netspec.text import shown
from runtime.system import files
from runtime.weights import imagenet
from runtime.weights.formats.keras_model import KerasModel
from runtime.weights.sources import Conventions, Family, Source

CONFIG = "config.json"
LONGEST_CONFIG = 2**20  # bytes
_V1: tuple[int, int, Filter] = (256, 224, "bilinear")
_V2: tuple[int, int, Filter] = (232, 224, "bilinear")
# torchvision's files, by the beginning of their checksum, as their names have it: the pixels that a picture is scaled
# to, those that are used, and the filter.
_TORCHVISION: dict[str, tuple[int, int, Filter]] = {
    **dict.fromkeys(("b0353104", "8738ca79", "047dcff4", "f206786e", "3ffadce6"), _V1),  # MobileNets, MnasNets
    **dict.fromkeys(("f37072fd", "b627a593", "0676ba61", "63fe2227"), _V1),  # ResNets
    **dict.fromkeys(("7ebf99e0", "5c1a4163", "7090bc5f", "a4c69d6f"), _V2),  # MobileNets, MnasNets, IMAGENET1K_V2
    **dict.fromkeys(("11ad3fa6", "cd907fc2"), _V2),  # ResNets, V2
    "7f5810bc": (256, 224, "bicubic"),  # efficientnet_b0
    "bac287d4": (256, 240, "bicubic"),  # efficientnet_b1
    "c27df63c": (255, 240, "bilinear"),  # efficientnet_b1, V2
    "c35c1473": (288, 288, "bicubic"),  # efficientnet_b2
    "dd5fe13b": (384, 384, "bilinear"),  # efficientnet_v2_s
}
# timm's networks of each family; it has others with the same names and shapes and another forward pass (blur, aa).
_ARCHITECTURES: dict[Family, str] = {
    "mobilenet_v1": r"mobilenetv1_\d+",
    "mobilenet_v2": r"mobilenetv2_\d+d?",
    "mobilenet_v3": r"(tf_)?mobilenetv3_(large|small)_\d+",
    "mobilenet_v4": r"mobilenetv4_(conv|hybrid)_(small|medium|large)(_\d+)?",
    "efficientnet": r"(tf_)?efficientnet_b\d",
    "efficientnet_lite": r"(tf_)?efficientnet_lite\d",
    "efficientnet_v2": r"(tf_)?efficientnetv2_(s|m|l|xl|b\d)",
    "mnasnet": r"(se)?mnasnet_(\d+|small)",
    "resnet": r"resnet\d+",
}


@dataclass(frozen=True)
class Config:
    """timm's `config.json`.

    Attributes:
        path: of the file.
        architecture: timm's name of the network.
        image: pixels a side at which it is evaluated.
        labels: names of the classes, none where it has no list.
    """

    path: Path
    architecture: str
    preprocessing: Preprocessing
    image: int
    labels: tuple[str, ...]

    @property
    def source(self) -> Source:
        """Which of timm's conventions the network has."""
        return "timm-tf" if self.architecture.startswith("tf_") else "timm"

    def check(self, family: Family, title: str) -> None:
        """Raises InputError where it is of another network than the family's."""
        if re.fullmatch(_ARCHITECTURES[family], self.architecture) is None:
            raise InputError(
                f"{shown(self.path)}: its weights are of {shown(self.architecture)}, which computes something else "
                f"than the spec, {title}, though its tensors may have the same names and shapes; choose another file."
            )


@dataclass(frozen=True)
class Published:
    """What is known of a file.

    Attributes:
        sha256: of its bytes.
        torchvision: how pictures are read, of a file that torchvision publishes.
        config: timm's, beside it or given.
    """

    sha256: str
    torchvision: Preprocessing | None
    config: Config | None

    def applied(self, conventions: Conventions, source: Source, config: Config | None) -> Conventions:
        """A source's conventions, as far as this file is known better."""
        if source == "torchvision" and self.torchvision is not None:
            return replace(conventions, preprocessing=self.torchvision, unsure=False)
        if config is None:
            return conventions
        return replace(conventions, preprocessing=config.preprocessing, image=config.image, unsure=False)


def as_described(conventions: Conventions, model: KerasModel | None, net: NetSpec) -> Conventions:
    """Keras' conventions of a network, as far as the file's own description of the model says more.

    Of Keras' own applications, with ImageNet's classes, it is known how pictures are read.
    """
    images = conventions.preprocessing
    if model is not None and model.scale and min(model.scale) > 0:  # x · scale + offset is (x / 255 - mean) / std
        both = zip(model.scale, model.offset, strict=True)
        mean, std = zip(*((_rounded(0 - b / (255 * a)), _rounded(1 / (255 * a))) for a, b in both), strict=True)
        every = net.imageC // len(std) if net.imageC % len(std) == 0 else 1
        images = replace(images, scale=255.0, mean=mean * every, std=std * every)
    sides = set(model.size) if model is not None and model.size is not None else set()
    return replace(
        conventions,
        preprocessing=images,
        image=sides.pop() if len(sides) == 1 else conventions.image,
        unsure=net.classes != imagenet.CLASSES,
    )


def _rounded(number: float) -> float:
    """To nine digits: 1 / 127.5 was rounded before."""
    return float(f"{number:.9g}")


def read(weights: Path, config_file: Path | None) -> Published:
    """What is known of a file of weights. Raises InputError for a config file that cannot be used."""
    checksum = files.sha256_of(weights)
    beside = weights.parent / CONFIG
    if config_file is None and beside.is_file() and _is_timm(beside):
        config_file = beside
    said = None
    if known := _TORCHVISION.get(checksum[:8]):
        resized, size, filter = known
        said = Preprocessing("cover", size / resized, filter, decode="whole")
    return Published(checksum, said, _config(config_file) if config_file is not None else None)


def _is_timm(path: Path) -> bool:
    try:
        config = files.parse_json(files.read_text(path, LONGEST_CONFIG))
    except (InputError, ValueError):
        return False
    return isinstance(config, dict) and "architecture" in config


def _config(path: Path) -> Config:
    """Raises InputError."""
    try:
        config = files.parse_json(files.read_text(path, LONGEST_CONFIG))
        pretrained: dict[str, Any] = config.get("pretrained_cfg", config)
        _, height, width = pretrained["input_size"]
        if height != width:
            raise ValueError(f"input_size {height}x{width}")
        fit = {"center": "cover", "squash": "stretch"}[pretrained.get("crop_mode", "center")]
        filter = pretrained["interpolation"]
        if filter not in get_args(Filter):
            raise ValueError(f"interpolation {filter}")
        said = Preprocessing(
            fit=fit,  # type: ignore[arg-type]
            crop=height / int(height / float(pretrained["crop_pct"])),
            filter=filter,
            decode="whole",
            mean=tuple(float(each) for each in pretrained["mean"]),
            std=tuple(float(each) for each in pretrained["std"]),
        )
        listed = config.get("label_names", pretrained.get("label_names")) or ()
        labels = tuple(listed) if all(isinstance(each, str) for each in listed) else ()
        return Config(path, str(config.get("architecture", "")), said, int(height), labels)
    except (KeyError, TypeError, ValueError, AttributeError, ZeroDivisionError, OverflowError, IndexError) as wrong:
        raise InputError(
            f"{shown(path)}: expected timm's config.json, with input_size, crop_pct, interpolation, mean and std, "
            f"found another ({type(wrong).__name__}: {shown(wrong)})."
        ) from None
