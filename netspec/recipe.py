"""A recipe's flags as values: the optimizer, the schedule and the augmentation that a `TrainConfig` asks for."""

import math
from dataclasses import dataclass, fields, replace
from typing import Any

from netspec.language import NetSpec, TrainConfig
from netspec.layers import Layer, dropout, nested


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
    nesterov: bool = False

    def __str__(self) -> str:
        return f"SGD, momentum={self.momentum:g}{', nesterov' if self.nesterov else ''}"


@dataclass(frozen=True)
class RMSProp:
    """Tieleman and Hinton 2012, in TensorFlow's form, with momentum where it is above 0."""

    decay: float = 0.9
    epsilon: float = 0.001
    momentum: float = 0.0

    def __str__(self) -> str:
        return f"RMSProp, decay={self.decay:g}, epsilon={self.epsilon:g}, momentum={self.momentum:g}"


@dataclass(frozen=True)
class Lamb:
    """You et al. 2020, algorithm 2, with its constants."""

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-6

    def __str__(self) -> str:
        return "LAMB"


Optimizer = Adam | SGD | RMSProp | Lamb


@dataclass(frozen=True)
class WeightDecay:
    """How much, and whether as a part of the gradient, and whether on more than convolution and dense weights."""

    rate: float = 0.0
    coupled: bool = False
    everything: bool = False

    def __str__(self) -> str:
        kinds = [", L2"] * self.coupled + [", norms and biases too"] * self.everything
        return f"wd={self.rate:g}{''.join(kinds) if self.rate else ''}"


@dataclass(frozen=True)
class Constant:
    """The peak, to the end."""

    def share(self, step: int, steps: int, epoch_steps: int) -> float:
        """The share of the peak at a step of so many, both counted from the end of the warm-up."""
        return 1.0

    def __str__(self) -> str:
        return "constant"


@dataclass(frozen=True)
class Cosine:
    """From the peak down to 0 along half a cosine (Loshchilov and Hutter 2017, equation 5, without restarts)."""

    def share(self, step: int, steps: int, epoch_steps: int) -> float:
        """The share of the peak at a step of so many, both counted from the end of the warm-up."""
        return 0.5 * (1 + math.cos(math.pi * step / steps))

    def __str__(self) -> str:
        return "cosine"


@dataclass(frozen=True)
class Exponential:
    """Times `rate` every so many `epochs`."""

    rate: float
    epochs: float = 1.0

    def share(self, step: int, steps: int, epoch_steps: int) -> float:
        """The share of the peak at a step of so many, both counted from the end of the warm-up."""
        return self.rate ** math.floor(step / (self.epochs * epoch_steps))

    def __str__(self) -> str:
        return f"×{self.rate:g} every {'epoch' if self.epochs == 1 else f'{self.epochs:g} epochs'}"


@dataclass(frozen=True)
class Steps:
    """Times `rate` after each of the `epochs`, counted from the end of the warm-up."""

    rate: float
    epochs: tuple[float, ...]

    def share(self, step: int, steps: int, epoch_steps: int) -> float:
        """The share of the peak at a step of so many, both counted from the end of the warm-up."""
        return self.rate ** sum(step >= epochs * epoch_steps for epochs in self.epochs)

    def __str__(self) -> str:
        return f"×{self.rate:g} after {', '.join(f'{epochs:g}' for epochs in self.epochs)} epochs"


@dataclass(frozen=True)
class Schedule:
    """The learning rate: from 0 to the peak in a straight line over the warm-up, then the peak times a share.

    Args:
        warmup, epochs: in epochs; the run's include the warm-up.
    """

    peak: float
    warmup: int
    epochs: int
    after: Constant | Cosine | Exponential | Steps


@dataclass(frozen=True)
class RandomCrop:
    """At a place drawn evenly, of the size that the network takes; `padding`: pixels of the mean colour around it."""

    padding: int = 0


@dataclass(frozen=True)
class RandomResizedCrop:
    """A rectangle of `least` to all of a picture's area, scaled to the size that the network takes.

    It is cut out of the file, so nothing comes before it.
    """

    least: float = 0.08


@dataclass(frozen=True)
class HorizontalFlip:
    """Left to right, half of the time."""


@dataclass(frozen=True)
class ColorJitter:
    """Brightness, contrast and saturation times factors from 1 - strength to 1 + strength."""

    strength: float = 0.4


@dataclass(frozen=True)
class RandAugment:
    """Operations one after another, of a magnitude of 0 to 30."""

    count: int = 2
    magnitude: float = 9.0


@dataclass(frozen=True)
class TrivialAugment:
    """One operation, of any magnitude."""


@dataclass(frozen=True)
class RandomErasing:
    """A rectangle of the mean colour, with a probability."""

    probability: float = 0.1


Augmentation = (
    RandomCrop | RandomResizedCrop | HorizontalFlip | ColorJitter | RandAugment | TrivialAugment | RandomErasing
)


@dataclass(frozen=True)
class Mixup:
    """Two images in shares λ and 1 - λ, λ from Beta(α, α)."""

    alpha: float = 0.2

    def __str__(self) -> str:
        return f"mixup {self.alpha:g}"


@dataclass(frozen=True)
class Cutmix:
    """A rectangle of one image in another, of the share 1 - λ, λ from Beta(α, α)."""

    alpha: float = 1.0

    def __str__(self) -> str:
        return f"cutmix {self.alpha:g}"


Mixing = Mixup | Cutmix


@dataclass(frozen=True)
class Sampling:
    """Which images an epoch has: all of them, or as many of each class; each `repeats` times."""

    repeats: int = 1
    balanced: bool = False


def with_rates(net: NetSpec, config: TrainConfig) -> NetSpec:
    """A network with a checked recipe's rates of dropout and stochastic depth."""
    if config.dropPath is not None:
        net = replace(net, dropPath=config.dropPath)
    if config.dropout is None:
        return net
    layers = _with_dropout(net.layers, config.dropout)
    if not any(isinstance(layer, dropout) for layer in nested(layers)):
        layers = (*layers[:-1], dropout(config.dropout), layers[-1])
    return replace(net, layers=layers)


def _with_dropout(value: Any, rate: float) -> Any:
    """A layer, or what a field of one holds, with this rate in every dropout layer."""
    if isinstance(value, dropout):
        return dropout(rate)
    if isinstance(value, tuple):
        return tuple(_with_dropout(each, rate) for each in value)
    if isinstance(value, Layer) and value.inner():
        return replace(value, **{each.name: _with_dropout(getattr(value, each.name), rate) for each in fields(value)})
    return value


def frozen_layers(net: NetSpec, config: TrainConfig) -> int:
    """How many of a network's layers, its first, stay as they are; -1 means all but the head and dropout before it."""
    if config.freeze >= 0:
        return config.freeze
    count = len(net.layers) - 1
    while count and isinstance(net.layers[count - 1], dropout):
        count -= 1
    return count


def optimizer_name(config: TrainConfig) -> str:
    """The optimizer that a recipe asks for, by its name."""
    return config.optimizer or ("adam" if config.useAdam else "sgd")


def optimizer_of(config: TrainConfig) -> Optimizer:
    """The optimizer of a checked recipe."""
    made: dict[str, Optimizer] = {
        "adam": Adam(),
        "sgd": SGD(config.momentum, config.nesterov),
        "rmsprop": RMSProp(config.rmspropDecay, config.rmspropEps, config.momentum),
        "lamb": Lamb(),
    }
    return made[optimizer_name(config)]


def weight_decay_of(config: TrainConfig) -> WeightDecay:
    """The weight decay of a checked recipe."""
    return WeightDecay(config.weightDecay, config.coupledDecay, not config.wdExcludeNormBias)


def schedule_of(config: TrainConfig) -> Schedule:
    """The schedule of a checked recipe."""
    after: Constant | Cosine | Exponential | Steps = Constant()
    if config.cosineDecay:
        after = Cosine()
    elif config.expLRDecayRate:
        after = Exponential(config.expLRDecayRate, config.expLRDecayEpochs)
    elif config.stepLREpochs:
        after = Steps(config.stepLRRate, tuple(config.stepLREpochs))
    return Schedule(config.learningRate, config.warmupEpochs, config.epochs, after)


def mixing_of(config: TrainConfig) -> tuple[Mixing, ...]:
    """The ways in which a checked recipe mixes the images of a training batch, so that each has two labels."""
    mixup, cutmix = [Mixup(config.mixupAlpha)] * config.useMixup, [Cutmix(config.cutmixAlpha)] * config.useCutmix
    return (*mixup, *cutmix)


def sampling_of(config: TrainConfig) -> Sampling:
    """Which images an epoch has."""
    return Sampling(config.repeatedAug, config.balancedSampling)


def augmentations_of(config: TrainConfig) -> tuple[Augmentation, ...]:
    """What is done to each training image, in order."""
    found: list[Augmentation] = []
    if config.randomResizedCrop:
        found.append(RandomResizedCrop(config.randomResizedCrop))
    elif config.augment:
        found.append(RandomCrop(config.cropPadding))
    if config.augment:
        found.append(HorizontalFlip())
    if config.colorJitter:
        found.append(ColorJitter(config.colorJitter))
    if config.useRandAugment:
        found.append(RandAugment(config.randAugmentN, config.randAugmentM))
    if config.trivialAugment:
        found.append(TrivialAugment())
    if config.randomErasing:
        found.append(RandomErasing(config.randomErasing))
    return tuple(found)
