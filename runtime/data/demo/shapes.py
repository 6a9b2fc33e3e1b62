"""The ten classes of the embedded image set, as stencils.

A class is a shape of any colour, position, size and rotation: every drawing varies its proportions at random, and all
ten are unchanged by cropping, rotating and mirroring. Most differ by what repeats inside them, not by their outline
alone: that is what a convolutional network learns within a few hundred steps.
"""

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

Point = tuple[float, float]

# Stencils are drawn this many times larger and scaled down, for smooth edges.
_OVERSAMPLING = 2


@dataclass(frozen=True)
class Pose:
    """The pose of a shape: its unit circle becomes an ellipse around (x, y).

    Attributes:
        x, y: centre, pixels.
        radius: of the longer half axis, pixels.
        angle: rotation, radians.
        squeeze: the shorter half axis over the longer, as of a flat thing seen from the side; at most 1.
        tilt: direction of the squeeze, radians.
    """

    x: float
    y: float
    radius: float
    angle: float
    squeeze: float
    tilt: float

    def to_pixels(self, points: Sequence[Point]) -> list[Point]:
        """Points of the unit circle's plane as pixels of the oversampled stencil."""
        cos_tilt, sin_tilt = math.cos(self.tilt), math.sin(self.tilt)
        cos_angle, sin_angle = math.cos(self.angle), math.sin(self.angle)
        pixels = []
        for u, v in points:
            along, across = u * cos_angle - v * sin_angle, u * sin_angle + v * cos_angle
            a = (along * cos_tilt + across * sin_tilt) * self.squeeze
            b = -along * sin_tilt + across * cos_tilt
            pixels.append(
                (
                    _OVERSAMPLING * (self.x + self.radius * (a * cos_tilt - b * sin_tilt)),
                    _OVERSAMPLING * (self.y + self.radius * (a * sin_tilt + b * cos_tilt)),
                )
            )
        return pixels


class Stencil:
    """Draws a mask: 255 where the object is, 0 elsewhere."""

    def __init__(self, side: int, pose: Pose) -> None:
        self._pose = pose
        self._side = side
        self._mask = Image.new("L", (side * _OVERSAMPLING, side * _OVERSAMPLING), 0)
        self._draw = ImageDraw.Draw(self._mask)

    def polygon(self, points: Sequence[Point], *, erase: bool = False) -> None:
        """Fill, or erase, a polygon given in the unit circle's plane."""
        self._draw.polygon(self._pose.to_pixels(points), fill=0 if erase else 255)

    def disc(self, x: float, y: float, radius: float, *, erase: bool = False) -> None:
        """Fill, or erase, a disc."""
        self.polygon([(x + radius * u, y + radius * v) for u, v in _CIRCLE], erase=erase)

    def mask(self) -> Image.Image:
        """The finished mask, mode L, `side` x `side`."""
        return self._mask.resize((self._side, self._side), Image.Resampling.BOX)


_CIRCLE = [(math.cos(2 * math.pi * k / 48), math.sin(2 * math.pi * k / 48)) for k in range(48)]


def _ring(stencil: Stencil, random: np.random.Generator) -> None:
    stencil.disc(0, 0, 1)
    stencil.disc(0, 0, random.uniform(0.5, 0.7), erase=True)


def _burst(stencil: Stencil, random: np.random.Generator) -> None:
    rays = int(random.integers(9, 13))
    half = random.uniform(0.06, 0.08)
    for k in range(rays):
        cos, sin = math.cos(2 * math.pi * k / rays), math.sin(2 * math.pi * k / rays)
        ray = [(0.12, -half), (1, -half), (1, half), (0.12, half)]
        stencil.polygon([(u * cos - v * sin, u * sin + v * cos) for u, v in ray])


def _triangle(stencil: Stencil, random: np.random.Generator) -> None:
    corners = [2 * math.pi * k / 3 + random.uniform(-0.25, 0.25) for k in range(3)]
    stencil.polygon([(math.cos(corner), math.sin(corner)) for corner in corners])


def _spiral(stencil: Stencil, random: np.random.Generator) -> None:
    turns = random.uniform(2.1, 2.7)
    half = random.uniform(0.085, 0.115)
    hand = -1 if random.integers(2) else 1
    steps = 90
    outer, inner = [], []
    for k in range(steps + 1):
        part = k / steps
        angle = hand * 2 * math.pi * turns * part
        middle = 0.08 + (0.92 - half) * part
        outer.append(((middle + half) * math.cos(angle), (middle + half) * math.sin(angle)))
        inner.append(((middle - half) * math.cos(angle), (middle - half) * math.sin(angle)))
    # Piece by piece: a polygon that overlaps itself would be hollow where it does.
    for k in range(steps):
        stencil.polygon([outer[k], outer[k + 1], inner[k + 1], inner[k]])


def _stripes(stencil: Stencil, random: np.random.Generator) -> None:
    bars = int(random.integers(4, 7))
    filled = random.uniform(0.45, 0.6)
    length = random.uniform(0.75, 1.0)
    pitch = 2 / (bars - 1 + filled)
    for k in range(bars):
        low = -1 + k * pitch
        high = low + filled * pitch
        middle = (low + high) / 2
        reach = length * math.sqrt(max(1 - middle * middle, 0.2))
        stencil.polygon([(-reach, low), (reach, low), (reach, high), (-reach, high)])


def _checker(stencil: Stencil, random: np.random.Generator) -> None:
    cells = int(random.integers(5, 7))
    half = 0.85
    cell = 2 * half / cells
    for row in range(cells):
        for column in range(row % 2, cells, 2):
            x, y = -half + column * cell, -half + row * cell
            stencil.polygon([(x, y), (x + cell, y), (x + cell, y + cell), (x, y + cell)])


def _dots(stencil: Stencil, random: np.random.Generator) -> None:
    dot = random.uniform(0.13, 0.17)
    for x, y in _scattered(int(random.integers(8, 13)), 1 - dot, random):
        stencil.disc(x, y, dot)


def _crosses(stencil: Stencil, random: np.random.Generator) -> None:
    arm = random.uniform(0.19, 0.23)
    half = arm * random.uniform(0.28, 0.36)
    for x, y in _scattered(int(random.integers(7, 11)), 1 - arm, random):
        stencil.polygon([(x - arm, y - half), (x + arm, y - half), (x + arm, y + half), (x - arm, y + half)])
        stencil.polygon([(x - half, y - arm), (x + half, y - arm), (x + half, y + arm), (x - half, y + arm)])


def _grid(stencil: Stencil, random: np.random.Generator) -> None:
    bars = int(random.integers(4, 7))
    half = random.uniform(0.045, 0.065)
    reach = 0.85
    for k in range(bars):
        at = (2 * k / (bars - 1) - 1) * (reach - half)
        stencil.polygon([(-reach, at - half), (reach, at - half), (reach, at + half), (-reach, at + half)])
        stencil.polygon([(at - half, -reach), (at + half, -reach), (at + half, reach), (at - half, reach)])


def _zigzag(stencil: Stencil, random: np.random.Generator) -> None:
    bands = int(random.integers(3, 5))
    teeth = int(random.integers(3, 5))
    half = random.uniform(0.09, 0.12)
    height = random.uniform(0.2, 0.28)
    for band in range(bands):
        middle = (2 * band / (bands - 1) - 1) * 0.62
        ridge = [
            (0.95 * (k / teeth - 1), middle + (height / 2 if k % 2 else -height / 2)) for k in range(2 * teeth + 1)
        ]
        for (x, y), (next_x, next_y) in itertools.pairwise(ridge):
            stencil.polygon([(x, y - half), (next_x, next_y - half), (next_x, next_y + half), (x, y + half)])


def _scattered(count: int, reach: float, random: np.random.Generator) -> list[Point]:
    """`count` places within `reach` of the centre: a sunflower's arrangement, shaken; evenly spread but in no rows."""
    places = []
    for k in range(count):
        distance = reach * math.sqrt((k + 0.5) / count)
        angle = 2.399963 * k
        x, y = distance * math.cos(angle), distance * math.sin(angle)
        places.append((x + random.uniform(-0.05, 0.05), y + random.uniform(-0.05, 0.05)))
    return places


SHAPES: dict[str, Callable[[Stencil, np.random.Generator], None]] = {
    "burst": _burst,
    "checker": _checker,
    "crosses": _crosses,
    "dots": _dots,
    "grid": _grid,
    "ring": _ring,
    "spiral": _spiral,
    "stripes": _stripes,
    "triangle": _triangle,
    "zigzag": _zigzag,
}
