"""The layers of the language: the document's constructors, with its names and its argument order.

One file a block of a paper; simpler layers by what they have in common.
"""

from netspec.layers.base import Block, Conventions, Layer, LayerProblem, Named, Shape, named, nested
from netspec.layers.combinators import attention, featureMap, parallel, residual, residuals
from netspec.layers.convolutions import batchNorm, conv2d, convBn, depthwiseBn
from netspec.layers.fused_mb_conv import fusedMbConv
from netspec.layers.inverted_residual import invertedResidual
from netspec.layers.mb_conv import mbConv
from netspec.layers.mb_conv_v3 import mbConvV3
from netspec.layers.mobile_mqa import mobileMQA
from netspec.layers.pools import avgPool, globalAvgPool, maxPool
from netspec.layers.residual_block import bottleneckBlock, residualBlock
from netspec.layers.scales import layerScale, squeezeExcite
from netspec.layers.separable_conv import separableConv
from netspec.layers.uib import uib
from netspec.layers.vectors import dense, dropout, flatten

LAYERS: dict[str, type[Layer]] = {
    cls.__name__: cls
    for cls in (
        conv2d,
        convBn,
        depthwiseBn,
        batchNorm,
        separableConv,
        invertedResidual,
        mbConv,
        mbConvV3,
        fusedMbConv,
        uib,
        mobileMQA,
        residualBlock,
        bottleneckBlock,
        squeezeExcite,
        layerScale,
        maxPool,
        avgPool,
        globalAvgPool,
        flatten,
        dropout,
        dense,
        residual,
        parallel,
        attention,
        featureMap,
    )
}

__all__ = [
    "LAYERS",
    "Block",
    "Conventions",
    "Layer",
    "LayerProblem",
    "Named",
    "Shape",
    "attention",
    "avgPool",
    "batchNorm",
    "bottleneckBlock",
    "conv2d",
    "convBn",
    "dense",
    "depthwiseBn",
    "dropout",
    "featureMap",
    "flatten",
    "fusedMbConv",
    "globalAvgPool",
    "invertedResidual",
    "layerScale",
    "maxPool",
    "mbConv",
    "mbConvV3",
    "mobileMQA",
    "named",
    "nested",
    "parallel",
    "residual",
    "residualBlock",
    "residuals",
    "separableConv",
    "squeezeExcite",
    "uib",
]
