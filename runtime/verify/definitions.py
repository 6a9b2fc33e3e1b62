"""What each op means, written down a second time: straight from its formula, by index, over any plain arithmetic.

Nothing here is shared with `emit`, not even the arithmetic of padding: emitted forward operations are held against it.
Arrays are `[N, H, W, C]`, kernels `[h, w, in, out]`, depthwise kernels `[h, w, 1, C]`.
"""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from emit.losses.cross_entropy import CrossEntropy
from emit.op import Op
from emit.ops.add import Add
from emit.ops.batch_norm import BatchNorm
from emit.ops.convolution import Convolution
from emit.ops.dense import Dense
from emit.ops.depthwise import Depthwise
from emit.ops.flatten import Flatten
from emit.ops.global_average_pool import GlobalAveragePool
from emit.ops.max_pool import MaxPool
from emit.ops.relu import Relu
from emit.ops.relu6 import Relu6
from netspec.language import TrainConfig
from runtime.verify.arithmetic import Arithmetic

Arrays = dict[str, Any]
EPSILON = Fraction("1e-5")
MOMENTUM = Fraction("0.1")
MEAN = ("0.485", "0.456", "0.406")
DEVIATION = ("0.229", "0.224", "0.225")


def output(at: Arithmetic, op: Op, inputs: Sequence[Any], tensors: Mapping[str, Any], *, training: bool = True) -> Any:
    """What an op gives, by definition. `tensors` are its parameters and running statistics by their short names."""
    return DEFINITIONS[type(op)](at, op, inputs, tensors, training)


def moved_statistics(at: Arithmetic, x: Any, tensors: Mapping[str, Any]) -> Arrays:
    """Running statistics after a batch: a tenth of the way to its mean and to its unbiased variance."""
    mean, variance, count = _moments(at, x)
    unbiased = _scaled(at, variance, Fraction(count, count - 1))
    found = {"running_mean": mean, "running_variance": unbiased}
    return {
        name: at.add(_scaled(at, tensors[name], 1 - MOMENTUM), _scaled(at, batch, MOMENTUM))
        for name, batch in found.items()
    }


def normalised(at: Arithmetic, images: Any) -> Any:
    """Bytes to (x/255 - mean)/deviation, channel by channel."""
    share = _scaled(at, at.integers(images), Fraction(1, 255))
    mean, deviation = (at.vector([Fraction(each) for each in texts]) for texts in (MEAN, DEVIATION))
    return at.divide(at.subtract(share, _wide(mean, share)), _wide(deviation, share))


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
        direction = at.add(_scaled(at, slots["momentum"], Fraction(repr(config.momentum))), gradient)
        moved = {"momentum": direction}
    else:
        direction, moved = gradient, {}
    if decays:
        direction = at.add(direction, _scaled(at, value, Fraction(repr(config.weightDecay))))
    return at.subtract(value, at.multiply(direction, _wide(rate, value))), moved


def slots(config: TrainConfig) -> tuple[str, ...]:
    """The slots of a recipe's optimizer."""
    return ("m", "v") if config.useAdam else ("momentum",) if config.momentum else ()


def _adam(at: Arithmetic, gradient: Any, slots: Arrays, step: int) -> tuple[Any, Arrays]:
    first, second = Fraction("0.9"), Fraction("0.999")
    m = at.add(_scaled(at, slots["m"], first), _scaled(at, gradient, 1 - first))
    v = at.add(_scaled(at, slots["v"], second), _scaled(at, at.multiply(gradient, gradient), 1 - second))
    m_hat, v_hat = _scaled(at, m, 1 / (1 - first**step)), _scaled(at, v, 1 / (1 - second**step))
    size = at.add(at.unary("sqrt", v_hat), at.constant(Fraction("1e-8"), v_hat.shape))
    return at.divide(m_hat, size), {"m": m, "v": v}


def _scaled(at: Arithmetic, x: Any, factor: Fraction) -> Any:
    return at.multiply(x, at.constant(factor, x.shape))


def _wide(x: Any, like: Any) -> Any:
    """The last axis, or one number, repeated over the others."""
    return np.broadcast_to(x, like.shape)


def _edge(size: int, k: int, stride: int, padding: str) -> tuple[int, int]:
    """How many windows there are along an axis, and how many rows of padding stand before it."""
    if padding == "same":
        count = -(-size // stride)
        return count, max((count - 1) * stride + k - size, 0) // 2
    low = (k - 1) // 2 if padding == "symmetric" else 0
    return (size + 2 * low - k) // stride + 1, low


def _seen(size: int, k: int, stride: int, padding: str) -> tuple[int, list[tuple[list[int], list[int]]]]:
    """The number of windows, and for each place i of the window: which windows o see a real row there, and which."""
    count, low = _edge(size, k, stride, padding)
    places = []
    for i in range(k):
        pairs = [(o, o * stride + i - low) for o in range(count) if 0 <= o * stride + i - low < size]
        places.append(([o for o, _ in pairs], [r for _, r in pairs]))
    return count, places


def _windowed(
    at: Arithmetic, x: Any, op: Any, start: Any, step: Callable[[Any, Any, int, int], Any], channels: int
) -> Any:
    """Go over the places of a window: `step(so far, what is seen there, i, j)`, on the windows that see an image."""
    k, stride, padding = op.window.size, op.window.stride, op.window.padding
    rows, vertical = _seen(x.shape[1], k, stride, padding)
    columns, horizontal = _seen(x.shape[2], k, stride, padding)
    y = at.constant(start, (x.shape[0], rows, columns, channels))
    for i, (above, source_rows) in enumerate(vertical):
        for j, (beside, source_columns) in enumerate(horizontal):
            if above and beside:
                here = np.ix_(range(len(x)), above, beside, range(channels))
                there = np.ix_(range(len(x)), source_rows, source_columns, range(x.shape[3]))
                y[here] = step(y[here], x[there], i, j)
    return y


def _convolution(at: Arithmetic, op: Any, inputs: Sequence[Any], tensors: Mapping[str, Any], training: bool) -> Any:
    (x,), weight = inputs, tensors["weight"]

    def step(total: Any, seen: Any, i: int, j: int) -> Any:
        product = at.product(seen.reshape(-1, op.ic), weight[i, j])
        return at.add(total, product.reshape(total.shape))

    y = _windowed(at, x, op, 0, step, op.oc)
    return at.add(y, _wide(tensors["bias"], y)) if op.bias else y


def _depthwise(at: Arithmetic, op: Any, inputs: Sequence[Any], tensors: Mapping[str, Any], training: bool) -> Any:
    (x,), weight = inputs, tensors["weight"]

    def step(total: Any, seen: Any, i: int, j: int) -> Any:
        return at.add(total, at.multiply(seen, _wide(weight[i, j, 0], seen)))

    y = _windowed(at, x, op, 0, step, op.channels)
    return at.add(y, _wide(tensors["bias"], y)) if op.bias else y


def _max_pool(at: Arithmetic, op: Any, inputs: Sequence[Any], tensors: Mapping[str, Any], training: bool) -> Any:
    (x,) = inputs
    return _windowed(at, x, op, float("-inf"), lambda y, seen, i, j: np.where(seen > y, seen, y), x.shape[3])


def _dense(at: Arithmetic, op: Any, inputs: Sequence[Any], tensors: Mapping[str, Any], training: bool) -> Any:
    y = at.product(inputs[0], tensors["weight"])
    return at.add(y, _wide(tensors["bias"], y))


def _moments(at: Arithmetic, x: Any) -> tuple[Any, Any, int]:
    """Mean and biased variance of each channel, and of how many numbers."""
    count = x.size // x.shape[3]
    mean = _scaled(at, at.total(x, (0, 1, 2)), Fraction(1, count))
    away = at.subtract(x, _wide(mean, x))
    return mean, _scaled(at, at.total(at.multiply(away, away), (0, 1, 2)), Fraction(1, count)), count


def _batch_norm(at: Arithmetic, op: Any, inputs: Sequence[Any], tensors: Mapping[str, Any], training: bool) -> Any:
    (x,) = inputs
    mean, variance = _moments(at, x)[:2] if training else (tensors["running_mean"], tensors["running_variance"])
    deviation = at.unary("sqrt", at.add(variance, at.constant(EPSILON, variance.shape)))
    hat = at.divide(at.subtract(x, _wide(mean, x)), _wide(deviation, x))
    return at.add(at.multiply(hat, _wide(tensors["gamma"], x)), _wide(tensors["beta"], x))


def _relu(at: Arithmetic, op: Any, inputs: Sequence[Any], tensors: Mapping[str, Any], training: bool) -> Any:
    return np.where(inputs[0] > 0, inputs[0], at.constant(0, inputs[0].shape))


def _relu6(at: Arithmetic, op: Any, inputs: Sequence[Any], tensors: Mapping[str, Any], training: bool) -> Any:
    y = _relu(at, op, inputs, tensors, training)
    return np.where(y < 6, y, at.constant(6, y.shape))


def _add(at: Arithmetic, op: Any, inputs: Sequence[Any], tensors: Mapping[str, Any], training: bool) -> Any:
    return at.add(*inputs)


def _average(at: Arithmetic, op: Any, inputs: Sequence[Any], tensors: Mapping[str, Any], training: bool) -> Any:
    (x,) = inputs
    return _scaled(at, at.total(x, (1, 2)), Fraction(1, x.shape[1] * x.shape[2]))


def _flatten(at: Arithmetic, op: Any, inputs: Sequence[Any], tensors: Mapping[str, Any], training: bool) -> Any:
    return inputs[0].reshape(len(inputs[0]), -1)


def _cross_entropy(at: Arithmetic, op: Any, inputs: Sequence[Any], tensors: Mapping[str, Any], training: bool) -> Any:
    """The mean over the batch of (1-ε)·(-log p[label]) + ε·(the mean over classes of -log p)."""
    logits, labels = inputs
    rows, classes = logits.shape
    share = Fraction(repr(op.smoothing))
    powers = at.unary("exponential", logits)
    log_p = at.subtract(logits, _wide(at.unary("log", at.total(powers, (1,)))[:, None], logits))
    picked = at.total(log_p[np.arange(rows), labels], (0,))
    spread = at.total(log_p, (0, 1))
    return at.add(_scaled(at, picked, (share - 1) / rows), _scaled(at, spread, -share / (rows * classes)))


DEFINITIONS: dict[type[Op], Callable[[Arithmetic, Any, Sequence[Any], Mapping[str, Any], bool], Any]] = {
    Add: _add,
    BatchNorm: _batch_norm,
    Convolution: _convolution,
    CrossEntropy: _cross_entropy,
    Dense: _dense,
    Depthwise: _depthwise,
    Flatten: _flatten,
    GlobalAveragePool: _average,
    MaxPool: _max_pool,
    Relu: _relu,
    Relu6: _relu6,
}
