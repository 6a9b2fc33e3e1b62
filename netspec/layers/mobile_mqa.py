"""MobileNetV4's attention block."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from netspec.fields import Between
from netspec.layers.base import Block, Channels, Conventions, Layer, Scale, Stride, named, padding_of
from netspec.layers.combinators import attention, residual
from netspec.layers.convolutions import batchNorm, conv2d, depthwiseBn
from netspec.layers.scales import layerScale


@dataclass(frozen=True)
class mobileMQA(Block):
    """Multi-query attention (MobileNetV4, Qin et al. 2024, section 4). `[H, W, ic]` → `[H, W, ic]`.

    Batch norm; queries of `heads` heads of `keyDim` channels; keys and values of one head, each after a 3×3 depthwise
    convolution of stride `kvStride` where that is above 1; softmax attention; a 1×1 convolution back to `ic`, and the
    residual add. With `scale`, a layer scale that starts there comes before the add. No biases.
    """

    ic: Channels
    heads: Annotated[int, Between(1, 1024)]
    keyDim: Channels
    kvStride: Stride = 1
    scale: Scale | None = None

    def layers(self, conventions: Conventions) -> Sequence[Layer]:
        """One residual."""
        wide = self.heads * self.keyDim
        return [
            residual(
                (
                    named("norm", batchNorm()),
                    named(
                        "attention",
                        attention(
                            self.heads,
                            self.keyDim,
                            (named("query", _projected(self.ic, wide)),),
                            self._reduced("key", conventions),
                            self._reduced("value", conventions),
                        ),
                    ),
                    named("output", _projected(wide, self.ic)),
                    *(() if self.scale is None else (named("scale", layerScale(self.scale)),)),
                )
            )
        ]

    def _reduced(self, name: str, conventions: Conventions) -> tuple[Layer, ...]:
        down = named(f"{name}_down", depthwiseBn(self.ic, 3, self.kvStride, padding_of(conventions), "identity"))
        return (*([down] if self.kvStride > 1 else []), named(name, _projected(self.ic, self.keyDim)))


def _projected(ic: int, oc: int) -> conv2d:
    return conv2d(ic, oc, 1, "same", "identity", bias=False)
