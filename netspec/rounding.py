"""How papers round channels after they multiply them by a width."""


def divisible(channels: float, by: int = 8) -> int:
    """The nearest multiple of `by`, at least `by`, and at least nine tenths of what it rounds.

    The rule of MobileNetV2 and what came after it.
    """
    rounded = max(by, int(channels + by / 2) // by * by)
    return rounded + by if rounded < 0.9 * channels else rounded
