"""Of a padded image the border alone is filled, and every number is as it was."""

import re
from pathlib import Path

import numpy as np
import pytest

from emit import hlo
from emit.hlo import Block, Value
from emit.program import Program
from runtime.compiler.passes.fill_borders import with_borders
from tests.runtime.compiler.passes.rewritten import found
from tests.runtime.compiler.programs import giving

PADS = {
    "around": ((0, 1, 1, 0), (0, 1, 1, 0)),
    "behind": ((0, 0, 0, 0), (0, 2, 1, 0)),
    "before": ((0, 2, 3, 0), (0, 0, 0, 0)),
    "above": ((0, 1, 0, 0), (0, 0, 0, 0)),
    "right": ((0, 0, 0, 0), (0, 0, 1, 0)),
    "channels": ((0, 0, 0, 3), (0, 0, 0, 0)),
    "columns and channels": ((0, 0, 1, 1), (0, 0, 1, 0)),
    "images": ((1, 0, 0, 0), (2, 0, 0, 0)),
    "images and rows": ((0, 1, 0, 0), (1, 0, 0, 0)),
}
SIZES = ((1, 5, 7, 16), (3, 4, 6, 32), (2, 1, 5, 24), (2, 6, 1, 5), (1, 3, 3, 1))

PROGRAM = """\
module @f {
  flow.executable private @f_dispatch_0 {
    builtin.module {
      func.func @f_dispatch_0_conv(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x3x3x8xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readwrite:tensor<2x5x5x8xf32>>) {
        iree_tensor_ext.dispatch.tensor.store %6, %arg1, offsets = [0, 1, 1, 0], sizes = [2, 3, 3, 8], strides = [1, 1, 1, 1] : tensor<2x3x3x8xf32> -> !iree_tensor_ext.dispatch.tensor<readwrite:tensor<2x5x5x8xf32>>
      }
    }
  } loc("f":1:1)
  util.func public @f(%arg0: tensor<2x3x3x8xf32>) {
    %cst = arith.constant 0.000000e+00 : f32
    %1 = flow.tensor.splat %cst : tensor<2x5x5x8xf32> loc("f":2:1)
    %2 = flow.dispatch @f_dispatch_0::@f_dispatch_0_conv(%0, %1) : (tensor<2x3x3x8xf32>, tensor<2x5x5x8xf32>) -> %1 loc("f":3:1)
    %3 = flow.dispatch @f_dispatch_0::@f_dispatch_0_conv(%2, %1) : (tensor<2x3x3x8xf32>, tensor<2x5x5x8xf32>) -> %1
  }
}
"""  # noqa: E501


def test_a_fill_becomes_one_of_the_border_for_each_image_that_is_written_into_it() -> None:
    lines = with_borders(PROGRAM).splitlines()
    (executable,) = [line for line in lines if "flow.executable private @border" in line]
    assert executable == "  flow.executable private @border_0_2x5x5x8 {"
    room, whole, border, first = [
        line.strip() for line in lines if line.endswith('loc("f":3:1)') and "arith.constant" not in line
    ]
    assert re.fullmatch(r'%room_(\d+) = flow.tensor.empty : tensor<400xf32> loc\("f":3:1\)', room)
    assert " = flow.dispatch @border_0_2x5x5x8::@border_0_2x5x5x8(%room_" in whole
    name = border.split()[0]
    assert (
        border
        == f'{name} = flow.tensor.reshape {whole.split()[0]} : tensor<400xf32> -> tensor<2x5x5x8xf32> loc("f":3:1)'
    )
    assert f"conv(%0, {name}) : " in first
    assert f"-> {name} loc(" in first
    sites = [line for line in lines if "arith.constant" in line and ": i32" in line]
    assert len(set(sites)) == 2
    assert not lines[-3].endswith("-> %1")


@pytest.mark.parametrize(
    ("before", "instead"),
    [
        ("strides = [1, 1, 1, 1]", "strides = [1, 2, 2, 1]"),
        ("sizes = [2, 3, 3, 8]", "sizes = [1, 5, 3, 8]"),
        ("    }\n  }", "        %7 = iree_tensor_ext.dispatch.tensor.load %arg1\n    }\n  }"),
        ("%1 = flow.tensor.splat %cst : tensor<2x5x5x8xf32>", "%1 = flow.tensor.splat %cst : tensor<2x5x10x4xf32>"),
        ("%1 = flow.tensor.splat", "%1 = flow.tensor.constant"),
    ],
)
def test_other_fills_stay(before: str, instead: str) -> None:
    assert before in PROGRAM
    other = PROGRAM.replace(before, instead)
    assert with_borders(other) == other


def padding(size: tuple[int, int, int, int], pads: tuple[tuple[int, ...], tuple[int, ...]], fill: float) -> Program:
    """Two padded images, one of a product and one of a pass."""
    block = Block()
    x, kernel = block.argument("x", size), block.argument("kernel", (1, 1, size[3], size[3]))
    convolved = hlo.convolution(x, kernel, pads=((0, 0), (0, 0)), strides=(1, 1))

    def padded(value: Value) -> Value:
        return hlo.pad(hlo.maximum(value, block.constant(0.5, size)), *pads, fill=fill)

    return giving(block, "predict", (padded(convolved), padded(hlo.maximum(x, hlo.add(x, x)))), x, kernel)


@pytest.mark.ordinary
@pytest.mark.parametrize("pads", PADS.values(), ids=PADS)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_every_number_is_as_it_was(
    size: tuple[int, int, int, int], pads: tuple[tuple[int, ...], tuple[int, ...]], shared: Path
) -> None:
    program = padding(size, pads, fill=-0.25)
    whole, before = found(program, shared, without="with_borders")
    text, after = found(program, shared)
    fills, left = (each.count("stream.cmd.fill") for each in (whole, text))
    lone = size[0] == 1 and pads[0][0] + pads[1][0] > 0  # may be copied, not written, into what is filled
    assert left <= lone < fills
    for one, other in zip(before, after, strict=True):
        assert np.array_equal(one, other)
