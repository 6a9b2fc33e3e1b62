"""RandAugment, TrivialAugment, jitter and resized crops: torchvision's, bit for bit where the same is drawn."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image, ImageEnhance
from torchvision.transforms import ColorJitter as TheirJitter
from torchvision.transforms import (
    InterpolationMode,
    RandAugment,
    RandomErasing,
    RandomResizedCrop,
    TrivialAugmentWide,
    functional,
)
from torchvision.transforms.autoaugment import _apply_op

from netspec import recipe
from netspec.preprocessing import Preprocessing
from runtime.data.augmentations import rand_augment, trivial_augment
from runtime.data.augmentations.random_erasing import _box
from runtime.data.augmentations.random_resized_crop import crops
from runtime.data.decode import decode_file
from runtime.data.picture_ops import OPERATIONS, SIGNED
from runtime.data.reading import Reading, reading_of_crops
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


@pytest.mark.parametrize("least", [0.08, 0.35, 1.0])
@pytest.mark.parametrize("size", [(60, 80), (80, 60), (30, 90), (97, 31), (1, 7)])
def test_boxes_of_resized_crops_are_distributed_as_theirs(least: float, size: tuple[int, int]) -> None:
    torch.manual_seed(0)
    image = torch.zeros(3, *size)
    theirs = np.array([RandomResizedCrop.get_params(image, [least, 1.0], [3 / 4, 4 / 3]) for _ in range(4000)])
    drawn = crops(recipe.RandomResizedCrop(least), np.random.default_rng(0), 4000)
    left, top, right, bottom = np.array([drawn(row)(*size) for row in range(4000)]).T
    ours = np.stack([top, left, bottom - top, right - left], 1)
    for quantile in (0.1, 0.5, 0.9):
        np.testing.assert_allclose(np.quantile(ours, quantile, 0), np.quantile(theirs, quantile, 0), atol=3)


def test_a_part_is_cut_out_and_scaled_as_theirs(tmp_path: Path) -> None:
    reading = reading_of_crops(Reading(24, 32, 3, Preprocessing(decode="whole")))
    for number, picture in enumerate(PICTURES):
        path = tmp_path / f"{number}.jpg"
        picture.save(path)
        torch.manual_seed(number)
        top, left, height, width = RandomResizedCrop.get_params(picture, [0.08, 1.0], [3 / 4, 4 / 3])
        box = left, top, left + width, top + height
        found = decode_file(path, reading, lambda height, width, box=box: box)  # type: ignore[misc]
        stored = Image.open(path).convert("RGB")
        expected = functional.resized_crop(stored, top, left, height, width, [24, 32])
        np.testing.assert_array_equal(found, np.asarray(expected))
