"""One picture of the embedded image set: an object of a class among clutter, lit and photographed.

Everything but the shape is drawn from the same distributions for every class, so that neither colour nor brightness
nor position reveals the class. Pixel arithmetic is additions and multiplications only, so that a picture does not
depend on how a machine rounds transcendental functions.
"""

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageStat

from runtime.data.demo.shapes import SHAPES, Pose, Stencil

SIDE = 256

Colour = tuple[int, int, int]
Pixels = NDArray[np.float32]

# Longest diameter of the object over the side of the picture.
_SMALLEST, _LARGEST = 0.6, 0.8
# Least difference between the object's and the background's mean brightness, of 255.
_CONTRAST = 95


def draw_scene(name: str, random: np.random.Generator) -> Image.Image:
    """A picture of the class `name`, RGB, `SIDE` x `SIDE`; every pixel follows from `random`."""
    scene = _background(random)
    for _ in range(random.integers(2, 6)):
        scene = _with_clutter(scene, random, extent=random.uniform(0.03, 0.08))
    pose = _pose(random)
    mask = _object_mask(name, pose, random)
    scene = _with_object(scene, mask, random)
    for _ in range(random.integers(0, 2)):
        scene = _with_occluder(scene, pose, random)
    return _photographed(scene, random)


def _pose(random: np.random.Generator) -> Pose:
    radius = SIDE * random.uniform(_SMALLEST, _LARGEST) / 2
    # Up to a tenth of the object may lie outside the picture, and a random crop takes an eighth off at most.
    reach = SIDE / 2 - 0.8 * radius - 8
    return Pose(
        x=SIDE / 2 + random.uniform(-reach, reach),
        y=SIDE / 2 + random.uniform(-reach, reach),
        radius=radius,
        # Leaning either way, and half of them upside down: any rotation would need far more than 96 pictures a
        # class to learn from.
        angle=random.uniform(-0.5, 0.5) + math.pi * int(random.integers(2)),
        squeeze=random.uniform(0.78, 1),
        tilt=random.uniform(0, math.pi),
    )


def _object_mask(name: str, pose: Pose, random: np.random.Generator) -> Image.Image:
    stencil = Stencil(SIDE, pose)
    SHAPES[name](stencil, random)
    return stencil.mask()


def _with_object(scene: Image.Image, mask: Image.Image, random: np.random.Generator) -> Image.Image:
    scene = _with_shadow(scene, mask, random)
    first = _contrasting_colour(ImageStat.Stat(scene.convert("L"), mask).mean[0], random)
    second = _nearby_colour(first, random, 35)
    surface = np.asarray(_blend(first, second, _noise(random)), np.float32)
    return Image.composite(_image(surface + _relief(mask, random)[..., None]), scene, mask)


def _with_shadow(scene: Image.Image, mask: Image.Image, random: np.random.Generator) -> Image.Image:
    shift = (int(random.integers(-10, 11)), int(random.integers(-10, 11)))
    depth = random.uniform(0.25, 0.6)
    fallen = ImageChops.offset(mask.filter(ImageFilter.GaussianBlur(random.uniform(2, 6))), *shift)
    return Image.composite(Image.new("RGB", scene.size, (8, 8, 12)), scene, fallen.point(lambda value: value * depth))


def _relief(mask: Image.Image, random: np.random.Generator) -> Pixels:
    """Light on the edges that face it and shade on the others, as if the object had thickness, `[SIDE, SIDE]`."""
    soft = np.asarray(mask.filter(ImageFilter.GaussianBlur(random.uniform(1.5, 4))), np.float32)
    angle = random.uniform(0, 2 * math.pi)
    strength = random.uniform(0.4, 1.1)
    across, along = np.float32(strength * math.cos(angle)), np.float32(strength * math.sin(angle))
    relief = np.zeros((SIDE, SIDE), np.float32)
    relief[:, 1:-1] += across * (soft[:, 2:] - soft[:, :-2])
    relief[1:-1, :] += along * (soft[2:, :] - soft[:-2, :])
    return relief


def _background(random: np.random.Generator) -> Image.Image:
    first = _colour(random)
    second = _nearby_colour(first, random, 28)
    ground = _blend(first, second, _noise(random))
    kind = random.integers(3)
    if kind == 0:
        return _with_planks(ground, random)
    if kind == 1:
        return _with_pebbles(ground, (first, second), random)
    return ground


def _with_planks(ground: Image.Image, random: np.random.Generator) -> Image.Image:
    """Broad boards or tiles with thin joints, at any angle."""
    reach = SIDE
    overlay = Image.new("L", (2 * reach, 2 * reach), 128)
    draw = ImageDraw.Draw(overlay)
    at = 0.0
    while at < 2 * reach:
        width = random.uniform(40, 95)
        draw.rectangle((at, 0, at + width, 2 * reach), fill=int(random.integers(100, 157)))
        draw.line((at, 0, at, 2 * reach), fill=40, width=int(random.integers(1, 4)))
        at += width
    rotated = overlay.rotate(random.uniform(0, 180), Image.Resampling.BILINEAR)
    shade = rotated.crop((reach // 2, reach // 2, reach // 2 + SIDE, reach // 2 + SIDE))
    return _image(np.asarray(ground, np.float32) + (np.asarray(shade, np.float32) - 128)[..., None])


def _with_pebbles(ground: Image.Image, colours: tuple[Colour, Colour], random: np.random.Generator) -> Image.Image:
    """Stones or leaves strewn over the ground."""
    scene = ground.copy()
    draw = ImageDraw.Draw(scene)
    extent = random.uniform(4, 16)
    for _ in range(140):
        x, y = random.uniform(0, SIDE, 2)
        half_w, half_h = random.uniform(0.5 * extent, extent, 2)
        box = (x - half_w, y - half_h, x + half_w, y + half_h)
        draw.ellipse(box, fill=_nearby_colour(colours[int(random.integers(2))], random, 30))
    return Image.blend(ground, scene, random.uniform(0.25, 0.7))


def _with_clutter(scene: Image.Image, random: np.random.Generator, extent: float) -> Image.Image:
    """A small thing of no class lying about: a blob, a slab or a stick of up to `extent` of the side."""
    x, y = random.uniform(0, SIDE, 2)
    return _with_thing(scene, x, y, extent * SIDE, _colour(random), random)


def _with_occluder(scene: Image.Image, pose: Pose, random: np.random.Generator) -> Image.Image:
    """A small thing that lies on the object and hides a little of it."""
    angle = random.uniform(0, 2 * math.pi)
    distance = pose.radius * random.uniform(0.2, 0.9)
    x, y = pose.x + distance * math.cos(angle), pose.y + distance * math.sin(angle)
    return _with_thing(scene, x, y, pose.radius * random.uniform(0.06, 0.14), _colour(random), random)


def _with_thing(
    scene: Image.Image, x: float, y: float, extent: float, colour: Colour, random: np.random.Generator
) -> Image.Image:
    scene = scene.copy()
    draw = ImageDraw.Draw(scene)
    angle = random.uniform(0, 2 * math.pi)
    kind = random.integers(3)
    if kind == 0:
        outline = _blob(random)
    elif kind == 1:
        half = random.uniform(0.4, 0.9)
        outline = [(-1, -half), (1, -half), (1, half), (-1, half)]
    else:
        half = random.uniform(0.03, 0.08)
        outline = [(-2.2, -half), (2.2, -half), (2.2, half), (-2.2, half)]
    cos, sin = math.cos(angle), math.sin(angle)
    corners = [(x + extent * (u * cos - v * sin), y + extent * (u * sin + v * cos)) for u, v in outline]
    # A thing darkens what is right under it, and catches light on top.
    draw.polygon([(px + 3, py + 3) for px, py in corners], fill=_scaled(colour, 0.25))
    draw.polygon(corners, fill=colour)
    draw.line([corners[0], corners[1]], fill=_scaled(colour, 1.35), width=2)
    return scene


def _blob(random: np.random.Generator) -> list[tuple[float, float]]:
    corners = int(random.integers(9, 14))
    radii = random.uniform(0.75, 1, corners)
    return [
        (radius * math.cos(2 * math.pi * k / corners), radius * math.sin(2 * math.pi * k / corners))
        for k, radius in enumerate(radii)
    ]


def _photographed(scene: Image.Image, random: np.random.Generator) -> Image.Image:
    """Uneven light, a tint, a lens out of focus, and a sensor's noise."""
    across: Pixels = np.linspace(-1, 1, SIDE, dtype=np.float32)
    angle = random.uniform(0, 2 * math.pi)
    slope = np.float32(math.cos(angle)) * across[None, :] + np.float32(math.sin(angle)) * across[:, None]
    centre = across[None, :] * across[None, :] + across[:, None] * across[:, None]
    light: Pixels = np.ones((SIDE, SIDE), np.float32)
    light += np.float32(random.uniform(0.05, 0.35)) * slope
    light -= np.float32(random.uniform(0, 0.15)) * centre
    tint = random.uniform(0.85, 1.1, 3).astype(np.float32)
    blurred = scene.filter(ImageFilter.GaussianBlur(random.uniform(0.3, 1.1)))
    grain = int(random.integers(3, 11))
    pixels: Pixels = np.array(blurred, np.float32)
    pixels *= light[..., None]
    pixels *= tint
    pixels += random.integers(-grain, grain + 1, (SIDE, SIDE, 1), np.int8)
    return _image(pixels)


def _noise(random: np.random.Generator) -> Image.Image:
    """Cloudy noise of all scales, mode L, `SIDE` x `SIDE`."""
    roughness = random.uniform(0.4, 0.95)
    total = _grains(random, 4)
    weight, weights = 1.0, 1.0
    for cells in (8, 16, 32, 64, 128):
        # The rougher, the more the finer scales weigh.
        weight *= roughness
        weights += weight
        total = _enlarged(total, cells) + np.float32(weight) * _grains(random, cells)
    # Averaging draws the values together around 128; spread them again.
    return _image(_enlarged(total, SIDE) * np.float32(2 / weights) - np.float32(128))


def _grains(random: np.random.Generator, cells: int) -> Pixels:
    return random.integers(0, 256, (cells, cells), np.uint8).astype(np.float32)


def _enlarged(pixels: Pixels, side: int) -> Pixels:
    return np.asarray(Image.fromarray(pixels).resize((side, side), Image.Resampling.BILINEAR))


def _blend(first: Colour, second: Colour, part: Image.Image) -> Image.Image:
    """RGB: `first` where `part` is 0, `second` where it is 255."""
    return Image.composite(Image.new("RGB", part.size, second), Image.new("RGB", part.size, first), part)


def _colour(random: np.random.Generator) -> Colour:
    """Any brightness; seldom as gaudy as three independent channels would be."""
    brightness = int(random.integers(20, 236))
    return _nearby_colour((brightness, brightness, brightness), random, int(random.integers(10, 65)))


def _nearby_colour(colour: Colour, random: np.random.Generator, distance: int) -> Colour:
    shifts = random.integers(-distance, distance + 1, 3).tolist()
    red, green, blue = (max(0, min(255, value + shift)) for value, shift in zip(colour, shifts, strict=True))
    return red, green, blue


def _contrasting_colour(brightness: float, random: np.random.Generator) -> Colour:
    """A random colour, lighter or darker than `brightness` by at least `_CONTRAST`; one of the two always can be."""
    while True:
        colour = _colour(random)
        if abs(0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2] - brightness) >= _CONTRAST:
            return colour


def _scaled(colour: Colour, by: float) -> Colour:
    red, green, blue = (min(255, int(by * value)) for value in colour)
    return red, green, blue


def _image(pixels: Pixels) -> Image.Image:
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
