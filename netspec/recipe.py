"""A recipe's flags as values: the optimizer, the schedule and the augmentation that a `TrainConfig` asks for."""

import math
from dataclasses import dataclass

from netspec.language import TrainConfig


@dataclass(frozen=True)
class Adam:
    """Kingma and Ba 2015, algorithm 1, with its constants."""

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def __str__(self) -> str:
        return "Adam"


@dataclass(frozen=True)
class SGD:
    """Stochastic gradient descent, with momentum where it is above 0."""

    momentum: float = 0.0

    def __str__(self) -> str:
        return f"SGD, momentum={self.momentum:g}"


Optimizer = Adam | SGD


@dataclass(frozen=True)
class Constant:
    """The peak, to the end."""

    def share(self, step: int, steps: int) -> float:
        """The share of the peak at a step of so many, both counted from the end of the warm-up."""
        return 1.0

    def __str__(self) -> str:
        return "constant"


@dataclass(frozen=True)
class Cosine:
    """From the peak down to 0 along half a cosine (Loshchilov and Hutter 2017, equation 5, without restarts)."""

    def share(self, step: int, steps: int) -> float:
        """The share of the peak at a step of so many, both counted from the end of the warm-up."""
        return 0.5 * (1 + math.cos(math.pi * step / steps))

    def __str__(self) -> str:
        return "cosine"


@dataclass(frozen=True)
class Schedule:
    """The learning rate: from 0 to the peak in a straight line over the warm-up, then the peak times a share.

    Args:
        warmup, epochs: in epochs; the run's include the warm-up.
    """

    peak: float
    warmup: int
    epochs: int
    after: Constant | Cosine


@dataclass(frozen=True)
class RandomCrop:
    """At a place drawn evenly, of the size that the network takes."""


@dataclass(frozen=True)
class HorizontalFlip:
    """Left to right, half of the time."""


Augmentation = RandomCrop | HorizontalFlip


def optimizer_of(config: TrainConfig) -> Optimizer:
    """The optimizer of a checked recipe."""
    return Adam() if config.useAdam else SGD(config.momentum)


def schedule_of(config: TrainConfig) -> Schedule:
    """The schedule of a checked recipe."""
    after = Cosine() if config.cosineDecay else Constant()
    return Schedule(config.learningRate, config.warmupEpochs, config.epochs, after)


def augmentations_of(config: TrainConfig) -> tuple[Augmentation, ...]:
    """What is done to each training image, in order."""
    return (RandomCrop(), HorizontalFlip()) if config.augment else ()
