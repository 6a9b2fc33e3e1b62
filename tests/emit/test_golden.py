"""Emitted programs: a kept copy, the official parser's verdict, and the same bytes every time."""

import json
import os
import re
import subprocess
import sys
from functools import cache
from hashlib import sha256

import pytest

from emit.expand import expand
from emit.hlo import Operation
from emit.program import Program
from emit.programs import ENTRY_POINTS, emit
from netspec import NetSpec, TrainConfig
from specs.mobilenet_v2 import mobilenetV2, mobilenetV2Config
from specs.resnet34 import resnet34, resnet34Config
from specs.tiny import tiny, tinyConfig
from tests.emit import interpreter
from tests.ops.harness import ROOT, check_golden

NETS: dict[str, tuple[NetSpec, TrainConfig]] = {
    "tiny": (tiny, tinyConfig),
    "mobilenet_v2": (mobilenetV2(), mobilenetV2Config),
    "resnet34": (resnet34, resnet34Config),
}
PROGRAMS = [(name, entry_point) for name in NETS for entry_point in ENTRY_POINTS]


@cache
def program(name: str, entry_point: str) -> Program:
    return emit(entry_point, *NETS[name])


def test_the_tiny_network_evaluates_with_its_golden_text() -> None:
    check_golden("tiny_evaluate.mlir", program("tiny", "evaluate").text)


@pytest.mark.parametrize(("name", "entry_point"), PROGRAMS)
def test_the_official_dialect_parses_and_verifies_every_program(name: str, entry_point: str) -> None:
    interpreter.verify(program(name, entry_point).text)


@pytest.mark.parametrize("backend", ["cuda", "rocm", "vulkan", "metal"])
@pytest.mark.parametrize("entry_point", ENTRY_POINTS)
def test_the_official_dialect_accepts_the_forms_of_every_backend(backend: str, entry_point: str) -> None:
    interpreter.verify(emit(entry_point, tiny, tinyConfig, backend=backend).text)


@pytest.mark.parametrize("entry_point", ENTRY_POINTS)
def test_the_official_dialect_accepts_programs_in_f64(entry_point: str) -> None:
    interpreter.verify(emit(entry_point, tiny, tinyConfig, real="f64").text)


@pytest.mark.parametrize(("name", "entry_point"), PROGRAMS)
def test_emission_gives_the_same_bytes_twice(name: str, entry_point: str) -> None:
    again = emit(entry_point, *NETS[name])
    assert again.text == program(name, entry_point).text
    assert again.manifest == program(name, entry_point).manifest


@pytest.mark.ordinary
def test_emission_gives_the_same_bytes_in_a_process_with_another_hash_seed() -> None:
    code = (
        "from hashlib import sha256; from emit.programs import emit, ENTRY_POINTS;"
        "from specs.tiny import tiny, tinyConfig; from specs.resnet34 import resnet34, resnet34Config;"
        "nets = [(tiny, tinyConfig), (resnet34, resnet34Config)];"
        "print(*(sha256(emit(e, *net).text.encode()).hexdigest() for net in nets for e in ENTRY_POINTS))"
    )
    expected = [
        sha256(program(name, entry_point).text.encode()).hexdigest()
        for name in ("tiny", "resnet34")
        for entry_point in ENTRY_POINTS
    ]
    for seed in ("1", "4242"):
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.split() == expected


# What belongs to no layer: the optimizer's scalars and what evaluation counts.
_SHARED = re.compile(
    r"c_\w+|images_\w+|loss_\w+|(step|correction|expm1|column|label|is_label|max|exp|total|shifted|everywhere|log"
    r"|log_softmax|probabilities|picked|largest|is_largest|candidates|answer|right|correct|label)\w*"
)


@pytest.mark.parametrize(("name", "entry_point"), PROGRAMS)
def test_every_value_is_named_after_its_layer(name: str, entry_point: str) -> None:
    nodes = sorted(expand(NETS[name][0]).nodes, key=len, reverse=True)
    layer = re.compile(rf"({'|'.join(nodes)})(_\w+)?")
    (function,) = program(name, entry_point).module.functions
    values = [value.name for item in function.operations if isinstance(item, Operation) for value in item.results]
    names = [*(value.name for value in function.arguments), *values]
    assert len(set(names)) == len(names)
    strangers = [each for each in values if not layer.fullmatch(each) and not _SHARED.fullmatch(each)]
    assert not strangers


@pytest.mark.parametrize(("name", "entry_point"), PROGRAMS)
def test_the_manifest_lists_the_arguments_and_results_of_the_function_in_order(name: str, entry_point: str) -> None:
    emission = program(name, entry_point)
    (function,) = emission.module.functions
    assert [(entry.name, entry.shape, entry.dtype) for entry in emission.manifest.arguments] == [
        (value.name, value.shape, value.dtype) for value in function.arguments
    ]
    assert [(entry.shape, entry.dtype) for entry in emission.manifest.results] == [
        (value.shape, value.dtype) for value in function.results
    ]


def test_a_manifest_is_json_with_an_argument_or_a_result_a_line() -> None:
    manifest = program("tiny", "train_step").manifest
    text = manifest.to_text()
    assert json.loads(text) == json.loads(json.dumps(manifest.to_plain()))
    entries = [line.strip(" ,") for line in text.splitlines() if line.startswith('  {"name"')]
    assert [json.loads(line)["name"] for line in entries] == [
        entry.name for entry in (*manifest.arguments, *manifest.results)
    ]


@pytest.mark.parametrize("name", list(NETS))
def test_a_layer_has_its_own_heading_forward_and_backward(name: str) -> None:
    text = program(name, "train_step").text
    for index, layer in enumerate(NETS[name][0].layers):
        assert text.count(f"// layer {index}: {layer}\n") == 1
        assert text.count(f"// backward, layer {index}: {layer}\n") == 1
