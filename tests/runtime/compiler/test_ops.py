"""Ops in forms that no bundled network has: compiled by IREE for this CPU, in f32, beside JAX in f64.

Their sizes are large enough that the passes rewrite and tile them.
"""

from dataclasses import replace
from pathlib import Path

import jax
import numpy as np
import pytest

from emit.ops.convolution import Convolution
from emit.ops.depthwise import Depthwise
from emit.targets import LOWERINGS
from emit.windows import Window
from runtime.compiler.compile import compile_programs
from runtime.compiler.target import target
from runtime.engine.iree import Device
from tests.ops import test_attention, test_convolution
from tests.ops.harness import Case, difference, emitted, numbers, pull
from tests.runtime.compiler.programs import giving, quiet
from tests.runtime.sandbox import only_one

CPU = target("cpu")
TOLERANCE = 1e-5  # f32 rounds at 6e-8; the longest sum here has some ten thousand terms
SAME = Window(3, 1, "same")


def convolution(op: Convolution | Depthwise, *images: int) -> Case:
    """A convolution of images `[N, H, W, C]`."""
    window, groups = op.window, op.groups if isinstance(op, Convolution) else op.channels

    def expected(x: jax.Array, weight: jax.Array) -> jax.Array:
        return test_convolution.convolution(x, weight, window.stride, window.padding, groups, window.dilation)

    return Case(op, (images,), expected)


CASES = {
    "attention": test_attention.case(4, 32, 32, 2, (8, 8), (4, 4)),
    "attention of odd sizes": test_attention.case(3, 20, 12, 3, (7, 7), (7, 7)),
    "dilated": convolution(Convolution(64, 64, Window(3, 1, "same", 2)), 2, 14, 16, 64),
    "dilated, of few channels": convolution(Convolution(3, 32, Window(3, 1, "same", 2)), 2, 32, 32, 3),
    "dilated, by image": convolution(Convolution(64, 32, Window(3, 1, "symmetric", 4)), 2, 16, 16, 64),
    "dilated, a single window": convolution(Convolution(16, 16, Window(3, 1, "valid", 3)), 2, 7, 7, 16),
    "dilated depthwise": convolution(Depthwise(64, Window(3, 1, "same", 2)), 4, 16, 16, 64),
    "dilated depthwise, beyond the image": convolution(Depthwise(32, Window(5, 1, "same", 6)), 2, 10, 12, 32),
    "groups": convolution(Convolution(64, 32, SAME, groups=4), 2, 14, 14, 64),
    "groups, a stride": convolution(Convolution(32, 64, Window(3, 2, "same"), groups=2), 2, 14, 14, 32),
    "groups of one channel": convolution(Convolution(4, 8, SAME, groups=4), 2, 9, 8, 4),
    "groups of pixels": convolution(Convolution(48, 96, Window(1, 1, "same"), groups=3), 2, 8, 8, 48),
    "groups of pixels, a stride": convolution(Convolution(32, 32, Window(1, 2, "same"), groups=2), 2, 8, 8, 32),
    "groups, dilated": convolution(Convolution(32, 32, Window(3, 1, "same", 2), groups=2), 2, 12, 12, 32),
    "groups, by Winograd": convolution(Convolution(256, 256, SAME, groups=2), 2, 18, 18, 256),
}


@pytest.mark.ordinary
@pytest.mark.parametrize("name", CASES)
def test_what_is_compiled_agrees_with_the_oracle(name: str, shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETSPEC_CACHE", str(shared / "cache"))
    case = replace(CASES[name], lowerings=LOWERINGS["cpu"])
    module = emitted(case, "f32").module
    (main,) = module.functions
    program = giving(main.results[0].block, "predict", main.results, *main.arguments)
    inputs, parameters, _ = numbers(case)
    arrays = [np.asarray(each, np.float32) for each in (*inputs, *parameters)]
    dy = np.random.default_rng(0).standard_normal(main.results[0].shape).astype(np.float32)
    with only_one(shared):
        (compiled,) = compile_programs([program], CPU, quiet(), tiles={})
    device = Device(CPU)
    results = device.load(compiled.program, "predict")([device.put(each, "f32") for each in (*arrays, dy)])
    output, cotangents = pull(case, dy.astype(np.float64), *(each.astype(np.float64) for each in arrays))
    for found, expected in zip(results, (output, *cotangents), strict=True):
        assert difference(device.read(found, "f32"), expected) <= TOLERANCE
