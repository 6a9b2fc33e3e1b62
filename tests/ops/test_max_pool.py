"""Max-pool, and by hand its conventions."""

from itertools import product
from typing import get_args

import jax
import numpy as np
import pytest
from jax import lax

from emit.hlo import ShapeError
from emit.ops.max_pool import MaxPool
from emit.windows import Window
from netspec.windows import Padding
from tests.ops.harness import IMAGES, TOLERANCE, Case, Numbers, OpTests, Shape, difference, edges, pull, run


def max_pool(x: jax.Array, size: int, stride: int, padding: str) -> jax.Array:
    """The largest of each window; padding is minus infinity."""
    pads = edges(size, stride, padding)
    return lax.reduce_window(
        x,
        -np.inf,
        lax.max,
        (1, size, size, 1),
        (1, stride, stride, 1),
        pads if isinstance(pads, str) else [(0, 0), *pads, (0, 0)],
    )


def case(channels: int, window: Window, image: Shape) -> Case:
    def expected(x: jax.Array) -> jax.Array:
        return max_pool(x, window.size, window.stride, window.padding)

    name = f"{window.size}x{window.size} by {window.stride} {window.padding}"
    return Case(MaxPool(window), ((*image, channels),), expected, distinct, name=name)


def distinct(source: np.random.Generator, shape: Shape) -> Numbers:
    """Numbers no two of which are equal or nearly so."""
    return source.permutation(int(np.prod(shape))).reshape(shape) / 7.0 - 1.0


def pooled(x: list[list[float]], dy: list[list[float]], window: Window) -> tuple[list[list[float]], list[list[float]]]:
    """A max-pool of one image of one channel: the output, and the input's cotangent."""
    image, cotangent = np.array(x, float)[None, :, :, None], np.array(dy, float)[None, :, :, None]
    y, dx = run(Case(MaxPool(window), (image.shape,), lambda image: image), image, cotangent)
    return y[0, :, :, 0].tolist(), dx[0, :, :, 0].tolist()


def test_of_equal_numbers_in_a_window_the_first_row_by_row_takes_the_cotangent() -> None:
    y, dx = pooled([[1, 5, 5], [5, 5, 2], [0, 0, 0]], [[10]], Window(3, 3, "valid"))
    assert (y, dx) == ([[5]], [[0, 10, 0], [0, 0, 0], [0, 0, 0]])


def test_overlapping_windows_that_choose_one_pixel_add_their_cotangents_there() -> None:
    # Windows of 2×2 by 1: the 9 in the middle wins all four; of the equal 3s each window takes its own first.
    y, dx = pooled([[0, 0, 0], [0, 9, 0], [0, 0, 0]], [[1, 2], [4, 8]], Window(2, 1, "valid"))
    assert (y, dx) == ([[9, 9], [9, 9]], [[0, 0, 0], [0, 15, 0], [0, 0, 0]])
    y, dx = pooled([[3, 3, 3], [3, 3, 3]], [[1, 2]], Window(2, 1, "valid"))
    assert (y, dx) == ([[3, 3]], [[1, 2, 0], [0, 0, 0]])


def test_padding_never_wins_even_over_negative_numbers() -> None:
    y, dx = pooled([[-7, -7], [-8, -9]], [[1]], Window(3, 2, "symmetric"))
    assert (y, dx) == ([[-7]], [[1, 0], [0, 0]])


def test_a_dilated_window_is_refused() -> None:
    with pytest.raises(ShapeError, match="max_pool: expected a window without dilation, received "):
        MaxPool(Window(3, 1, "same", 2))


def test_all_equal_pixels_tie_as_xla_breaks_them() -> None:
    equal = case(3, Window(3, 2, "symmetric"), (2, 6, 5))
    ones, dy = np.ones((2, 6, 5, 3)), np.random.default_rng(0).standard_normal((2, 3, 3, 3))
    _, (expected,) = pull(equal, dy, ones)
    _, dx = run(equal, ones, dy)
    assert difference(dx, expected) <= TOLERANCE


class TestMaxPool(OpTests):
    op = MaxPool
    numeric = [
        case(1 + i % 2, Window(*each), IMAGES[i % 5])
        for i, each in enumerate(product((1, 2, 3, 5), (1, 2, 3), get_args(Padding)))
    ]
    golden = case(2, Window(3, 2, "symmetric"), (1, 5, 6))
    invalid = {"a cotangent of another shape": {"dy": (1, 4, 3, 2)}}
    wrong = {
        "of equals the last": ("in reversed(shifted.places()):", "in shifted.places():"),
        "padding that is 0 takes the cotangent of a window that is 0": ("fill=-math.inf", "fill=0"),
        "the cotangent goes to the mirrored row": (
            "start = (0, k - 1 - i, k - 1 - j, 0)",
            "start = (0, i, k - 1 - j, 0)",
        ),
        "the cotangent goes to the mirrored column": (
            "start = (0, k - 1 - i, k - 1 - j, 0)",
            "start = (0, k - 1 - i, j, 0)",
        ),
        "places are numbered column by column where they are read": (
            "y.block.constant(i * k + j, here.shape",
            "y.block.constant(j * k + i, here.shape",
        ),
        "the last place's cotangent alone": ("dx = part if dx is None else", "dx = part if True else"),
        "a place gets what belongs to places before it": (
            'mine = hlo.compare(here, "EQ"',
            'mine = hlo.compare(here, "LE"',
        ),
        "the cotangent goes to every place but the largest": (
            'largest = hlo.compare(shifted.at(i, j), "EQ"',
            'largest = hlo.compare(shifted.at(i, j), "NE"',
        ),
        "the cotangent of a window is shared": (
            'part = hlo.select(mine, part, scalar(0, part), "part")',
            'part = hlo.divide(part, scalar(k * k, part), "part")',
        ),
        "forward pads at the other side": (
            "pads = ((0, 0), (top, max(bottom, 0)), (left, max(right, 0)), (0, 0))",
            "pads = ((0, 0), (max(bottom, 0), top), (max(right, 0), left), (0, 0))",
        ),
        "what no window sees is cut off at the wrong side": (
            'hlo.slice_(x, (0,) * 4, (batch, height + min(bottom, 0), width + min(right, 0), channels), "seen")',
            'hlo.slice_(x, (0, -min(bottom, 0), -min(right, 0), 0), (batch, height, width, channels), "seen")',
        ),
    }
