"""A disagreement is narrowed down to its operation: shown with a bug that IREE 3.13.0 really has.

It drops `reverse` from a depthwise convolution's window without a word; XLA does as it says.
"""

import io
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from emit import hlo
from emit.hlo import Operation, Value, printer
from emit.ops import depthwise
from runtime.compiler.target import target
from runtime.engine.iree import Device
from runtime.report import Report
from runtime.verify import narrow
from runtime.verify.numbers import Numbers
from specs.tiny import tiny, tinyConfig

NET, CONFIG = replace(tiny, imageH=16, imageW=16), replace(tinyConfig, batchSize=4)


class _NoReverse:
    """`emit.hlo` but for `reverse`, which leaves a kernel as it is."""

    def __getattr__(self, name: str) -> Any:
        return (lambda kernel, axes: kernel) if name == "reverse" else getattr(hlo, name)


@pytest.fixture
def bug(monkeypatch: pytest.MonkeyPatch) -> None:
    """The way back through a depthwise convolution is left to the window's attribute."""
    right = printer._FORMS["convolution"]

    def reversed_window(op: Operation) -> str:
        text = right(op)
        if op.attributes["groups"] == 1 or not op.results[0].name.endswith("_dw_dx"):
            return text
        changed = text.replace("} {batch_group_count", ", reverse = [true, true]} {batch_group_count")
        assert changed != text
        return changed

    monkeypatch.setitem(printer._FORMS, "convolution", reversed_window)
    monkeypatch.setattr(depthwise, "hlo", _NoReverse())


@pytest.fixture
def session(
    bug: None, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Numbers]:
    """The check of a program with the bug."""
    cache = Path(request.config.cache.mkdir("netspec")) if request.config.cache else Path(".pytest_cache")
    monkeypatch.setenv("NETSPEC_CACHE", str(cache))
    cpu, report = target("cpu"), Report(live=False, stream=io.StringIO())
    with Numbers(NET, CONFIG, cpu, Device(cpu), report, folder=tmp_path / "repro") as numbers:
        yield numbers


def commands(folder: Path) -> list[list[str]]:
    """The indented lines of the report: to compile, and to run."""
    lines = (folder / "README.md").read_text(encoding="utf-8").splitlines()
    return [shlex.split(line) for line in lines if line.startswith("    ")]


def run(folder: Path, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        command, cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )


@pytest.mark.ordinary
def test_a_compiler_bug_is_narrowed_to_its_operation_and_the_report_shows_it(session: Numbers) -> None:
    checks = {check.subject: check for check in session.checks()}
    assert not checks["train_step, parameters"].passed
    assert not checks["train_step, slots"].passed
    assert checks["train_step, statistics"].passed
    found = session.finding
    assert found is not None
    assert found.where == "layer 1: invertedResidual(16, 24, 2, 2, 2), block1_2_dw, backward"
    assert found.alone
    assert found.operations == 1
    assert found.tensor.name == "block1_2_dw_dx"
    begins = checks["train_step, where it begins"]
    assert not begins.passed
    assert begins.found == str(found)
    assert "one operation shows it" in begins.found

    folder = found.folder
    assert {file.name for file in folder.iterdir()} == {
        "README.md",
        "repro.mlir",
        "input0.npy",
        "input1.npy",
        "expected0.npy",
    }
    text = (folder / "repro.mlir").read_text(encoding="utf-8")
    assert "reverse = [true, true]" in text
    assert text.count("stablehlo.") == 1
    compiling, running = commands(folder)
    assert run(folder, compiling).returncode == 0
    ran = run(folder, running)
    assert ran.returncode != 0
    assert "[FAILED] result[0]" in ran.stdout + ran.stderr

    # The same numbers without the attribute, the kernel turned round beforehand: nothing fails, so the threshold is
    # not too small.
    (folder / "repro.mlir").write_text(text.replace(", reverse = [true, true]", ""), encoding="utf-8")
    kernel = np.load(folder / "input0.npy")
    assert kernel.shape == (3, 3, 1, 48)
    np.save(folder / "input0.npy", np.ascontiguousarray(kernel[::-1, ::-1]))
    assert run(folder, compiling).returncode == 0
    again = run(folder, running)
    assert again.returncode == 0, again.stdout[:1000] + again.stderr[:1000]


@pytest.mark.slow
def test_where_no_part_shows_it_alone_the_whole_step_is_written(
    session: Numbers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(narrow._Search, "_smallest", lambda search, value: None)
    checks = list(session.checks())
    assert not all(check.passed for check in checks)
    found = session.finding
    assert found is not None
    assert not found.alone
    assert "block1_2_dw, backward" in found.where
    assert "no part of the program shows it alone" in str(found)
    assert "this is the complete step" in (found.folder / "README.md").read_text(encoding="utf-8")
    compiling, running = commands(found.folder)
    assert "--flagfile=run.flags" in running
    assert run(found.folder, compiling).returncode == 0
    ran = run(found.folder, running)
    assert ran.returncode != 0
    assert "[FAILED]" in ran.stdout + ran.stderr


@pytest.mark.ordinary
def test_values_are_looked_at_in_as_many_runs_as_memory_asks_for(
    session: Numbers, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    right = narrow._Search._on_device

    def counted(search: narrow._Search, values: Sequence[Value]) -> list[Any]:
        asked.append(sum(8 * value.type.elements for value in values))
        return right(search, values)

    monkeypatch.setattr(narrow, "READ_AT_ONCE", 1e6)
    monkeypatch.setattr(narrow._Search, "_on_device", counted)
    checks = list(session.checks())
    assert not all(check.passed for check in checks)
    assert session.finding is not None
    assert "block1_2_dw, backward" in session.finding.where
    assert asked
    assert max(asked) <= 1e6
