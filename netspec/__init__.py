"""NetSpec: a declarative language for vision networks and their training.

A spec file imports from here:

    from netspec import NetSpec, TrainConfig, convBn, dense, globalAvgPool, invertedResidual
"""

from netspec.check import check_config, check_net
from netspec.errors import NetSpecError, SpecError
from netspec.language import NetSpec, TrainConfig
from netspec.layers import (
    Layer,
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
from netspec.load import Spec, load_spec
from netspec.preprocessing import Preprocessing
from netspec.rounding import divisible

__version__ = "0.1.0"

__all__ = [
    "Layer",
    "NetSpec",
    "NetSpecError",
    "Preprocessing",
    "Spec",
    "SpecError",
    "TrainConfig",
    "attention",
    "avgPool",
    "batchNorm",
    "bottleneckBlock",
    "check_config",
    "check_net",
    "conv2d",
    "convBn",
    "dense",
    "depthwiseBn",
    "divisible",
    "dropout",
    "featureMap",
    "flatten",
    "fusedMbConv",
    "globalAvgPool",
    "invertedResidual",
    "layerScale",
    "load_spec",
    "maxPool",
    "mbConv",
    "mbConvV3",
    "mobileMQA",
    "parallel",
    "residual",
    "residualBlock",
    "separableConv",
    "squeezeExcite",
    "uib",
]
