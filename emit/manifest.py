"""The manifest: names, roles, shapes and types of a program's arguments and results, in order.

It is written beside the text; any host can drive the program from it. A step that draws random numbers has a `seed` of
two words of 32 bits, the low one first, and takes as `first_example` the place of its first image in the global batch.
`preprocessing` says how a file becomes the argument `images`, exactly enough to be done elsewhere to the same digits.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from emit.op import Init

Role = Literal[
    "images",
    "labels",
    "learning_rate",
    "seed",
    "first_example",
    "parameter",
    "slot",
    "step",
    "statistic",
    "loss",
    "loss_sum",
    "correct",
    "probabilities",
]
STATE: tuple[Role, ...] = ("parameter", "slot", "step", "statistic")


@dataclass(frozen=True)
class Entry:
    """One argument or result. `init` says how state starts; None for what is not state."""

    name: str
    role: Role
    shape: tuple[int, ...]
    dtype: str
    init: Init | None = None


@dataclass(frozen=True)
class Manifest:
    """What a host needs to know of one program."""

    entry_point: str
    network: str
    arguments: tuple[Entry, ...]
    results: tuple[Entry, ...]
    preprocessing: dict[str, Any] = field(default_factory=dict)

    def state(self) -> tuple[Entry, ...]:
        """The arguments that live on the device from call to call."""
        return tuple(entry for entry in self.arguments if entry.role in STATE)

    def named(self, role: Role) -> tuple[Entry, ...]:
        """The arguments with a role."""
        return tuple(entry for entry in self.arguments if entry.role == role)

    def to_plain(self) -> dict[str, Any]:
        """JSON-ready; entries without an `init` leave it out."""

        def entry(item: Entry) -> dict[str, Any]:
            plain = vars(item) | {"init": item.init and vars(item.init)}
            return {key: value for key, value in plain.items() if value is not None}

        return {
            "entry_point": self.entry_point,
            "network": self.network,
            "preprocessing": self.preprocessing,
            "arguments": [entry(item) for item in self.arguments],
            "results": [entry(item) for item in self.results],
        }

    def to_text(self) -> str:
        """JSON, an argument or a result a line."""

        def lines(items: Sequence[dict[str, Any]]) -> str:
            return "[\n  " + ",\n  ".join(json.dumps(item) for item in items) + "\n ]"

        plain = self.to_plain()
        listed = {name: lines(plain.pop(name)) for name in ("arguments", "results")}
        rest = {name: json.dumps(value, indent=1).replace("\n", "\n ") for name, value in plain.items()}
        return "{\n" + ",\n".join(f' "{name}": {text}' for name, text in (rest | listed).items()) + "\n}\n"


_TO_GRAY = {
    "step": "to gray",
    "formula": "(19595 R + 38470 G + 7471 B + 32768) >> 16",
    "how": "pixel by pixel, in whole numbers; what is gray keeps its values (Pillow: convert('L'))",
}
STORED = (256, 224)  # images are read at this ratio of the size that the network takes, then cut


def preprocessing(height: int, width: int, mean: Sequence[float], std: Sequence[float]) -> dict[str, Any]:
    """How `predict` and evaluation read a file, step by step, for a network of `height` by `width` pixels.

    `mean` and `std` are of each channel: of three, red, green and blue, or of gray alone.
    What each step does is what Pillow does: its `resize` antialiases by itself.
    """
    read = [round(side * STORED[0] / STORED[1]) for side in (height, width)]
    gray = len(mean) == 1
    return {
        "layout": "NHWC",
        "type": "uint8, 0 to 255",
        "color": "gray" if gray else "RGB",
        "image_size": [height, width],
        "steps": [
            {
                "step": "decode",
                "jpeg_may_be_reduced_to": 2 * max(read),
                "how": "a JPEG at the smallest of 1/8, 1/4, 1/2 and 1 of its size, as its decoder reduces it, at which "
                "both sides have at least jpeg_may_be_reduced_to pixels (Pillow: draft(None, (n, n))); all else whole",
            },
            {
                "step": "to 8-bit RGB",
                "gray_16_bit": "(x + 128) // 257",
                "how": "RGBA where there is transparency of any kind, RGB else (Pillow: convert)",
            },
            {
                "step": "turn upright",
                "how": "by the EXIF orientation (tag 274); as it lies where there is none",
            },
            {
                "step": "crop",
                "aspect": read,
                "how": "the largest centred box of the aspect (height, width) that is within the image; its edges are "
                "not rounded",
            },
            {
                "step": "resize",
                "size": read,
                "filter": "bilinear",
                "antialias": True,
                "how": "from that box to size (height, width), the triangle widened by the scale; along rows first, "
                "each direction rounded to the nearest of 0 to 255; RGBA with its colours premultiplied by alpha "
                "(Pillow: resize(..., BILINEAR, box=box))",
            },
            {
                "step": "lay on",
                "background": [255, 255, 255],
                "how": "where there is transparency: over the background, then RGB (Pillow: alpha_composite)",
            },
            {
                "step": "crop",
                "size": [height, width],
                "offset": [(size - side) // 2 for size, side in zip(read, (height, width), strict=True)],
                "how": "from offset (top, left), to size (height, width)",
            },
            *([_TO_GRAY] if gray else []),
        ],
        "normalisation": {
            "done_by": "the program: give it the bytes",
            "how": "(x / 255 - mean) / std",
            "mean": list(mean),
            "std": list(std),
        },
    }
