"""MobileNetV4's universal inverted bottleneck."""

from collections.abc import Sequence
from dataclasses import dataclass

from netspec.activations import Activation
from netspec.layers.base import (
    Block,
    Channels,
    Conventions,
    Expansion,
    Layer,
    LayerProblem,
    NoWindow,
    Scale,
    Stride,
    activation_of,
    named,
    padding_of,
)
from netspec.layers.convolutions import convBn, depthwiseBn
from netspec.layers.inverted_residual import skipped
from netspec.layers.scales import layerScale
from netspec.rounding import divisible


@dataclass(frozen=True)
class uib(Block):
    """A universal inverted bottleneck (MobileNetV4, Qin et al. 2024, section 3).

    A linear depthwise convolution of `preDWk` pixels, a 1×1 convolution to `ic * expandRatio` channels rounded to a
    multiple of 8, a depthwise convolution of `postDWk` pixels, a linear 1×1 projection, added to the input where
    shapes allow. A depthwise convolution of 0 pixels is left out: both are ExtraDW, the first alone is ConvNeXt-like,
    the second alone the inverted bottleneck, none the FFN. The stride is the second's, or the first's where there is
    no second or `middleDwDownsample` is False. With `scale`, a layer scale that starts there comes before the add.
    Without `act` it has the network's activation.
    """

    ic: Channels
    oc: Channels
    expandRatio: Expansion
    stride: Stride
    preDWk: NoWindow
    postDWk: NoWindow
    middleDwDownsample: bool = True
    scale: Scale | None = None
    act: Activation | None = None

    def check(self, conventions: Conventions) -> None:
        """A stride needs a depthwise convolution."""
        missing = "preDWk" if not self.middleDwDownsample else "preDWk or postDWk"
        strided = self.preDWk or (self.postDWk and self.middleDwDownsample)
        if self.stride > 1 and not strided:
            raise LayerProblem(
                f"a depthwise convolution that has the stride {self.stride}",
                "none",
                f"write stride 1, or give {missing} a size",
            )

    def layers(self, conventions: Conventions) -> Sequence[Layer]:
        """Those that are there."""
        act, padding = activation_of(self, conventions), padding_of(conventions)
        wide = divisible(self.ic * self.expandRatio)
        last = self.postDWk > 0 and self.middleDwDownsample
        first, second = (1, self.stride) if last else (self.stride, 1)
        start = [named("start", depthwiseBn(self.ic, self.preDWk, first, padding, "identity"))] if self.preDWk else []
        middle = [named("middle", depthwiseBn(wide, self.postDWk, second, padding, act))] if self.postDWk else []
        scaled = [] if self.scale is None else [named("scale", layerScale(self.scale))]
        parts: list[Layer] = [
            *start,
            named("expand", convBn(self.ic, wide, 1, 1, "same", act)),
            *middle,
            named("project", convBn(wide, self.oc, 1, 1, "same", "identity")),
            *scaled,
        ]
        return skipped(parts, self.ic, self.oc, self.stride)
