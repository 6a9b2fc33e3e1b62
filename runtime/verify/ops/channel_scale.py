"""Channel scale: each image times a gate for each of its channels."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from emit.ops.channel_scale import ChannelScale
from runtime.verify.arithmetic import Arithmetic
from runtime.verify.op import IMAGES, Definition, cases


def _output(at: Arithmetic, op: Any, inputs: Sequence[Any], tensors: Mapping[str, Any], training: bool) -> Any:
    x, gates = inputs
    return np.stack(
        [at.multiply(image, np.broadcast_to(gate, image.shape)) for image, gate in zip(x, gates, strict=True)]
    )


DEFINITION = Definition(_output, cases((ChannelScale(), (shape, (shape[0], shape[3]))) for shape in IMAGES))
