"""What the project can compute: one file an op family, in one fixed order. Importing this fills `emit.op.REGISTRY`."""

from emit.losses.cross_entropy import CrossEntropy
from emit.ops.activation import Relu, Relu6
from emit.ops.add import Add
from emit.ops.batch_norm import BatchNorm
from emit.ops.convolution import Convolution
from emit.ops.dense import Dense
from emit.ops.depthwise import Depthwise
from emit.ops.flatten import Flatten
from emit.ops.global_average_pool import GlobalAveragePool
from emit.ops.max_pool import MaxPool

__all__ = [
    "Add",
    "BatchNorm",
    "Convolution",
    "CrossEntropy",
    "Dense",
    "Depthwise",
    "Flatten",
    "GlobalAveragePool",
    "MaxPool",
    "Relu",
    "Relu6",
]
