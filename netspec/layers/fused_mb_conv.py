"""EfficientNetV2's block."""

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
    Named,
    Stride,
    Window,
    activation_of,
    named,
    padding_of,
)
from netspec.layers.convolutions import convBn
from netspec.layers.inverted_residual import skipped
from netspec.layers.mb_conv import squeeze


@dataclass(frozen=True)
class fusedMbConv(Block):
    """MBConv whose expansion and depthwise convolution are one convolution (EfficientNetV2, Tan and Le 2021, figure 2).

    Each block: a convolution to `ic * expandRatio` channels, squeeze and excitation as in `mbConv` with `useSE`, a
    linear 1×1 projection. With the ratio 1 squeeze and excitation is first, and then there is a single convolution with
    an activation, as in the authors' program. A residual add where shapes allow. The first block has the stride.
    Without `act` they have the network's activation.
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
            parts = skipped(self._parts(conventions, ic, stride), ic, self.oc, stride)
            blocks.append(named(str(number + 1), *parts))
        return blocks

    def _parts(self, conventions: Conventions, ic: int, stride: int) -> Sequence[Named]:
        act, padding = activation_of(self, conventions), padding_of(conventions)
        wide = ic * self.expandRatio
        excite = [named("se", squeeze(self, conventions, ic, wide))] if self.useSE else []
        if self.expandRatio == 1:
            return [*excite, named("conv", convBn(ic, self.oc, self.kSize, stride, padding, act))]
        return [
            named("expand", convBn(ic, wide, self.kSize, stride, padding, act)),
            *excite,
            named("project", convBn(wide, self.oc, 1, 1, "same", "identity")),
        ]
