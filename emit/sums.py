"""Sums of images over everything but the channel, and what repeats a channel's number over an image."""

from collections.abc import Sequence
from fractions import Fraction

from emit import hlo
from emit.hlo import Real, Value
from emit.lowerings import Lowerings


def channel_sums(images: Sequence[Value], lowerings: Lowerings, name: str) -> tuple[Value, ...]:
    """Sum each `[N, H, W, C]` to `[C]`, all in one pass over memory."""
    if lowerings.channel_sum(images[0].shape) == "staged":
        parts = hlo.sums(images, (1, 2), f"{name}_image")
        return hlo.sums(parts, (0,), name)
    return hlo.sums(images, (0, 1, 2), name)


def summand(x: Value, negated: Value, name: str) -> Value:
    """x · y to be summed, given `negated` = -y: 0 - x · (-y), which is the same number.

    IREE's CPU compiler (3.13.0) takes a product that goes straight into a sum for a matrix product's, and computes a
    channel's squares number by number.
    """
    return hlo.subtract(scalar(0, x), hlo.multiply(x, negated, name), name)


def row_products(x: Value, y: Value, lowerings: Lowerings, name: str, together: int = 1) -> Value:
    """Σ_r x[r, i] · y[r, j], from rows `[R, I]` and `[R, J]` to `[I, J]`: the cotangent of a matrix.

    Cut into pieces of rows where the lowerings say so, so that a piece stays in the processor's cache; of so many rows
    `together` by rule.
    """
    rows, wide, high = x.shape[0], x.shape[1], y.shape[1]
    pieces = lowerings.product_pieces(rows, wide, high, together)
    if pieces == 1:
        return hlo.dot(x, y, (0, 0), name)
    left, right = (hlo.reshape(side, (pieces, rows // pieces, side.shape[1]), "pieces") for side in (x, y))
    return piece_products(left, right, name)


def piece_products(left: Value, right: Value, name: str) -> Value:
    """Σ_p,r left[p, r, i] · right[p, r, j], from pieces `[P, R, I]` and `[P, R, J]` to `[I, J]`.

    Of the two sides that one comes last, as columns, which fills registers: a multiple of 32, or else the longer.
    """
    wide, high = left.shape[2], right.shape[2]
    swapped = (high % 32 > 0, -high) > (wide % 32 > 0, -wide)
    if swapped:
        left, right = right, left
    (total,) = hlo.sums((hlo.dot(left, right, (1, 1), "part", batch=1),), (0,), name)
    return hlo.transpose(total, (1, 0), name) if swapped else total


def per_channel(vector: Value, like: Value) -> Value:
    """`[C]` repeated over an image `[N, H, W, C]` or over rows `[N, C]`."""
    return hlo.broadcast(vector, like.shape, (len(like.shape) - 1,), "each")


def scalar(number: Real, like: Value) -> Value:
    """One number in the shape and type of another value."""
    return like.block.constant(number, like.shape, like.dtype)


def written(number: float) -> Fraction:
    """The decimal that a person wrote: 0.1 is one tenth here, so that 1 - 0.9 is too. The printer rounds it."""
    return Fraction(repr(number))
