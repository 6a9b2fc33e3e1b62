"""What surrounds the ops, written down a second time over any plain arithmetic: preprocessing and optimizers.

Nothing here is shared with `emit`. The ops' own definitions are in `ops`.
"""

from fractions import Fraction
from typing import Any

from netspec.language import TrainConfig
from netspec.preprocessing import Preprocessing
from runtime.verify.arithmetic import Arithmetic, repeated, scaled

Arrays = dict[str, Any]
# Of RGB and of gray images, by their channels.
MEAN = {3: ("0.485", "0.456", "0.406"), 1: ("0.449",)}
DEVIATION = {3: ("0.229", "0.224", "0.225"), 1: ("0.226",)}


def normalised(at: Arithmetic, images: Any, said: Preprocessing) -> Any:
    """Bytes to (x/scale - mean)/deviation, channel by channel: as said, or as ImageNet has it."""
    share = scaled(at, at.integers(images), 1 / Fraction(repr(said.scale)))
    channels = share.shape[-1]
    texts = [*map(repr, said.mean)] or MEAN[channels], [*map(repr, said.std)] or DEVIATION[channels]
    mean, deviation = (at.vector([Fraction(each) for each in of_one]) for of_one in texts)
    return at.divide(at.subtract(share, repeated(mean, share)), repeated(deviation, share))


def updated(
    at: Arithmetic, config: TrainConfig, value: Any, gradient: Any, slots: Arrays, rate: Any, step: int, decays: bool
) -> tuple[Any, Arrays]:
    """A parameter and its slots after step number `step` (the first is 1).

    Adam: Kingma and Ba 2015, algorithm 1; decoupled decay: Loshchilov and Hutter 2019, algorithm 2; SGD's momentum as
    torch keeps it.
    """
    if config.useAdam:
        direction, moved = _adam(at, gradient, slots, step)
    elif config.momentum:
        direction = at.add(scaled(at, slots["momentum"], Fraction(repr(config.momentum))), gradient)
        moved = {"momentum": direction}
    else:
        direction, moved = gradient, {}
    if decays:
        direction = at.add(direction, scaled(at, value, Fraction(repr(config.weightDecay))))
    return at.subtract(value, at.multiply(direction, repeated(rate, value))), moved


def slots(config: TrainConfig) -> tuple[str, ...]:
    """The slots of a recipe's optimizer."""
    return ("m", "v") if config.useAdam else ("momentum",) if config.momentum else ()


def _adam(at: Arithmetic, gradient: Any, slots: Arrays, step: int) -> tuple[Any, Arrays]:
    first, second = Fraction("0.9"), Fraction("0.999")
    m = at.add(scaled(at, slots["m"], first), scaled(at, gradient, 1 - first))
    v = at.add(scaled(at, slots["v"], second), scaled(at, at.multiply(gradient, gradient), 1 - second))
    m_hat, v_hat = scaled(at, m, 1 / (1 - first**step)), scaled(at, v, 1 / (1 - second**step))
    size = at.add(at.unary("sqrt", v_hat), at.constant(Fraction("1e-8"), v_hat.shape))
    return at.divide(m_hat, size), {"m": m, "v": v}
