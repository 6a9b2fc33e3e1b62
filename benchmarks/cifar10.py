"""MobileNetV2 (Sandler et al. 2018, table 2) for images of 32 pixels, with fewer strides at the start; for CIFAR-10."""

from netspec import NetSpec, Preprocessing, convBn, dense, divisible, globalAvgPool, invertedResidual


def _early(name: str, width: float, stem: int, second: int) -> NetSpec:
    """`stem` and `second` are the strides of the first convolution and of the second row of blocks, 2 in the paper."""

    def c(channels: int) -> int:
        return divisible(channels * width)

    last = max(1280, c(1280))
    return NetSpec(
        name=name,
        imageH=32,
        imageW=32,
        activation="relu6",
        padding="symmetric",
        preprocessing=Preprocessing(crop=1.0),  # the pixels of the file
        layers=[
            convBn(3, c(32), 3, stem, "symmetric"),
            invertedResidual(c(32), c(16), 1, 1, 1),
            invertedResidual(c(16), c(24), 6, second, 2),
            invertedResidual(c(24), c(32), 6, 2, 3),
            invertedResidual(c(32), c(64), 6, 2, 4),
            invertedResidual(c(64), c(96), 6, 1, 3),
            invertedResidual(c(96), c(160), 6, 2, 3),
            invertedResidual(c(160), c(320), 6, 1, 1),
            convBn(c(320), last, 1, 1, "same"),
            globalAvgPool(),
            dense(last, 10, "identity"),
        ],
    )


def by16(width: float = 1.0) -> NetSpec:
    """32 pixels to 2: the stem has stride 1."""
    return _early("MobileNet-v2 by 16", width, 1, 2)


def by8(width: float = 1.0) -> NetSpec:
    """32 pixels to 4: the second row of blocks has stride 1 too."""
    return _early("MobileNet-v2 by 8", width, 1, 1)
