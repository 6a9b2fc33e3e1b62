"""ResNet-34 (He et al. 2015, table 1) with torchvision's padding, and the recipe of the Imagenette run."""

from netspec import NetSpec, TrainConfig, convBn, dense, globalAvgPool, maxPool, residualBlock

resnet34 = NetSpec(
    name="ResNet-34",
    imageH=224,
    imageW=224,
    activation="relu",
    padding="symmetric",
    layers=[
        convBn(3, 64, 7, 2, "symmetric"),  # stem 224→112
        maxPool(3, 2),  # 112→56, overlapping windows
        residualBlock(64, 64, 3, 1),  # 56
        residualBlock(64, 128, 4, 2),  # 56→28
        residualBlock(128, 256, 6, 2),  # 28→14
        residualBlock(256, 512, 3, 2),  # 14→7
        globalAvgPool(),
        dense(512, 10, "identity"),
    ],
)

resnet34Config = TrainConfig(
    learningRate=0.001,
    batchSize=32,
    epochs=80,
    useAdam=True,
    weightDecay=0.0001,
    cosineDecay=True,
    warmupEpochs=3,
    augment=True,
    labelSmoothing=0.1,
)
