"""MobileNetV3-Large and Small (Howard et al. 2019, tables 1 and 2), with padding and batch norm of torchvision."""

from netspec import NetSpec, TrainConfig, convBn, dense, divisible, dropout, globalAvgPool, mbConvV3


def large(width: float = 1.0) -> NetSpec:
    """`width` multiplies all channels but those of the last hidden layer and, below 0.75, of the stem."""

    def c(channels: int) -> int:
        return divisible(channels * width)

    def e(ic: int, expanded: int) -> int:
        return divisible(c(ic) * expanded / ic)  # by the ratio of the table

    stem = c(16) if width >= 0.75 else 16
    return NetSpec(
        name="MobileNet-v3-Large",
        imageH=224,
        imageW=224,
        activation="hswish",
        padding="symmetric",
        bnEps=1e-3,
        bnMomentum=0.01,
        layers=[
            convBn(3, stem, 3, 2, "symmetric"),  # stem 224→112
            mbConvV3(stem, c(16), stem, 3, 1, False, "relu"),  # 112
            mbConvV3(c(16), c(24), e(16, 64), 3, 2, False, "relu"),  # 112→56
            mbConvV3(c(24), c(24), e(24, 72), 3, 1, False, "relu"),  # 56
            mbConvV3(c(24), c(40), e(24, 72), 5, 2, True, "relu"),  # 56→28
            mbConvV3(c(40), c(40), e(40, 120), 5, 1, True, "relu"),  # 28
            mbConvV3(c(40), c(40), e(40, 120), 5, 1, True, "relu"),  # 28
            mbConvV3(c(40), c(80), e(40, 240), 3, 2, False),  # 28→14
            mbConvV3(c(80), c(80), e(80, 200), 3, 1, False),  # 14
            mbConvV3(c(80), c(80), e(80, 184), 3, 1, False),  # 14
            mbConvV3(c(80), c(80), e(80, 184), 3, 1, False),  # 14
            mbConvV3(c(80), c(112), e(80, 480), 3, 1, True),  # 14
            mbConvV3(c(112), c(112), e(112, 672), 3, 1, True),  # 14
            mbConvV3(c(112), c(160), e(112, 672), 5, 2, True),  # 14→7
            mbConvV3(c(160), c(160), e(160, 960), 5, 1, True),  # 7
            mbConvV3(c(160), c(160), e(160, 960), 5, 1, True),  # 7
            convBn(c(160), c(960), 1, 1, "same"),  # 1×1 to 960
            globalAvgPool(),
            dense(c(960), 1280, "hswish"),
            dropout(0.2),
            dense(1280, 10, "identity"),
        ],
    )


def small(width: float = 1.0) -> NetSpec:
    """`width` multiplies all channels but those of the last hidden layer and, below 0.75, of the stem."""

    def c(channels: int) -> int:
        return divisible(channels * width)

    def e(ic: int, expanded: int) -> int:
        return divisible(c(ic) * expanded / ic)  # by the ratio of the table

    stem = c(16) if width >= 0.75 else 16
    return NetSpec(
        name="MobileNet-v3-Small",
        imageH=224,
        imageW=224,
        activation="hswish",
        padding="symmetric",
        bnEps=1e-3,
        bnMomentum=0.01,
        layers=[
            convBn(3, stem, 3, 2, "symmetric"),  # stem 224→112
            mbConvV3(stem, c(16), stem, 3, 2, True, "relu"),  # 112→56
            mbConvV3(c(16), c(24), e(16, 72), 3, 2, False, "relu"),  # 56→28
            mbConvV3(c(24), c(24), e(24, 88), 3, 1, False, "relu"),  # 28
            mbConvV3(c(24), c(40), e(24, 96), 5, 2, True),  # 28→14
            mbConvV3(c(40), c(40), e(40, 240), 5, 1, True),  # 14
            mbConvV3(c(40), c(40), e(40, 240), 5, 1, True),  # 14
            mbConvV3(c(40), c(48), e(40, 120), 5, 1, True),  # 14
            mbConvV3(c(48), c(48), e(48, 144), 5, 1, True),  # 14
            mbConvV3(c(48), c(96), e(48, 288), 5, 2, True),  # 14→7
            mbConvV3(c(96), c(96), e(96, 576), 5, 1, True),  # 7
            mbConvV3(c(96), c(96), e(96, 576), 5, 1, True),  # 7
            convBn(c(96), c(576), 1, 1, "same"),  # 1×1 to 576
            globalAvgPool(),
            dense(c(576), 1024, "hswish"),
            dropout(0.2),
            dense(1024, 10, "identity"),
        ],
    )


mobilenetV3Config = TrainConfig()  # the defaults: the recipe of MobileNetV2's page
