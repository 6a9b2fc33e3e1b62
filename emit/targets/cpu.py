"""CPUs: measured with AVX-512 on two cores."""

from emit.lowerings import Lowerings

CPU = Lowerings(
    channel_sums="staged",
    depthwise_pieces=4,
    depthwise_rows=14,
    patches_below=64,
    strided_patches_below=16,
    product_rows=192,
    product_numbers=4_200_000,
    image_rows=4096,
    winograd_channels=128,
    winograd_tiles=16,
    affine_pixels=20_000,
    panel_columns=16,
)
