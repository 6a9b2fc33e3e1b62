"""A rectangle of random area, sides and place, as torchvision's RandomResizedCrop (Szegedy et al. 2015, section 6).

An area of `least` to all of a picture's and sides of 3:4 to 4:3 by a logarithmic draw, tried ten times until it fits;
then the largest rectangle at the centre whose sides are nearest to the picture's.
"""

import math
from collections.abc import Callable

import numpy as np

from netspec.recipe import RandomResizedCrop
from runtime.data.reading import Crop

RATIO, TRIES = (3 / 4, 4 / 3), 10


def crops(asked: RandomResizedCrop, random: np.random.Generator, count: int) -> Callable[[int], Crop]:
    """Where each of so many pictures is cut; what is drawn does not depend on their sizes."""
    drawn = random.random((count, TRIES, 4))

    def crop_of(row: int) -> Crop:
        return lambda height, width: box(drawn[row].tolist(), asked.least, height, width)

    return crop_of


def box(tries: list[list[float]], least: float, height: int, width: int) -> tuple[int, int, int, int]:
    """The box of a picture, left, top, right, bottom. Of each try: area, sides, top and left, from 0 to below 1."""
    low, high = map(math.log, RATIO)
    for area, sides, down, across in tries:
        pixels = height * width * (least + (1 - least) * area)
        ratio = math.exp(low + (high - low) * sides)
        columns, rows = round(math.sqrt(pixels * ratio)), round(math.sqrt(pixels / ratio))
        if 0 < columns <= width and 0 < rows <= height:
            top, left = int(down * (height - rows + 1)), int(across * (width - columns + 1))
            return left, top, left + columns, top + rows
    columns, rows = min(width, round(height * RATIO[1])), min(height, round(width / RATIO[0]))
    top, left = (height - rows) // 2, (width - columns) // 2
    return left, top, left + columns, top + rows
