"""MobileNetV1 (Howard et al. 2017, table 1), with ReLU6, padding, batch norm and initialisation of timm."""

from netspec import NetSpec, TrainConfig, convBn, dense, globalAvgPool, separableConv


def mobilenetV1(width: float = 1.0) -> NetSpec:
    """`width` is the paper's α, which every layer's channels are multiplied by (section 3.3)."""

    def c(channels: int) -> int:
        return int(channels * width)

    return NetSpec(
        name="MobileNet-v1",
        imageH=224,
        imageW=224,
        activation="relu6",
        padding="symmetric",
        bnEps=1e-5,
        bnMomentum=0.1,
        convInit="group_fan_out",
        denseInit="fan_out",
        layers=[
            convBn(3, c(32), 3, 2, "symmetric"),  # stem 224→112
            separableConv(c(32), c(64), 1),  # 112
            separableConv(c(64), c(128), 2),  # 112→56
            separableConv(c(128), c(128), 1),  # 56
            separableConv(c(128), c(256), 2),  # 56→28
            separableConv(c(256), c(256), 1),  # 28
            separableConv(c(256), c(512), 2),  # 28→14
            separableConv(c(512), c(512), 1),  # 14, five times
            separableConv(c(512), c(512), 1),
            separableConv(c(512), c(512), 1),
            separableConv(c(512), c(512), 1),
            separableConv(c(512), c(512), 1),
            separableConv(c(512), c(1024), 2),  # 14→7
            separableConv(c(1024), c(1024), 1),  # 7; stride 2 in the table, whose output is 7 too
            globalAvgPool(),
            dense(c(1024), 10, "identity"),
        ],
    )


mobilenetV1Config = TrainConfig()  # the defaults: the recipe of MobileNetV2's page
