"""What a manifest says of preprocessing: how a file becomes the argument `images`, step by step.

Exactly enough for a reader of somebody else's to give the same bytes. What each step does is what Pillow does, whose
`resize` antialiases by itself; `runtime.data.decode` does it.
"""

from collections.abc import Iterator
from typing import Any

from emit.images import mean_and_std
from netspec.language import NetSpec

Step = dict[str, Any]

_WHOLE: Step = {
    "step": "decode",
    "how": "whole; a JPEG of more than 89478485 pixels at half its size (Pillow: draft)",
}
_EIGHT_BIT: Step = {
    "step": "to 8-bit RGB",
    "gray_16_bit": "(x + 128) // 257",
    "how": "RGBA where there is transparency of any kind, RGB else (Pillow: convert)",
}
_UPRIGHT: Step = {
    "step": "turn upright",
    "how": "by the EXIF orientation (tag 274); as it lies where there is none",
}
_LAY_ON: Step = {
    "step": "lay on",
    "background": [255, 255, 255],
    "how": "where there is transparency: over the background, then RGB (Pillow: alpha_composite)",
}
_TO_GRAY: Step = {
    "step": "to gray",
    "formula": "(19595 R + 38470 G + 7471 B + 32768) >> 16",
    "how": "pixel by pixel, in whole numbers; what is gray keeps its values (Pillow: convert('L'))",
}
_TO_BGR: Step = {"step": "to BGR", "how": "the channels in the order blue, green, red"}
_SUPPORT = {"box": "the box", "bilinear": "the triangle", "bicubic": "the cubic (a = -0.5)", "lanczos": "the sinc (3)"}


def preprocessing(net: NetSpec) -> dict[str, Any]:
    """How `predict` and evaluation read a file, step by step, for a checked network."""
    said, (mean, std) = net.preprocessing, mean_and_std(net.imageC, net.preprocessing)
    gray = net.imageC == 1
    return {
        "layout": "NHWC",
        "type": "uint8, 0 to 255",
        "color": "gray" if gray else said.color,
        "image_size": [net.imageH, net.imageW],
        "steps": [*_steps(net), *([_TO_GRAY] if gray else [_TO_BGR] if said.color == "BGR" else [])],
        "normalisation": {
            "done_by": "the program: give it the bytes",
            "how": f"(x / {said.scale:g} - mean) / std",
            "mean": list(mean),
            "std": list(std),
        },
    }


def _steps(net: NetSpec) -> Iterator[Step]:
    said, size = net.preprocessing, [net.imageH, net.imageW]
    read = list(said.scaled(*size))
    yield _decode(max(read)) if said.decode == "reduced" else _WHOLE
    yield from (_EIGHT_BIT, _UPRIGHT)
    if not said.antialias:
        yield _LAY_ON
    if said.fit == "crop":
        yield {
            "step": "crop",
            "aspect": read,
            "how": "the largest centred box of the aspect (height, width) that is within the image; its edges are "
            "not rounded",
        }
    yield _resize(net, read)
    if said.antialias:
        yield _LAY_ON
    yield _final_crop(said.fit, read, size)


def _decode(largest: int) -> Step:
    return {
        "step": "decode",
        "jpeg_may_be_reduced_to": 2 * largest,
        "how": "a JPEG at the smallest of 1/8, 1/4, 1/2 and 1 of its size, as its decoder reduces it, at which "
        "both sides have at least jpeg_may_be_reduced_to pixels (Pillow: draft(None, (n, n))); all else whole",
    }


def _resize(net: NetSpec, read: list[int]) -> Step:
    said = net.preprocessing
    step: Step = {"step": "resize", "size": read, "filter": said.filter, "antialias": said.antialias}
    box = ", box=box" if said.fit == "crop" else ""
    source = "from that box to size (height, width)" if said.fit == "crop" else "to size (height, width)"
    if said.fit == "cover":
        step["cover"] = True
        source = (
            "so that it just covers size (height, width): the side that is smaller in proportion becomes as size says, "
            "the other int(side * new / old) of it"
        )
    if not said.antialias:
        how = (
            "between the four pixels around ((i + 0.5) * old / new - 0.5), which is kept within the image, in double "
            "precision, rounded once as floor(x + 0.5)"
        )
    elif said.filter == "nearest":
        how = f"the pixel at floor((i + 0.5) * old / new) (Pillow: resize(..., NEAREST{box}))"
    else:
        how = (
            f"{_SUPPORT[said.filter]} widened by the scale; along rows first, each direction rounded to the nearest of "
            f"0 to 255; RGBA with its colours premultiplied by alpha (Pillow: resize(..., {said.filter.upper()}{box}))"
        )
    return step | {"how": f"{source}, {how}"}


def _final_crop(fit: str, read: list[int], size: list[int]) -> Step:
    """From what was scaled: its offset is rounded down where the picture was cropped before, else to even."""
    if fit == "cover":
        offset: Any = "round((have - size) / 2) along each side, halves to even"
        return {"step": "crop", "size": size, "offset": offset, "how": "from offset (top, left), to size"}
    spare = [have - side for have, side in zip(read, size, strict=True)]
    offset = [each // 2 if fit == "crop" else round(each / 2) for each in spare]
    return {"step": "crop", "size": size, "offset": offset, "how": "from offset (top, left), to size (height, width)"}
