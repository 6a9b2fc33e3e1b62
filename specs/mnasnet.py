"""MnasNet-A1, B1 and Small (Tan et al. 2019, figure 7), with padding, batch norm and initialisation of timm.

B1 is the search's without squeeze and excitation. torchvision's B1 has bnMomentum=3e-4, with which running statistics
need thousands of steps; nothing but training depends on it.
"""

from netspec import NetSpec, TrainConfig, convBn, dense, dropout, globalAvgPool, mbConv

a1 = NetSpec(
    name="MnasNet-A1",
    imageH=224,
    imageW=224,
    activation="relu",
    padding="symmetric",
    bnEps=1e-5,
    bnMomentum=0.1,
    convInit="group_fan_out",
    denseInit="fan_out",
    layers=[
        convBn(3, 32, 3, 2, "symmetric"),  # stem 224→112
        mbConv(32, 16, 1, 3, 1, 1, False),  # 112, expand 1×
        mbConv(16, 24, 6, 3, 2, 2, False),  # 112→56
        mbConv(24, 40, 3, 5, 2, 3, True),  # 56→28
        mbConv(40, 80, 6, 3, 2, 4, False),  # 28→14
        mbConv(80, 112, 6, 3, 1, 2, True),  # 14
        mbConv(112, 160, 6, 5, 2, 3, True),  # 14→7
        mbConv(160, 320, 6, 3, 1, 1, False),  # 7
        convBn(320, 1280, 1, 1, "same"),  # 1×1 to 1280
        globalAvgPool(),
        dropout(0.2),
        dense(1280, 10, "identity"),
    ],
)

b1 = NetSpec(
    name="MnasNet-B1",
    imageH=224,
    imageW=224,
    activation="relu",
    padding="symmetric",
    bnEps=1e-5,
    bnMomentum=0.1,
    convInit="group_fan_out",
    denseInit="fan_out",
    layers=[
        convBn(3, 32, 3, 2, "symmetric"),  # stem 224→112
        mbConv(32, 16, 1, 3, 1, 1, False),  # 112, expand 1×
        mbConv(16, 24, 3, 3, 2, 3, False),  # 112→56
        mbConv(24, 40, 3, 5, 2, 3, False),  # 56→28
        mbConv(40, 80, 6, 5, 2, 3, False),  # 28→14
        mbConv(80, 96, 6, 3, 1, 2, False),  # 14
        mbConv(96, 192, 6, 5, 2, 4, False),  # 14→7
        mbConv(192, 320, 6, 3, 1, 1, False),  # 7
        convBn(320, 1280, 1, 1, "same"),  # 1×1 to 1280
        globalAvgPool(),
        dropout(0.2),
        dense(1280, 10, "identity"),
    ],
)

small = NetSpec(
    name="MnasNet-Small",
    imageH=224,
    imageW=224,
    activation="relu",
    padding="symmetric",
    bnEps=1e-5,
    bnMomentum=0.1,
    convInit="group_fan_out",
    denseInit="fan_out",
    layers=[
        convBn(3, 8, 3, 2, "symmetric"),  # stem 224→112
        mbConv(8, 8, 1, 3, 1, 1, False),  # 112, expand 1×
        mbConv(8, 16, 3, 3, 2, 1, False),  # 112→56
        mbConv(16, 16, 6, 3, 2, 2, False),  # 56→28
        mbConv(16, 32, 6, 5, 2, 4, True),  # 28→14
        mbConv(32, 32, 6, 3, 1, 3, True),  # 14
        mbConv(32, 88, 6, 5, 2, 3, True),  # 14→7
        mbConv(88, 144, 6, 3, 1, 1, False),  # 7
        convBn(144, 1280, 1, 1, "same"),  # 1×1 to 1280
        globalAvgPool(),
        dropout(0.2),
        dense(1280, 10, "identity"),
    ],
)

mnasnetConfig = TrainConfig()  # the defaults: the recipe of MobileNetV2's page
