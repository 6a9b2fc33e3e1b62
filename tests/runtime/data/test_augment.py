"""Augmentations: drawn for a batch at once, applied in turn, to sizes that change on the way."""

from dataclasses import replace

import numpy as np
import pytest

from netspec.preprocessing import Preprocessing
from netspec.recipe import (
    Augmentation,
    ColorJitter,
    HorizontalFlip,
    RandAugment,
    RandomCrop,
    RandomErasing,
    TrivialAugment,
)
from runtime.data.augmentation import Setting, setting_of
from runtime.data.augmentations import augmented, centred
from specs.tiny import tiny

IMAGES = np.random.default_rng(0).integers(0, 256, (5, 9, 8, 3), np.uint8)
ALL = np.arange(5)
SETTING = Setting((4, 5), mean=(1, 2, 3))


def after(*augmentations: Augmentation, seed: int = 1) -> np.ndarray:
    return augmented(IMAGES, ALL, SETTING, augmentations, np.random.default_rng(seed))


def test_without_augmentation_images_are_their_centres() -> None:
    assert np.array_equal(after(), IMAGES[:, 2:6, 1:6])
    assert np.array_equal(after(), centred(IMAGES, ALL, (4, 5)))


def test_a_crop_is_a_part_of_its_image_and_flips_turn_what_was_cropped() -> None:
    cropped, both = after(RandomCrop()), after(RandomCrop(), HorizontalFlip())
    for image, part, turned in zip(IMAGES, cropped, both, strict=True):
        parts = [image[top : top + 4, left : left + 5] for top in range(6) for left in range(4)]
        assert any(np.array_equal(part, each) for each in parts)
        assert np.array_equal(turned, part) or np.array_equal(turned, part[:, ::-1])


def test_gray_images_are_augmented_as_those_in_colour() -> None:
    found = augmented(IMAGES[..., :1], ALL, SETTING, (RandomCrop(), HorizontalFlip()), np.random.default_rng(1))
    assert np.array_equal(found, after(RandomCrop(), HorizontalFlip())[..., :1])


@pytest.mark.parametrize("order", [(HorizontalFlip(), RandomCrop()), (RandomCrop(), RandomCrop())])
def test_augmentations_may_come_in_any_order(order: tuple[Augmentation, ...]) -> None:
    assert after(*order).shape == (5, 4, 5, 3)
    assert np.array_equal(after(*order), after(*order))
    assert not np.array_equal(after(*order), after(*order, seed=2))


PICTURES = np.random.default_rng(1).integers(0, 256, (40, 30, 32, 3), np.uint8)
WHOLE = Setting((30, 32), mean=(124, 116, 104))
KINDS: list[Augmentation] = [ColorJitter(0.4), RandAugment(2, 9.0), TrivialAugment(), RandomErasing(0.5)]


def pictures(*augmentations: Augmentation, images: np.ndarray = PICTURES, setting: Setting = WHOLE) -> np.ndarray:
    return augmented(images, np.arange(len(images)), setting, augmentations, np.random.default_rng(4))


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_each_kind_changes_most_images_in_ways_of_their_own_and_the_same_ones_by_the_same_seed(
    kind: Augmentation,
) -> None:
    found = pictures(kind)
    changed = (found != PICTURES).any(axis=(1, 2, 3))
    assert 10 < changed.sum() <= 40
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, pictures(kind))


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_each_kind_takes_gray_images_and_images_whose_channels_are_in_reverse(kind: Augmentation) -> None:
    gray = pictures(kind, images=PICTURES[..., :1], setting=Setting((30, 32), mean=(117,)))
    assert gray.shape == (40, 30, 32, 1)
    mirrored = Setting((30, 32), mean=(104, 116, 124), reverse=True)
    reverse = pictures(kind, images=PICTURES[..., ::-1].copy(), setting=mirrored)
    np.testing.assert_array_equal(reverse[..., ::-1], pictures(kind))


def test_what_is_erased_is_one_rectangle_of_the_mean_colour() -> None:
    found = pictures(RandomErasing(1.0))
    for image, before in zip(found, PICTURES, strict=True):
        erased = (image == np.array(WHOLE.mean)).all(axis=-1) & (image != before).any(axis=-1)
        rows, columns = np.flatnonzero(erased.any(1)), np.flatnonzero(erased.any(0))
        assert 0.01 < len(rows) * len(columns) / (30 * 32) < 0.4
        assert erased.sum() >= len(rows) * len(columns) - 2, "but for pixels that were of that colour"
        np.testing.assert_array_equal(image[~erased], before[~erased])


def test_as_many_images_are_erased_as_the_probability_says() -> None:
    many = np.random.default_rng(2).integers(0, 256, (600, 8, 8, 3), np.uint8)
    found = pictures(RandomErasing(0.3), images=many, setting=Setting((8, 8)))
    assert 0.24 < (found != many).any(axis=(1, 2, 3)).mean() < 0.36


def test_jitter_without_strength_changes_nothing() -> None:
    np.testing.assert_array_equal(pictures(ColorJitter(0.0)), PICTURES)


def test_the_mean_colour_is_that_of_the_network() -> None:
    assert setting_of(tiny) == Setting((32, 32), (124, 116, 104))
    lite = Preprocessing(scale=1.0, mean=(127.0,) * 3, std=(128.0,) * 3, color="BGR")
    assert setting_of(replace(tiny, preprocessing=lite)) == Setting((32, 32), (127, 127, 127), True)
