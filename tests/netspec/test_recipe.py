"""A recipe's flags as values, and wrong versions of them."""

from dataclasses import replace

from netspec import TrainConfig
from netspec.recipe import (
    SGD,
    Adam,
    Constant,
    Cosine,
    HorizontalFlip,
    RandomCrop,
    Schedule,
    augmentations_of,
    optimizer_of,
    schedule_of,
)
from tests.ops.mutations import WrongVersions


def test_the_flags_are_short_for_an_optimizer_a_schedule_and_augmentations() -> None:
    config = TrainConfig(0.1, 8, 20)
    assert (optimizer_of(config), str(optimizer_of(config))) == (Adam(0.9, 0.999, 1e-8), "Adam")
    assert schedule_of(config) == Schedule(0.1, 3, 20, Cosine())
    assert augmentations_of(config) == (RandomCrop(), HorizontalFlip())
    other = replace(config, useAdam=False, momentum=0.9, cosineDecay=False, augment=False)
    assert (optimizer_of(other), str(optimizer_of(other))) == (SGD(0.9), "SGD, momentum=0.9")
    assert schedule_of(other) == Schedule(0.1, 3, 20, Constant())
    assert augmentations_of(other) == ()


class TestRecipe(WrongVersions):
    module = "netspec.recipe"
    wrong = {
        "Adam: β₁ and β₂ swapped": (
            "beta1: float = 0.9\n    beta2: float = 0.999",
            "beta1: float = 0.999\n    beta2: float = 0.9",
        ),
        "Adam: β₂ = 0.99": ("beta2: float = 0.999", "beta2: float = 0.99"),
        "Adam: ε = 1e-7": ("epsilon: float = 1e-8", "epsilon: float = 1e-7"),
        "SGD where Adam was asked for": ("Adam() if config.useAdam else SGD(config.momentum)", "SGD(config.momentum)"),
    }
