"""Fields of a recipe that another field leaves without use, and fields that exclude each other."""

from collections.abc import Callable
from dataclasses import dataclass, fields

from netspec.errors import SpecError
from netspec.language import TrainConfig
from netspec.recipe import augmentations_of, optimizer_name


@dataclass(frozen=True)
class Needs:
    """What a field needs to be of use: a condition, and what to write so that it holds."""

    holds: Callable[[TrainConfig], bool]
    write: str


def _optimizer(*names: str) -> Needs:
    written = " or ".join(f'optimizer="{name}"' for name in names)
    return Needs(lambda config: optimizer_name(config) in names, written)


_NO_COSINE = Needs(lambda config: not config.cosineDecay, "cosineDecay=False")
_RANDOM = Needs(lambda config: config.useRandAugment, "useRandAugment=True")
_LABELS = Needs(lambda config: config.distillWeight < 1, "distillWeight below 1")
_DECAY = Needs(lambda config: config.weightDecay > 0, "weightDecay above 0")
# By field, what it needs where it is not its default.
NEEDS: dict[str, tuple[Needs, ...]] = {
    "labelSmoothing": (Needs(lambda config: config.distillWeight < 1 or not config.labelSmoothing, _LABELS.write),),
    "momentum": (_optimizer("sgd", "rmsprop"),),
    "nesterov": (_optimizer("sgd"), Needs(lambda config: config.momentum > 0, "momentum above 0")),
    "rmspropDecay": (_optimizer("rmsprop"),),
    "rmspropEps": (_optimizer("rmsprop"),),
    "coupledDecay": (_DECAY, _optimizer("adam", "sgd", "rmsprop")),
    "wdExcludeNormBias": (_DECAY,),
    "emaDecay": (Needs(lambda config: config.useEMA, "useEMA=True"),),
    "cropPadding": (
        Needs(lambda config: config.augment, "augment=True"),
        Needs(lambda config: not config.randomResizedCrop, "no randomResizedCrop"),
    ),
    "useRandAugment": (Needs(lambda config: not config.trivialAugment, "no trivialAugment"),),
    "randAugmentN": (_RANDOM,),
    "randAugmentM": (_RANDOM,),
    "mixupAlpha": (Needs(lambda config: config.useMixup, "useMixup=True"),),
    "cutmixAlpha": (Needs(lambda config: config.useCutmix, "useCutmix=True"),),
    "classWeights": (_LABELS,),
    "expLRDecayRate": (_NO_COSINE,),
    "expLRDecayEpochs": (Needs(lambda config: config.expLRDecayRate > 0, "expLRDecayRate above 0"),),
    "stepLREpochs": (_NO_COSINE, Needs(lambda config: not config.expLRDecayRate, "no expLRDecayRate")),
    "stepLRRate": (Needs(lambda config: bool(config.stepLREpochs), "stepLREpochs"),),
    "headLrMult": (Needs(lambda config: config.freeze != -1, "a freeze other than -1, and another learningRate"),),
    "freezeBN": (Needs(lambda config: config.freeze != -1, "a freeze other than -1"),),
    "repeatedAug": (Needs(lambda config: bool(augmentations_of(config)), "augment=True"),),
    "distillTemperature": (Needs(lambda config: config.distillWeight > 0, "distillWeight above 0"),),
}


def check_contradictions(config: TrainConfig) -> None:
    """Raises SpecError for a field without use, in a recipe whose fields are valid one by one."""
    if not config.useAdam and config.optimizer not in (None, "sgd"):
        raise SpecError(
            f'TrainConfig: useAdam=False asks for SGD, and optimizer="{config.optimizer}" for another optimizer; '
            "remove one of them."
        )
    for field in fields(TrainConfig):
        value = getattr(config, field.name)
        for need in NEEDS.get(field.name, ()):
            if value != field.default and not need.holds(config):
                raise SpecError(
                    f"TrainConfig.{field.name}: {value} is without use in this recipe; write {need.write}, or remove "
                    f"{field.name}."
                )
    if config.warmupEpochs >= config.epochs and config.warmupEpochs:
        raise SpecError(
            f"TrainConfig.warmupEpochs: expected fewer than epochs={config.epochs}, received {config.warmupEpochs}; "
            "lower it (--set warmupEpochs=0) or train for longer."
        )
