"""A matrix that a product reads along its rows is turned before, once, and every number is as it was."""

import re
from pathlib import Path

import numpy as np
import pytest

from emit import hlo
from emit.hlo import Block
from emit.program import Program
from runtime.compiler.passes.pretranspose import with_turned
from tests.runtime.compiler.passes.rewritten import found
from tests.runtime.compiler.programs import giving

PROGRAM = """\
module @f {
  flow.executable private @f_dispatch_0 {
    builtin.module {
      func.func @f_dispatch_0_matmul_like(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<64x8xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readonly:tensor<24x8xf32>>, %arg2: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<64x24xf32>>) {
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0], sizes = [64, 8], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<64x8xf32>> -> tensor<64x8xf32>
        %1 = iree_tensor_ext.dispatch.tensor.load %arg1, offsets = [0, 0], sizes = [24, 8], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<24x8xf32>> -> tensor<24x8xf32>
        %5 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%0, %1 : tensor<64x8xf32>, tensor<24x8xf32>) outs(%4 : tensor<64x24xf32>) {
      }
    }
  } loc("f":1:1)
  util.func public @f(%arg0: tensor<64x8xf32>) {
    %2 = flow.dispatch @f_dispatch_0::@f_dispatch_0_matmul_like(%0, %1) : (tensor<64x8xf32>, tensor<24x8xf32>) -> tensor<64x24xf32> loc("f":3:1)
    %4 = flow.dispatch @f_dispatch_0::@f_dispatch_0_matmul_like(%0, %3) : (tensor<64x8xf32>, tensor<24x8xf32>) -> tensor<64x24xf32>
  }
}
"""  # noqa: E501


def test_the_matrix_of_each_dispatch_is_turned_before_it() -> None:
    text = with_turned(PROGRAM)
    assert text.count("flow.executable private @turned_24x8xf32 {") == 1
    assert "%arg1: !iree_tensor_ext.dispatch.tensor<readonly:tensor<8x24xf32>>" in text
    assert "%1 = iree_tensor_ext.dispatch.tensor.load %arg1, offsets = [0, 0], sizes = [8, 24], strides" in text
    assert "affine_map<(d0, d1, d2) -> (d2, d1)>" in text
    assert "affine_map<(d0, d1, d2) -> (d1, d2)>" not in text
    assert "ins(%0, %1 : tensor<64x8xf32>, tensor<8x24xf32>)" in text
    lines = [line.strip() for line in text.splitlines() if " = flow.dispatch " in line]
    place = ' loc("f":3:1)'
    turnings = [re.fullmatch(r"(%turned_\d+) = flow.dispatch (.*)", line) for line in lines[::2]]
    assert [found and found[2] for found in turnings] == [
        f"@turned_24x8xf32::@turned_24x8xf32(%1) : (tensor<24x8xf32>) -> tensor<8x24xf32>{place}",
        "@turned_24x8xf32::@turned_24x8xf32(%3) : (tensor<24x8xf32>) -> tensor<8x24xf32>",
    ]
    first, second = (found[1] for found in turnings if found)
    assert first != second
    call = "flow.dispatch @f_dispatch_0::@f_dispatch_0_matmul_like"
    types = ": (tensor<64x8xf32>, tensor<8x24xf32>) -> tensor<64x24xf32>"
    assert lines[1::2] == [f"%2 = {call}(%0, {first}) {types}{place}", f"%4 = {call}(%0, {second}) {types}"]


@pytest.mark.parametrize(
    ("before", "instead"),
    [
        ("(d0, d1, d2) -> (d1, d2)", "(d0, d1, d2) -> (d2, d1)"),
        ("tensor<64x8xf32>", "tensor<63x8xf32>"),
        ("offsets = [0, 0], sizes = [24, 8]", "offsets = [1, 0], sizes = [24, 8]"),
        ("      }\n    }", "        linalg.generic ins(%1 : tensor<24x8xf32>)\n      }\n    }"),
        ("      }\n    }", "        %7 = iree_tensor_ext.dispatch.tensor.load %arg1\n      }\n    }"),
        ("%1 = iree_tensor_ext.dispatch.tensor.load %arg1,", "%1 = arith.negf"),
    ],
)
def test_other_products_stay(before: str, instead: str) -> None:
    assert before in PROGRAM
    other = PROGRAM.replace(before, instead)
    assert with_turned(other) == other


def transposed(rows: int, inner: int, columns: int, masked: bool) -> Program:
    """The cotangents of images that two kernels were multiplied with."""
    block = Block()
    x = block.argument("x", (rows, inner))
    kernels = [block.argument(f"kernel_{each}", (columns, inner)) for each in ("one", "other")]
    products = [hlo.dot(x, kernel, (1, 1)) for kernel in kernels]
    if masked:
        positive = hlo.compare(products[0], "GT", block.constant(0.5, products[0].shape))
        products[1] = hlo.select(positive, products[1], block.constant(0, products[1].shape))
    return giving(block, "predict", tuple(products), x, *kernels)


@pytest.mark.ordinary
@pytest.mark.parametrize("masked", [False, True], ids=["alone", "masked"])
@pytest.mark.parametrize("size", [(64, 16, 32), (200, 24, 144), (77, 96, 10), (65, 1, 7), (64, 5, 1)], ids=str)
def test_every_number_is_as_it_was(size: tuple[int, int, int], masked: bool, shared: Path) -> None:
    program = transposed(*size, masked)
    lying, before = found(program, shared, without="with_turned")
    text, after = found(program, shared)
    assert "@turned_" not in lying
    # A vector is turned by giving it another shape.
    dispatched = re.findall(r"stream\.cmd\.dispatch @\w+::@turned_", text)
    assert len(dispatched) == (0 if 1 in size else 2)
    for one, other in zip(before, after, strict=True):
        assert np.array_equal(one, other)
