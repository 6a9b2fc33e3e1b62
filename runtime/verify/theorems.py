"""The theorems of the Lean development of the same operators, where it has them."""

from dataclasses import dataclass

from emit.op import Op
from emit.ops import Add, BatchNorm, Convolution, Depthwise


@dataclass(frozen=True)
class Theorem:
    """A theorem's number in the text, and its name in the code, where it has one."""

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
