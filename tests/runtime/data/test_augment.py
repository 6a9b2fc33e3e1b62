"""Augmentations: drawn for a batch at once, applied in turn, to sizes that change on the way."""

import numpy as np
import pytest

from netspec.recipe import Augmentation, HorizontalFlip, RandomCrop
from runtime.data.augment import augmented, centred

IMAGES = np.random.default_rng(0).integers(0, 256, (5, 9, 8, 3), np.uint8)
ALL = np.arange(5)


def after(*augmentations: Augmentation, seed: int = 1) -> np.ndarray:
    return augmented(IMAGES, ALL, (4, 5), augmentations, np.random.default_rng(seed))


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
    found = augmented(IMAGES[..., :1], ALL, (4, 5), (RandomCrop(), HorizontalFlip()), np.random.default_rng(1))
    assert np.array_equal(found, after(RandomCrop(), HorizontalFlip())[..., :1])


@pytest.mark.parametrize("order", [(HorizontalFlip(), RandomCrop()), (RandomCrop(), RandomCrop())])
def test_augmentations_may_come_in_any_order(order: tuple[Augmentation, ...]) -> None:
    assert after(*order).shape == (5, 4, 5, 3)
    assert np.array_equal(after(*order), after(*order))
    assert not np.array_equal(after(*order), after(*order, seed=2))
