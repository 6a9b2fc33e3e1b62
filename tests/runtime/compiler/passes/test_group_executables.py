"""A program's executables come in a few groups, and results are unchanged."""

import re
from pathlib import Path

import numpy as np
import pytest

from emit import hlo
from emit.hlo import Block
from emit.program import Program
from runtime.compiler.passes.group_executables import GROUPS
from tests.runtime.compiler.passes.rewritten import found
from tests.runtime.compiler.programs import giving


def chain() -> Program:
    """A program of more dispatches than there are groups."""
    block = Block()
    x = block.argument("x", (8, 8))
    results = [x]
    for _ in range(GROUPS + 1):
        matmul = hlo.dot(results[-1], x, (1, 0))
        results.append(hlo.maximum(matmul, block.constant(float(len(results)), matmul.shape)))
    return giving(block, "predict", tuple(results[1:]), x)


@pytest.mark.ordinary
def test_results_are_unchanged(shared: Path) -> None:
    ungrouped, before = found(chain(), shared, without="group_executables")
    text, after = found(chain(), shared)
    called = r"stream\.cmd\.dispatch @(\w+)::@(\w+)"
    assert len({group for group, _ in re.findall(called, ungrouped)}) > GROUPS
    assert {group for group, _ in re.findall(called, text)} == {f"group_{group}" for group in range(GROUPS)}
    assert [name for _, name in re.findall(called, text)] == [name for _, name in re.findall(called, ungrouped)]
    for one, other in zip(before, after, strict=True):
        assert np.array_equal(one, other)
