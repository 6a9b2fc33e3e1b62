"""How often each pass applies to programs that are shipped: a release of IREE that turns one off shows.

Those of MobileNetV2 and ResNet-34, and of a small network with a concatenation, which no bundled one has.

They have the sizes that are shipped, for how long it takes hardly depends on them. The target is the same everywhere:
a processor with AVX-512, the rules for it and its measured tiles.

When a change of the counts is meant, rewrite them and read the difference before it is committed:

    NETSPEC_REWRITE_GOLDEN=1 python -m pytest tests/runtime/compiler/passes/test_counts.py
    git diff tests/runtime/compiler/passes/counts.json
"""

import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from emit.program import Program
from emit.programs import ENTRY_POINTS, emit
from netspec import NetSpec, TrainConfig, convBn, dense, globalAvgPool, parallel
from runtime.compiler.job import compiler_path, flags, until
from runtime.compiler.pipeline import PASSES, run
from runtime.compiler.target import target
from runtime.compiler.tiling.cpu import CpuTarget
from runtime.compiler.tiling.measured_avx512 import AVX512
from runtime.compiler.tiling.rules import RULES_AVX512, Tile
from runtime.compiler.tiling.tables import fitting
from specs.mobilenet_v2 import mobilenetV2, mobilenetV2Config
from specs.resnet34 import resnet34, resnet34Config

GOLDEN = Path(__file__).with_name("counts.json")
REWRITE = bool(os.environ.get("NETSPEC_REWRITE_GOLDEN"))
BRANCHES = NetSpec(
    "Branches",
    [
        convBn(3, 32, 3, 2, "same"),
        parallel([[convBn(32, 64, 1, 1, "same")], [convBn(32, 32, 3, 1, "same")], []], "concat"),
        convBn(128, 64, 1, 1, "same"),
        globalAvgPool(),
        dense(64, 5, "identity"),
    ],
    32,
    32,
    activation="relu",
    padding="same",
)
NETS: dict[str, tuple[NetSpec, TrainConfig]] = {
    "mobilenet_v2": (mobilenetV2(), mobilenetV2Config),
    "resnet34": (resnet34, resnet34Config),
    "branches": (BRANCHES, TrainConfig()),
}
BATCHES = [*((entry_point, 32) for entry_point in ENTRY_POINTS), ("predict", 1)]


def table() -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = json.loads(GOLDEN.read_text(encoding="utf-8"))
    return found


def flow_phase(program: Program) -> str:
    command = [str(compiler_path()), "-", *flags(target("cpu", "generic")), *until("flow")]
    return subprocess.run(command, input=program.text, capture_output=True, text=True, check=True).stdout


@pytest.mark.ordinary
@pytest.mark.parametrize(("entry_point", "batch"), BATCHES)
@pytest.mark.parametrize("name", NETS)
def test_each_pass_applies_as_often_as_it_did(name: str, entry_point: str, batch: int) -> None:
    net, config = NETS[name]
    program = emit(entry_point, net, replace(config, batchSize=batch))
    measured = {shape: Tile(*numbers) for shape, numbers in AVX512.get(entry_point, {}).items()}
    threads = 2 if batch == 1 else 1
    _, counts = run(flow_phase(program), CpuTarget(fitting(measured, program.module), RULES_AVX512, threads))
    title = f"{name}, {entry_point}, batch {batch}"
    if REWRITE:
        rewritten = json.dumps(table() | {title: counts}, indent=2, sort_keys=True)
        GOLDEN.write_text(f"{rewritten}\n", encoding="utf-8")
    assert counts == table()[title], f"see the docstring of {__file__} to rewrite {GOLDEN.name}"


def test_each_pass_applies_to_one_of_them() -> None:
    applied = {step for counts in table().values() for step, count in counts.items() if count}
    assert applied == set(PASSES), "no shipped network needs it; the docstring says how to rewrite the table"
