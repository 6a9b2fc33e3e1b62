"""A network and its training, as plain data: what a spec file writes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Literal, cast

from netspec.errors import SpecError
from netspec.fields import Between, annotations, parse
from netspec.layers import Activation, Conventions, Layer, dense
from netspec.windows import Padding

Precision = Literal["f32", "bf16"]
ImageSize = Annotated[int, Between(1, 4096)]


@dataclass(frozen=True)
class NetSpec:
    """A network for RGB images.

    Args:
        name: what the log calls it.
        layers: first to last; the last is `dense(features, classes, "identity")`.
        imageH, imageW: pixels of an input image.
        activation: of convBn, invertedResidual and residualBlock.
        padding: of invertedResidual, residualBlock and maxPool: `"same"` is XLA's, `"symmetric"` is torch's.
    """

    name: str
    layers: Sequence[Layer]
    imageH: ImageSize
    imageW: ImageSize
    activation: Activation | None = None
    padding: Padding | None = None

    def __post_init__(self) -> None:
        if isinstance(self.layers, list):
            object.__setattr__(self, "layers", tuple(self.layers))

    @property
    def conventions(self) -> Conventions:
        """What it says for all its layers."""
        return Conventions(self.activation, self.padding)

    @property
    def classes(self) -> int:
        """The number of classes that the head tells apart. Of a checked network."""
        return cast(dense, self.layers[-1]).fanOut


@dataclass(frozen=True)
class TrainConfig:
    """A training recipe: the document's fields, plus the seed and SGD's momentum.

    Args:
        learningRate: the peak, reached at the end of the warm-up.
        batchSize: images a step; the last partial batch of an epoch is dropped.
        epochs: passes over the training images.
        useAdam: Adam (Kingma and Ba 2015, algorithm 1); otherwise SGD with `momentum`.
        weightDecay: decoupled from the gradient (Loshchilov and Hutter 2019), on convolution and dense weights only.
        cosineDecay: after the warm-up, down to 0 at the last step along half a cosine; otherwise constant.
        warmupEpochs: the learning rate rises from 0 in a straight line, step by step.
        augment: random crop and horizontal flip; otherwise the centre of each image.
        labelSmoothing: the share of the target spread evenly over all classes (Szegedy et al. 2016, section 7).
        momentum: of SGD; only without Adam.
        seed: of the initial weights, the order of the images and their augmentation.
        precision: with `"bf16"` a training step takes its products (but the depthwise ones) of numbers rounded to
            bf16, adds them up in f32, and keeps activations in bf16; weights, statistics, loss and optimizer stay in
            f32 (Micikevicius et al. 2018, "Mixed precision training", section 3).
    """

    learningRate: Annotated[float, Between(0, above=0, most=1e6)]
    batchSize: Annotated[int, Between(1, 65536)]
    epochs: Annotated[int, Between(1, 1_000_000)]
    useAdam: bool = False
    weightDecay: Annotated[float, Between(0, most=1e6)] = 0.0
    cosineDecay: bool = False
    warmupEpochs: Annotated[int, Between(0, 1_000_000)] = 0
    augment: bool = False
    labelSmoothing: Annotated[float, Between(0, below=1)] = 0.0
    momentum: Annotated[float, Between(0, below=1)] = 0.0
    seed: Annotated[int, Between(0, 2**63 - 1)] = 0
    precision: Precision = "f32"


def with_classes(net: NetSpec, classes: int) -> NetSpec:
    """The same network with a head for another number of classes."""
    head = replace(cast(dense, net.layers[-1]), fanOut=classes)
    return replace(net, layers=(*net.layers[:-1], head))


def with_field(config: TrainConfig, name: str, text: str) -> TrainConfig:
    """The same recipe with one field set from its text, as on a command line. Raises SpecError."""
    known = annotations(TrainConfig)
    if name not in known:
        raise SpecError(f"TrainConfig has no field {name!r}: choose one of {', '.join(known)}.")
    try:
        value = parse(known[name], text)
    except ValueError as wrong:
        raise SpecError(f"TrainConfig.{name}: {wrong}.") from None
    return replace(config, **{name: value})  # type: ignore[arg-type]
