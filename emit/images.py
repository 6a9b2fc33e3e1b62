"""A network's images, from bytes to the numbers that its first layer reads."""

from emit import hlo
from emit.hlo import Value
from emit.sums import per_channel, written
from netspec.preprocessing import HOUSE, Preprocessing

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
# Of gray images: the means of ImageNet's three.
GRAY_MEAN = (0.449,)
GRAY_STD = (0.226,)


def mean_and_std(channels: int, said: Preprocessing = HOUSE) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The mean and the deviation of each channel, in units of `said.scale`: ImageNet's where nothing is said."""
    mean, std = (GRAY_MEAN, GRAY_STD) if channels == 1 else (IMAGENET_MEAN, IMAGENET_STD)
    return tuple(said.mean) or mean, tuple(said.std) or std


def normalise(images: Value, said: Preprocessing) -> Value:
    """uint8 `[N, H, W, C]` → real numbers, (x/scale - mean)/std channel by channel, as one product and one sum."""
    block, (means, stds) = images.block, mean_and_std(images.shape[-1], said)
    named = "the network's" if said.mean or said.std else "ImageNet's"
    block.comment(f"images: from 0..255 to {named} mean and deviation")
    with block.scope("images"):
        real = hlo.convert(images, block.float, "real")
        scale = block.vector([1 / (written(said.scale) * written(std)) for std in stds], "scale")
        pairs = zip(means, stds, strict=True)
        shift = block.vector([-written(mean) / written(std) for mean, std in pairs], "shift")
        scaled = hlo.multiply(real, per_channel(scale, real), "scaled")
        return hlo.add(scaled, per_channel(shift, real), "normal")
