"""Parts of a concatenation are computed in their places, and results are unchanged."""

from pathlib import Path

import numpy as np
import pytest

from emit import hlo
from emit.hlo import Block
from emit.program import Program
from tests.runtime.compiler.passes.rewritten import found
from tests.runtime.compiler.programs import giving


def branches(size: tuple[int, int, int, int], *kernels: tuple[int, int], others: bool) -> Program:
    """Convolutions of one image side by side, of some sizes and outputs; perhaps the image, and one that is read twice.

    Then a convolution of them all.
    """
    block = Block()
    x = block.argument("x", size)
    arguments, parts = [x], []
    for number, (side, outputs) in enumerate(kernels):
        arguments.append(block.argument(f"kernel_{number}", (side, side, size[3], outputs)))
        pads = ((side // 2, side // 2),) * 2
        y = hlo.convolution(x, arguments[-1], pads=pads)
        parts.append(hlo.maximum(y, block.constant(0, y.shape)))
    results = []
    if others:
        results.append(parts[0])
        parts.insert(1, x)
    whole = hlo.concatenate(parts, 3, "whole")
    arguments.append(block.argument("last", (1, 1, whole.shape[3], 8)))
    return giving(block, "predict", (hlo.convolution(whole, arguments[-1]), *results), *arguments)


@pytest.mark.ordinary
@pytest.mark.parametrize("others", [False, True], ids=["", "beside what is copied"])
@pytest.mark.parametrize(
    ("size", "kernels"),
    [
        ((2, 8, 8, 16), ((1, 32), (3, 16), (1, 32), (1, 24))),
        ((1, 9, 7, 3), ((1, 5), (3, 7), (1, 5))),
    ],
    ids=str,
)
def test_results_are_unchanged(
    size: tuple[int, int, int, int], kernels: tuple[tuple[int, int], ...], others: bool, shared: Path
) -> None:
    program = branches(size, *kernels, others=others)
    copied, before = found(program, shared, without="concatenate_in_place")
    text, after = found(program, shared)
    assert text != copied
    assert all(np.any(each) for each in after)
    assert all(np.array_equal(one, other) for one, other in zip(before, after, strict=True))
