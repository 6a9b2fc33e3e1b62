"""MobileNetV4 (Qin et al. 2024, appendix D), five sizes, with padding, batch norm and initialisation of timm.

The layers are those of TensorFlow's Model Garden and of timm, which agree; the Model Garden's GELU is `gelu_tanh`.
The last two numbers of `uib` are the sizes of its depthwise convolutions, 0 where there is none; those of `mobileMQA`
its heads, the channels of each, and the stride of keys and values.
"""

from netspec import NetSpec, TrainConfig, convBn, dense, flatten, fusedMbConv, globalAvgPool, mobileMQA, uib

conv_small = NetSpec(
    name="MobileNet-v4-Conv-Small",
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
        convBn(32, 32, 3, 2, "symmetric"),  # 112→56
        convBn(32, 32, 1, 1, "same"),  # 56
        convBn(32, 96, 3, 2, "symmetric"),  # 56→28
        convBn(96, 64, 1, 1, "same"),  # 28
        uib(64, 96, 3, 2, 5, 5),  # 28→14
        uib(96, 96, 2, 1, 0, 3),  # 14
        uib(96, 96, 2, 1, 0, 3),  # 14
        uib(96, 96, 2, 1, 0, 3),  # 14
        uib(96, 96, 2, 1, 0, 3),  # 14
        uib(96, 96, 4, 1, 3, 0),  # 14
        uib(96, 128, 6, 2, 3, 3),  # 14→7
        uib(128, 128, 4, 1, 5, 5),  # 7
        uib(128, 128, 4, 1, 0, 5),  # 7
        uib(128, 128, 3, 1, 0, 5),  # 7
        uib(128, 128, 4, 1, 0, 3),  # 7
        uib(128, 128, 4, 1, 0, 3),  # 7
        convBn(128, 960, 1, 1, "same"),  # 1×1 to 960
        globalAvgPool(keepDims=True),
        convBn(960, 1280, 1, 1, "same"),  # 1×1 to 1280
        flatten(),
        dense(1280, 10, "identity"),
    ],
)

conv_medium = NetSpec(
    name="MobileNet-v4-Conv-Medium",
    imageH=256,
    imageW=256,
    activation="relu",
    padding="symmetric",
    bnEps=1e-5,
    bnMomentum=0.1,
    convInit="group_fan_out",
    denseInit="fan_out",
    layers=[
        convBn(3, 32, 3, 2, "symmetric"),  # stem 256→128
        fusedMbConv(32, 48, 4, 3, 2, 1, False),  # 128→64
        uib(48, 80, 4, 2, 3, 5),  # 64→32
        uib(80, 80, 2, 1, 3, 3),  # 32
        uib(80, 160, 6, 2, 3, 5),  # 32→16
        uib(160, 160, 4, 1, 3, 3),  # 16
        uib(160, 160, 4, 1, 3, 3),  # 16
        uib(160, 160, 4, 1, 3, 5),  # 16
        uib(160, 160, 4, 1, 3, 3),  # 16
        uib(160, 160, 4, 1, 3, 0),  # 16
        uib(160, 160, 2, 1, 0, 0),  # 16
        uib(160, 160, 4, 1, 3, 0),  # 16
        uib(160, 256, 6, 2, 5, 5),  # 16→8
        uib(256, 256, 4, 1, 5, 5),  # 8
        uib(256, 256, 4, 1, 3, 5),  # 8
        uib(256, 256, 4, 1, 3, 5),  # 8
        uib(256, 256, 4, 1, 0, 0),  # 8
        uib(256, 256, 4, 1, 3, 0),  # 8
        uib(256, 256, 2, 1, 3, 5),  # 8
        uib(256, 256, 4, 1, 5, 5),  # 8
        uib(256, 256, 4, 1, 0, 0),  # 8
        uib(256, 256, 4, 1, 0, 0),  # 8
        uib(256, 256, 2, 1, 5, 0),  # 8
        convBn(256, 960, 1, 1, "same"),  # 1×1 to 960
        globalAvgPool(keepDims=True),
        convBn(960, 1280, 1, 1, "same"),  # 1×1 to 1280
        flatten(),
        dense(1280, 10, "identity"),
    ],
)

conv_large = NetSpec(
    name="MobileNet-v4-Conv-Large",
    imageH=384,
    imageW=384,
    activation="relu",
    padding="symmetric",
    bnEps=1e-5,
    bnMomentum=0.1,
    convInit="group_fan_out",
    denseInit="fan_out",
    layers=[
        convBn(3, 24, 3, 2, "symmetric"),  # stem 384→192
        fusedMbConv(24, 48, 4, 3, 2, 1, False),  # 192→96
        uib(48, 96, 4, 2, 3, 5),  # 96→48
        uib(96, 96, 4, 1, 3, 3),  # 48
        uib(96, 192, 4, 2, 3, 5),  # 48→24
        uib(192, 192, 4, 1, 3, 3),  # 24
        uib(192, 192, 4, 1, 3, 3),  # 24
        uib(192, 192, 4, 1, 3, 3),  # 24
        uib(192, 192, 4, 1, 3, 5),  # 24
        uib(192, 192, 4, 1, 5, 3),  # 24
        uib(192, 192, 4, 1, 5, 3),  # 24
        uib(192, 192, 4, 1, 5, 3),  # 24
        uib(192, 192, 4, 1, 5, 3),  # 24
        uib(192, 192, 4, 1, 5, 3),  # 24
        uib(192, 192, 4, 1, 3, 0),  # 24
        uib(192, 512, 4, 2, 5, 5),  # 24→12
        uib(512, 512, 4, 1, 5, 5),  # 12
        uib(512, 512, 4, 1, 5, 5),  # 12
        uib(512, 512, 4, 1, 5, 5),  # 12
        uib(512, 512, 4, 1, 5, 0),  # 12
        uib(512, 512, 4, 1, 5, 3),  # 12
        uib(512, 512, 4, 1, 5, 0),  # 12
        uib(512, 512, 4, 1, 5, 0),  # 12
        uib(512, 512, 4, 1, 5, 3),  # 12
        uib(512, 512, 4, 1, 5, 5),  # 12
        uib(512, 512, 4, 1, 5, 0),  # 12
        uib(512, 512, 4, 1, 5, 0),  # 12
        uib(512, 512, 4, 1, 5, 0),  # 12
        convBn(512, 960, 1, 1, "same"),  # 1×1 to 960
        globalAvgPool(keepDims=True),
        convBn(960, 1280, 1, 1, "same"),  # 1×1 to 1280
        flatten(),
        dense(1280, 10, "identity"),
    ],
)

hybrid_medium = NetSpec(
    name="MobileNet-v4-Hybrid-Medium",
    imageH=256,
    imageW=256,
    activation="relu",
    padding="symmetric",
    bnEps=1e-5,
    bnMomentum=0.1,
    convInit="group_fan_out",
    denseInit="fan_out",
    layers=[
        convBn(3, 32, 3, 2, "symmetric"),  # stem 256→128
        fusedMbConv(32, 48, 4, 3, 2, 1, False),  # 128→64
        uib(48, 80, 4, 2, 3, 5, scale=1e-5),  # 64→32
        uib(80, 80, 2, 1, 3, 3, scale=1e-5),  # 32
        uib(80, 160, 6, 2, 3, 5, scale=1e-5),  # 32→16
        uib(160, 160, 2, 1, 0, 0, scale=1e-5),  # 16
        uib(160, 160, 4, 1, 3, 3, scale=1e-5),  # 16
        uib(160, 160, 4, 1, 3, 5, scale=1e-5),  # 16
        mobileMQA(160, 4, 64, 2, scale=1e-5),  # 16
        uib(160, 160, 4, 1, 3, 3, scale=1e-5),  # 16
        mobileMQA(160, 4, 64, 2, scale=1e-5),  # 16
        uib(160, 160, 4, 1, 3, 0, scale=1e-5),  # 16
        mobileMQA(160, 4, 64, 2, scale=1e-5),  # 16
        uib(160, 160, 4, 1, 3, 3, scale=1e-5),  # 16
        mobileMQA(160, 4, 64, 2, scale=1e-5),  # 16
        uib(160, 160, 4, 1, 3, 0, scale=1e-5),  # 16
        uib(160, 256, 6, 2, 5, 5, scale=1e-5),  # 16→8
        uib(256, 256, 4, 1, 5, 5, scale=1e-5),  # 8
        uib(256, 256, 4, 1, 3, 5, scale=1e-5),  # 8
        uib(256, 256, 4, 1, 3, 5, scale=1e-5),  # 8
        uib(256, 256, 2, 1, 0, 0, scale=1e-5),  # 8
        uib(256, 256, 2, 1, 3, 5, scale=1e-5),  # 8
        uib(256, 256, 2, 1, 0, 0, scale=1e-5),  # 8
        uib(256, 256, 4, 1, 0, 0, scale=1e-5),  # 8
        mobileMQA(256, 4, 64, 1, scale=1e-5),  # 8
        uib(256, 256, 4, 1, 3, 0, scale=1e-5),  # 8
        mobileMQA(256, 4, 64, 1, scale=1e-5),  # 8
        uib(256, 256, 4, 1, 5, 5, scale=1e-5),  # 8
        mobileMQA(256, 4, 64, 1, scale=1e-5),  # 8
        uib(256, 256, 4, 1, 5, 0, scale=1e-5),  # 8
        mobileMQA(256, 4, 64, 1, scale=1e-5),  # 8
        uib(256, 256, 4, 1, 5, 0, scale=1e-5),  # 8
        convBn(256, 960, 1, 1, "same"),  # 1×1 to 960
        globalAvgPool(keepDims=True),
        convBn(960, 1280, 1, 1, "same"),  # 1×1 to 1280
        flatten(),
        dense(1280, 10, "identity"),
    ],
)

hybrid_large = NetSpec(
    name="MobileNet-v4-Hybrid-Large",
    imageH=384,
    imageW=384,
    activation="gelu",
    padding="symmetric",
    bnEps=1e-5,
    bnMomentum=0.1,
    convInit="group_fan_out",
    denseInit="fan_out",
    layers=[
        convBn(3, 24, 3, 2, "symmetric"),  # stem 384→192
        fusedMbConv(24, 48, 4, 3, 2, 1, False),  # 192→96
        uib(48, 96, 4, 2, 3, 5, scale=1e-5),  # 96→48
        uib(96, 96, 4, 1, 3, 3, scale=1e-5),  # 48
        uib(96, 192, 4, 2, 3, 5, scale=1e-5),  # 48→24
        uib(192, 192, 4, 1, 3, 3, scale=1e-5),  # 24
        uib(192, 192, 4, 1, 3, 3, scale=1e-5),  # 24
        uib(192, 192, 4, 1, 3, 3, scale=1e-5),  # 24
        uib(192, 192, 4, 1, 3, 5, scale=1e-5),  # 24
        uib(192, 192, 4, 1, 5, 3, scale=1e-5),  # 24
        uib(192, 192, 4, 1, 5, 3, scale=1e-5),  # 24
        mobileMQA(192, 8, 48, 2, scale=1e-5),  # 24
        uib(192, 192, 4, 1, 5, 3, scale=1e-5),  # 24
        mobileMQA(192, 8, 48, 2, scale=1e-5),  # 24
        uib(192, 192, 4, 1, 5, 3, scale=1e-5),  # 24
        mobileMQA(192, 8, 48, 2, scale=1e-5),  # 24
        uib(192, 192, 4, 1, 5, 3, scale=1e-5),  # 24
        mobileMQA(192, 8, 48, 2, scale=1e-5),  # 24
        uib(192, 192, 4, 1, 3, 0, scale=1e-5),  # 24
        uib(192, 512, 4, 2, 5, 5, scale=1e-5),  # 24→12
        uib(512, 512, 4, 1, 5, 5, scale=1e-5),  # 12
        uib(512, 512, 4, 1, 5, 5, scale=1e-5),  # 12
        uib(512, 512, 4, 1, 5, 5, scale=1e-5),  # 12
        uib(512, 512, 4, 1, 5, 0, scale=1e-5),  # 12
        uib(512, 512, 4, 1, 5, 3, scale=1e-5),  # 12
        uib(512, 512, 4, 1, 5, 0, scale=1e-5),  # 12
        uib(512, 512, 4, 1, 5, 0, scale=1e-5),  # 12
        uib(512, 512, 4, 1, 5, 3, scale=1e-5),  # 12
        uib(512, 512, 4, 1, 5, 5, scale=1e-5),  # 12
        mobileMQA(512, 8, 64, 1, scale=1e-5),  # 12
        uib(512, 512, 4, 1, 5, 0, scale=1e-5),  # 12
        mobileMQA(512, 8, 64, 1, scale=1e-5),  # 12
        uib(512, 512, 4, 1, 5, 0, scale=1e-5),  # 12
        mobileMQA(512, 8, 64, 1, scale=1e-5),  # 12
        uib(512, 512, 4, 1, 5, 0, scale=1e-5),  # 12
        mobileMQA(512, 8, 64, 1, scale=1e-5),  # 12
        uib(512, 512, 4, 1, 5, 0, scale=1e-5),  # 12
        convBn(512, 960, 1, 1, "same"),  # 1×1 to 960
        globalAvgPool(keepDims=True),
        convBn(960, 1280, 1, 1, "same"),  # 1×1 to 1280
        flatten(),
        dense(1280, 10, "identity"),
    ],
)

mobilenetV4Config = TrainConfig(batchSize=16)  # else the recipe of MobileNetV2's page
