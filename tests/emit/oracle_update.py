"""What follows the gradients, in NumPy, written from the papers: a state by name in place, one batch after another."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from netspec import TrainConfig
from tests.emit.oracle import decays

Arrays = dict[str, NDArray[Any]]


def follow(
    config: TrainConfig, state: Arrays, gradients: Arrays, statistics: Arrays, rate: float, head: str = ""
) -> None:
    """One batch. `state` has parameters, slots, `step` (updates so far), `part`, statistics and averages.

    `head`: the name of the head's parameter.
    """
    state |= statistics
    if config.gradAccumSteps > 1:
        for name, gradient in gradients.items():
            state[f"{name}_sum"] = state[f"{name}_sum"] + gradient / config.gradAccumSteps
        state["part"] = np.array((state["part"] + 1) % config.gradAccumSteps, np.int32)
        if state["part"]:
            return
        gradients = {name: state[f"{name}_sum"] for name in gradients}
        state |= {f"{name}_sum": np.zeros_like(gradient) for name, gradient in gradients.items()}
    norm = np.sqrt(sum(np.sum(gradient**2) for gradient in gradients.values()))
    if config.gradClipNorm and norm > config.gradClipNorm:
        gradients = {name: gradient * (config.gradClipNorm / norm) for name, gradient in gradients.items()}
    state["step"] = state["step"] + 1
    for name, gradient in gradients.items():
        _move(config, state, name, gradient, rate * (config.headLrMult if name == head else 1))
    if config.useEMA:
        step = int(state["step"])
        decay = min(config.emaDecay, (1 + step) / (10 + step))
        for name in (*gradients, *statistics):
            state[f"{name}_average"] = decay * state[f"{name}_average"] + (1 - decay) * state[name]


def _move(config: TrainConfig, state: Arrays, name: str, gradient: NDArray[Any], rate: float) -> None:
    value, momentum = state[name], config.momentum
    pull = config.weightDecay * value if decays(name) or not config.wdExcludeNormBias else 0 * value
    if config.coupledDecay:
        gradient, pull = gradient + pull, 0 * value
    kind = config.optimizer or ("adam" if config.useAdam else "sgd")
    if kind in ("adam", "lamb"):
        first = state[f"{name}_m"] = 0.9 * state[f"{name}_m"] + 0.1 * gradient
        second = state[f"{name}_v"] = 0.999 * state[f"{name}_v"] + 0.001 * gradient**2
        step = int(state["step"])
        epsilon = 1e-8 if kind == "adam" else 1e-6
        change = (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + epsilon) + pull
        lengths = np.linalg.norm(value), np.linalg.norm(change)
        if kind == "lamb" and min(lengths) > 0:
            change = change * lengths[0] / lengths[1]
        state[name] = value - rate * change
    elif kind == "sgd":
        change = gradient
        if momentum:
            change = state[f"{name}_momentum"] = momentum * state[f"{name}_momentum"] + gradient
        if config.nesterov:
            change = gradient + momentum * change
        state[name] = value - rate * (change + pull)
    else:
        share = config.rmspropDecay
        square = state[f"{name}_square"] = share * state[f"{name}_square"] + (1 - share) * gradient**2
        change = rate * gradient / np.sqrt(square + config.rmspropEps)
        if momentum:
            change = state[f"{name}_velocity"] = momentum * state[f"{name}_velocity"] + change
        state[name] = value - change - rate * pull
