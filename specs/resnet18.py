"""ResNet-18 (He et al. 2015, table 1), with padding, batch norm and initialisation of torchvision."""

from netspec import NetSpec, TrainConfig, convBn, dense, globalAvgPool, maxPool, residualBlock

resnet18 = NetSpec(
    name="ResNet-18",
    imageH=224,
    imageW=224,
    activation="relu",
    padding="symmetric",
    bnEps=1e-5,
    bnMomentum=0.1,
    denseInit="fan_in",
    layers=[
        convBn(3, 64, 7, 2, "symmetric"),  # stem 224→112
        maxPool(3, 2),  # 112→56, overlapping windows
        residualBlock(64, 64, 2, 1),  # 56
        residualBlock(64, 128, 2, 2),  # 56→28
        residualBlock(128, 256, 2, 2),  # 28→14
        residualBlock(256, 512, 2, 2),  # 14→7
        globalAvgPool(),
        dense(512, 10, "identity"),
    ],
)

resnet18Config = TrainConfig()  # the defaults: the recipe of MobileNetV2's page
