"""Average pool."""

from itertools import product
from typing import get_args

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from emit.ops.average_pool import AveragePool
from emit.windows import Window
from netspec.windows import Padding
from tests.ops.harness import IMAGES, Case, OpTests, Shape, edges, run


def average_pool(x: jax.Array, size: int, stride: int, padding: str, counts_padding: bool) -> jax.Array:
    """The sum of each window over how many pixels it sees, or over all its places."""
    pads = edges(size, stride, padding)

    def summed(x: jax.Array) -> jax.Array:
        around = pads if isinstance(pads, str) else [(0, 0), *pads, (0, 0)]
        return lax.reduce_window(x, 0.0, lax.add, (1, size, size, 1), (1, stride, stride, 1), around)

    return summed(x) / (size * size if counts_padding else summed(jnp.ones_like(x)))


def case(channels: int, window: Window, image: Shape, counts_padding: bool) -> Case:
    def expected(x: jax.Array) -> jax.Array:
        return average_pool(x, window.size, window.stride, window.padding, counts_padding)

    name = f"{window.size}x{window.size} by {window.stride} {window.padding}{' all' if counts_padding else ''}"
    return Case(AveragePool(window, counts_padding), ((*image, channels),), expected, name=name)


@pytest.mark.parametrize(("counts_padding", "corner", "edge"), [(True, 4 / 9, 6 / 9), (False, 1.0, 1.0)])
def test_padding_counts_as_zeros_or_not_at_all(counts_padding: bool, corner: float, edge: float) -> None:
    pool = AveragePool(Window(3, 1, "same"), counts_padding)
    y, dx = run(Case(pool, ((1, 3, 3, 1),), lambda x: x), np.ones((1, 3, 3, 1)), np.ones((1, 3, 3, 1)))
    assert np.allclose(y[0, :, :, 0], [[corner, edge, corner], [edge, 1, edge], [corner, edge, corner]], rtol=1e-15)
    assert np.isclose(dx.sum(), y.sum(), rtol=1e-15)  # the pool of ones is the sum of each row of the same matrix


def test_pixels_that_no_window_sees_get_no_cotangent() -> None:
    pool = AveragePool(Window(1, 2, "valid"), counts_padding=False)
    _, dx = run(Case(pool, ((1, 3, 3, 1),), lambda x: x), np.ones((1, 3, 3, 1)), np.full((1, 2, 2, 1), 5.0))
    assert dx[0, :, :, 0].tolist() == [[5, 0, 5], [0, 0, 0], [5, 0, 5]]


class TestAveragePool(OpTests):
    op = AveragePool
    numeric = [
        *(
            case(1 + i % 3, Window(*each), IMAGES[i % 5], counts)
            for i, (*each, counts) in enumerate(product((1, 2, 3, 5), (1, 2, 3), get_args(Padding), (True, False)))
        ),
        *(case(2, Window(2, 2, "same"), image, counts_padding=False) for image in ((2, 4, 5), (2, 5, 4))),
    ]
    golden = case(2, Window(3, 2, "same"), (1, 5, 6), counts_padding=False)
    golden_lowerings = {"halves": case(2, Window(2, 2, "valid"), (1, 4, 6), counts_padding=True)}
    invalid = {"a cotangent of another shape": {"dy": (1, 4, 3, 2)}}
    wrong = {
        "the sum": ('return Result(self._per_count(total, x.shape, "mean"))', "return Result(total)"),
        "dx without the factor 1/K": ('self._per_count(cotangent, x.shape, "share")', "cotangent"),
        "padding is counted always": ("if self.counts_padding else", "if True else"),
        "padding is never counted": ("if self.counts_padding else", "if False else"),
        "divided by the rows alone": (
            'hlo.multiply(high, wide, "count")',
            'hlo.divide(hlo.multiply(high, wide, "count"), wide)',
        ),
        "divided by k": ("hlo.divide(y, scalar(k * k, y), name)", "hlo.divide(y, scalar(k, y), name)"),
        "the columns are not counted where all rows are": (
            "if set(rows) == set(columns) == {k}:",
            "if set(rows) == {k}:",
        ),
        "the rows are not counted where all columns are": (
            "if set(rows) == set(columns) == {k}:",
            "if set(columns) == {k}:",
        ),
        "the counts of a window that begins in the image": ("max(start, 0)", "start"),
        "the counts of a window that ends in the image": ("min(start + window.size, size)", "start + window.size"),
        "counts as with a stride of 1": ("window.stride * o - low", "o - low"),
        "pixels that no window sees get the cotangent of the next": ("if all(seen):", "if True:"),
        "a phase takes a place too many": (
            "int(0 <= i * s + phase - readers.shift < k)",
            "int(0 <= i * s + phase - readers.shift <= k)",
        ),
        "the phases are shifted the other way": (
            "int(0 <= i * s + phase - readers.shift < k)",
            "int(0 <= i * s + phase + readers.shift < k)",
        ),
        "the cotangent goes to the mirrored row": (
            "row, column = down.places - 1 - i, across.places - 1 - j",
            "row, column = i, across.places - 1 - j",
        ),
        "the cotangent goes to the mirrored column": (
            "row, column = down.places - 1 - i, across.places - 1 - j",
            "row, column = down.places - 1 - i, j",
        ),
        "the last place's cotangent alone": ("dx = part if dx is None else", "dx = part if True else"),
        "the zeros around dy at the other side": (
            "(0, top, left, 0), (0, bottom, right, 0)",
            "(0, bottom, left, 0), (0, top, right, 0)",
        ),
        "the last place of the window is not seen": (
            "for i, j in shifted.places())",
            "for i, j in shifted.places()[: max(self.window.size**2 - 1, 1)])",
        ),
    }
