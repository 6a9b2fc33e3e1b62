"""The names that the Lean development of the same operators gives to its theorems, where it has them."""

from emit.op import Op
from emit.ops import Add, BatchNorm, Convolution, Depthwise

THEOREMS: dict[type[Op], str] = {
    Add: "biPath fan-in (chapter 6)",
    BatchNorm: "theorem 34",
    Convolution: "conv2d_has_vjp3",
    Depthwise: "theorems 37, 38: depthwise_has_vjp3, depthwise_weight_grad_has_vjp3",
}
