"""A run whose training images have another size than those of its evaluation."""

import json
import re
from pathlib import Path

import pytest

from runtime.checkpoint import load
from runtime.training.job import Job, Outcome
from tests.runtime.sandbox import House

pytestmark = pytest.mark.ordinary

SPEC = """from netspec import NetSpec, TrainConfig, convBn, dense, globalAvgPool

sized = NetSpec(
    name="Sized", imageH=24, imageW=24, activation="relu",
    layers=[convBn(3, 8, 3, 2, "same"), convBn(8, 8, 3, 2, "same"), globalAvgPool(), dense(8, 5, "identity")],
)
config = TrainConfig(learningRate=0.02, batchSize=16, epochs=3, warmupEpochs=1, trainRes=16, randomResizedCrop=0.5)
"""


def command(house: House, run: str, *more: object) -> tuple[object, ...]:
    (house.folder / "sized.py").write_text(SPEC)
    return ("train", "sized.py", house.images, "--output", run, "--plain", *more)


def test_it_is_trained_at_one_size_and_evaluated_at_the_other_and_resumed_to_the_same_bits(house: House) -> None:
    whole = house.run(*command(house, "whole"))
    assert whole.code == 0, whole.err
    assert "train: 80 images (18×18)\n" in whole.out
    assert "training images have 16×16 pixels, those of validation, eval and predict 24×24\n" in whole.out
    folder = house.folder / "whole"
    sizes = {
        name: json.loads((folder / f"{name}.json").read_text())["arguments"][0]["shape"][1:3]
        for name in ("train_step", "evaluate", "predict")
    }
    assert sizes == {"train_step": [16, 16], "evaluate": [24, 24], "predict": [24, 24]}
    assert load(folder / "last.safetensors").net.imageH == 24

    stopped = house.run(*command(house, "parts", "--max-steps", 7))
    assert stopped.code == 0, stopped.err
    resumed = house.run(*command(house, "parts", "--resume", "parts"))
    assert resumed.code == 0, resumed.err
    for name in ("last.safetensors", "best.safetensors"):
        assert (house.folder / "parts" / name).read_bytes() == (folder / name).read_bytes()

    said = re.findall(r"val accuracy \(running BN\): (\d+/35 = [\d.]+%)", whole.out)[-1]
    evaluated = house.run("eval", "whole/last.safetensors", house.images)
    assert evaluated.code == 0, evaluated.err
    assert said in evaluated.out
    picture = sorted(Path(house.images).glob("val/*/*.jpg"))[0]
    assert house.run("predict", "whole", picture).code == 0

    other = house.run(*command(house, "parts", "--resume", "parts", "--set", "trainRes=20", "--epochs", 4))
    assert other.code == 2
    assert "the recipe changed:" in other.err
    assert "trainRes=20 (was 16)" in other.err


def test_a_size_that_the_network_cannot_have_is_refused_before_images_are_read(house: House) -> None:
    ran = house.run(*command(house, "wide", "--image-size", "24x32"))
    assert ran.code == 2
    assert "TrainConfig.trainRes: expected 0 for Sized, whose images of 24×32 pixels are not square" in ran.err
    assert "train: " not in ran.out


def test_the_demonstration_has_one_size_unless_another_is_asked_for(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs: list[Job] = []

    def train(job: Job, report: object) -> Outcome:
        jobs.append(job)
        return Outcome(house.folder, True, False)

    monkeypatch.setattr("runtime.training.job.train", train)
    monkeypatch.setattr("runtime.data.demo.embedded.embedded_folder", lambda say, progress: house.images)
    (house.folder / "sized.py").write_text(SPEC)
    for more in ((), ("--set", "trainRes=20"), ("--image-size", "24")):
        assert house.run("train", "sized.py", *more, "--plain").code == 0
    assert [(job.spec.net.imageH, job.spec.config.trainRes) for job in jobs] == [(24, 0), (24, 20), (24, 16)]
