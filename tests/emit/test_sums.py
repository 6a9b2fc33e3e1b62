"""Wrong versions of sums over images."""

from tests.ops.mutations import WrongVersions


class TestSums(WrongVersions):
    module = "emit.sums"
    wrong = {
        "summands with the sign turned": (
            "return hlo.subtract(scalar(0, x), hlo.multiply(x, negated, name), name)",
            "return hlo.multiply(x, negated, name)",
        ),
        "products of the first piece alone": (
            '(total,) = hlo.sums((hlo.dot(left, right, (1, 1), "part", batch=1),), (0,), name)',
            'parts = hlo.dot(left, right, (1, 1), "part", batch=1)\n'
            "    total = hlo.reshape(hlo.slice_(parts, (0, 0, 0), (1, *parts.shape[1:])), parts.shape[1:])",
        ),
        "products of pieces with the sides swapped and not changed over": (
            "return hlo.transpose(total, (1, 0), name) if swapped else total",
            "return hlo.reshape(total, (wide, high), name)",
        ),
        "pieces of rows in another order": (
            'hlo.reshape(side, (pieces, rows // pieces, side.shape[1]), "pieces") for side in (x, y)',
            'hlo.reshape(side, (pieces, rows // pieces, side.shape[1]), "pieces") for side in '
            "(hlo.reverse(x, (0,)), y)",
        ),
        "in f32 alone: numbers of three digits": (
            "return like.block.constant(number, like.shape, like.dtype)",
            'rounded = number if like.dtype != "f32" else Fraction(f"{float(number):.3g}")\n'
            "    return like.block.constant(rounded, like.shape, like.dtype)",
        ),
        "staged sums of the first image alone": (
            "return hlo.sums(parts, (0,), name)",
            "firsts = [hlo.slice_(part, (0, 0), (1, part.shape[1])) for part in parts]\n"
            "        return tuple(hlo.reshape(first, first.shape[1:]) for first in firsts)",
        ),
        "staged sums with two results swapped": (
            "return hlo.sums(parts, (0,), name)",
            "return hlo.sums(parts[::-1], (0,), name)",
        ),
        "whole sums over one image's rows alone": (
            "return hlo.sums(images, (0, 1, 2), name)",
            "rows = tuple(hlo.slice_(x, (0,) * 4, (x.shape[0], 1, *x.shape[2:])) for x in images)\n"
            "    return hlo.sums(rows, (0, 1, 2), name)",
        ),
        "a channel's number is repeated along the channels": (
            "(len(like.shape) - 1,)",
            "(len(like.shape) - 2,)",
        ),
    }
