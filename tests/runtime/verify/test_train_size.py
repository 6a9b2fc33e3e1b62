"""A network that is trained at another size is verified as it is trained."""

from dataclasses import replace

import numpy as np
import pytest

from emit.programs import emit
from netspec.check import training_net
from runtime.verify.composition import check_composition
from runtime.verify.step import check_small_instance
from runtime.verify.truth import Truth
from specs.tiny import tiny, tinyConfig
from tests.runtime.sandbox import House

CONFIG = replace(tinyConfig, batchSize=4, trainRes=20)


def test_the_composition_is_checked_at_the_size_of_training_images() -> None:
    program = emit("train_step", tiny, CONFIG)
    check = check_composition(program, tiny, CONFIG, "cpu")
    assert check.passed, check.found
    assert check.extent == "20×20, batch 4"
    assert not check_composition(program, tiny, replace(CONFIG, trainRes=0), "cpu").passed


def test_the_small_instance_is_as_small_as_without() -> None:
    with_size = list(check_small_instance(tiny, CONFIG, "cpu"))
    assert all(check.passed for check in with_size)
    without = list(check_small_instance(tiny, replace(CONFIG, trainRes=0), "cpu"))
    assert [check.extent for check in with_size] == [check.extent for check in without]


def test_the_reference_runs_the_step_at_the_size_of_training_images() -> None:
    truth = Truth(tiny, CONFIG, "cpu")
    truth.run()
    assert truth.arguments["images"].shape == (4, 20, 20, 3)
    same = Truth(training_net(tiny, CONFIG), replace(CONFIG, trainRes=0), "cpu")
    same.run()
    for one, other in zip(truth.expected, same.expected, strict=True):
        np.testing.assert_array_equal(one.numbers, other.numbers)


SPEC = """from netspec import NetSpec, TrainConfig, convBn, dense, globalAvgPool

sized = NetSpec(
    name="Sized", imageH=16, imageW=16, activation="relu",
    layers=[convBn(3, 8, 3, 2, "same"), globalAvgPool(), dense(8, 5, "identity")],
)
config = TrainConfig(batchSize=4, trainRes=12)
"""


@pytest.mark.ordinary
@pytest.mark.parametrize("quick", [True, False])
def test_such_a_network_is_certified(house: House, quick: bool) -> None:
    (house.folder / "sized.py").write_text(SPEC)
    ran = house.run("verify", "sized.py", *["--quick"] * quick)
    assert ran.code == 0, ran
    assert "Sized: all hold" in ran.out
    assert "12×12, batch 4" in ran.out
