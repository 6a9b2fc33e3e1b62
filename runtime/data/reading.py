"""How image files are read for a network, and at which size they are kept."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from netspec.fields import parse_fields
from netspec.language import NetSpec
from netspec.preprocessing import HOUSE, Preprocessing


class UnreadableImageError(Exception):
    """A file that is not an image, is damaged or too large. The text is the reason, without the file's name."""


# Where a picture of a height and width is cut: left, top, right and bottom, pixels, as Pillow has them.
Crop = Callable[[int, int], tuple[int, int, int, int]]


@dataclass(frozen=True)
class Reading:
    """How a file is read for a network, and at which size.

    Args:
        image_h, image_w: of the network's images, pixels.
        channels: 3: RGB, or as `preprocessing.color` orders them; 1: gray.
    """

    image_h: int
    image_w: int
    channels: int = 3
    preprocessing: Preprocessing = HOUSE

    @property
    def scaled(self) -> tuple[int, int]:
        """Height and width, pixels, that a picture is scaled to cover or to have."""
        return self.preprocessing.scaled(self.image_h, self.image_w)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Of what is read: larger than the network's images, which are its centre, for random crops in training.

        Where a scaled picture is cut, the margins are even, so that its centre stays the centre.
        """
        size = self.image_h, self.image_w
        if self.preprocessing.fit == "crop":
            return *self.scaled, self.channels
        high, wide = (side + (have - side) // 2 * 2 for have, side in zip(self.scaled, size, strict=True))
        return high, wide, self.channels


def reading_of_crops(reading: Reading) -> Reading:
    """How a part that is cut out of a picture is read: scaled to the size of the network's images, without margins."""
    return replace(reading, preprocessing=replace(reading.preprocessing, fit="stretch", crop=1.0))


def reading_of(net: NetSpec) -> Reading:
    """How files are read for a network."""
    return Reading(*net.image, net.preprocessing)


def changed_preprocessing(
    said: Preprocessing, settings: Mapping[str, str], report: Callable[[str], None]
) -> Preprocessing:
    """With some fields from their texts; what changes is reported. Raises SpecError."""
    changed = replace(said, **parse_fields(Preprocessing, settings))
    for name in settings:
        before, after = getattr(said, name), getattr(changed, name)
        if before != after:
            report(f"--preprocess: {name} is {after}, where it was {before or 'the default'}")
    return changed
