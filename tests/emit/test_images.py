"""The images' normalisation, and wrong versions of it."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from emit.hlo import Block
from emit.images import GRAY_MEAN, GRAY_STD, IMAGENET_MEAN, IMAGENET_STD, mean_and_std, normalise
from emit.programs import emit
from emit.sums import written
from netspec.preprocessing import HOUSE, Preprocessing
from runtime.verify import definitions
from runtime.verify.arithmetic import Decimals, agreeing_digits, long_decimals
from runtime.verify.composition import check_composition
from runtime.verify.evaluate import evaluate
from runtime.verify.step import check_small_instance
from specs.tiny import tiny, tinyConfig
from tests.ops.mutations import WrongVersions


def test_gray_images_have_the_mean_of_the_three_means_and_of_the_three_deviations() -> None:
    assert mean_and_std(3) == (IMAGENET_MEAN, IMAGENET_STD)
    assert mean_and_std(1) == (GRAY_MEAN, GRAY_STD)
    for of_three, of_one in ((IMAGENET_MEAN, GRAY_MEAN), (IMAGENET_STD, GRAY_STD)):
        assert [sum(map(written, of_three)) / 3] == [Fraction(written(each)) for each in of_one]


SAID = {
    "three": (3, HOUSE),
    "one": (1, HOUSE),
    "own mean and deviation": (3, Preprocessing(scale=127.5, mean=(1.0, 0.9, 1.1), std=(1.0, 0.5, 2.0))),
    "own mean alone": (3, Preprocessing(scale=1.0, mean=(103.939, 116.779, 123.68))),
    "one, own deviation": (1, Preprocessing(std=(0.3081,))),
}


@pytest.mark.parametrize("name", SAID)
def test_bytes_are_normalised_channel_by_channel(name: str) -> None:
    channels, said = SAID[name]
    block, at = Block("f64"), Decimals()
    images = block.argument("images", (2, 3, 4, channels), "ui8")
    normal = normalise(images, said)
    numbers = np.random.default_rng(0).integers(0, 256, images.shape)
    with long_decimals():
        environment = {images: at.integers(numbers)}
        evaluate(block.operations, environment, at)
        expected = definitions.normalised(at, numbers, said)
        assert agreeing_digits(environment[normal], expected) > 60
    shares = [(numbers / said.scale)[..., channel] for channel in range(channels)]
    by_hand = [(x - mean) / std for x, mean, std in zip(shares, *mean_and_std(channels, said), strict=True)]
    assert np.allclose(expected.astype(float), np.stack(by_hand, 3), rtol=1e-14)


class TestImages(WrongVersions):
    module = "emit.images"
    wrong = {
        "means in the order blue, green, red": (
            "IMAGENET_MEAN = (0.485, 0.456, 0.406)",
            "IMAGENET_MEAN = (0.406, 0.456, 0.485)",
        ),
        "a wrong digit in a deviation": (
            "IMAGENET_STD = (0.229, 0.224, 0.225)",
            "IMAGENET_STD = (0.229, 0.225, 0.225)",
        ),
        "images: the mean is not divided by the deviation": (
            "-written(mean) / written(std) for mean, std",
            "-written(mean) for mean, std",
        ),
        "images: the mean is added": ("-written(mean) / written(std) for", "written(mean) / written(std) for"),
        "images: from 0..256": ("1 / (written(said.scale) * written(std))", "1 / (256 * written(std))"),
    }


def test_a_whole_step_is_checked_with_its_own_mean_and_deviation() -> None:
    """The second walk and the definitions of a small instance take them from the network."""
    net = replace(tiny, preprocessing=SAID["own mean and deviation"][1])
    program = emit("train_step", net, tinyConfig)
    assert check_composition(program, net, tinyConfig, "cpu").passed
    assert not check_composition(program, tiny, tinyConfig, "cpu").passed
    assert all(check.passed for check in check_small_instance(net, tinyConfig, "cpu"))
