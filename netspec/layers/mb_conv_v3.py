"""MobileNetV3's block."""

from collections.abc import Sequence
from dataclasses import dataclass

from netspec.activations import Activation
from netspec.layers.base import Block, Channels, Conventions, Layer, Stride, Window
from netspec.layers.inverted_residual import inverted
from netspec.layers.scales import squeezeExcite
from netspec.rounding import divisible


@dataclass(frozen=True)
class mbConvV3(Block):
    """MobileNetV2's block with `expandCh` channels inside, any kernel, and squeeze and excitation (MobileNetV3).

    Howard et al. 2019, sections 5.2 and 5.3. With `expandCh` equal to `ic` nothing is expanded. With `useSE` a quarter
    of `expandCh`, rounded to a multiple of 8, is squeezed to, with ReLU and a hard sigmoid as the gate. Without `act`
    it has the network's activation.
    """

    ic: Channels
    oc: Channels
    expandCh: Channels
    kSize: Window
    stride: Stride
    useSE: bool
    act: Activation | None = None

    def layers(self, conventions: Conventions) -> Sequence[Layer]:
        """Expand, depthwise, squeeze and excite, project."""
        excite = squeezeExcite(self.expandCh, divisible(self.expandCh / 4), "relu", "hsigmoid") if self.useSE else None
        return inverted(self, conventions, self.ic, self.oc, self.expandCh, self.kSize, self.stride, excite)
