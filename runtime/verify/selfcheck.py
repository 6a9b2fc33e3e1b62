"""A numeric check of a device at its first use: one training step of a small network; the result is cached.

Wrong results of a device's compiler or driver are silent: a convolution with a certain padding, a reduction over a
certain size. The network has every op but flatten, strides that do and do not divide, and both paddings; the
reference is the evaluator in f64, so nothing but the runtime is needed.
"""

import hashlib
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from emit.program import Program
from emit.programs import emit
from netspec import __version__
from netspec.activations import ACTIVATIONS
from netspec.fields import annotations, problem
from netspec.language import NetSpec, TrainConfig
from netspec.layers import (
    attention,
    avgPool,
    conv2d,
    convBn,
    dense,
    depthwiseBn,
    dropout,
    globalAvgPool,
    invertedResidual,
    layerScale,
    maxPool,
    parallel,
    residual,
    squeezeExcite,
)
from runtime.compiler.compile import check_releases, compile_programs
from runtime.compiler.target import Target
from runtime.engine.iree import Device, available
from runtime.report import Report
from runtime.system import cache, paths
from runtime.system.host import host
from runtime.verify.evaluate import Evaluated
from runtime.verify.numbers import call
from runtime.verify.truth import Truth


def _projected(ic: int, oc: int) -> conv2d:
    return conv2d(ic, oc, 1, "same", "identity", bias=False)


NET = NetSpec(
    name="self-check",
    imageH=33,
    imageW=32,
    activation="relu6",
    padding="same",
    layers=[
        convBn(3, 16, 3, 2, "same"),  # 33×32→17×16: a stride that does not divide, and one that does
        maxPool(3, 2),  # →9×8
        invertedResidual(16, 16, 2, 1, 1),
        invertedResidual(16, 24, 2, 2, 1),  # →5×4
        residual(
            [
                depthwiseBn(24, 5, 1, "symmetric"),
                squeezeExcite(24, 8, "relu", "hsigmoid"),
                convBn(24, 24, 1, 1, "same", "identity"),
                layerScale(0.5),
            ],
            dropPath=0.25,
        ),
        parallel([[avgPool(3, 1)], [convBn(24, 8, 1, 1, "same")]], "concat"),
        attention(2, 8, [_projected(32, 16)], [_projected(32, 8)], [_projected(32, 12)]),
        conv2d(24, 16, 3, "symmetric", "relu", 1),
        globalAvgPool(),
        dropout(0.25),
        *(dense(16, 16, activation) for activation in ACTIVATIONS),
        dense(16, 10, "identity"),
    ],
)
CONFIG = TrainConfig(
    learningRate=0.01, batchSize=4, epochs=1, useAdam=True, weightDecay=0.0001, labelSmoothing=0.1, seed=0
)
_DRIVERS = ("/proc/driver/nvidia/version", "/sys/module/amdgpu/version")


@dataclass(frozen=True)
class SelfCheck:
    """The result of a device's self-check. The field names are keys of the cached file. `seconds`: the check's time."""

    passed: bool
    found: str
    tensors: int
    seconds: float
    written: str
    device: dict[str, Any]


def self_check(device: Device, target: Target, report: Report) -> SelfCheck:
    """The cached result for this device, driver and IREE release; checked now if there is none.

    Raises CompileError when the check's program does not compile or load.
    """
    program = emit("train_step", NET, CONFIG, backend=target.backend)
    identity = {**facts(target), "program": hashlib.sha256(program.text.encode()).hexdigest()}
    path = paths.devices_cache() / f"{_digest(identity)}.json"
    known = _read(path, identity, report)
    if known is not None:
        return known
    report.say(f"first use of {target}: checking its numbers")
    check = _check(device, target, program, identity, report)
    cache.keep_json(path, asdict(check))
    report.say(f"  {'passed' if check.passed else 'failed'}: {check.found}")
    return check


def _check(device: Device, target: Target, program: Program, identity: dict[str, Any], report: Report) -> SelfCheck:
    started = time.monotonic()
    (compiled,) = compile_programs([program], target, report)
    truth = Truth(NET, CONFIG, target.backend, reference=Evaluated)
    truth.run()
    errors = truth.compare(call(device, compiled, program.manifest, truth.arguments))
    worst = max(errors, key=lambda error: error.share)
    wrong = [error for error in errors if not error.passed]
    says = f"worst {worst}"
    if wrong:
        says = f"{len(wrong)} of {len(errors)} tensors of a small training step are off, {says}"
    written = time.strftime("%Y-%m-%dT%H:%M:%S%z")
    return SelfCheck(not wrong, says, len(errors), time.monotonic() - started, written, identity)


def facts(target: Target) -> dict[str, Any]:
    """The facts on which a cached result depends: devices, drivers, processor, releases."""
    files = (Path(name) for name in _DRIVERS)
    return {
        "backend": target.backend,
        "chip": target.chip,
        "devices": available()[target.backend],
        "drivers": [file.read_text(errors="replace").splitlines()[0] for file in files if file.is_file()],
        "host": hashlib.sha256(host().encode()).hexdigest(),
        "iree": check_releases(),
        "netspec": __version__,
    }


def _digest(facts: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:32]


def _read(path: Path, facts: dict[str, Any], report: Report) -> SelfCheck | None:
    """The cached result; None where there is none for this device, or it is damaged."""
    kept = cache.fetch_json(path, report.say)
    if not isinstance(kept, dict) or kept.keys() != annotations(SelfCheck).keys() or kept["device"] != facts:
        return None
    if any(problem(annotation, kept[name]) for name, annotation in annotations(SelfCheck).items() if name != "device"):
        return None
    return SelfCheck(**kept)
