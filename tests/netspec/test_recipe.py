"""A recipe's flags as values, and wrong versions of them."""

from dataclasses import fields, replace
from typing import Any

import pytest

from netspec import TrainConfig
from netspec.check import check_config
from netspec.contradictions import NEEDS
from netspec.errors import SpecError
from netspec.recipe import (
    SGD,
    Adam,
    ColorJitter,
    Constant,
    Cosine,
    Cutmix,
    Exponential,
    HorizontalFlip,
    Lamb,
    Mixup,
    RandAugment,
    RandomCrop,
    RandomErasing,
    RandomResizedCrop,
    RMSProp,
    Schedule,
    Steps,
    TrivialAugment,
    WeightDecay,
    augmentations_of,
    mixing_of,
    optimizer_of,
    schedule_of,
    weight_decay_of,
)
from tests.ops.mutations import WrongVersions

CONFIG = TrainConfig(0.1, 8, 20)


def test_the_flags_are_short_for_an_optimizer_a_schedule_and_augmentations() -> None:
    assert (optimizer_of(CONFIG), str(optimizer_of(CONFIG))) == (Adam(0.9, 0.999, 1e-8), "Adam")
    assert schedule_of(CONFIG) == Schedule(0.1, 3, 20, Cosine())
    assert augmentations_of(CONFIG) == (RandomCrop(), HorizontalFlip())
    other = replace(CONFIG, useAdam=False, momentum=0.9, cosineDecay=False, augment=False)
    assert (optimizer_of(other), str(optimizer_of(other))) == (SGD(0.9), "SGD, momentum=0.9")
    assert schedule_of(other) == Schedule(0.1, 3, 20, Constant())
    assert augmentations_of(other) == ()


def test_an_optimizer_by_its_name_goes_before_the_flag() -> None:
    rmsprop = replace(CONFIG, optimizer="rmsprop", momentum=0.8, rmspropDecay=0.7, rmspropEps=0.01)
    assert optimizer_of(rmsprop) == RMSProp(0.7, 0.01, 0.8)
    assert str(optimizer_of(rmsprop)) == "RMSProp, decay=0.7, epsilon=0.01, momentum=0.8"
    nesterov = replace(CONFIG, optimizer="sgd", momentum=0.9, nesterov=True)
    assert (optimizer_of(nesterov), str(optimizer_of(nesterov))) == (SGD(0.9, True), "SGD, momentum=0.9, nesterov")
    assert optimizer_of(replace(CONFIG, optimizer="lamb")) == Lamb(0.9, 0.999, 1e-6)
    assert optimizer_of(replace(CONFIG, optimizer="adam")) == Adam()


def test_weight_decay_says_where_and_how() -> None:
    assert (weight_decay_of(CONFIG), str(weight_decay_of(CONFIG))) == (WeightDecay(0.0001), "wd=0.0001")
    other = weight_decay_of(replace(CONFIG, coupledDecay=True, wdExcludeNormBias=False))
    assert (other, str(other)) == (WeightDecay(0.0001, True, True), "wd=0.0001, L2, norms and biases too")


def test_a_schedule_by_its_fields() -> None:
    plain = replace(CONFIG, cosineDecay=False)
    exponential = schedule_of(replace(plain, expLRDecayRate=0.97, expLRDecayEpochs=2.4)).after
    assert (exponential, str(exponential)) == (Exponential(0.97, 2.4), "×0.97 every 2.4 epochs")
    assert str(Exponential(0.98)) == "×0.98 every epoch"
    steps = schedule_of(replace(plain, stepLREpochs=(5, 10))).after
    assert (steps, str(steps)) == (Steps(0.1, (5, 10)), "×0.1 after 5, 10 epochs")


def test_augmentations_come_in_the_order_of_torchvision_s_training() -> None:
    every = replace(CONFIG, colorJitter=0.4, useRandAugment=True, randAugmentN=3, randAugmentM=7.5, randomErasing=0.2)
    assert augmentations_of(every) == (
        RandomCrop(),
        HorizontalFlip(),
        ColorJitter(0.4),
        RandAugment(3, 7.5),
        RandomErasing(0.2),
    )
    assert augmentations_of(replace(CONFIG, augment=False, trivialAugment=True)) == (TrivialAugment(),)


def test_a_resized_crop_takes_the_place_of_the_crop_and_the_flip_stays_with_augment() -> None:
    resized = replace(CONFIG, randomResizedCrop=0.35, trivialAugment=True)
    assert augmentations_of(resized) == (RandomResizedCrop(0.35), HorizontalFlip(), TrivialAugment())
    assert augmentations_of(replace(resized, augment=False)) == (RandomResizedCrop(0.35), TrivialAugment())


def test_batches_are_mixed_in_the_ways_that_are_asked_for() -> None:
    assert mixing_of(CONFIG) == ()
    both = replace(CONFIG, useMixup=True, mixupAlpha=0.3, useCutmix=True)
    assert mixing_of(both) == (Mixup(0.3), Cutmix(1.0))
    assert mixing_of(replace(CONFIG, useCutmix=True)) == (Cutmix(),)


# By field of `NEEDS`, a value, and other fields with which it is of use.
OF_USE: dict[str, tuple[Any, dict[str, Any]]] = {
    "labelSmoothing": (0.2, {"distillWeight": 0.9}),
    "momentum": (0.9, {"optimizer": "sgd"}),
    "nesterov": (True, {"useAdam": False, "momentum": 0.9}),
    "rmspropDecay": (0.8, {"optimizer": "rmsprop"}),
    "rmspropEps": (0.1, {"optimizer": "rmsprop"}),
    "coupledDecay": (True, {}),
    "wdExcludeNormBias": (False, {}),
    "emaDecay": (0.99, {"useEMA": True}),
    "cropPadding": (4, {}),
    "useRandAugment": (True, {}),
    "randAugmentN": (3, {"useRandAugment": True}),
    "randAugmentM": (5.0, {"useRandAugment": True}),
    "mixupAlpha": (0.3, {"useMixup": True}),
    "cutmixAlpha": (0.3, {"useCutmix": True}),
    "classWeights": ((1.0, 2.0), {}),
    "expLRDecayRate": (0.9, {"cosineDecay": False}),
    "expLRDecayEpochs": (2.0, {"cosineDecay": False, "expLRDecayRate": 0.9}),
    "stepLREpochs": ((3.0,), {"cosineDecay": False}),
    "stepLRRate": (0.5, {"cosineDecay": False, "stepLREpochs": (3.0,)}),
    "headLrMult": (10.0, {"freeze": 3}),
    "freezeBN": (True, {}),
    "repeatedAug": (3, {}),
    "distillTemperature": (4.0, {"distillWeight": 0.5}),
}
# By field, other fields that leave it without use.
OF_NONE: dict[str, list[dict[str, Any]]] = {
    "labelSmoothing": [{"distillWeight": 1.0}],
    "momentum": [{}, {"optimizer": "lamb"}],
    "nesterov": [{}, {"optimizer": "sgd"}, {"optimizer": "rmsprop", "momentum": 0.9}],
    "rmspropDecay": [{}, {"useAdam": False}],
    "rmspropEps": [{}, {"useAdam": False}],
    "coupledDecay": [{"weightDecay": 0.0}, {"optimizer": "lamb"}],
    "wdExcludeNormBias": [{"weightDecay": 0.0}],
    "emaDecay": [{}],
    "cropPadding": [{"augment": False}, {"randomResizedCrop": 0.5}],
    "useRandAugment": [{"trivialAugment": True}],
    "randAugmentN": [{}, {"trivialAugment": True}],
    "randAugmentM": [{}],
    "mixupAlpha": [{}, {"useCutmix": True}],
    "cutmixAlpha": [{}, {"useMixup": True}],
    "classWeights": [{"distillWeight": 1.0}],
    "expLRDecayRate": [{}],
    "expLRDecayEpochs": [{}, {"cosineDecay": False}],
    "stepLREpochs": [{}, {"cosineDecay": False, "expLRDecayRate": 0.9}],
    "stepLRRate": [{}, {"cosineDecay": False}],
    "headLrMult": [{"freeze": -1}],
    "freezeBN": [{"freeze": -1}],
    "repeatedAug": [{"augment": False}],
    "distillTemperature": [{}],
}


def test_the_tables_have_every_field_that_needs_others() -> None:
    assert OF_USE.keys() == OF_NONE.keys() == NEEDS.keys() <= {field.name for field in fields(TrainConfig)}


@pytest.mark.parametrize("name", OF_USE)
def test_a_field_without_use_is_refused_and_not_ignored(name: str) -> None:
    value, others = OF_USE[name]
    check_config(replace(CONFIG, **{name: value}, **others))
    for without in OF_NONE[name]:
        with pytest.raises(
            SpecError, match=rf"TrainConfig.{name}: .* is without use in this recipe; write .*, or remove"
        ):
            check_config(replace(CONFIG, **{name: value}, **without))


def test_labels_that_are_not_smoothed_go_with_a_teacher_alone() -> None:
    check_config(replace(CONFIG, distillWeight=1.0, labelSmoothing=0.0))
    check_config(replace(CONFIG, distillWeight=1.0))


def test_the_flag_and_the_name_of_another_optimizer_contradict_each_other() -> None:
    with pytest.raises(SpecError, match='useAdam=False asks for SGD, and optimizer="adam" for another optimizer'):
        check_config(replace(CONFIG, useAdam=False, optimizer="adam"))
    check_config(replace(CONFIG, useAdam=False, optimizer="sgd"))


class TestRecipe(WrongVersions):
    module = "netspec.recipe"
    wrong = {
        "Adam: β₁ and β₂ swapped": (
            'algorithm 1, with its constants."""\n\n    beta1: float = 0.9\n    beta2: float = 0.999',
            'algorithm 1, with its constants."""\n\n    beta1: float = 0.999\n    beta2: float = 0.9',
        ),
        "Adam: β₂ = 0.99": (
            "beta2: float = 0.999\n    epsilon: float = 1e-8",
            "beta2: float = 0.99\n    epsilon: float = 1e-8",
        ),
        "Adam: ε = 1e-7": ("epsilon: float = 1e-8", "epsilon: float = 1e-7"),
        "LAMB: ε = 1e-8": ("epsilon: float = 1e-6", "epsilon: float = 1e-8"),
        "SGD where Adam was asked for": ('"adam": Adam(),', '"adam": SGD(config.momentum),'),
        "Adam where LAMB was asked for": ('"lamb": Lamb(),', '"lamb": Adam(),'),
        "RMSProp: its decay and its momentum swapped": (
            "RMSProp(config.rmspropDecay, config.rmspropEps, config.momentum)",
            "RMSProp(config.momentum, config.rmspropEps, config.rmspropDecay)",
        ),
        "never Nesterov's": ("SGD(config.momentum, config.nesterov)", "SGD(config.momentum)"),
        "decay never coupled": ("config.coupledDecay, not", "False, not"),
        "everything decays": ("not config.wdExcludeNormBias", "True"),
        "dropout as the network has it": ("layers = _with_dropout(net.layers, config.dropout)", "layers = net.layers"),
        "no dropout where the network has none": (
            "layers = (*layers[:-1], dropout(config.dropout), layers[-1])",
            "pass",
        ),
        "stochastic depth as the network has it": ("net = replace(net, dropPath=config.dropPath)", "pass"),
        "a layer fewer is frozen": ("        return config.freeze\n", "        return config.freeze - 1\n"),
        "nothing is frozen": ("        return config.freeze\n", "        return 0\n"),
        "dropout before the head is frozen": (
            "while count and isinstance(net.layers[count - 1], dropout):",
            "while False:",
        ),
    }
