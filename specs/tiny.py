"""A small network that trains in seconds: for tests and for a first try."""

from netspec import NetSpec, TrainConfig, convBn, dense, globalAvgPool, invertedResidual

tiny = NetSpec(
    name="Tiny",
    imageH=32,
    imageW=32,
    activation="relu6",
    padding="same",
    layers=[
        convBn(3, 16, 3, 2, "same"),  # 32→16
        invertedResidual(16, 24, 2, 2, 2),  # 16→8
        globalAvgPool(),
        dense(24, 10, "identity"),
    ],
)

tinyConfig = TrainConfig(
    learningRate=0.003,
    batchSize=32,
    epochs=5,
    useAdam=True,
    weightDecay=0.0001,
    cosineDecay=True,
    warmupEpochs=1,
    augment=True,
    labelSmoothing=0.1,
)
