"""Large weights are packed once, before a matmul of many rows, and results are unchanged."""

import re
from pathlib import Path

import numpy as np
import pytest

from emit import hlo
from emit.hlo import Block
from emit.program import Program
from tests.runtime.compiler.passes.rewritten import found
from tests.runtime.compiler.programs import giving


def multiplied(rows: tuple[int, ...], inner: int, columns: int, *, turned: bool = False, many: int = 1) -> Program:
    """Images by kernels `[inner, columns]`, or `[columns, inner]` where they are turned; each with an epilogue."""
    block = Block()
    x = block.argument("x", (*rows, inner))
    shape = (columns, inner) if turned else (inner, columns)
    kernels = [block.argument(f"k{number}", shape) for number in range(many)]
    results = []
    for kernel in kernels:
        if len(rows) == 1:
            y = hlo.dot(x, kernel, (1, 1 if turned else 0))
        else:
            y = hlo.convolution(x, hlo.reshape(kernel, (1, 1, *shape)), kernel_axes="01oi" if turned else "01io")
        y = hlo.maximum(y, block.constant(0.5, y.shape))
        results.append(y if len(rows) == 1 else hlo.pad(y, (0, 1, 1, 0), (0, 1, 1, 0)))
    return giving(block, "predict", tuple(results), x, *kernels)


CASES = {
    "rows": (multiplied((520,), 512, 512), 1),
    "one executable for two kernels": (multiplied((512,), 256, 1024, many=2), 2),
    "turned": (multiplied((784,), 512, 528, turned=True), 1),
    "the rows are an image's": (multiplied((4, 12, 12), 300, 896), 1),
    "the rows are an image's, turned": (multiplied((4, 12, 12), 896, 304, turned=True), 1),
    "few rows": (multiplied((500,), 512, 512), 0),
    "small weights": (multiplied((784,), 256, 512), 0),
    "a panel would not be full": (multiplied((784,), 512, 520), 0),
}


@pytest.mark.ordinary
@pytest.mark.parametrize(("program", "packs"), CASES.values(), ids=CASES)
def test_results_are_unchanged(program: Program, packs: int, shared: Path) -> None:
    plain, before = found(program, shared, without="pack_wide_kernels")
    text, after = found(program, shared)
    assert "panels_" not in plain
    assert len(re.findall(r"stream\.cmd\.dispatch @\w+::@(?:turned_)?panels_", text)) == packs
    if packs:
        assert not re.findall(r"stream\.cmd\.dispatch @\w+::@turned_\d", text)
    for one, other in zip(before, after, strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-4)
