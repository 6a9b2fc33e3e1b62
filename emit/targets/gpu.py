"""GPUs: one reduction to `[C]`, which is `whole`, would get one thread a channel."""

from emit.lowerings import Lowerings

GPU = Lowerings(
    channel_sums="staged",
    depthwise_pieces=4,
    depthwise_rows=14,
    patches_below=16,
    strided_patches_below=16,
    product_rows=0,
    product_numbers=0,
    image_rows=1024,
    winograd_channels=0,
    winograd_tiles=0,
    affine_pixels=0,
    panel_columns=0,
)
