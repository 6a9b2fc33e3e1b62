"""What an augmentation is: drawn for a whole batch, then done to each image. `augmentations` has one file each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from emit.images import mean_and_std
from netspec.language import NetSpec
from netspec.recipe import Augmentation

Image = NDArray[np.uint8]  # [H, W, C]
Size = tuple[int, int]
# What is done to the image at a place in the batch; and, of an augmentation, the image's size after it.
Alter = Callable[[int, Image], Image]
Change = tuple[Alter, Size]


@dataclass(frozen=True)
class Setting:
    """What augmentations are for.

    Attributes:
        size: height and width of the network's images.
        mean: bytes of the mean colour, by channel, which stands for nothing.
        reverse: whether the channels of stored images are blue, green, red.
    """

    size: Size
    mean: tuple[int, ...] = (0, 0, 0)
    reverse: bool = False


def setting_of(net: NetSpec) -> Setting:
    """For the images of a network."""
    said = net.preprocessing
    means, _ = mean_and_std(net.imageC, said)
    mean = tuple(min(max(round(said.scale * mean), 0), 255) for mean in means)
    return Setting((net.imageH, net.imageW), mean, said.color == "BGR")


Draw = Callable[[Any, np.random.Generator, int, Size, Setting], Change]
DRAWS: dict[type[Augmentation], Draw] = {}
Drawing = TypeVar("Drawing", bound=Draw)


def register(asked: type[Augmentation]) -> Callable[[Drawing], Drawing]:
    """Enter an augmentation under the value of `netspec.recipe` that asks for it.

    The function takes that value, the random source, how many images there are, their size now, and the setting.
    """

    def enter(draw: Drawing) -> Drawing:
        DRAWS[asked] = draw
        return draw

    return enter


def as_picture(change: Callable[[int, Pillow.Image], Pillow.Image], setting: Setting) -> Alter:
    """Pillow's picture, RGB or gray, in an image's place."""

    def alter(row: int, image: Image) -> Image:
        gray = image.shape[-1] == 1
        ordered = image[..., 0] if gray else image[..., ::-1] if setting.reverse else image
        after = np.asarray(change(row, Pillow.fromarray(np.ascontiguousarray(ordered))))
        return after[..., None] if gray else after[..., ::-1] if setting.reverse else after

    return alter
