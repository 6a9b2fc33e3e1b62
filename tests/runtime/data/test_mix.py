"""Mixed batches: shares, labels, and the pixels that go with them."""

import numpy as np
import pytest

from netspec.recipe import Cutmix, Mixup
from runtime.data.mix import mixed

IMAGES = np.random.default_rng(0).integers(0, 256, (6, 20, 24, 3), np.uint8)
LABELS = np.arange(6, dtype=np.int32)


def test_mixup_is_the_sum_of_an_image_and_its_opposite_in_the_shares_that_go_with_the_labels() -> None:
    images, (labels, share) = mixed(IMAGES, LABELS, (Mixup(0.5),), np.random.default_rng(1))
    assert labels.tolist() == [5, 4, 3, 2, 1, 0]
    assert [str(array.dtype) for array in (labels, share, images)] == ["int32", "float32", "uint8"]
    assert len(set(share.tolist())) == 1
    both = share[0] * IMAGES.astype(np.float64) + (1 - float(share[0])) * IMAGES[::-1]
    assert np.abs(images - both).max() <= 0.5 + 1e-3
    assert 0.01 < share[0] < 0.99


def test_cutmix_pastes_one_rectangle_and_its_share_is_exactly_the_area_that_is_left() -> None:
    for seed in range(20):
        images, (_, share) = mixed(IMAGES, LABELS, (Cutmix(),), np.random.default_rng(seed))
        others = (images != IMAGES).any(axis=(0, 3))
        rows, columns = np.flatnonzero(others.any(1)), np.flatnonzero(others.any(0))
        area = len(rows) * len(columns)
        assert others.sum() == area, "a rectangle"
        if area:
            inside = np.s_[:, rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
            np.testing.assert_array_equal(images[inside], IMAGES[::-1][inside])
        assert share[0] == pytest.approx(1 - area / (20 * 24), abs=1e-6)


def test_shares_are_those_of_the_beta_distribution_and_both_ways_come_as_often() -> None:
    randoms = [np.random.default_rng(seed) for seed in range(2000)]
    shares = [mixed(IMAGES[:1], LABELS[:1], (Mixup(0.4),), random)[1].share[0] for random in randoms]
    assert np.mean(shares) == pytest.approx(0.5, abs=0.03)
    assert np.var(shares) == pytest.approx(0.25 / 1.8, abs=0.01)  # 1 / (4 (2α + 1))
    one, two = IMAGES[:2].copy(), np.stack([IMAGES[1], IMAGES[0]])
    pasted = 0
    for seed in range(300):
        images, _ = mixed(one, LABELS[:2], (Mixup(1.0), Cutmix(1.0)), np.random.default_rng(seed))
        pasted += bool(((images == one) | (images == two)).all())
    assert 110 < pasted < 190


def test_the_images_that_were_given_are_left_alone() -> None:
    before = IMAGES.copy()
    for way in (Mixup(1.0), Cutmix(1.0)):
        mixed(IMAGES, LABELS, (way,), np.random.default_rng(3))
    np.testing.assert_array_equal(IMAGES, before)
