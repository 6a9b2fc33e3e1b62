"""A network's images, from bytes to the numbers that its first layer reads."""

from emit import hlo
from emit.hlo import Value
from emit.sums import per_channel, written

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


def normalise(images: Value) -> Value:
    """uint8 `[N, H, W, 3]` → real numbers, (x/255 - mean)/std channel by channel, as one product and one sum."""
    block = images.block
    block.comment("images: from 0..255 to ImageNet's mean and deviation")
    with block.scope("images"):
        real = hlo.convert(images, block.float, "real")
        scale = block.vector([1 / (255 * written(std)) for std in IMAGENET_STD], "scale")
        pairs = zip(IMAGENET_MEAN, IMAGENET_STD, strict=True)
        shift = block.vector([-written(mean) / written(std) for mean, std in pairs], "shift")
        scaled = hlo.multiply(real, per_channel(scale, real), "scaled")
        return hlo.add(scaled, per_channel(shift, real), "normal")
