"""Convolutions, with a bias or with batch norm."""

from dataclasses import dataclass

from netspec.activations import Activation
from netspec.layers.base import (
    Channels,
    Conventions,
    Dilation,
    Groups,
    Layer,
    LayerProblem,
    Shape,
    Stride,
    Window,
    activation_of,
    image_of,
    windowed,
)
from netspec.windows import Padding


@dataclass(frozen=True)
class conv2d(Layer):
    """A convolution with a bias and an activation, no batch norm. `[H, W, ic]` → `[H', W', oc]`.

    In `groups`, each of which has its own share of both channels; its kernel's places `dilation` pixels apart.
    """

    ic: Channels
    oc: Channels
    kSize: Window
    pad: Padding
    act: Activation
    stride: Stride = 1
    bias: bool = True
    groups: Groups = 1
    dilation: Dilation = 1

    def output(self, shape: Shape, conventions: Conventions) -> Shape:
        """`[H, W, ic]` → `[H', W', oc]`."""
        _check_groups(self)
        return windowed(image_of(shape, self.ic), self.kSize, self.stride, self.pad, self.oc, self.dilation)


@dataclass(frozen=True)
class convBn(Layer):
    """A convolution, batch norm, and an activation: `act`, or else the network's. `[H, W, ic]` → `[H', W', oc]`.

    `groups` and `dilation` as in `conv2d`.
    """

    ic: Channels
    oc: Channels
    kSize: Window
    stride: Stride
    pad: Padding
    act: Activation | None = None
    groups: Groups = 1
    dilation: Dilation = 1

    def output(self, shape: Shape, conventions: Conventions) -> Shape:
        """`[H, W, ic]` → `[H', W', oc]`."""
        activation_of(self, conventions)
        _check_groups(self)
        return windowed(image_of(shape, self.ic), self.kSize, self.stride, self.pad, self.oc, self.dilation)


@dataclass(frozen=True)
class depthwiseBn(Layer):
    """A depthwise convolution, batch norm, and an activation: `act`, or else the network's.

    `[H, W, ic]` → `[H', W', ic]`. MobileNets, Howard et al. 2017, section 3.1.
    """

    ic: Channels
    kSize: Window
    stride: Stride
    pad: Padding
    act: Activation | None = None
    dilation: Dilation = 1

    def output(self, shape: Shape, conventions: Conventions) -> Shape:
        """`[H, W, ic]` → `[H', W', ic]`."""
        activation_of(self, conventions)
        return windowed(image_of(shape, self.ic), self.kSize, self.stride, self.pad, self.ic, self.dilation)


@dataclass(frozen=True)
class batchNorm(Layer):
    """Batch norm alone, and an activation. `[H, W, C]` → `[H, W, C]`."""

    act: Activation = "identity"

    def output(self, shape: Shape, conventions: Conventions) -> Shape:
        """Unchanged."""
        return image_of(shape, None)


def _check_groups(layer: conv2d | convBn) -> None:
    if layer.ic % layer.groups or layer.oc % layer.groups:
        raise LayerProblem(
            f"groups that divide ic={layer.ic} and oc={layer.oc}",
            f"groups={layer.groups}",
            "write another number of groups",
        )
