"""The learning rate, step by step."""

import math

from netspec.language import TrainConfig


def learning_rate(config: TrainConfig, step: int, steps_per_epoch: int) -> float:
    """The rate of a step, counted from 0 over the whole run.

    Over the warm-up it rises in a straight line and reaches the peak with its last step; then it stays, or falls to 0
    along half a cosine (Loshchilov and Hutter 2017, equation 5, without restarts).
    """
    warmup, total = config.warmupEpochs * steps_per_epoch, config.epochs * steps_per_epoch
    if step < warmup:
        return config.learningRate * (step + 1) / warmup
    if not config.cosineDecay:
        return config.learningRate
    return config.learningRate * 0.5 * (1 + math.cos(math.pi * (step - warmup) / (total - warmup)))
