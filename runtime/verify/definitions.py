"""What surrounds the ops, written down a second time over any plain arithmetic: preprocessing and optimizers.

Nothing here is shared with `emit`. The ops' own definitions are in `ops`.
"""

from collections.abc import Mapping
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
    at: Arithmetic, config: TrainConfig, value: Any, gradient: Any, slots: Arrays, rate: Any, step: int, is_weight: bool
) -> tuple[Any, Arrays]:
    """A parameter and its slots after step number `step` (the first is 1).

    Adam: Kingma and Ba 2015, algorithm 1; SGD's momentum, and Nesterov's, as torch keeps it; RMSProp as TensorFlow 1
    has it; LAMB: You et al. 2020, algorithm 2. Decoupled decay: Loshchilov and Hutter 2019, algorithm 2; coupled, it is
    the gradient of a half of the squares' sum.
    """
    each = repeated(rate, value)
    pull = at.constant(0, value.shape)
    if is_weight or not config.wdExcludeNormBias:
        pull = scaled(at, value, _decimal(config.weightDecay))
    if config.coupledDecay:
        gradient, pull = at.add(gradient, pull), at.constant(0, value.shape)
    kind = _kind(config)
    if kind == "rmsprop":
        change, moved = _rmsprop(at, config, gradient, slots, each)
        return at.subtract(value, at.add(change, at.multiply(pull, each))), moved
    if kind == "sgd":
        direction, moved = _sgd(at, config, gradient, slots)
    else:
        direction, moved = _adam(at, gradient, slots, step, Fraction("1e-8" if kind == "adam" else "1e-6"))
    direction = at.add(direction, pull)
    if kind == "lamb":
        before, after = (at.unary("sqrt", at.total(at.multiply(x, x), _axes(x))) for x in (value, direction))
        if before > 0 and after > 0:
            direction = at.multiply(direction, repeated(at.divide(before, after), direction))
    return at.subtract(value, at.multiply(direction, each)), moved


def new_state(
    at: Arithmetic, config: TrainConfig, weights: Mapping[str, bool], statistics: Arrays, old: Arrays, gradients: Arrays
) -> Arrays:
    """All state after a step, by name.

    Args:
        weights: by parameter that is trained, whether it is a convolution's or a dense layer's weight.
        statistics: of batch norms that are trained, after the step.
        old: the state before the step, and the learning rate.
    """
    new = dict(statistics)
    if config.gradAccumSteps > 1:
        parts = Fraction(config.gradAccumSteps)
        gradients = {name: at.add(old[f"{name}_sum"], scaled(at, each, 1 / parts)) for name, each in gradients.items()}
        if int(old["part"]) < config.gradAccumSteps - 1:
            kept = {name: array for name, array in old.items() if name not in statistics and name != "learning_rate"}
            return kept | new | {f"{name}_sum": each for name, each in gradients.items()} | {"part": old["part"] + 1}
        new |= {f"{name}_sum": at.constant(0, each.shape) for name, each in gradients.items()} | {"part": 0}
    if config.gradClipNorm:
        gradients = _clipped(at, _decimal(config.gradClipNorm), gradients)
    step = new["step"] = int(old["step"]) + 1
    for name, is_weight in weights.items():
        mine = {slot: old[f"{name}_{slot}"] for slot in slots(config)}
        rate = old["learning_rate"]
        if name in ("head_weight", "head_bias"):
            rate = scaled(at, rate, _decimal(config.headLrMult))
        new[name], moved = updated(at, config, old[name], gradients[name], mine, rate, step, is_weight)
        new |= {f"{name}_{slot}": each for slot, each in moved.items()}
    if config.useEMA:
        kept_share = min(_decimal(config.emaDecay), Fraction(1 + step, 10 + step))
        for name in (*weights, *statistics):
            before, now = scaled(at, old[f"{name}_average"], kept_share), scaled(at, new[name], 1 - kept_share)
            new[f"{name}_average"] = at.add(before, now)
    return new


def _clipped(at: Arithmetic, most: Fraction, gradients: Arrays) -> Arrays:
    """All gradients as one vector, no longer than `most`."""
    squares = [at.total(at.multiply(each, each), _axes(each)) for each in gradients.values()]
    length = at.unary("sqrt", sum(squares[1:], squares[0]))
    if length <= at.number(most):
        return gradients
    share = at.divide(at.constant(most, ()), length)
    return {name: at.multiply(each, repeated(share, each)) for name, each in gradients.items()}


def slots(config: TrainConfig) -> tuple[str, ...]:
    """The slots of a recipe's optimizer."""
    moving = config.momentum > 0
    return {
        "adam": ("m", "v"),
        "lamb": ("m", "v"),
        "sgd": ("momentum",) * moving,
        "rmsprop": ("square", *("velocity",) * moving),
    }[_kind(config)]


def _kind(config: TrainConfig) -> str:
    if config.optimizer is not None:
        return config.optimizer
    return "adam" if config.useAdam else "sgd"


def _decimal(number: float) -> Fraction:
    return Fraction(repr(number))


def _axes(x: Any) -> tuple[int, ...]:
    return tuple(range(len(x.shape)))


def _sgd(at: Arithmetic, config: TrainConfig, gradient: Any, slots: Arrays) -> tuple[Any, Arrays]:
    if not config.momentum:
        return gradient, {}
    share = _decimal(config.momentum)
    momentum = at.add(scaled(at, slots["momentum"], share), gradient)
    ahead = at.add(gradient, scaled(at, momentum, share)) if config.nesterov else momentum
    return ahead, {"momentum": momentum}


def _rmsprop(at: Arithmetic, config: TrainConfig, gradient: Any, slots: Arrays, rate: Any) -> tuple[Any, Arrays]:
    share = _decimal(config.rmspropDecay)
    moved = {
        "square": at.add(scaled(at, slots["square"], share), scaled(at, at.multiply(gradient, gradient), 1 - share))
    }
    root = at.unary("sqrt", at.add(moved["square"], at.constant(_decimal(config.rmspropEps), gradient.shape)))
    change = at.multiply(rate, at.divide(gradient, root))
    if config.momentum:
        change = moved["velocity"] = at.add(scaled(at, slots["velocity"], _decimal(config.momentum)), change)
    return change, moved


def _adam(at: Arithmetic, gradient: Any, slots: Arrays, step: int, epsilon: Fraction) -> tuple[Any, Arrays]:
    first, second = Fraction("0.9"), Fraction("0.999")
    m = at.add(scaled(at, slots["m"], first), scaled(at, gradient, 1 - first))
    v = at.add(scaled(at, slots["v"], second), scaled(at, at.multiply(gradient, gradient), 1 - second))
    m_hat, v_hat = scaled(at, m, 1 / (1 - first**step)), scaled(at, v, 1 / (1 - second**step))
    size = at.add(at.unary("sqrt", v_hat), at.constant(epsilon, v_hat.shape))
    return at.divide(m_hat, size), {"m": m, "v": v}
