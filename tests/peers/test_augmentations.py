"""Operations and magnitudes of RandAugment and TrivialAugment, and jitter: torchvision's, bit for bit."""

from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image, ImageEnhance
from torchvision.transforms import ColorJitter as TheirJitter
from torchvision.transforms import InterpolationMode, RandAugment, RandomErasing, TrivialAugmentWide, functional
from torchvision.transforms.autoaugment import _apply_op

from runtime.data.augmentations import rand_augment, trivial_augment
from runtime.data.augmentations.random_erasing import _box
from runtime.data.picture_ops import OPERATIONS, SIGNED
from tests.runtime.weights.drawn import pictures

THEIRS = {
    "identity": "Identity",
    "shear_x": "ShearX",
    "shear_y": "ShearY",
    "translate_x": "TranslateX",
    "translate_y": "TranslateY",
    "rotate": "Rotate",
    "brightness": "Brightness",
    "color": "Color",
    "contrast": "Contrast",
    "sharpness": "Sharpness",
    "posterize": "Posterize",
    "solarize": "Solarize",
    "autocontrast": "AutoContrast",
    "equalize": "Equalize",
}
PICTURES = [Image.fromarray(image) for image in pictures(97)]


def test_the_operations_are_theirs() -> None:
    spaces = (RandAugment()._augmentation_space(31, (97, 97)), TrivialAugmentWide()._augmentation_space(31))
    for space in spaces:
        assert [THEIRS[name] for name in OPERATIONS] == list(space)
        assert {THEIRS[name] for name in SIGNED} == {name for name, (_, signed) in space.items() if signed}


@pytest.mark.parametrize("name", OPERATIONS)
def test_magnitudes_and_what_they_do_are_theirs(name: str) -> None:
    wide, random = TrivialAugmentWide()._augmentation_space(31), RandAugment()._augmentation_space(31, (97, 97))
    for level in range(0, 31, 3):
        for space, mine in (
            (wide, trivial_augment.amount(name, level)),
            (random, rand_augment.amounts(level, (97, 97))[name]),
        ):
            listed = space[THEIRS[name]][0]
            theirs = float(listed[level]) if listed.ndim else 0.0
            if listed.ndim:
                assert mine == pytest.approx(theirs, abs=1e-4)
            for amount in (theirs, -theirs) if name in SIGNED else (theirs,):
                for picture in PICTURES:
                    expected = _apply_op(picture, THEIRS[name], amount, InterpolationMode.NEAREST, None)
                    found = OPERATIONS[name](picture, amount)
                    np.testing.assert_array_equal(np.asarray(found), np.asarray(expected))


def test_jitter_is_theirs_with_the_same_factors_in_the_same_order() -> None:
    order, brightness, contrast, saturation, _ = TheirJitter.get_params((0.6, 1.4), (0.6, 1.4), (0.6, 1.4), None)
    for picture in PICTURES:
        expected, found = picture, picture
        for kind in order.tolist():
            if kind < 3:
                factor = (brightness, contrast, saturation)[kind]
                theirs = (functional.adjust_brightness, functional.adjust_contrast, functional.adjust_saturation)[kind]
                mine = (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color)[kind]
                expected, found = theirs(expected, factor), mine(found).enhance(factor)
        np.testing.assert_array_equal(np.asarray(found), np.asarray(expected))


def test_erased_rectangles_are_distributed_as_theirs() -> None:
    torch.manual_seed(0)
    source, image = np.random.default_rng(0), torch.zeros(3, 60, 80)
    boxes: list[Any] = [_box(source, (60, 80)) for _ in range(4000)]
    ours = np.array(
        [[box[0].stop - box[0].start, box[1].stop - box[1].start, box[0].start, box[1].start] for box in boxes]
    )
    theirs = np.array([RandomErasing.get_params(image, (0.02, 0.33), (0.3, 3.3), [0.0])[:4] for _ in range(4000)])
    theirs = theirs[:, [2, 3, 0, 1]]
    for quantile in (0.1, 0.5, 0.9):
        np.testing.assert_allclose(np.quantile(ours, quantile, 0), np.quantile(theirs, quantile, 0), atol=3)
