"""A network and its training recipe, as plain data: the contents of a spec file."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Annotated, Literal, cast

from netspec.activations import Activation
from netspec.fields import Between, parse_fields
from netspec.layers import Conventions, Layer, dense
from netspec.preprocessing import HOUSE, Preprocessing
from netspec.windows import Padding

Precision = Literal["f32", "bf16"]
ImageSize = Annotated[int, Between(1, 4096)]
ImageChannels = Literal[1, 3]
Width = Annotated[float, Between(0, above=0, most=16)]  # the factor of a network's channels, a paper's α
ConvInit = Literal["fan_out", "group_fan_out"]
DenseInit = Literal["narrow", "fan_out", "fan_in"]
DropRate = Annotated[float, Between(0, below=1)]
# torch's
BN_EPS = 1e-5
BN_MOMENTUM = 0.1


@dataclass(frozen=True)
class NetSpec:
    """A network for RGB or gray images.

    Args:
        name: in the log and in folders' names.
        layers: first to last; the last is `dense(features, classes, "identity")`.
        imageH, imageW: pixels of an input image.
        activation: of blocks and convolutions with batch norm that have none of their own.
        padding: of blocks and pools: `"same"` is XLA's, `"symmetric"` torch's, `"even"` that of Keras' MobileNetV1.
        bnEps: what every batch norm adds to the variance.
        bnMomentum: the share of a batch in the running statistics, as torch counts it; Keras writes 1 - bnMomentum.
        convInit: convolutions start normal with variance 2 / fan-out (He et al. 2015), counted over all outputs, as
            torchvision does, or over those of a group, as timm does: a depthwise convolution's are then larger.
        denseInit: dense layers start normal with the deviation 0.01 (`"narrow"`), or even up to ±1/√fanOut, or even up
            to ±1/√fanIn and so do their biases, as torch does by itself; other biases start at 0.
        imageC: channels of an input image: 3, RGB, also of gray files, whose channels are then equal; or 1, gray, also
            of files in colour.
        preprocessing: how a picture becomes the input.
        dropPath: stochastic depth in training, of residuals that have none of their own: the l-th of L is dropped with
            the probability dropPath·l/L (Huang et al. 2016, equation 4), to six decimals.
    """

    name: str
    layers: Sequence[Layer]
    imageH: ImageSize
    imageW: ImageSize
    activation: Activation | None = None
    padding: Padding | None = None
    bnEps: Annotated[float, Between(0, above=0, most=1)] = BN_EPS
    bnMomentum: Annotated[float, Between(0, above=0, most=1)] = BN_MOMENTUM
    convInit: ConvInit = "fan_out"
    denseInit: DenseInit = "narrow"
    imageC: ImageChannels = 3
    preprocessing: Preprocessing = HOUSE
    dropPath: DropRate = 0.0

    def __post_init__(self) -> None:
        if isinstance(self.layers, list):
            object.__setattr__(self, "layers", tuple(self.layers))

    @property
    def image(self) -> tuple[int, int, int]:
        """The shape of an input image: height, width, channels."""
        return self.imageH, self.imageW, self.imageC

    @property
    def conventions(self) -> Conventions:
        """The conventions of all its layers."""
        return Conventions(self.activation, self.padding)

    @property
    def classes(self) -> int:
        """The number of classes, of a checked network."""
        return cast(dense, self.layers[-1]).fanOut


class _Fitting(int):
    """The default warm-up: so many epochs, or fewer where `epochs` is not larger."""


_WARMUP = _Fitting(3)


@dataclass(frozen=True)
class TrainConfig:
    """A training recipe: the document's fields first, then others.

    The defaults are the recipe of the document's MobileNetV2 run.

    Args:
        learningRate: the peak, reached at the end of the warm-up.
        batchSize: images a step; of 50 batches and more an epoch leaves the rest out, of fewer it uses every image.
        epochs: passes over the training images.
        useAdam: Adam (Kingma and Ba 2015, algorithm 1); False: SGD with `momentum`.
        weightDecay: decoupled from the gradient (Loshchilov and Hutter 2019), on convolution and dense weights only.
        cosineDecay: after the warm-up, down to 0 at the last step along half a cosine; otherwise constant, or as
            `expLRDecayRate` or `stepLREpochs` say.
        warmupEpochs: the learning rate rises from 0 in a straight line, step by step. Fewer than `epochs`: where it
            is not given, or `--epochs` alone is, it is shortened to that.
        augment: random crop and horizontal flip; otherwise the centre of each image. With `randomResizedCrop`, the flip
            alone.
        labelSmoothing: the share of the target spread evenly over all classes (Szegedy et al. 2016, section 7).
        momentum: of SGD and RMSProp.
        seed: of the initial weights, the order of the images, their augmentation, and what is dropped.
        precision: with `"bf16"` the matmuls and convolutions (but the depthwise ones) of a training step round their
            operands to bf16 and accumulate in f32, and saved activations are bf16; weights, statistics, loss and
            optimizer stay in f32 (Micikevicius et al. 2018, "Mixed precision training", section 3).
        optimizer: in place of `useAdam`. `"rmsprop"` is TensorFlow's: epsilon inside the root, the learning rate inside
            the momentum, squares that start at 1; `"lamb"`: You et al. 2020, "Large batch optimization for deep
            learning", algorithm 2.
        nesterov: SGD looks ahead along its momentum (Sutskever et al. 2013, in torch's form).
        rmspropDecay: of RMSProp: the share of the old squares at a step.
        rmspropEps: of RMSProp: what is added to the squares in the root.
        coupledDecay: weight decay is a part of the gradient (L2), as torch's SGD and TensorFlow's RMSProp have it.
        wdExcludeNormBias: False: weight decay also on batch norm's γ and β, on layer scales and on biases.
        gradClipNorm: the norm of all gradients together is at most this (Pascanu et al. 2013); 0: any.
        gradAccumSteps: so many batches an update, their gradients averaged; batch norm has each batch's own statistics.
        useEMA: keep averages of parameters and statistics too, which the validation, `eval` and `predict` use.
        emaDecay: of `useEMA`: their share at an update; (1 + t) / (10 + t) at update t where that is less.
        randomResizedCrop: in place of the random crop: a rectangle of this to all of the picture's area, of sides 3:4
            to 4:3, scaled to the network's size (Szegedy et al. 2015, section 6, as torchvision); it is cut out of the
            file anew each time; 0: not.
        cropPadding: of the random crop: so many pixels of the mean colour are added on every side before.
        colorJitter: brightness, contrast and saturation times factors from 1 - this to 1 + this, in any order; 0: not.
        useRandAugment: `randAugmentN` operations of the magnitude `randAugmentM` (Cubuk et al. 2020, as torchvision).
        randAugmentN: of `useRandAugment`.
        randAugmentM: of `useRandAugment`, 0 to 30.
        trivialAugment: one operation of any magnitude (Müller and Hutter 2021, the wide ones, as torchvision).
        randomErasing: the probability that a rectangle of an image is the mean colour (Zhong et al. 2020).
        trainRes: the side of training images, pixels, where it is not the network's, at which it is evaluated
            (Touvron et al. 2019, "Fixing the train-test resolution discrepancy"); 0: the network's own.
        useMixup: every batch is mixed with itself in reverse order, in shares drawn from Beta(`mixupAlpha`,
            `mixupAlpha`) (Zhang et al. 2018); with `useCutmix` too, each batch in one of the two ways.
        mixupAlpha: of `useMixup`.
        useCutmix: a rectangle of each image is another image's (Yun et al. 2019), its area drawn as for `useMixup`.
        cutmixAlpha: of `useCutmix`.
        classWeights: of each class in the loss, in the order of their names; none: all 1.
        expLRDecayRate: after the warm-up, the learning rate times this every `expLRDecayEpochs`; 0: not.
        expLRDecayEpochs: of `expLRDecayRate`, in epochs; also 2.4, say.
        stepLREpochs: after so many epochs past the warm-up each, the learning rate times `stepLRRate`.
        stepLRRate: of `stepLREpochs`.
        dropout: the rate of every dropout layer, or, in a network without one, of one before the head; None: as the
            network says.
        dropPath: of the network's residuals, as `NetSpec.dropPath`, in place of what it says; None: as it says.
        headLrMult: the head's learning rate is so many times that of the other layers.
        freeze: so many layers, the first of the spec, stay as they are; -1: all but the head and dropout before it.
            Their batch norms take their running statistics, as in evaluation, and these stay too.
        freezeBN: batch norms take their running statistics in training too, and these stay; γ and β are trained.
        repeatedAug: every image comes so many times in succession, each time changed anew, and an epoch has the fewer
            images (Hoffer et al. 2020).
        balancedSampling: an epoch has as many images of each class, those of small classes several times.
        earlyStopEpochs: stop where the validation has not become better for so many epochs; 0: never.
        distillWeight: the share of a teacher's probabilities in the loss (Hinton et al. 2015, "Distilling the knowledge
            in a neural network"); the labels have the rest; `--teacher` says which checkpoint; 0: no teacher.
        distillTemperature: of `distillWeight`: what both networks' logits are divided by.
    """

    learningRate: Annotated[float, Between(0, above=0, most=1e6)] = 0.001
    batchSize: Annotated[int, Between(1, 65536)] = 32
    epochs: Annotated[int, Between(1, 1_000_000)] = 80
    useAdam: bool = True
    weightDecay: Annotated[float, Between(0, most=1e6)] = 0.0001
    cosineDecay: bool = True
    warmupEpochs: Annotated[int, Between(0, 1_000_000)] = _WARMUP
    augment: bool = True
    labelSmoothing: Annotated[float, Between(0, below=1)] = 0.1
    momentum: Annotated[float, Between(0, below=1)] = 0.0
    seed: Annotated[int, Between(0, 2**63 - 1)] = 0
    precision: Precision = "f32"
    optimizer: Literal["adam", "sgd", "rmsprop", "lamb"] | None = None
    nesterov: bool = False
    rmspropDecay: Annotated[float, Between(0, below=1)] = 0.9
    rmspropEps: Annotated[float, Between(0, above=0, most=1)] = 0.001
    coupledDecay: bool = False
    wdExcludeNormBias: bool = True
    gradClipNorm: Annotated[float, Between(0, most=1e6)] = 0.0
    gradAccumSteps: Annotated[int, Between(1, 65536)] = 1
    useEMA: bool = False
    emaDecay: Annotated[float, Between(0, below=1)] = 0.9999
    randomResizedCrop: Annotated[float, Between(0, most=1)] = 0.0
    cropPadding: Annotated[int, Between(0, 4096)] = 0
    colorJitter: Annotated[float, Between(0, most=1)] = 0.0
    useRandAugment: bool = False
    randAugmentN: Annotated[int, Between(1, 20)] = 2
    randAugmentM: Annotated[float, Between(0, most=30)] = 9.0
    trivialAugment: bool = False
    randomErasing: Annotated[float, Between(0, most=1)] = 0.0
    trainRes: Annotated[int, Between(0, 4096)] = 0
    useMixup: bool = False
    mixupAlpha: Annotated[float, Between(0, above=0, most=100)] = 0.2
    useCutmix: bool = False
    cutmixAlpha: Annotated[float, Between(0, above=0, most=100)] = 1.0
    classWeights: Sequence[Annotated[float, Between(0, most=1e6)]] = ()
    expLRDecayRate: Annotated[float, Between(0, most=1)] = 0.0
    expLRDecayEpochs: Annotated[float, Between(0, above=0, most=1e6)] = 1.0
    stepLREpochs: Sequence[Annotated[float, Between(0, above=0, most=1e6)]] = ()
    stepLRRate: Annotated[float, Between(0, above=0, below=1)] = 0.1
    dropout: DropRate | None = None
    dropPath: DropRate | None = None
    headLrMult: Annotated[float, Between(0, above=0, most=1e6)] = 1.0
    freeze: Annotated[int, Between(-1, 65536)] = 0
    freezeBN: bool = False
    repeatedAug: Annotated[int, Between(1, 64)] = 1
    balancedSampling: bool = False
    earlyStopEpochs: Annotated[int, Between(0, 1_000_000)] = 0
    distillWeight: Annotated[float, Between(0, most=1)] = 0.0
    distillTemperature: Annotated[float, Between(0.01, most=100)] = 2.0

    def __post_init__(self) -> None:
        for name in ("classWeights", "stepLREpochs"):
            if isinstance(getattr(self, name), list):
                object.__setattr__(self, name, tuple(getattr(self, name)))
        if isinstance(self.warmupEpochs, _Fitting):
            valid = isinstance(self.epochs, int)  # else `check_config` refuses it
            object.__setattr__(self, "warmupEpochs", _shortened(self.warmupEpochs, self.epochs) if valid else 0)


def _shortened(warmup: int, epochs: int) -> int:
    return int(min(warmup, max(epochs - 1, 0)))


def recipe_fields() -> list[tuple[str, str, str]]:
    """Name, default and description of every field of a recipe, for `netspec train --help` and the README."""
    listed = re.split(r"^ {8}(\w+): ", str(TrainConfig.__doc__).partition("Args:\n")[2], flags=re.MULTILINE)
    texts = {name: " ".join(text.split()) for name, text in zip(listed[1::2], listed[2::2], strict=True)}
    return [(field.name, str(field.default), texts[field.name]) for field in fields(TrainConfig)]


def with_classes(net: NetSpec, classes: int) -> NetSpec:
    """The same network with a head for another number of classes."""
    head = replace(cast(dense, net.layers[-1]), fanOut=classes)
    return replace(net, layers=(*net.layers[:-1], head))


def with_fields(config: TrainConfig, settings: Mapping[str, str]) -> TrainConfig:
    """The same recipe with some fields parsed from texts, as on a command line. Raises SpecError.

    Fewer epochs shorten the recipe's warm-up, unless that is set too.
    """
    config = replace(config, **parse_fields(TrainConfig, settings))
    if "epochs" in settings and "warmupEpochs" not in settings:
        config = replace(config, warmupEpochs=shortened_warmup(config))
    return config


def shortened_warmup(config: TrainConfig) -> int:
    """A recipe's warm-up, or one epoch less than it has where that is less."""
    return _shortened(config.warmupEpochs, config.epochs)
