"""Which of several equivalent lowerings an op takes: the one measured fastest for its shape, or the target's rule.

The lowerings of one op give the same numbers up to rounding; what changes is speed. The numbers of the rules are in
`emit/targets/`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeVar

ChannelSum = Literal["whole", "staged"]
KernelGradient = Literal["patches", "images", "places"]
Option = str | int
# The option that was measured fastest, by choice: `channel_sum 32x56x56x144` is `whole`, say.
Chosen = Mapping[str, Option]
BY_RULE: Chosen = {}
T = TypeVar("T", bound=Option)


@dataclass(frozen=True)
class Choice:
    """One choice that the emitter faces: a family and sizes, the options, and the one that the rule takes."""

    family: str
    sizes: tuple[int, ...]
    options: tuple[Option, ...]
    rule: Option

    def __str__(self) -> str:
        return f"{self.family} {'x'.join(map(str, self.sizes))}"


@dataclass(frozen=True)
class Lowerings:
    """How ops are lowered for one target: rules, and what was measured, which goes first.

    Args:
        channel_sums: how `[N, H, W, C]` is summed to `[C]`: `whole` is one reduction over N, H and W; `staged` sums
            over H and W first and over N then.
        depthwise_pieces: how many pieces, at most, the batch is cut into for the depthwise weight gradient of outputs
            of at least `depthwise_rows` rows; smaller outputs are cut into a quarter as many.
        patches_below, strided_patches_below: convolutions with fewer input channels than this gather their patches
            for the weight gradient; with a stride, patches are larger than windows.
        product_rows: a sum of products over rows (a matrix's gradient) is cut into pieces of at least so many rows;
            0: it is never cut.
        product_numbers: what the products of all pieces may hold together.
        winograd_channels, winograd_tiles: 3×3 convolutions of stride 1 go by Winograd's products with at least so many
            channels in and out, and so many tiles in the batch; no channels: none does.
        affine_pixels: a 1×1 convolution to three times its channels or more takes its cotangent from a batch norm
            as an `AffineCotangent`, from so many pixels in the batch on; 0: none does.
        panel_columns: `predict` takes the kernels of 1×1 convolutions in panels of so many columns, `[panels, inputs,
            columns]`, where they have twice as many or more and no part of a panel is left over; 0: none.
        image_rows: an image of at most so many pixels may be a piece of its own, from `product_rows` on.
        chosen: what was measured. An option that a choice does not have is left to the rule, as tables outlive options.
        on_choice: called with each choice, in the order of the program.
    """

    channel_sums: ChannelSum
    depthwise_pieces: int
    depthwise_rows: int
    patches_below: int
    strided_patches_below: int
    product_rows: int
    product_numbers: int
    image_rows: int
    winograd_channels: int
    winograd_tiles: int
    affine_pixels: int
    panel_columns: int
    chosen: Chosen = field(default_factory=dict)
    on_choice: Callable[[Choice], None] | None = None

    def channel_sum(self, shape: tuple[int, ...]) -> ChannelSum:
        """How images of a shape `[N, H, W, C]` are summed."""
        return self._option("channel_sum", shape, ("whole", "staged"), self.channel_sums)

    def product_pieces(self, rows: int, wide: int, high: int, together: int = 1) -> int:
        """Into how many pieces of equal rows a sum of products `[rows, wide]` by `[rows, high]` is cut.

        Args:
            together: so many rows, an image's line, come into one piece by rule.
        """
        rule = 1
        if self.product_rows:
            rule = _divisor(rows // together, min(rows // self.product_rows, self.product_numbers // (wide * high)))
        others = {_divisor(rows, most) for most in (1, 8, 32, 128, 512) if most <= rows}
        return self._option("product_pieces", (rows, wide, high), tuple(sorted({rule, *others})), rule)

    def depthwise_images(self, batch: int, rows: int, columns: int, channels: int) -> int:
        """How many images a piece of a depthwise weight gradient takes, of outputs of so many rows and columns.

        The last piece may take fewer. By rule the number of pieces does not grow with the batch.
        """
        pieces = self.depthwise_pieces if rows >= self.depthwise_rows else self.depthwise_pieces // 4
        rule = -(-batch // max(pieces, 1))
        options = tuple(sorted({rule, *(-(-batch // pieces) for pieces in (1, 2, 4, 8))}))
        return self._option("depthwise_images", (batch, rows, columns, channels), options, rule)

    def kernel_gradient(self, sizes: tuple[int, ...], stride: int) -> KernelGradient:
        """How a convolution of `N, H, W` outputs, `I, O` channels finds its kernel's gradient: `patches` side by side,
        or a copy a place of the kernel, or (stride 1) a copy a column with each image a piece of its own.
        """
        batch, height, width, wide, high = sizes
        rule: KernelGradient = "places"
        fits = 0 < self.product_rows <= height * width <= self.image_rows
        if wide < (self.strided_patches_below if stride > 1 else self.patches_below):
            rule = "patches"
        elif stride == 1 and fits and 1 < batch <= self.product_numbers // (wide * high):
            rule = "images"
        options: tuple[KernelGradient, ...] = ("patches", "places") if stride > 1 else ("patches", "images", "places")
        return self._option("kernel_gradient", (*sizes, stride), options, rule)

    def winograd(self, sizes: tuple[int, ...], tiles: int) -> bool:
        """Whether a 3×3 convolution of stride 1 of `N, H, W` outputs, `I, O` channels goes by Winograd's products."""
        rule = 0 < self.winograd_channels <= min(sizes[-2:]) and tiles >= self.winograd_tiles
        return self._option("winograd", sizes, ("no", "yes"), "yes" if rule else "no") == "yes"

    def affine(self, pixels: int, inputs: int, outputs: int) -> bool:
        """Whether a 1×1 convolution over so many pixels takes the cotangent of its output as an `AffineCotangent`."""
        rule = 0 < self.affine_pixels <= pixels and outputs >= 3 * inputs
        # "parts": the family's name in tables that were tuned before it had this one.
        return self._option("parts", (pixels, inputs, outputs), ("no", "yes"), "yes" if rule else "no") == "yes"

    def _option(self, family: str, sizes: tuple[int, ...], options: tuple[T, ...], rule: T) -> T:
        choice = Choice(family, sizes, options, rule)
        if self.on_choice is not None:
            self.on_choice(choice)
        found = self.chosen.get(str(choice))
        return next((option for option in options if option == found), rule)


def _divisor(size: int, most: int) -> int:
    """The largest divisor of a size that is at most `most`, and at least 1."""
    return next((each for each in range(most, 1, -1) if size % each == 0), 1)
