"""NetSpec: a declarative language for vision networks and their training.

A spec file imports from here:

    from netspec import NetSpec, TrainConfig, convBn, dense, globalAvgPool, invertedResidual
"""

from netspec.check import check_config, check_net
from netspec.errors import NetSpecError, SpecError
from netspec.language import NetSpec, TrainConfig
from netspec.layers import (
    Layer,
    conv2d,
    convBn,
    dense,
    flatten,
    globalAvgPool,
    invertedResidual,
    maxPool,
    residualBlock,
)
from netspec.load import Spec, load_spec

__version__ = "0.1.0"

__all__ = [
    "Layer",
    "NetSpec",
    "NetSpecError",
    "Spec",
    "SpecError",
    "TrainConfig",
    "check_config",
    "check_net",
    "conv2d",
    "convBn",
    "dense",
    "flatten",
    "globalAvgPool",
    "invertedResidual",
    "load_spec",
    "maxPool",
    "residualBlock",
]
