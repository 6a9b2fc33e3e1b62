"""EfficientNetV2-S (Tan and Le 2021, table 4), with padding, batch norm and initialisation of torchvision."""

from netspec import NetSpec, TrainConfig, convBn, dense, dropout, fusedMbConv, globalAvgPool, mbConv

s = NetSpec(
    name="EfficientNet-v2-S",
    imageH=384,
    imageW=384,
    activation="swish",
    padding="symmetric",
    bnEps=1e-3,
    bnMomentum=0.1,
    denseInit="fan_out",
    layers=[
        convBn(3, 24, 3, 2, "symmetric"),  # stem 384→192
        fusedMbConv(24, 24, 1, 3, 1, 2, False),  # 192, expand 1×
        fusedMbConv(24, 48, 4, 3, 2, 4, False),  # 192→96
        fusedMbConv(48, 64, 4, 3, 2, 4, False),  # 96→48
        mbConv(64, 128, 4, 3, 2, 6, True),  # 48→24
        mbConv(128, 160, 6, 3, 1, 9, True),  # 24
        mbConv(160, 256, 6, 3, 2, 15, True),  # 24→12
        convBn(256, 1280, 1, 1, "same"),  # 1×1 to 1280
        globalAvgPool(),
        dropout(0.2),
        dense(1280, 10, "identity"),
    ],
)

efficientnetV2Config = TrainConfig(batchSize=16)  # else the recipe of MobileNetV2's page
