"""Depthwise weight gradients are summed at all places of the kernel at once, and results are unchanged."""

from pathlib import Path

import numpy as np
import pytest

from emit import hlo
from emit.hlo import Block
from emit.program import Program
from runtime.compiler import job
from runtime.compiler.tiling.rules import RULES_AVX2, RULES_AVX512, Rules
from tests.runtime.compiler.passes.rewritten import found
from tests.runtime.compiler.programs import giving


@pytest.mark.parametrize(
    ("rules", "places", "channels", "columns"),
    [
        (RULES_AVX512, 9, 96, 32), (RULES_AVX512, 9, 144, 16), (RULES_AVX512, 9, 72, None),
        (RULES_AVX512, 25, 96, 16), (RULES_AVX512, 49, 96, None),
        (RULES_AVX2, 9, 96, None),
    ],
)  # fmt: skip
def test_as_many_channels_as_fit_into_registers(rules: Rules, places: int, channels: int, columns: int | None) -> None:
    assert rules.sums_at_once(places, channels) == columns


def weights(k: int, stride: int, wide: int, channels: int) -> Program:
    """The weight gradient of two images of three rows each, of which the second's begin at the fourth."""
    block, rows = Block(), -(-(k + 2 * stride) // stride)
    height = rows * stride
    image = block.argument("x", (1, 2 * height, (wide - 1) * stride + k, channels))
    cotangent = block.argument("dy", (2 * rows, wide + 1, 1, channels))
    results = []
    for first in range(2):
        count = (height - k) // stride + 1
        begin, end = first * height, first * height + (count - 1) * stride + k
        one_image = hlo.slice_(image, (0, begin, 0, 0), (1, end, image.shape[2], channels))
        kernel = hlo.slice_(cotangent, (first * rows, 1, 0, 0), (first * rows + count, wide + 1, 1, channels))
        results.append(hlo.convolution(one_image, kernel, kernel_dilation=(stride, stride), groups=channels))
    return giving(block, "predict", tuple(results), image, cotangent)


@pytest.mark.ordinary
@pytest.mark.parametrize(("k", "stride"), [(3, 1), (5, 2)])
def test_results_are_unchanged(k: int, stride: int, shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job, "rules_of", lambda target: RULES_AVX512)
    program = weights(k, stride, 15, 80)
    apart, before = found(program, shared, without="depthwise_weight_gradient")
    text, after = found(program, shared)
    assert "_places_" not in apart
    assert "_places_" in text
    for one, other in zip(before, after, strict=True):
        assert one.shape == (1, k, k, 80)
        assert np.abs(one - other).max() < 1e-4
        assert np.abs(one).max() > 1
