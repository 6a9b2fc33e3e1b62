"""ResNet's blocks."""

from collections.abc import Sequence
from dataclasses import dataclass

from netspec.activations import Activation
from netspec.layers.base import (
    Block,
    Blocks,
    Channels,
    Conventions,
    Layer,
    LayerProblem,
    Stride,
    activation_of,
    named,
    padding_of,
)
from netspec.layers.combinators import residual
from netspec.layers.convolutions import convBn


@dataclass(frozen=True)
class residualBlock(Block):
    """Basic residual blocks (ResNet, He et al. 2015, figure 5 left): two 3×3 convolutions and a shortcut.

    Where the shape changes, the shortcut is a 1×1 convolution with batch norm (option B of section 4.1). Without `act`
    they have the network's activation.
    """

    ic: Channels
    oc: Channels
    nBlocks: Blocks
    firstStride: Stride
    act: Activation | None = None

    def layers(self, conventions: Conventions) -> Sequence[Layer]:
        """Each block under its number."""
        act, padding = activation_of(self, conventions), padding_of(conventions)
        blocks = []
        for number in range(self.nBlocks):
            ic, stride = (self.ic, self.firstStride) if number == 0 else (self.oc, 1)
            body = (
                named("conv1", convBn(ic, self.oc, 3, stride, padding, act)),
                named("conv2", convBn(self.oc, self.oc, 3, 1, padding, "identity")),
            )
            blocks.append(named(str(number + 1), residual(body, shortcut(ic, self.oc, stride), act)))
        return blocks


@dataclass(frozen=True)
class bottleneckBlock(Block):
    """Bottleneck residual blocks (ResNet, He et al. 2015, figure 5 right): a 1×1, a 3×3 and a 1×1 convolution.

    The first two have a quarter of `oc` channels. The first block's stride is that of its 3×3 convolution, or, with
    `strideFirst`, of its first 1×1 convolution, as the paper has it. Where the shape changes, the shortcut is a 1×1
    convolution with batch norm. Without `act` they have the network's activation.
    """

    ic: Channels
    oc: Channels
    nBlocks: Blocks
    firstStride: Stride
    strideFirst: bool = False
    act: Activation | None = None

    def check(self, conventions: Conventions) -> None:
        """A quarter of its channels is a whole number."""
        if self.oc % 4:
            raise LayerProblem("an oc of which a quarter is a whole number", str(self.oc), "write a multiple of 4")

    def layers(self, conventions: Conventions) -> Sequence[Layer]:
        """Each block under its number."""
        act, padding, narrow = activation_of(self, conventions), padding_of(conventions), self.oc // 4
        blocks = []
        for number in range(self.nBlocks):
            ic, stride = (self.ic, self.firstStride) if number == 0 else (self.oc, 1)
            first, second = (stride, 1) if self.strideFirst else (1, stride)
            body = (
                named("conv1", convBn(ic, narrow, 1, first, "same", act)),
                named("conv2", convBn(narrow, narrow, 3, second, padding, act)),
                named("conv3", convBn(narrow, self.oc, 1, 1, "same", "identity")),
            )
            blocks.append(named(str(number + 1), residual(body, shortcut(ic, self.oc, stride), act)))
        return blocks


def shortcut(ic: int, oc: int, stride: int) -> tuple[Layer, ...]:
    """None where the shape stays."""
    if stride == 1 and ic == oc:
        return ()
    return (named("shortcut", convBn(ic, oc, 1, stride, "same", "identity")),)
