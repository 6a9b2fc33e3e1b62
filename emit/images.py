"""A network's images, from bytes to the numbers that its first layer reads."""

from emit import hlo
from emit.hlo import Value
from emit.sums import per_channel, written

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
# Of gray images: the means of ImageNet's three.
GRAY_MEAN = (0.449,)
GRAY_STD = (0.226,)


def mean_and_std(channels: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The mean and the deviation of each channel, as shares of 255: of RGB images, or of gray ones."""
    return (GRAY_MEAN, GRAY_STD) if channels == 1 else (IMAGENET_MEAN, IMAGENET_STD)


def normalise(images: Value) -> Value:
    """uint8 `[N, H, W, C]` → real numbers, (x/255 - mean)/std channel by channel, as one product and one sum."""
    block, (means, stds) = images.block, mean_and_std(images.shape[-1])
    block.comment("images: from 0..255 to ImageNet's mean and deviation")
    with block.scope("images"):
        real = hlo.convert(images, block.float, "real")
        scale = block.vector([1 / (255 * written(std)) for std in stds], "scale")
        pairs = zip(means, stds, strict=True)
        shift = block.vector([-written(mean) / written(std) for mean, std in pairs], "shift")
        scaled = hlo.multiply(real, per_channel(scale, real), "scaled")
        return hlo.add(scaled, per_channel(shift, real), "normal")
