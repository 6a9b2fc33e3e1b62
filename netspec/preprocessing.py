"""How a picture becomes a network's input: a part of the network, as its weights are of no use with another."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal

from netspec.errors import SpecError
from netspec.fields import Between, annotations, problem

Fit = Literal["crop", "cover", "stretch"]
Filter = Literal["nearest", "box", "bilinear", "bicubic", "lanczos"]
Decoding = Literal["reduced", "whole"]
Color = Literal["RGB", "BGR"]
Share = Annotated[float, Between(-1e6, most=1e6)]
CROP = 224 / 256


@dataclass(frozen=True, repr=False)
class Preprocessing:
    """How a picture becomes a network's input.

    A picture is scaled to `size / crop` pixels, rounded, and its centre of the network's size is cut out; the bytes
    are then normalised as (x / scale - mean) / std, channel by channel. The defaults are those of all networks here;
    published weights have others.

    Args:
        fit: `"crop"`: the largest centred box of the wanted proportions is scaled; `"cover"`: the picture is scaled
            until it just covers the size, then cut, as torchvision and timm do; `"stretch"`: each side by itself.
        crop: the share of the scaled picture's sides that is used, 224/256 where nothing is said.
        filter: of the scaling, as Pillow names them.
        antialias: whether the filter is widened where a picture shrinks.
        decode: `"whole"`, or `"reduced"`: a JPEG may be decoded at a half, a quarter or an eighth of its size.
        color: the order of the channels; gray images have one.
        scale: what bytes are divided by.
        mean: of each channel; none: ImageNet's, and for gray images the mean of its three.
        std: the deviation of each channel; likewise.
    """

    fit: Fit = "crop"
    crop: Annotated[float, Between(0.05, most=1)] = CROP
    filter: Filter = "bilinear"
    antialias: bool = True
    decode: Decoding = "reduced"
    color: Color = "RGB"
    scale: Annotated[float, Between(0, above=0, most=1e6)] = 255.0
    mean: Sequence[Share] = ()
    std: Sequence[Annotated[float, Between(0, above=0, most=1e6)]] = ()

    def __post_init__(self) -> None:
        for name in ("mean", "std"):
            if isinstance(getattr(self, name), list):
                object.__setattr__(self, name, tuple(getattr(self, name)))

    def __repr__(self) -> str:
        return f"Preprocessing({', '.join(f'{name}={value!r}' for name, value in self.changes().items())})"

    def scaled(self, height: int, width: int) -> tuple[int, int]:
        """Height and width, pixels, that a picture is scaled to, or cut to right after, for a network's image size."""
        return round(height / self.crop), round(width / self.crop)

    def changes(self) -> dict[str, Any]:
        """The fields that differ from the defaults, JSON-ready."""
        default = asdict(HOUSE)
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
            if value != default[name]
        }


HOUSE = Preprocessing()


def check_preprocessing(images: Preprocessing, channels: int) -> None:
    """Check every field, for a network with so many channels of images. Raises SpecError."""
    for name, annotation in annotations(Preprocessing).items():
        if wrong := problem(annotation, getattr(images, name)):
            raise SpecError(f"Preprocessing.{name}: {wrong}.")
    for name in ("mean", "std"):
        given = len(getattr(images, name))
        if given not in (0, channels):
            raise SpecError(f"Preprocessing.{name}: expected {channels} numbers, one a channel, received {given}.")
    if channels == 1 and images.color != "RGB":
        raise SpecError(f'Preprocessing.color: expected "RGB" for gray images, received "{images.color}".')
    if not images.antialias and (images.filter != "bilinear" or images.fit == "crop"):
        raise SpecError(
            f'Preprocessing.antialias: expected True with fit="{images.fit}" and filter="{images.filter}", received '
            'False; fit="cover" and "stretch" have both forms, with filter="bilinear".'
        )
