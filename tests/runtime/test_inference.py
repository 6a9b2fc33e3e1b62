"""Inference with batch norms and layer scales folded: the same results as the evaluation, from fewer numbers."""

import io
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from emit.manifest import Manifest
from emit.programs import emit
from netspec import (
    NetSpec,
    TrainConfig,
    batchNorm,
    conv2d,
    convBn,
    dense,
    depthwiseBn,
    flatten,
    globalAvgPool,
    layerScale,
    residual,
)
from netspec.errors import NetSpecError
from runtime.compiler.compile import compile_programs
from runtime.compiler.target import target
from runtime.engine.iree import Device
from runtime.engine.session import Arrays, Session, initial_state
from runtime.report import Report
from runtime.weights.fold_scales import fold_parameters
from specs.mobilenet_v2 import mobilenetV2
from specs.resnet34 import resnet34
from tests.runtime.sandbox import only_one

pytestmark = pytest.mark.ordinary

ROOT = Path(__file__).parents[2]
CPU = target("cpu")
RECIPE = TrainConfig(0.1, 3, 1, useAdam=False)
NETS = {
    "MobileNetV2": replace(mobilenetV2(), imageH=48, imageW=40),
    "ResNet-34": replace(resnet34, imageH=40, imageW=48),
    "a convolution with a bias of its own": NetSpec(
        "Plain",
        [conv2d(3, 4, 3, "same", "relu"), convBn(4, 5, 3, 2, "valid"), flatten(), dense(5 * 3 * 3, 3, "identity")],
        8,
        8,
        activation="relu",
    ),
    "scales in rows": NetSpec(
        "Scaled",
        [
            conv2d(3, 4, 3, "same", "identity"),
            batchNorm("relu"),
            residual(
                [
                    convBn(4, 6, 3, 1, "same"),
                    conv2d(6, 4, 1, "same", "identity", bias=False),
                    layerScale(0.5),
                    batchNorm("identity"),
                    layerScale(0.5),
                ]
            ),
            layerScale(0.5),
            depthwiseBn(4, 3, 2, "same", "identity"),
            layerScale(0.5),
            conv2d(4, 5, 1, "same", "identity", bias=False),
            layerScale(0.5),
            residual([convBn(5, 5, 3, 1, "same")]),
            batchNorm("identity"),
            conv2d(5, 5, 1, "same", "relu"),
            residual([convBn(5, 5, 3, 1, "same")]),
            batchNorm("identity"),
            convBn(5, 5, 1, 1, "same"),
            globalAvgPool(),
            dense(5, 3, "identity"),
        ],
        8,
        8,
        activation="relu",
    ),
    "groups": NetSpec(
        "Grouped",
        [
            convBn(3, 256, 3, 2, "same"),
            convBn(256, 256, 3, 1, "same", groups=2),
            globalAvgPool(),
            dense(256, 3, "identity"),
        ],
        12,
        14,
        activation="relu",
    ),
    "no convolution before the head": NetSpec("Bare", [globalAvgPool(), dense(3, 4, "identity")], 5, 6),
}


def drawn(net: NetSpec) -> Arrays:
    """State as a run may have it: nothing is one or zero, variances as their convolutions give them or so."""
    arrays = initial_state(emit("evaluate", net, RECIPE).manifest.state(), 0)
    source = np.random.default_rng(1)
    for name, array in arrays.items():
        if name.endswith(("gamma", "variance")):
            arrays[name] = source.uniform(0.5, 1.5, array.shape).astype(np.float32)
        elif not name.endswith("weight"):
            arrays[name] = source.normal(0, 0.2, array.shape).astype(np.float32)
    return arrays


@pytest.mark.parametrize("name", list(NETS))
def test_predict_says_what_evaluate_says(name: str, shared: Path) -> None:
    net, arrays = NETS[name], drawn(NETS[name])
    programs = [emit(entry_point, net, RECIPE) for entry_point in ("evaluate", "predict")]
    with pytest.MonkeyPatch.context() as patch, only_one(shared):
        patch.setenv("NETSPEC_CACHE", str(shared / "inference"))
        compiled = compile_programs(programs, CPU, Report(live=False, stream=io.StringIO()))
    device = Device(CPU)
    evaluation, inference = (
        Session(device, {binary.entry_point: (binary.program, program.manifest)})
        for binary, program in zip(compiled, programs, strict=True)
    )
    evaluation.restore(arrays, "drawn")
    folded = fold_parameters(net, arrays, programs[1].manifest)
    # 1×1 kernels in panels, and 3×3 ones as Winograd's products take them.
    packed = {arrays[name].shape[0] for name, array in folded.items() if array.ndim == 3}
    assert packed == {"MobileNetV2": {1}, "ResNet-34": {1, 3}, "groups": {3}}.get(name, set())
    inference.restore(folded, "folded")
    images = np.random.default_rng(2).integers(0, 256, (3, *net.image), np.uint8)
    expected = evaluation.evaluate(images, np.full(3, -1, np.int32))["probabilities"]
    found = inference.predict(images)
    assert found.sum(axis=1) == pytest.approx(1, rel=1e-5)
    assert np.ptp(expected, axis=1).min() > 1e-3
    assert np.abs(found - expected).max() < 1e-5


BARE = NETS["no convolution before the head"]


@pytest.fixture
def predict_program(shared: Path) -> tuple[bytes, Manifest]:
    """`predict` of the smallest network, compiled."""
    program = emit("predict", BARE, RECIPE)
    with pytest.MonkeyPatch.context() as patch, only_one(shared):
        patch.setenv("NETSPEC_CACHE", str(shared / "inference"))
        (compiled,) = compile_programs([program], CPU, Report(live=False, stream=io.StringIO()))
    return compiled.program, program.manifest


def test_successive_predictions_use_their_own_images_and_weights(
    predict_program: tuple[bytes, Manifest], monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = Session(Device(CPU), {"predict": predict_program})
    first, second = (np.random.default_rng(seed).integers(0, 256, (3, 5, 6, 3), np.uint8) for seed in (0, 1))
    weights = [{name: array * scale for name, array in drawn(BARE).items()} for scale in (1, 2)]
    expected: dict[tuple[int, int], NDArray[np.float32]] = {}
    with monkeypatch.context() as patch:
        patch.setattr(Device, "mapped", lambda *_: None)  # as on a device with memory of its own
        for place, tensors in enumerate(weights):
            bare.restore(fold_parameters(BARE, tensors, predict_program[1]), "drawn")
            expected |= {(place, 0): bare.predict(first), (place, 1): bare.predict(second)}
    assert len({probabilities.tobytes() for probabilities in expected.values()}) == 4
    kept = []
    for place in (0, 1, 0):
        bare.restore(fold_parameters(BARE, weights[place], predict_program[1]), "drawn")
        for image, images in enumerate((first, second, first)):
            mine = images.copy()
            kept.append((bare.predict(mine), expected[place, image % 2]))
            mine[:] = 0
            with pytest.raises(NetSpecError, match=r"^the device stopped at predict: "):
                bare.predict(images[:2])
    with monkeypatch.context() as patch:
        patch.setattr(Device, "put", None)  # images are written where the last ones were
        kept.append((bare.predict(second), expected[0, 1]))
        kept.append((bare.predict(np.repeat(first, 2, axis=2)[:, :, ::2]), expected[0, 0]))
    kept.append((bare.predict(second.astype(np.int32)), expected[0, 1]))
    assert all(np.array_equal(found, wanted) for found, wanted in kept)


SCRIPT = """
import sys
import numpy as np
from pathlib import Path
from emit.programs import emit
from runtime.engine.iree import Device
from runtime.engine.session import Session, initial_state
from runtime.compiler.target import target
from tests.runtime.test_inference import BARE, RECIPE
manifest = emit("predict", BARE, RECIPE).manifest
session = Session(Device(target("cpu")), {{"predict": (Path({file!r}).read_bytes(), manifest)}})
session.restore(initial_state(manifest.state(), 0), "here")
found = session.predict(np.zeros((3, 5, 6, 3), np.uint8))
{end}
"""


@pytest.mark.parametrize(
    "end",
    [
        "print(found)",
        "del session; print(found)",
        "sys.modules['keep'] = session",
        "sys.modules['keep'] = session._bound_predict; del session",
        "sys.modules['keep'] = session._bound_predict[1]; session.restore(session.state(), 'x'); raise SystemExit(0)",
        "call = session._bound_predict[1]; del session; results = call(); del call; print(results)",
    ],
)
def test_a_process_that_predicted_ends_cleanly(
    end: str, predict_program: tuple[bytes, Manifest], tmp_path: Path
) -> None:
    (tmp_path / "predict.vmfb").write_bytes(predict_program[0])
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(file=str(tmp_path / "predict.vmfb"), end=end)],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("shape", [(1, 1, 32, 16), (1, 1, 24, 32), (3, 3, 16, 32)])
def test_a_kernel_of_another_shape_is_not_packed(shape: tuple[int, ...]) -> None:
    net = NetSpec(
        "Point",
        [
            conv2d(3, 16, 3, "same", "relu"),
            conv2d(16, 32, 1, "same", "relu"),
            globalAvgPool(),
            dense(32, 3, "identity"),
        ],
        4,
        4,
    )
    manifest = emit("predict", net, RECIPE).manifest
    arrays = initial_state(emit("evaluate", net, RECIPE).manifest.state(), 0)
    assert fold_parameters(net, arrays, manifest)["conv2_weight"].shape == (2, 16, 16)
    arrays["conv2_weight"] = np.zeros(shape, np.float32)
    assert fold_parameters(net, arrays, manifest)["conv2_weight"].shape == shape  # `Session.restore` refuses it
