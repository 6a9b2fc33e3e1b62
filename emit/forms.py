"""Which of several equivalent forms an op is emitted in: a table for the target, not `if` ladders in the ops.

The forms of one op give the same numbers up to rounding; what changes is speed.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Forms:
    """The choice for one target.

    Args:
        channel_sum: how `[N, H, W, C]` is summed to `[C]`: `whole`, one reduction over N, H, W; `staged`, over
            H and W first and N then, so that a GPU has one thread group an image and channel.
        depthwise_images: images a piece of the depthwise weight gradient takes at once, for outputs of at least
            `depthwise_rows` rows; smaller outputs take four times as many.
    """

    channel_sum: Literal["whole", "staged"] = "whole"
    depthwise_images: int = 1
    depthwise_rows: int = 14
    patches_below: int = 16


FORMS = {
    "cpu": Forms(),
    "cuda": Forms(channel_sum="staged"),
    "rocm": Forms(channel_sum="staged"),
    "vulkan": Forms(channel_sum="staged"),
    "metal": Forms(channel_sum="staged"),
}
