"""MobileNetV2's block."""

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
    activation_of,
    named,
    padding_of,
)
from netspec.layers.combinators import residual
from netspec.layers.convolutions import convBn, depthwiseBn
from netspec.layers.scales import squeezeExcite


@dataclass(frozen=True)
class invertedResidual(Block):
    """Inverted residual blocks (MobileNetV2, Sandler et al. 2018, section 3.3 and table 1).

    Each block: a 1×1 convolution to `ic * expandRatio` channels (none when the ratio is 1), a 3×3 depthwise
    convolution, a linear 1×1 projection; a residual add where shapes allow. The first block has the stride. Without
    `act` they have the network's activation.
    """

    ic: Channels
    oc: Channels
    expandRatio: Expansion
    stride: Stride
    nBlocks: Blocks
    act: Activation | None = None

    def layers(self, conventions: Conventions) -> Sequence[Layer]:
        """Each block under its number."""
        blocks = []
        for number in range(self.nBlocks):
            ic, stride = (self.ic, self.stride) if number == 0 else (self.oc, 1)
            parts = inverted(self, conventions, ic, self.oc, ic * self.expandRatio, 3, stride)
            blocks.append(named(str(number + 1), *parts))
        return blocks


def inverted(
    block: Block,
    conventions: Conventions,
    ic: int,
    oc: int,
    wide: int,
    kernel: int,
    stride: int,
    excite: squeezeExcite | None = None,
) -> Sequence[Layer]:
    """Expand, depthwise, squeeze and excite where it is given, project; added to the input where shapes allow."""
    act, padding = activation_of(block, conventions), padding_of(conventions)
    expand = [named("expand", convBn(ic, wide, 1, 1, "same", act))] if wide != ic else []
    parts: list[Named] = [
        *expand,
        named("dw", depthwiseBn(wide, kernel, stride, padding, act)),
        *([named("se", excite)] if excite else []),
        named("project", convBn(wide, oc, 1, 1, "same", "identity")),
    ]
    return skipped(parts, ic, oc, stride)


def skipped(parts: Sequence[Layer], ic: int, oc: int, stride: int) -> Sequence[Layer]:
    """The layers, added to their input where they change neither its size nor its channels."""
    return [residual(parts)] if stride == 1 and ic == oc else parts
