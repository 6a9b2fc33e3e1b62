"""EfficientNet-B0 to B2 (Tan and Le 2019, table 1), with padding, batch norm and initialisation of torchvision."""

from math import ceil

from netspec import NetSpec, TrainConfig, convBn, dense, divisible, dropout, globalAvgPool, mbConv


def _scaled(name: str, image: int, width: float, depth: float, rate: float) -> NetSpec:
    """Compound scaling (section 3.3): B0 with channels times `width`, blocks times `depth`, and larger images."""

    def c(channels: int) -> int:
        return divisible(channels * width)

    def n(blocks: int) -> int:
        return ceil(blocks * depth)

    return NetSpec(
        name=name,
        imageH=image,
        imageW=image,
        activation="swish",
        padding="symmetric",
        bnEps=1e-5,
        bnMomentum=0.1,
        denseInit="fan_out",
        layers=[
            convBn(3, c(32), 3, 2, "symmetric"),  # stem, in B0 224→112
            mbConv(c(32), c(16), 1, 3, 1, n(1), True),  # 112, expand 1×
            mbConv(c(16), c(24), 6, 3, 2, n(2), True),  # 112→56
            mbConv(c(24), c(40), 6, 5, 2, n(2), True),  # 56→28
            mbConv(c(40), c(80), 6, 3, 2, n(3), True),  # 28→14
            mbConv(c(80), c(112), 6, 5, 1, n(3), True),  # 14
            mbConv(c(112), c(192), 6, 5, 2, n(4), True),  # 14→7
            mbConv(c(192), c(320), 6, 3, 1, n(1), True),  # 7
            convBn(c(320), c(1280), 1, 1, "same"),  # 1×1 to 1280
            globalAvgPool(),
            dropout(rate),
            dense(c(1280), 10, "identity"),
        ],
    )


b0 = _scaled("EfficientNet-B0", 224, width=1.0, depth=1.0, rate=0.2)
b1 = _scaled("EfficientNet-B1", 240, width=1.0, depth=1.1, rate=0.2)
b2 = _scaled("EfficientNet-B2", 260, width=1.1, depth=1.2, rate=0.3)

efficientnetConfig = TrainConfig()  # the defaults: the recipe of MobileNetV2's page
