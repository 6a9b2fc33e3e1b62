"""What the names say that IREE gives its kernels."""

_MATMULS = ("matmul_like", "conv")


def kind_and_sizes(function: str) -> tuple[str, str]:
    """Kind and loop sizes of an f32 kernel, by its function's name: ("matmul_like", "1568x576x96").

    Both are empty where the name does not say.
    """
    words = function.partition("_dispatch_")[2].split("_")
    at = next((at for at, word in enumerate(words) if at and "x" in word and word[0].isdigit()), None)
    if at is None or not function.endswith("f32"):
        return "", ""
    return "_".join(words[1:at]), words[at]


def shape_named(function: str) -> str | None:
    """The shape of the matmul or convolution that a kernel is; None where it is another.

    A depthwise convolution of one image is named without its batch.
    """
    kind, sizes = kind_and_sizes(function)
    return "1x" * (kind == "conv" and sizes.count("x") == 4) + sizes if kind in _MATMULS else None
