"""A run with every option of its recipe: resumed to the same bits, its averages used where they should be."""

from pathlib import Path

import numpy as np
import pytest

from runtime.checkpoint import load
from runtime.training.run import read_rows
from tests.runtime.sandbox import House
from tests.runtime.training.test_teacher import kept

pytestmark = pytest.mark.ordinary

# 80 images: ten batches an epoch, so that an update of three batches goes on into the next epoch.
EVERYTHING = """from netspec import NetSpec, TrainConfig, convBn, dense, dropout, globalAvgPool, residual

net = NetSpec(
    name="Micro", imageH=16, imageW=16, activation="relu",
    layers=[
        convBn(3, 8, 3, 2, "same"), residual([convBn(8, 8, 1, 1, "same")], dropPath=0.3), globalAvgPool(), dropout(0.3),
        dense(8, 5, "identity"),
    ],
)
config = TrainConfig(
    learningRate=0.02, batchSize=8, epochs=3, warmupEpochs=1, seed=5,
    optimizer="rmsprop", momentum=0.9, rmspropDecay=0.9, rmspropEps=0.01, coupledDecay=True, wdExcludeNormBias=False,
    gradClipNorm=1.0, gradAccumSteps=3, useEMA=True, emaDecay=0.9, cosineDecay=False, expLRDecayRate=0.8,
    randomResizedCrop=0.3, colorJitter=0.2, useRandAugment=True, randomErasing=0.3,
    useMixup=True, mixupAlpha=0.5, useCutmix=True, classWeights=(1.0, 2.0, 1.0, 1.0, 0.5),
    dropout=0.4, dropPath=0.2, headLrMult=2.0, repeatedAug=3, balancedSampling=True, earlyStopEpochs=50,
    distillWeight=0.5, distillTemperature=4,
)
"""


def command(house: House, run: str) -> tuple[object, ...]:
    (house.folder / "everything.py").write_text(EVERYTHING)
    teacher = kept(house.folder / "teacher.safetensors")
    return ("train", "everything.py", house.images, "--output", run, "--plain", "--teacher", teacher)


def test_a_run_with_every_option_is_resumed_to_the_same_bits_within_an_update_too(house: House) -> None:
    whole = house.run(*command(house, "whole"))
    assert whole.code == 0, whole.err
    for said in (
        "RMSProp, decay=0.9, epsilon=0.01, momentum=0.9",
        "wd=0.0001, L2, norms and biases too",
        "×0.8 every epoch",
        "gradients: their norm together at most 1\n",
        "an update every 3 batches, of 24 images; batch norm has each batch's own statistics\n",
        "each image is a rectangle of 0.3 to 1 of its picture's area, cut out of its file anew in every epoch\n",
        "each image is changed further: ColorJitter(strength=0.2), RandAugment(count=2, magnitude=9.0), ",
        "every batch is mixed: mixup 0.5 or cutmix 1\n",
        "weights of classes: 1, 2, 1, 1, 0.5\n",
        "in place of the network's own: dropout 0.4, stochastic depth 0.2\n",
        "the head's learning rate: times 2\n",
        "early stopping: after 50 epochs without a better validation\n",
        "every epoch has as many images of each class: those of small classes come several times\n",
        "teacher: Other, 277 params, ",
        "averages of parameters and statistics, decay 0.9: validation, the best checkpoint, eval and predict use them",
    ):
        assert said in whole.out
    for stop in (7, 14):
        ran = house.run(*command(house, "parts"), *(("--resume", "parts") if stop > 7 else ()), "--max-steps", stop)
        assert ran.code == 0, ran.err
        if stop == 14:
            stopped = load(house.folder / "parts/last.safetensors").tensors
            assert stopped["part"] == 2
            assert np.abs(stopped["stem_weight_sum"]).max() > 0
    resumed = house.run(*command(house, "parts"), "--resume", "parts")
    assert resumed.code == 0, resumed.err
    for name in ("last.safetensors", "best.safetensors"):
        assert (house.folder / "parts" / name).read_bytes() == (house.folder / "whole" / name).read_bytes()


def test_averages_are_what_is_evaluated_and_used_and_both_are_kept(house: House) -> None:
    ran = house.run(*command(house, "run"))
    assert ran.code == 0, ran.err
    lines = [line for line in ran.out.splitlines() if line.startswith("val accuracy")]
    plain, averaged = lines[-2:]
    row = read_rows(house.folder / "run/metrics.csv")[-1]
    for line, accuracy in ((plain, row.plain_accuracy), (averaged, row.val_accuracy)):
        assert line.endswith(f" = {100 * accuracy:.2f}%")
    assert plain.startswith("val accuracy (running BN, without averages): ")
    assert averaged.startswith("val accuracy (running BN, averages): ")
    last = house.folder / "run/last.safetensors"
    evaluated = house.run("eval", last, house.images)
    assert evaluated.code == 0, evaluated.err
    assert averaged.rpartition(": ")[2].partition(" = ")[0] in evaluated.out
    everything, used = load(last).tensors, load(last, to_train=False).tensors
    np.testing.assert_array_equal(used["stem_weight"], everything["stem_weight_average"])
    np.testing.assert_array_equal(used["stem_bn_running_mean"], everything["stem_bn_running_mean_average"])
    assert not any(name.endswith("_average") for name in used)
    assert (everything["stem_weight"] != everything["stem_weight_average"]).any()


def test_what_is_frozen_stays_to_the_bit_and_the_rest_is_resumed_to_the_same_bits(house: House) -> None:
    asked = ("--set", "freeze=2", "--set", "dropPath=none")
    whole = house.run(*command(house, "whole"), *asked)
    assert whole.code == 0, whole.err
    assert "frozen: the first 2 of 5 layers, 312 of 357 params; their batch norms take their running" in whole.out
    assert "warning: freeze and freezeBN keep what weights have learnt, and this run starts from none" in whole.out
    first, last = (load(house.folder / "whole" / f"{name}.safetensors").tensors for name in ("last", "best"))
    ran = house.run(*command(house, "parts"), *asked, "--max-steps", 7)
    assert ran.code == 0, ran.err
    early = load(house.folder / "parts/last.safetensors").tensors
    frozen = [name for name in early if name.startswith(("stem", "residual", "conv"))]
    assert len(frozen) == 2 * 10
    for name in frozen:
        np.testing.assert_array_equal(early[name], last[name])
        np.testing.assert_array_equal(early[name.removesuffix("_average")], first[name])
    assert (early["head_weight"] != first["head_weight"]).any()
    assert not any(name.startswith("stem_weight_") and not name.endswith("_average") for name in early)
    ran = house.run(*command(house, "parts"), *asked, "--resume", "parts")
    assert ran.code == 0, ran.err
    same = [(house.folder / run / "last.safetensors").read_bytes() for run in ("whole", "parts")]
    assert same[0] == same[1]


def test_a_run_stops_early_and_its_end_is_an_end_for_resume_too(house: House) -> None:
    asked = ("--set", "learningRate=1e-9", "--set", "warmupEpochs=0", "--set", "earlyStopEpochs=1", "--epochs", "9")
    ran = house.run(*command(house, "run"), *asked)
    assert ran.code == 0, ran.err
    rows = read_rows(house.folder / "run/metrics.csv")
    assert 2 <= len(rows) < 9
    assert rows[-1].val_accuracy <= max(row.val_accuracy for row in rows[:-1])
    assert "stopped early: 1 epochs without a better validation\n" in ran.out
    assert load(house.folder / "run/last.safetensors").position.stale == 1
    again = house.run(*command(house, "run"), *asked, "--resume", "run")
    assert again.code == 0, again.err
    assert f"this run is complete: {len(rows)} epochs, where it was stopped early\n" in again.out


def test_a_run_without_an_option_is_no_more_than_it_was(house: House, unbroken: Path) -> None:
    names = set(load(unbroken / "last.safetensors").tensors)
    assert not any(name.endswith(("_average", "_sum")) or name == "part" for name in names)
