"""MobileNetV1's block."""

from collections.abc import Sequence
from dataclasses import dataclass

from netspec.activations import Activation
from netspec.layers.base import Block, Channels, Conventions, Layer, Stride, activation_of, named, padding_of
from netspec.layers.convolutions import convBn, depthwiseBn


@dataclass(frozen=True)
class separableConv(Block):
    """A 3×3 depthwise and a 1×1 convolution, each with batch norm and activation (MobileNets, Howard et al. 2017).

    Section 3.1 and figure 3 of the paper. Without `act` they have the network's activation.
    """

    ic: Channels
    oc: Channels
    stride: Stride
    act: Activation | None = None

    def layers(self, conventions: Conventions) -> Sequence[Layer]:
        """The depthwise and the pointwise convolution."""
        act = activation_of(self, conventions)
        return [
            named("dw", depthwiseBn(self.ic, 3, self.stride, padding_of(conventions), act)),
            named("pw", convBn(self.ic, self.oc, 1, 1, "same", act)),
        ]
