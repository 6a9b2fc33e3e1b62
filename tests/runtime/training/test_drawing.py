"""Training with dropout and stochastic depth: a resumed run has the bits of the unbroken one, a seed is no program."""

import io
from pathlib import Path

import numpy as np
import pytest

from emit.programs import emit
from netspec import load_spec
from runtime.checkpoint import load
from runtime.compiler.compile import compile_programs
from runtime.compiler.target import target
from runtime.engine.iree import Device
from runtime.engine.session import Session, initial_state
from runtime.report import Report
from tests.drawing import drawing
from tests.runtime.sandbox import House

pytestmark = pytest.mark.ordinary
SPEC = """from netspec import NetSpec, TrainConfig, convBn, dense, globalAvgPool, invertedResidual

net = NetSpec(
    name="Dropping", imageH=16, imageW=16, activation="relu6", padding="same",
    layers=[
        convBn(3, 8, 3, 2, "same"), invertedResidual(8, 8, 2, 1, 1), globalAvgPool(), dense(8, 16, "relu"),
        dense(16, 5, "identity"),
    ],
)
config = TrainConfig(
    learningRate=0.01, batchSize=16, epochs=2, useAdam=True, weightDecay=0.0, cosineDecay=False, warmupEpochs=0,
    augment=True, labelSmoothing=0.1,
)
"""


def tensors(folder: Path) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in load(folder / "last.safetensors").tensors.items()}


def test_a_resumed_run_that_draws_has_the_bits_of_the_unbroken_one_and_another_seed_compiles_nothing(
    bare: House,
) -> None:
    (bare.folder / "spec.py").write_text(SPEC)
    train = ("train", "spec.py", bare.images, "--plain", "--output")

    def run(folder: str, *more: object) -> str:
        ran = bare.run(*train, folder, *more)
        assert ran.code == 0, ran.err
        return ran.out

    with drawing():
        run("unbroken")
        for steps in (2, 3):  # 10 in all, 5 an epoch
            run("broken", "--max-steps", steps, *(("--resume", "auto") if steps > 2 else ()))
        run("broken", "--resume", "auto")
        assert tensors(bare.folder / "broken") == tensors(bare.folder / "unbroken")
        run("again")
        assert tensors(bare.folder / "again") == tensors(bare.folder / "unbroken")
        assert "train_step and evaluate: compiled before, taken from the cache" in run("other", "--seed", 1)
        assert tensors(bare.folder / "other") != tensors(bare.folder / "unbroken")


def test_what_is_dropped_depends_on_the_seed_alone_where_weights_and_images_are_the_same(bare: House) -> None:
    """The first loss of two seeds from one set of weights, on images that are all one."""
    (bare.folder / "spec.py").write_text(SPEC)
    spec, cpu = load_spec(str(bare.folder / "spec.py")), target("cpu")
    with drawing(), pytest.MonkeyPatch.context() as patch:
        patch.setenv("NETSPEC_CACHE", str(bare.cache))
        program = emit("train_step", spec.net, spec.config)
        (compiled,) = compile_programs([program], cpu, Report(live=False, stream=io.StringIO()))
    images, labels = np.full((16, 16, 16, 3), 99, np.uint8), np.zeros(16, np.int32)
    losses = []
    for seed in (0, 1, 2**32, 0):
        session = Session(Device(cpu), {"train_step": (compiled.program, program.manifest)}, seed)
        session.restore(initial_state(program.manifest.state(), 0), "here")
        losses.append([session.number(session.step(images, labels, 0.0)) for _ in range(3)])
    assert losses[0] == losses[3]
    assert len({loss for each in losses[:3] for loss in each}) == 9
