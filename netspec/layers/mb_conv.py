"""The block of MnasNet and EfficientNet."""

from collections.abc import Sequence
from dataclasses import dataclass

from netspec.activations import Activation
from netspec.layers.base import (
    Block,
    Blocks,
    Channels,
    Conventions,
    Expansion,
    Layer,
    Stride,
    Window,
    activation_of,
    named,
)
from netspec.layers.inverted_residual import inverted
from netspec.layers.scales import squeezeExcite


@dataclass(frozen=True)
class mbConv(Block):
    """MobileNetV2's blocks with any kernel, and with squeeze and excitation (MnasNet, Tan et al. 2019, figure 7).

    With `useSE` they squeeze to a quarter of the block's input channels, with the block's activation and a sigmoid as
    the gate (EfficientNet, Tan and Le 2019, section 4). The first block has the stride. Without `act` they have the
    network's activation.
    """

    ic: Channels
    oc: Channels
    expandRatio: Expansion
    kSize: Window
    stride: Stride
    nBlocks: Blocks
    useSE: bool
    act: Activation | None = None

    def layers(self, conventions: Conventions) -> Sequence[Layer]:
        """Each block under its number."""
        blocks = []
        for number in range(self.nBlocks):
            ic, stride = (self.ic, self.stride) if number == 0 else (self.oc, 1)
            wide = ic * self.expandRatio
            excite = squeeze(self, conventions, ic, wide) if self.useSE else None
            parts = inverted(self, conventions, ic, self.oc, wide, self.kSize, stride, excite)
            blocks.append(named(str(number + 1), *parts))
        return blocks


def squeeze(block: Block, conventions: Conventions, ic: int, wide: int) -> squeezeExcite:
    """To a quarter of a block's input channels, with its activation."""
    return squeezeExcite(wide, max(ic // 4, 1), activation_of(block, conventions), "sigmoid")
