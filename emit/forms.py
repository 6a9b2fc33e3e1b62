"""Which of several equivalent forms an op is emitted in: a table for the target and the shape.

The forms of one op give the same numbers up to rounding; what changes is speed.
"""

from dataclasses import dataclass
from typing import Literal

ChannelSum = Literal["whole", "staged"]


@dataclass(frozen=True)
class Rule:
    """A form, for channel counts that are a multiple of one number and at most another."""

    form: ChannelSum
    multiple: int = 1
    most: int = 2**31


@dataclass(frozen=True)
class Forms:
    """The choice for one target.

    Args:
        channel_sums: how `[N, H, W, C]` is summed to `[C]`; the first rule that fits C counts. `whole` is one
            reduction over N, H and W; `staged` sums over H and W first and over N then.
        depthwise_pieces: how many pieces, at most, the batch is cut into for the depthwise weight gradient of outputs
            of at least `depthwise_rows` rows; smaller outputs are cut into a quarter as many.
        patches_below, strided_patches_below: convolutions with fewer input channels than this gather their patches
            for the weight gradient; with a stride, patches are larger than windows.
        product_rows: a sum of products over rows (a matrix's gradient) is cut into pieces of at least so many rows;
            0: it is never cut.
        product_numbers: what the products of all pieces may hold together.
        winograd_channels, winograd_tiles: 3×3 convolutions of stride 1 go by Winograd's products with at least so many
            channels in and out, and so many tiles in the batch; no channels: none does.
        parts_pixels: a 1×1 convolution to three times its channels or more takes its cotangent from a batch norm
            in parts, from so many pixels in the batch on; 0: none does.
        image_rows: an image of at most so many pixels may be a piece of its own, from `product_rows` on.
    """

    channel_sums: tuple[Rule, ...]
    depthwise_pieces: int = 4
    depthwise_rows: int = 14
    patches_below: int = 16
    strided_patches_below: int = 16
    product_rows: int = 0
    product_numbers: int = 0
    image_rows: int = 1024
    winograd_channels: int = 0
    winograd_tiles: int = 0
    parts_pixels: int = 0

    def channel_sum(self, channels: int) -> ChannelSum:
        """The form for a channel count."""
        return next(rule.form for rule in self.channel_sums if channels % rule.multiple == 0 and channels <= rule.most)

    def product_pieces(self, rows: int, numbers: int) -> int:
        """Into how many pieces of equal rows a sum of products is cut, when one piece's product has `numbers`."""
        if not self.product_rows:
            return 1
        most = min(rows // self.product_rows, self.product_numbers // numbers)
        return next((pieces for pieces in range(most, 1, -1) if rows % pieces == 0), 1)

    def winograd(self, tiles: int, channels: int) -> bool:
        """Whether a 3×3 convolution of stride 1 of so many tiles of 2×2 outputs goes by Winograd's products."""
        return 0 < self.winograd_channels <= channels and tiles >= self.winograd_tiles

    def parts(self, pixels: int, inputs: int, outputs: int) -> bool:
        """Whether a 1×1 convolution over so many pixels takes its output's cotangent in parts."""
        return 0 < self.parts_pixels <= pixels and outputs >= 3 * inputs

    def image_products(self, images: int, rows: int, numbers: int) -> bool:
        """Whether each image of `rows` pixels is a piece of such a sum."""
        fits = 0 < self.product_rows <= rows <= self.image_rows
        return fits and 1 < images <= self.product_numbers // numbers


# CPU: measured with AVX-512 on two cores. Tiles that are no multiple of the vector width (C = 144) make the staged
# form 4 times slower than the whole; elsewhere it is up to 4 times faster.
# GPU: one reduction to [C] would get one thread a channel.
_CPU = Forms(
    (Rule("staged", multiple=32), Rule("staged", most=32), Rule("whole")),
    patches_below=64,
    product_rows=192,
    product_numbers=1_600_000,
    image_rows=4096,
    winograd_channels=128,
    winograd_tiles=128,
    parts_pixels=20_000,
)
_GPU = Forms((Rule("staged"),))
FORMS = {
    "cpu": _CPU,
    "cuda": _GPU,
    "rocm": _GPU,
    "vulkan": _GPU,
    "metal": _GPU,
}
