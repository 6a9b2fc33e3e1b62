"""MobileNetV2 (Sandler et al. 2018, table 2), with the recipe of the Imagenette run."""

from netspec import NetSpec, TrainConfig, convBn, dense, divisible, globalAvgPool, invertedResidual


def mobilenetV2(width: float = 1.0) -> NetSpec:
    """`width` is the paper's width multiplier; below 1 the last convolution keeps its channels (section 4)."""

    def c(channels: int) -> int:
        return divisible(channels * width)

    last = max(1280, c(1280))
    return NetSpec(
        name="MobileNet-v2",
        imageH=224,
        imageW=224,
        activation="relu6",
        padding="same",
        layers=[
            convBn(3, c(32), 3, 2, "same"),  # stem 224→112
            invertedResidual(c(32), c(16), 1, 1, 1),  # 112, expand 1×
            invertedResidual(c(16), c(24), 6, 2, 2),  # 112→56, t=6
            invertedResidual(c(24), c(32), 6, 2, 3),  # 56→28, t=6
            invertedResidual(c(32), c(64), 6, 2, 4),  # 28→14, t=6
            invertedResidual(c(64), c(96), 6, 1, 3),  # 14, t=6
            invertedResidual(c(96), c(160), 6, 2, 3),  # 14→7, t=6
            invertedResidual(c(160), c(320), 6, 1, 1),  # 7, t=6
            convBn(c(320), last, 1, 1, "same"),  # 1×1 to 1280
            globalAvgPool(),
            dense(last, 10, "identity"),
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
