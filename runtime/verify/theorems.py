"""The names that the Lean development of the same operators gives to its theorems, where it has them."""

from dataclasses import dataclass

from emit.op import Op
from emit.ops.add import Add
from emit.ops.batch_norm import BatchNorm
from emit.ops.convolution import Convolution
from emit.ops.depthwise import Depthwise


@dataclass(frozen=True)
class Theorem:
    """How its text counts it, and how its code calls it, where it says so."""

    number: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.number}: {self.name}" if self.name else self.number


THEOREMS: dict[type[Op], Theorem] = {
    Add: Theorem("additive fan-in", "biPath"),
    BatchNorm: Theorem("theorem 34"),
    Convolution: Theorem("conv2d_has_vjp3"),
    Depthwise: Theorem("theorems 37, 38", "depthwise_has_vjp3, depthwise_weight_grad_has_vjp3"),
}
