"""What is published beside a file of weights: timm's `config.json`, and torchvision's names, which hold a checksum."""

from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, get_args

from netspec.errors import InputError
from netspec.preprocessing import Filter, Preprocessing
from netspec.text import shown
from runtime.system import files
from runtime.weights.sources import Conventions, Source

CONFIG = "config.json"
LONGEST_CONFIG = 2**20  # bytes
_CHUNK = 2**20
# torchvision's files, by the beginning of their checksum, as their names have it: the pixels that a picture is scaled
# to, those that are used, and the filter, where they are not those of most files of the family.
_TORCHVISION: dict[str, tuple[int, int, Filter]] = {
    "7ebf99e0": (232, 224, "bilinear"),  # mobilenet_v2, IMAGENET1K_V2
    "5c1a4163": (232, 224, "bilinear"),  # mobilenet_v3_large, V2
    "c27df63c": (255, 240, "bilinear"),  # efficientnet_b1, V2
    "7090bc5f": (232, 224, "bilinear"),  # mnasnet0_75
    "a4c69d6f": (232, 224, "bilinear"),  # mnasnet1_3
    "11ad3fa6": (232, 224, "bilinear"),  # resnet50, V2
    "cd907fc2": (232, 224, "bilinear"),  # resnet101, V2
    **dict.fromkeys(("f37072fd", "b627a593", "0676ba61", "63fe2227"), (256, 224, "bilinear")),  # resnets, V1
}


@dataclass(frozen=True)
class Published:
    """What is known of a file.

    Attributes:
        sha256: of its bytes.
        source: where it comes from, if that is known.
        preprocessing: if that is known.
        image: pixels a side at which it is evaluated; 0 where that is not known.
    """

    sha256: str
    source: Source | None = None
    preprocessing: Preprocessing | None = None
    image: int = 0

    def applied(self, conventions: Conventions) -> Conventions:
        """Conventions, as far as this file is known better."""
        if self.preprocessing is None:
            return conventions
        image = self.image or conventions.image
        return replace(conventions, preprocessing=self.preprocessing, image=image, unsure=False)


def read(weights: Path, config_file: Path | None) -> Published:
    """What is known of a file of weights. Raises InputError for a config file that cannot be used."""
    checksum = _sha256(weights)
    beside = weights.parent / CONFIG
    if config_file is None and beside.is_file() and _is_timm(beside):
        config_file = beside
    if config_file is not None:
        return _from_config(checksum, config_file)
    if known := _TORCHVISION.get(checksum[:8]):
        resized, size, filter = known
        said = Preprocessing("cover", size / resized, filter, decode="whole")
        return Published(checksum, "torchvision", said)
    return Published(checksum)


def _sha256(path: Path) -> str:
    digest = sha256()
    with files.errors_about(path, "read"), path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _is_timm(path: Path) -> bool:
    try:
        config = files.parse_json(files.read_text(path, LONGEST_CONFIG))
    except (InputError, ValueError):
        return False
    return isinstance(config, dict) and "architecture" in config


def _from_config(checksum: str, path: Path) -> Published:
    """timm's: the network's name, and how pictures are read."""
    try:
        config = files.parse_json(files.read_text(path, LONGEST_CONFIG))
        told: dict[str, Any] = config.get("pretrained_cfg", config)
        name = config.get("architecture", told.get("architecture", ""))
        size = int(told["input_size"][1])
        fit = {"center": "cover", "squash": "stretch"}[told.get("crop_mode", "center")]
        filter = told["interpolation"]
        if filter not in get_args(Filter):
            raise ValueError(f"interpolation {filter}")
        said = Preprocessing(
            fit=fit,  # type: ignore[arg-type]
            crop=size / int(size / float(told["crop_pct"])),
            filter=filter,
            decode="whole",
            mean=tuple(float(each) for each in told["mean"]),
            std=tuple(float(each) for each in told["std"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError, ZeroDivisionError, OverflowError, IndexError) as wrong:
        raise InputError(
            f"{shown(path)}: expected timm's config.json, with input_size, crop_pct, interpolation, mean and std, "
            f"found another ({type(wrong).__name__}: {shown(wrong)})."
        ) from None
    return Published(checksum, "timm-tf" if str(name).startswith("tf_") else "timm", said, size)
