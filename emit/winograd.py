"""3×3 convolutions of stride 1 in 16 products for every four outputs, where the window itself takes 36.

Winograd's F(2×2, 3×3): a tile d of 4×4 inputs and a kernel g give 2×2 outputs

    y = Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A

and over all channels each of the 16 places is a matrix product with a row for each tile. The kernel's cotangent is the
transposed map, Gᵀ [(Bᵀ d B)ᵀ (A dy Aᵀ)] G. Lavin and Gray 2016, "Fast algorithms for convolutional neural networks",
section 4.1; with the last places' signs turned, so that nothing is negated. Rounding errors were measured at 0.7 to 1.8
times those of the plain sum.
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import product

from emit import hlo
from emit.hlo import Value
from emit.windows import Pair

Matrix = tuple[tuple[Fraction | int, ...], ...]
_HALF = Fraction(1, 2)
IMAGE: Matrix = ((1, 0, -1, 0), (0, 1, 1, 0), (0, -1, 1, 0), (0, -1, 0, 1))  # Bᵀ
KERNEL: Matrix = ((1, 0, 0), (_HALF, _HALF, _HALF), (_HALF, -_HALF, _HALF), (0, 0, 1))  # G
OUTPUT: Matrix = ((1, 1, 1, 0), (0, 1, -1, 1))  # Aᵀ
PLACES = 16


def tiles_of(height: int, width: int) -> Pair:
    """How many tiles an output has down and across; the last may reach over its edge."""
    return -(-height // 2), -(-width // 2)


def image_tiles(image: Value, pads: Sequence[Pair]) -> Value:
    """Bᵀ d B: `[N, H, W, C]`, padded so, to `[16, tiles, C]`. Tiles begin two pixels apart and share two."""
    _, height, width, _ = image.shape
    (top, bottom), (left, right) = pads
    rows, columns = tiles_of(height + top + bottom - 2, width + left + right - 2)
    high = (0, 2 * rows + 2 - top - height, 2 * columns + 2 - left - width, 0)
    return _tiled(IMAGE, hlo.pad(image, (0, top, left, 0), high, name="pad"), rows, columns)


def kernel_places(kernel: Value) -> Value:
    """G g Gᵀ: `[3, 3, I, O]` to `[16, I, O]`."""
    _, _, inputs, outputs = kernel.shape
    flat = hlo.reshape(kernel, (9, inputs * outputs), "flat")
    return hlo.reshape(_times(_square(KERNEL), flat), (PLACES, inputs, outputs), "places")


def convolved(tiles: Value, places: Value, images: Sequence[int], name: str) -> Value:
    """Aᵀ [places ⊙ tiles] A: the convolution of `image_tiles` with `kernel_places`, to `images` N, H, W of it."""
    batch, height, width = images
    _, _, outputs = places.shape
    products = hlo.dot(tiles, places, (2, 1), name, batch=1)
    rows, columns = tiles_of(height, width)
    flat = hlo.reshape(products, (PLACES, batch * rows * columns * outputs), "flat")
    four = hlo.reshape(_times(_square(OUTPUT), flat), (2, 2, batch, rows, columns, outputs), "four")
    interleaved = hlo.transpose(four, (2, 3, 0, 4, 1, 5), "whole")
    interleaved = hlo.reshape(interleaved, (batch, 2 * rows, 2 * columns, outputs), "whole")
    return hlo.slice_(interleaved, (0,) * 4, (batch, height, width, outputs), name)


def kernel_cotangent(tiles: Value, cotangent: Value) -> Value:
    """Gᵀ [tilesᵀ (A dy Aᵀ)] G: `[3, 3, I, O]` from the `image_tiles` of what was convolved and `[N, H, W, O]`."""
    _, height, width, _ = cotangent.shape
    rows, columns = tiles_of(height, width)
    padded = hlo.pad(cotangent, (0,) * 4, (0, 2 * rows - height, 2 * columns - width, 0), name="pad")
    products = hlo.dot(tiles, _tiled(_transposed(OUTPUT), padded, rows, columns), (1, 1), "dweight", batch=1)
    _, inputs, outputs = products.shape
    flat = hlo.reshape(products, (PLACES, inputs * outputs), "flat")
    return hlo.reshape(_times(_transposed(_square(KERNEL)), flat), (3, 3, inputs, outputs), "dweight")


def _tiled(matrix: Matrix, image: Value, rows: int, columns: int) -> Value:
    """m d mᵀ of every tile d: `[N, H, W, C]` to `[16, N·rows·columns, C]`."""
    batch, height, width, channels = image.shape
    across = _along(matrix, hlo.reshape(image, (batch * height, width // 2, 2, channels), "pairs"), columns)
    down = hlo.reshape(across, (4 * batch, height // 2, 2, columns * channels), "pairs")
    return hlo.reshape(_along(matrix, down, rows), (PLACES, batch * rows * columns, channels), "tiles")


def _along(matrix: Matrix, pairs: Value, tiles: int) -> Value:
    """A matrix of 1, 0 and -1 by what each tile sees along one axis: `[A, H/2, 2, B]` to `[4, A, tiles, B]`."""
    leading, _, _, trailing = pairs.shape
    pixels = []
    for pixel in range(len(matrix[0])):
        step, half = divmod(pixel, 2)
        part = hlo.slice_(pairs, (0, step, half, 0), (leading, step + tiles, half + 1, trailing), f"at{pixel}")
        pixels.append(hlo.reshape(part, (leading, tiles, trailing), f"see{pixel}"))
    sums = []
    for row in matrix:
        signed = {sign: [part for number, part in zip(row, pixels, strict=True) if number == sign] for sign in (1, -1)}
        total = signed[1][0]
        for part in signed[1][1:]:
            total = hlo.add(total, part)
        for part in signed[-1]:
            total = hlo.subtract(total, part)
        sums.append(hlo.reshape(total, (1, *total.shape), "one"))
    return hlo.concatenate(sums, 0, "mixed")


def _square(matrix: Matrix) -> Matrix:
    """What a matrix does to both axes of a tile at once: its Kronecker product with itself."""
    return tuple(tuple(a * b for a, b in product(one, other)) for one, other in product(matrix, repeat=2))


def _transposed(matrix: Matrix) -> Matrix:
    return tuple(zip(*matrix, strict=True))


def _times(matrix: Matrix, flat: Value) -> Value:
    """A constant matrix by a matrix with few rows and many columns."""
    numbers = flat.block.vector([number for row in matrix for number in row], "winograd")
    return hlo.dot(hlo.reshape(numbers, (len(matrix), len(matrix[0])), "matrix"), flat, (1, 0), "mixed")
