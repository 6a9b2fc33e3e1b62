"""EfficientNet-Lite0 to Lite2 (Liu 2020), with padding, batch norm and initialisation of TensorFlow.

EfficientNet (Tan and Le 2019, table 1) without squeeze and excitation and without swish, which some processors are slow
at. All published weights are of networks with this padding; bnMomentum is timm's.
"""

from math import ceil

from netspec import NetSpec, TrainConfig, convBn, dense, divisible, dropout, globalAvgPool, mbConv


def _scaled(name: str, image: int, width: float, depth: float, rate: float) -> NetSpec:
    """Compound scaling that leaves the stem, the head, and the blocks of the first and the last stage as they are."""

    def c(channels: int) -> int:
        return divisible(channels * width)

    def n(blocks: int) -> int:
        return ceil(blocks * depth)

    return NetSpec(
        name=name,
        imageH=image,
        imageW=image,
        activation="relu6",
        padding="same",
        bnEps=1e-3,
        bnMomentum=0.1,
        convInit="group_fan_out",
        denseInit="fan_out",
        layers=[
            convBn(3, 32, 3, 2, "same"),  # stem, in Lite0 224→112
            mbConv(32, c(16), 1, 3, 1, 1, False),  # 112, expand 1×
            mbConv(c(16), c(24), 6, 3, 2, n(2), False),  # 112→56
            mbConv(c(24), c(40), 6, 5, 2, n(2), False),  # 56→28
            mbConv(c(40), c(80), 6, 3, 2, n(3), False),  # 28→14
            mbConv(c(80), c(112), 6, 5, 1, n(3), False),  # 14
            mbConv(c(112), c(192), 6, 5, 2, n(4), False),  # 14→7
            mbConv(c(192), c(320), 6, 3, 1, 1, False),  # 7
            convBn(c(320), 1280, 1, 1, "same"),  # 1×1 to 1280
            globalAvgPool(),
            dropout(rate),
            dense(1280, 10, "identity"),
        ],
    )


lite0 = _scaled("EfficientNet-Lite0", 224, width=1.0, depth=1.0, rate=0.2)
lite1 = _scaled("EfficientNet-Lite1", 240, width=1.0, depth=1.1, rate=0.2)
lite2 = _scaled("EfficientNet-Lite2", 260, width=1.1, depth=1.2, rate=0.3)

efficientnetLiteConfig = TrainConfig()  # the defaults: the recipe of MobileNetV2's page
