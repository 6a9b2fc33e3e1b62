"""NetSpec: a declarative language for vision networks and their training.

A spec file imports from here:

    from netspec import NetSpec, TrainConfig, convBn, dense, globalAvgPool, invertedResidual

`netspec.train`, `netspec.load` and `netspec.summary` do what the commands do.
"""

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from netspec.check import check_config, check_net
from netspec.errors import InputError, NetSpecError, SpecError
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
from netspec.loading import Spec, load_spec
from netspec.preprocessing import Preprocessing
from netspec.rounding import divisible

if TYPE_CHECKING:
    from runtime.python import load as load
    from runtime.python import summary as summary
    from runtime.python import train as train

__version__ = "0.1.0"

__all__ = [
    "InputError",
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
_OF_THE_MACHINE = ("load", "summary", "train")  # a spec file's `from netspec import *` takes none of them


def __getattr__(name: str) -> Any:
    """The functions that need the compiler and the runtime, which are loaded when one is first used."""
    if name not in _OF_THE_MACHINE:
        raise AttributeError(f"module 'netspec' has no attribute {name!r}", name=name, obj=sys.modules[__name__])
    return getattr(import_module("runtime.python"), name)
