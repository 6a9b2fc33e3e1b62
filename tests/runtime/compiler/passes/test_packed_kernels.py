"""A kernel that comes in panels is multiplied by as it lies, and every number is as it was."""

import re
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from emit import hlo
from emit.hlo import Block, Value
from emit.program import Program
from runtime.compiler import compile as compilation
from runtime.compiler.compile import lower_program
from runtime.compiler.passes.packed_kernels import with_panels
from runtime.compiler.target import target
from tests.runtime.compiler.passes.rewritten import found
from tests.runtime.compiler.programs import giving, quiet
from tests.runtime.sandbox import only_one

pytestmark = pytest.mark.ordinary


def unfolded(panels: Value) -> Value:
    """Panels `[many, inner, columns]` as a 1×1 kernel."""
    many, inner, columns = panels.shape
    return hlo.reshape(hlo.transpose(panels, (1, 0, 2)), (1, 1, inner, many * columns))


def convolved(
    image: tuple[int, int, int], panels: tuple[int, int, int], *, behind: str = "", again: bool = False, many: int = 1
) -> Program:
    """Products of an image and kernels in panels. `behind`: what is done to them; `again`: a kernel is a result too."""
    block = Block()
    x = block.argument("x", (1, *image))
    given = [block.argument(f"k{each}", panels) for each in range(many)]
    kernels = [unfolded(each) for each in given]
    results = []
    for kernel in kernels:
        y = hlo.convolution(x, kernel)
        if behind:
            bias = hlo.broadcast(block.vector([0.25] * y.shape[-1], "bias"), y.shape, (3,))
            y = hlo.maximum(hlo.add(y, bias), block.constant(0.0, y.shape))
        if behind == "sum":
            y = hlo.add(y, hlo.pad(x, (0,) * 4, (0, 0, 0, y.shape[-1] - x.shape[-1])))
        if behind == "counted":
            y = hlo.add(y, hlo.convert(hlo.iota(y, 3), "f32"))
        if behind == "padded":
            y = hlo.pad(y, (0, 1, 1, 0), (0, 1, 1, 0))
        if behind == "padded along its columns":
            y = hlo.pad(y, (0, 1, 1, 8), (0, 1, 1, 8))
        results.append(y)
    return giving(block, "predict", (*results, *kernels[: again * 1]), x, *given)


def cut(panels: tuple[int, int, int], before: bool) -> Program:
    """A product of an image and a part of a kernel: cut from the panels, or from the rows."""
    block = Block()
    many, inner, columns = panels
    x, given = block.argument("x", (1, 8, 8, inner if before else inner - 8)), block.argument("k", panels)
    if before:
        kernel = unfolded(hlo.slice_(given, (1, 0, 0), panels))
    else:
        kernel = hlo.slice_(unfolded(given), (0, 0, 8, 0), (1, 1, inner, many * columns))
    return giving(block, "predict", (hlo.convolution(x, kernel),), x, given)


def turned(text: str) -> int:
    return len(re.findall(r"stream\.cmd\.dispatch @\w+::@\w+_transpose_", text))


CASES = {
    "rows and lines in registers": (convolved((14, 14, 24), (4, 24, 16), behind="padded"), 0),
    "lines that no rows fit": (convolved((7, 7, 20), (5, 20, 16), behind="padded"), 0),
    "odd sizes": (convolved((5, 3, 7), (3, 7, 8), behind="biased"), 0),
    "a product alone": (convolved((7, 7, 32), (10, 32, 16)), 0),
    "as many columns as rows of the kernel": (convolved((8, 8, 32), (2, 32, 16), behind="biased"), 0),
    "as many columns as the image is wide": (convolved((4, 32, 8), (2, 8, 16), behind="padded"), 0),
    "what it was made of, added": (convolved((8, 4, 16), (4, 16, 16), behind="sum"), 0),
    "one executable for two kernels": (convolved((4, 4, 8), (2, 8, 16), behind="padded", many=2), 0),
    "a kernel that is read otherwise too": (convolved((8, 8, 16), (3, 16, 16), behind="biased", again=True), 1),
    "columns that are counted": (convolved((8, 4, 24), (4, 24, 16), behind="counted"), 1),
    "columns with others beside them": (convolved((8, 8, 24), (4, 24, 16), behind="padded along its columns"), 1),
    "one panel, which is a kernel as it is": (convolved((8, 8, 16), (1, 16, 16), behind="biased"), 0),
}


@pytest.mark.parametrize("name", list(CASES))
def test_panels_are_read_as_they_lie(name: str, shared: Path) -> None:
    program, left = CASES[name]
    kernels = sum(entry.name.startswith("k") for entry in program.manifest.arguments) if "one panel" not in name else 0
    turning, before = found(program, shared, without="with_panels")
    text, after = found(program, shared)
    assert (turned(turning), turned(text)) == (kernels, left)
    same(before, after)


def same(before: list[NDArray[np.float32]], after: list[NDArray[np.float32]]) -> None:
    for one, other in zip(before, after, strict=True):
        assert np.allclose(one, other, rtol=0, atol=1e-5 * np.abs(one).max())
        assert np.ptp(one) > 1


@pytest.mark.parametrize("before", [True, False], ids=["panels", "rows"])
def test_a_part_of_a_kernel_is_what_it_was(before: bool, shared: Path) -> None:
    program = cut((4, 32, 16), before)
    same(found(program, shared, without="with_panels")[1], found(program, shared)[1])


def test_the_compiler_agrees_with_every_type(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compilation, "_TRUSTING", "--verify")
    with only_one(shared):
        monkeypatch.setenv("NETSPEC_CACHE", str(shared / "checked"))
        text = lower_program(CASES["rows and lines in registers"][0], target("cpu"), quiet())
    assert "matmul_like" in text


CALL = """\
    %2 = flow.dispatch @a::@f_transpose(%1) : (tensor<2x8x16xf32>) -> tensor<8x2x16xf32>
    %3 = flow.tensor.reshape %2 : tensor<8x2x16xf32> -> tensor<8x32xf32>
    %4 = flow.dispatch @b::@f_matmul(%0, %3) : (tensor<64x8xf32>, tensor<8x32xf32>) -> tensor<64x32xf32>
"""


def flow(turning: str, product: str, call: str = CALL) -> str:
    return f"""\
module @f {{
  flow.executable private @a {{
      func.func @f_transpose(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<2x8x16xf32>>) {{
{turning}      }}
  }}
  flow.executable private @b {{
      func.func @f_matmul(%arg0: !iree_tensor_ext.dispatch.tensor<readonly:tensor<64x8xf32>>, %arg1: !iree_tensor_ext.dispatch.tensor<readonly:tensor<8x32xf32>>, %arg2: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<64x32xf32>>) {{
{product}      }}
  }}
  util.func public @f(%0: tensor<64x8xf32>, %1: tensor<2x8x16xf32>) {{
{call}  }}
}}
"""  # noqa: E501


TURNING = """\
        %2 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d1, d0, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%0 : tensor<2x8x16xf32>) outs(%1 : tensor<8x2x16xf32>) {
        ^bb0(%in: f32, %out: f32):
          linalg.yield %in : f32
        } -> tensor<8x2x16xf32>
"""  # noqa: E501
PRODUCT = """\
        %0 = iree_tensor_ext.dispatch.tensor.load %arg0, offsets = [0, 0], sizes = [64, 8], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<64x8xf32>> -> tensor<64x8xf32>
        %1 = iree_tensor_ext.dispatch.tensor.load %arg1, offsets = [0, 0], sizes = [8, 32], strides = [1, 1] : !iree_tensor_ext.dispatch.tensor<readonly:tensor<8x32xf32>> -> tensor<8x32xf32>
        %2 = tensor.empty() : tensor<64x32xf32>
        %3 = linalg.fill ins(%cst : f32) outs(%2 : tensor<64x32xf32>) -> tensor<64x32xf32>
        %4 = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d2, d1)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%0, %1 : tensor<64x8xf32>, tensor<8x32xf32>) outs(%3 : tensor<64x32xf32>) {
        ^bb0(%in: f32, %in_0: f32, %out: f32):
          linalg.yield %out : f32
        } -> tensor<64x32xf32>
        iree_tensor_ext.dispatch.tensor.store %4, %arg2, offsets = [0, 0], sizes = [64, 32], strides = [1, 1] : tensor<64x32xf32> -> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<64x32xf32>>
"""  # noqa: E501


def test_what_made_the_kernel_goes() -> None:
    text = with_panels(flow(TURNING, PRODUCT))
    assert "f_transpose" not in text
    assert "flow.tensor.reshape" not in text
    assert "@f_matmul(%0, %1) : (tensor<64x8xf32>, tensor<2x8x16xf32>) -> tensor<64x32xf32>" in text
    assert "tensor<8x32xf32>" not in text
    assert "offsets = [0, 0, 0], sizes = [64, 2, 16], strides = [1, 1, 1] : tensor<64x2x16xf32> -> " in text


@pytest.mark.parametrize(
    ("before", "instead"),
    [
        ("linalg.yield %in : f32", "linalg.yield %other : f32"),
        ("(d0, d1, d2) -> (d1, d0, d2)", "(d0, d1, d2) -> (d0, d2, d1)"),
        ("-> (d0, d2)>, affine_map<(d0, d1, d2) -> (d2, d1)>", "-> (d0, d2)>, affine_map<(d0, d1, d2) -> (d1, d2)>"),
        ("sizes = [64, 32], strides", "sizes = [64, 16], strides"),
        ("      }\n  }\n  util", "        %9 = arith.negf %4 : tensor<64x32xf32>\n      }\n  }\n  util"),
        ("      }\n  }\n  util", "        call @g(%arg1)\n      }\n  }\n  util"),
        ("(d0, d1, d2) -> (d0, d2)", "(d0, d1, d2) -> (d0, d2 + 1)"),
        ("(d0, d1, d2) -> (d0, d2)", "(d0, d1, d2) -> ()"),
        ("-> (d0, d1)>], iterator", "-> (d0, d2)>], iterator"),
        ("%3 = flow.tensor.reshape", "%3 = flow.tensor.clone"),
        ("linalg.yield %out : f32", "%5 = linalg.index 1 : index\n          linalg.yield %out : f32"),
        ("offsets = [0, 0], sizes = [8, 32]", "offsets = [8, 0], sizes = [8, 32]"),
        ("offsets = [0, 0], sizes = [64, 32]", "offsets = [0, 32], sizes = [64, 32]"),
        ("-> !iree_tensor_ext.dispatch.tensor<writeonly:tensor<64x32xf32>>", "-> !x<writeonly:tensor<64x48xf32>>"),
        ("tensor.load %arg1, offsets = [0, 0], sizes = [8", "tensor.load %arg9, offsets = [0, 0], sizes = [8"),
        ("          linalg.yield %in : f32", "          linalg.fill %in\n          linalg.yield %in : f32"),
        ("(%1) : (tensor<2x8x16xf32>)", "(%1) : (tensor<4x8x16xf32>)"),
        ("(d0, d1, d2) -> (d0, d2)", "(d0, d1, d2) -> (d2, d1)"),
        ("@f_matmul(%0, %3)", "@f_matmul(%3, %3)"),
    ],
)
def test_other_products_stay(before: str, instead: str) -> None:
    program = flow(TURNING, PRODUCT)
    assert before in program
    other = program.replace(before, instead)
    assert "tensor<64x2x16xf32>" not in with_panels(other)
    assert "f_transpose(%1)" in with_panels(other)


def test_a_product_that_one_dispatch_gives_another_kernel_stays() -> None:
    other = "    %6 = flow.dispatch @b::@f_matmul(%0, %5) : (tensor<64x8xf32>, tensor<8x32xf32>) -> tensor<64x32xf32>\n"
    program = flow(TURNING, PRODUCT, CALL + other)
    assert with_panels(program) == program
