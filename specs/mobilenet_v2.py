"""MobileNetV2 1.0 (Sandler et al. 2018, table 2), with the recipe of the Imagenette run."""

from netspec import NetSpec, TrainConfig, convBn, dense, globalAvgPool, invertedResidual

mobilenetV2 = NetSpec(
    name="MobileNet-v2",
    imageH=224,
    imageW=224,
    activation="relu6",
    padding="same",
    layers=[
        convBn(3, 32, 3, 2, "same"),  # stem 224→112
        invertedResidual(32, 16, 1, 1, 1),  # 112, expand 1×
        invertedResidual(16, 24, 6, 2, 2),  # 112→56, t=6
        invertedResidual(24, 32, 6, 2, 3),  # 56→28, t=6
        invertedResidual(32, 64, 6, 2, 4),  # 28→14, t=6
        invertedResidual(64, 96, 6, 1, 3),  # 14, t=6
        invertedResidual(96, 160, 6, 2, 3),  # 14→7, t=6
        invertedResidual(160, 320, 6, 1, 1),  # 7, t=6
        convBn(320, 1280, 1, 1, "same"),  # 1×1 to 1280
        globalAvgPool(),
        dense(1280, 10, "identity"),
    ],
)

mobilenetV2Config = TrainConfig(
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
