"""Small networks by hand: every layer and block of the language, with every option, stride and kernel of the zoo's.

Each is a stem, what it is named after, and a head. They are small enough for the evaluator in f64.
"""

from netspec import (
    Layer,
    NetSpec,
    TrainConfig,
    attention,
    avgPool,
    batchNorm,
    bottleneckBlock,
    conv2d,
    convBn,
    dense,
    depthwiseBn,
    dropout,
    featureMap,
    flatten,
    fusedMbConv,
    globalAvgPool,
    invertedResidual,
    layerScale,
    maxPool,
    mbConv,
    mbConvV3,
    mobileMQA,
    parallel,
    residual,
    residualBlock,
    separableConv,
    squeezeExcite,
    uib,
)
from netspec.activations import Activation
from netspec.windows import Padding

RECIPE = TrainConfig(learningRate=0.01, batchSize=3, epochs=1, labelSmoothing=0.1, seed=2**40 + 7)


def network(
    name: str,
    channels: int,
    *layers: Layer,
    head: tuple[Layer, ...] = (),
    act: Activation = "relu",
    padding: Padding = "same",
    height: int = 12,
    width: int = 9,
) -> NetSpec:
    """A stem of 8 channels, layers that end with `channels`, and a head."""
    ends = head or (globalAvgPool(), dense(channels, 4, "identity"))
    stem = convBn(3, 8, 3, 1, "same")
    return NetSpec(name, [stem, *layers, *ends], height, width, act, padding, bnEps=1e-3, bnMomentum=0.01)


def _each(name: str, channels: int, *layers: Layer, act: Activation = "relu") -> list[NetSpec]:
    """The same with either padding of blocks; sizes are even and odd."""
    return [
        network(f"{name}, same", channels, *layers, act=act),
        network(f"{name}, symmetric", channels, *layers, act=act, padding="symmetric", height=10, width=11),
    ]


NETWORKS = (
    *_each("separableConv", 12, separableConv(8, 8, 1), separableConv(8, 16, 2), separableConv(16, 12, 1, "hswish")),
    *_each(
        "invertedResidual", 12, invertedResidual(8, 8, 1, 1, 2), invertedResidual(8, 12, 3, 2, 2, "swish"), act="relu6"
    ),
    *_each(
        "mbConv without SE",
        12,
        mbConv(8, 8, 1, 3, 1, 1, False),
        mbConv(8, 12, 6, 5, 2, 2, False, "relu6"),
        mbConv(12, 12, 2, 7, 1, 1, False),
    ),
    *_each(
        "mbConvV3 without SE",
        8,
        mbConvV3(8, 8, 8, 3, 1, False),
        mbConvV3(8, 12, 20, 5, 2, False, "hswish"),
        mbConvV3(12, 12, 24, 3, 1, False),
        mbConvV3(12, 8, 12, 5, 1, False),
    ),
    *_each(
        "fusedMbConv without SE",
        12,
        fusedMbConv(8, 8, 1, 3, 1, 2, False),
        fusedMbConv(8, 12, 4, 3, 2, 2, False),
        fusedMbConv(12, 12, 1, 5, 2, 1, False, "relu"),
        act="swish",
    ),
    *_each(
        "uib",
        12,
        uib(8, 8, 4, 1, 3, 3),
        uib(8, 12, 3, 2, 5, 3),
        uib(12, 12, 2, 1, 3, 0),
        uib(12, 12, 5, 1, 0, 5, act="gelu_tanh"),
        uib(12, 12, 4, 1, 0, 0),
    ),
    *_each("uib with its stride in front", 16, uib(8, 12, 2, 2, 3, 5, False), uib(12, 16, 1, 2, 3, 0), act="relu6"),
    *_each("residualBlock", 12, residualBlock(8, 8, 2, 1), residualBlock(8, 12, 2, 2, "swish")),
    *_each(
        "bottleneckBlock",
        16,
        bottleneckBlock(8, 16, 2, 1),
        bottleneckBlock(16, 32, 2, 2),
        bottleneckBlock(32, 32, 1, 2, True, "relu6"),
        bottleneckBlock(32, 16, 1, 1, True),
    ),
    *_each(
        "convolutions",
        6,
        depthwiseBn(8, 5, 2, "symmetric"),
        conv2d(8, 10, 3, "same", "identity", bias=False),
        batchNorm("relu"),
        conv2d(10, 10, 3, "valid", "hsigmoid", bias=True),
        batchNorm(),
        depthwiseBn(10, 3, 1, "valid", "identity"),
        conv2d(10, 6, 1, "same", "sigmoid", 2, False),
    ),
    *_each(
        "groups and dilation",
        9,
        conv2d(8, 12, 3, "same", "swish", 1, True, 4, 2),
        convBn(12, 6, 3, 2, "symmetric", None, 3),
        convBn(6, 9, 3, 1, "same", groups=3, dilation=2),
        depthwiseBn(9, 3, 1, "symmetric", None, 2),
    ),
    *_each(
        "residual",
        6,
        residual([convBn(8, 8, 3, 1, "same", "identity")]),
        residual([depthwiseBn(8, 3, 2, "same"), conv2d(8, 12, 1, "same", "identity")], [convBn(8, 12, 1, 2, "same")]),
        residual([residual([batchNorm("swish")], act="relu"), separableConv(12, 12, 1)], act="hswish"),
        featureMap("c3"),
        residual([conv2d(12, 6, 1, "same", "relu")], [maxPool(3, 1), convBn(12, 6, 1, 1, "same")], "relu6"),
    ),
    *_each(
        "parallel add",
        8,
        parallel([[], [convBn(8, 8, 3, 1, "same")], [mbConvV3(8, 8, 16, 3, 1, False), batchNorm()]], "add"),
        parallel([[convBn(8, 8, 1, 2, "same")], [residual([separableConv(8, 8, 1)]), maxPool(1, 2)]], "add"),
    ),
    *_each(
        "mbConv with SE",
        12,
        mbConv(8, 8, 1, 3, 1, 2, True),
        mbConv(8, 12, 6, 5, 2, 2, True),
        mbConv(12, 12, 4, 3, 1, 1, True, "relu"),
        act="swish",
    ),
    *_each(
        "mbConvV3 with SE",
        12,
        mbConvV3(8, 8, 8, 3, 2, True),
        mbConvV3(8, 12, 24, 5, 1, True, "hswish"),
        mbConvV3(12, 12, 44, 5, 1, True, "hswish"),
    ),
    *_each(
        "fusedMbConv with SE",
        12,
        fusedMbConv(8, 12, 4, 3, 2, 2, True),
        fusedMbConv(12, 8, 1, 3, 1, 2, True),
        fusedMbConv(8, 12, 1, 3, 2, 1, True, "relu"),
        act="swish",
    ),
    *_each(
        "uib with scale",
        12,
        uib(8, 8, 4, 1, 3, 3, scale=1e-5),
        uib(8, 12, 3, 2, 0, 5, scale=0.5),
        uib(12, 12, 2, 1, 0, 0, scale=1.0),
    ),
    *_each(
        "mobileMQA", 8, mobileMQA(8, 3, 5), mobileMQA(8, 2, 4, 2, 1e-5), uib(8, 8, 2, 1, 3, 0), mobileMQA(8, 1, 6, 3)
    ),
    *_each(
        "attention",
        18,
        attention(
            3,
            4,
            [conv2d(8, 12, 1, "same", "identity", bias=False)],
            [avgPool(3, 2), convBn(8, 4, 1, 1, "same")],
            [maxPool(3, 2), conv2d(8, 6, 1, "same", "identity")],
        ),
    ),
    *_each(
        "squeezeExcite and layerScale",
        8,
        squeezeExcite(8, 3),
        residual([convBn(8, 8, 3, 1, "same"), squeezeExcite(8, 2, "hswish", "hsigmoid"), layerScale()]),
        layerScale(0.25),
    ),
    *_each(
        "pools",
        10,
        avgPool(3, 2),
        convBn(8, 10, 3, 1, "same"),
        avgPool(2, 1),
        parallel([[avgPool(3, 1)], [maxPool(3, 1)]], "add"),
    ),
    *_each(
        "parallel concat",
        24,
        parallel([[], [convBn(8, 5, 3, 1, "same")], [separableConv(8, 3, 1)]], "concat"),
        parallel(
            [
                [convBn(16, 4, 1, 1, "same"), parallel([[], [depthwiseBn(4, 3, 1, "same")]], "concat")],
                [residual([mbConvV3(16, 16, 16, 3, 1, False)])],
            ],
            "concat",
        ),
    ),
    network(
        "keepDims",
        8,
        globalAvgPool(keepDims=True),
        conv2d(8, 12, 1, "same", "hswish"),
        head=(flatten(), dense(12, 6, "relu"), dense(6, 4, "identity")),
    ),
    network(
        "dropout",
        8,
        dropout(0.1),
        residual([convBn(8, 8, 3, 1, "same"), dropout(0.0)], dropPath=0.3),
        residual([batchNorm()], [convBn(8, 8, 3, 1, "same"), dropout(0.25)], "relu", 0.5),
        head=(globalAvgPool(), dropout(0.2), dense(8, 4, "identity")),
    ),
)
