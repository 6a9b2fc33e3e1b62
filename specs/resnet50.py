"""ResNet-50 (He et al. 2015, table 1), with padding, batch norm and initialisation of torchvision.

A stage has its stride in its first 3×3 convolution; with `strideFirst` it is in the 1×1 before it, as in the paper.
"""

from netspec import NetSpec, TrainConfig, bottleneckBlock, convBn, dense, globalAvgPool, maxPool

resnet50 = NetSpec(
    name="ResNet-50",
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
        bottleneckBlock(64, 256, 3, 1),  # 56
        bottleneckBlock(256, 512, 4, 2),  # 56→28
        bottleneckBlock(512, 1024, 6, 2),  # 28→14
        bottleneckBlock(1024, 2048, 3, 2),  # 14→7
        globalAvgPool(),
        dense(2048, 10, "identity"),
    ],
)

resnet50Config = TrainConfig()  # the defaults: the recipe of MobileNetV2's page
