"""What the description of a Keras model says of its pictures: their size, and how its own layers scale the pixels.

It is JSON beside the weights; no layer is made, and what is not understood is passed over.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from runtime.system.files import parse_json

LONGEST = 2**20  # characters of a description that are read
_SHAPES = ("batch_shape", "batch_input_shape")  # of Keras 3, and 2


@dataclass(frozen=True)
class KerasModel:
    """Of a model's description.

    Attributes:
        size: height and width of an input image, pixels, if it says them.
        scale, offset: the model's own layers give x · scale + offset, by channel; none: it has no such layer.
        normalizes: whether it has a layer whose mean and variance were learnt from data.
    """

    size: tuple[int, int] | None = None
    scale: tuple[float, ...] = ()
    offset: tuple[float, ...] = ()
    normalizes: bool = False


def described(text: str) -> KerasModel | None:
    """A description; None where the text is none. Layers of a model within the model count as its own."""
    try:
        whole = parse_json(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(whole, dict):
        return None
    size: tuple[int, int] | None = None
    scale: tuple[float, ...] = ()
    offset: tuple[float, ...] = ()
    normalizes = False
    for kind, config in _layers(whole):
        size = size or next(filter(None, (_size(config.get(name)) for name in _SHAPES)), None)
        normalizes = normalizes or kind == "Normalization"
        if kind == "Rescaling" and (found := _numbers(config.get("scale", 1), config.get("offset", 0))):
            scale, offset = _after(scale, offset, *found)
    return KerasModel(size, scale, offset, normalizes)


def _layers(whole: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every layer's class and fields, in the model's order."""
    waiting: list[Any] = [whole]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            if isinstance(item.get("class_name"), str) and isinstance(item.get("config"), dict):
                yield item["class_name"], item["config"]
            waiting.extend(reversed(item.values()))
        elif isinstance(item, list):
            waiting.extend(reversed(item))


def _size(shape: object) -> tuple[int, int] | None:
    if not isinstance(shape, list) or len(shape) != 4:
        return None
    height, width = shape[1:3]
    sizes = [each for each in (height, width) if isinstance(each, int) and 1 <= each <= 2**16]
    return (sizes[0], sizes[1]) if len(sizes) == 2 else None


def _numbers(scale: object, offset: object) -> tuple[tuple[float, ...], tuple[float, ...]] | None:
    """Of a scaling layer, by channel; None where they are no numbers."""
    lists = [each if isinstance(each, list) else [each] for each in (scale, offset)]
    length = max(map(len, lists))
    if length not in (1, 3) or not all(isinstance(x, int | float) and abs(x) < 1e9 for each in lists for x in each):
        return None
    both = [tuple(map(float, each)) * (length if len(each) == 1 else 1) for each in lists]
    return (both[0], both[1]) if len(both[0]) == len(both[1]) and all(both[0]) else None


def _after(
    scale: tuple[float, ...], offset: tuple[float, ...], next_scale: tuple[float, ...], next_offset: tuple[float, ...]
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """One scaling after another."""
    if not scale:
        return next_scale, next_offset
    length = max(len(scale), len(next_scale))
    a, b, c, d = (each * (length // len(each)) for each in (scale, offset, next_scale, next_offset))
    return tuple(x * y for x, y in zip(a, c, strict=True)), tuple(x * y + z for x, y, z in zip(b, c, d, strict=True))
