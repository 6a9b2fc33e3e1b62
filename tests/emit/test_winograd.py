"""Wrong versions of Winograd's products."""

from tests.ops.mutations import WrongVersions


class TestWinograd(WrongVersions):
    module = "emit.winograd"
    wrong = {
        "the image's matrix: a sign": ("(0, -1, 0, 1))  # Bᵀ", "(0, 1, 0, 1))  # Bᵀ"),
        "the image's matrix: two places swapped": (
            "(0, 1, 1, 0), (0, -1, 1, 0), (0, -1, 0, 1))  # Bᵀ",
            "(0, -1, 1, 0), (0, 1, 1, 0), (0, -1, 0, 1))  # Bᵀ",
        ),
        "the kernel's matrix: a half left whole": ("(_HALF, -_HALF, _HALF)", "(_HALF, -_HALF, 1)"),
        "the kernel's matrix: its ends swapped": ("((1, 0, 0), (_HALF", "((0, 0, 1), (_HALF"),
        "the output's matrix: a sign": ("(0, 1, -1, 1))  # Aᵀ", "(0, 1, 1, 1))  # Aᵀ"),
        "tiles: the last left out where it reaches over the edge": (
            "return -(-height // 2), -(-width // 2)",
            "return max(height // 2, 1), max(width // 2, 1)",
        ),
        "tiles begin at the image's first pixel, whatever the padding": (
            "hlo.pad(image, (0, top, left, 0), high",
            "hlo.pad(image, (0,) * 4, (0, high[1] + top, high[2] + left, 0)",
        ),
        "the outputs of a tile in the order of columns": ("(2, 3, 0, 4, 1, 5)", "(2, 3, 1, 4, 0, 5)"),
        "the outputs by tiles, not by pixels": ("(2, 3, 0, 4, 1, 5)", "(2, 0, 3, 1, 4, 5)"),
        "dk by the image's own matrix": ("_tiled(_transposed(OUTPUT), padded", "_tiled(IMAGE, padded"),
        "dk without its kernel's matrix turned": (
            "_times(_transposed(_square(KERNEL)), flat), (3, 3",
            "hlo.slice_(flat, (0, 0), (9, flat.shape[1])), (3, 3",
        ),
        "dk of cotangents placed one pixel on": (
            "padded = hlo.pad(cotangent, (0,) * 4, (0, 2 * rows - height, 2 * columns - width, 0)",
            "moved = 2 * rows - height\n"
            "    padded = hlo.pad(cotangent, (0, moved, 0, 0), (0, 0, 2 * columns - width, 0)",
        ),
        "what is subtracted is added": ("hlo.subtract(total, part)", "hlo.add(total, part)"),
    }
