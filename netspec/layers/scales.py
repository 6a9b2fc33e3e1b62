"""Layers that scale channels."""

from dataclasses import dataclass

from netspec.activations import Activation
from netspec.layers.base import Channels, Conventions, Layer, Scale, Shape, image_of


@dataclass(frozen=True)
class squeezeExcite(Layer):
    """Scale each channel by what all pixels say together (Hu et al. 2018, section 3). `[H, W, ic]` → `[H, W, ic]`.

    The mean over height and width, a dense layer to `squeeze` features and `act`, one back to `ic` features and `gate`.
    """

    ic: Channels
    squeeze: Channels
    act: Activation = "relu"
    gate: Activation = "sigmoid"

    def output(self, shape: Shape, conventions: Conventions) -> Shape:
        """Unchanged."""
        return image_of(shape, self.ic)


@dataclass(frozen=True)
class layerScale(Layer):
    """Scale each channel by a parameter that starts at `start` (Touvron et al. 2021, section 2).

    `[H, W, C]` → `[H, W, C]`.
    """

    start: Scale = 1e-5

    def output(self, shape: Shape, conventions: Conventions) -> Shape:
        """Unchanged."""
        return image_of(shape, None)
