"""Fill borders: of a padded image fill the border alone, where IREE fills all of it before a dispatch writes the rest.

    %image = flow.tensor.splat %c : tensor<2x5x5x8xf32>   →   %empty = flow.tensor.empty : tensor<400xf32>
                                                              %flat = flow.dispatch @border_0_2x5x5x8(%empty, %site)
                                                              %image = flow.tensor.reshape %flat
    %y = flow.dispatch @conv(%x, %image) -> %image            %y = flow.dispatch @conv(%x, %image) -> %image

The new dispatch runs beside whatever comes before, as the fill did, and writes a few percent of what the fill wrote.
Each has a number of its own, `%site`, that its kernel ignores: IREE would merge two equal ones, and copy the result.
"""

from math import gcd, prod
from typing import Any, NamedTuple

from iree.compiler import ir
from iree.compiler.dialects import arith, flow

from runtime.compiler.passes.ir import (
    STORE,
    Kernel,
    Operation,
    Value,
    binding_type,
    box_of,
    dispatch,
    dispatches,
    executable_text,
    insert_executables,
    kernels,
    owner,
    shape_of,
    tied_operand,
    used_once,
)
from runtime.compiler.tiling.cpu import CpuTarget

_VECTOR = 16  # numbers that are written at once


class Run(NamedTuple):
    """Adjacent numbers of a matrix, `repeats` times, every `stride`."""

    start: int
    length: int
    repeats: int = 1
    stride: int = 1


class Interior(NamedTuple):
    """Where in a tensor a dispatch writes: `sizes` from `offsets` of `shape`.

    Rows and columns of a matrix may be padded, each of them several numbers; the tensor is a stack of such matrices.
    """

    shape: tuple[int, ...]
    offsets: tuple[int, ...]
    sizes: tuple[int, ...]
    element: str

    @property
    def _padded(self) -> list[int]:
        return [axis for axis, size in enumerate(self.sizes) if size != self.shape[axis]]

    @property
    def fits(self) -> bool:
        """Whether it leaves the border of matrices."""
        padded = self._padded
        return len(self.shape) > 1 and bool(padded) and padded[-1] - padded[0] <= 1

    @property
    def rows(self) -> int:
        """The axis that is a matrix's rows; its columns come next."""
        return min(self._padded[0], len(self.shape) - 2)

    def border(self) -> list[Run]:
        """What it leaves of one matrix: before its rows, between them and after them."""
        axis = self.rows
        rows, columns, *rest = self.shape[axis:]
        (above, left), (height, width) = self.offsets[axis : axis + 2], self.sizes[axis : axis + 2]
        number = prod(rest)
        row, first = columns * number, (above * columns + left) * number
        end = first + (height - 1) * row + width * number
        runs = (
            Run(0, first),
            Run(first + width * number, (columns - width) * number, height - 1, row),
            Run(end, rows * row - end),
        )
        return [run for run in runs if run.length and run.repeats]


def run(module: Operation, target: CpuTarget) -> int:
    """Fill the borders alone of images that dispatches write into.

    A fill stays where what is written into it is no box, or is read there, or is padded along axes that lie apart.
    """
    interiors = {kernel.name: box for kernel in kernels(module) if (box := _interior(kernel))}
    names: dict[tuple[Interior, str], str] = {}
    count = 0
    for site, (function, call) in enumerate(dispatches(module)):
        box, image, operands = interiors.get(function), tied_operand(call), list(call.operands)
        if box is None or image is None or shape_of(image) != list(box.shape) or operands.count(image) != 1:
            continue
        value = _filled_with(image)
        if value is None:
            continue
        name = names.setdefault((box, value), f"border_{len(names)}_{'x'.join(map(str, box.shape))}")
        with ir.InsertionPoint(call), call.location:
            call.operands[operands.index(image)] = _bordered(name, image.type, site)
        count += 1
    insert_executables(module, [_executable(name, *key) for key, name in names.items()])
    return count


def _interior(kernel: Kernel) -> Interior | None:
    """Where a kernel writes, if it stores once and does nothing else with what it writes into."""
    stores = kernel.ops(STORE)
    if len(stores) != 1:
        return None
    (store,) = stores
    box = box_of(store)
    if box is None or set(box.strides) != {1} or not used_once(store.operands[1]):
        return None
    _, image = binding_type(store.operands[1])
    interior = Interior(tuple(image.shape), tuple(box.offsets), tuple(box.sizes), str(image.element_type))
    return interior if interior.fits else None


def _filled_with(image: Value) -> str | None:
    """The constant that an image is filled with, if it is."""
    splat = owner(image)
    if splat is None or splat.name != "flow.tensor.splat":
        return None
    number = owner(splat.operands[0])
    if number is None or number.name != "arith.constant":
        return None
    return str(number.attributes["value"]).partition(" : ")[0]


def _bordered(name: str, kind: Any, site: int) -> Value:
    """An image of which only the border is filled."""
    flat = ir.RankedTensorType.get([prod(kind.shape)], kind.element_type)
    number = arith.ConstantOp(ir.IntegerType.get_signless(32), site).result
    empty = flow.TensorEmptyOp(flat, []).result
    filled = dispatch([flat], name, [empty, number], tied=0).results[0]
    return flow.TensorReshapeOp(kind, filled, [], []).result


def _executable(name: str, box: Interior, value: str) -> str:
    """What fills the borders of a stack of matrices with a value, a matrix by a workgroup."""
    numbers = prod(box.shape)
    stack = prod(box.shape[: box.rows])
    tensor = f"!iree_tensor_ext.dispatch.tensor<readwrite:tensor<{numbers}x{box.element}>>"
    loops = "".join(_loop(run, box.element, value, tensor) for run in box.border())
    return executable_text(
        name,
        f"""\
    func.func @{name}(%image: {tensor}, %site: i32) attributes {{
      translation_info = #iree_codegen.translation_info<pipeline = #iree_cpu.pipeline<Default>>
    }} {{
      %zero = arith.constant 0 : index
      %one = arith.constant 1 : index
      %size = arith.constant {numbers // stack} : index
      scf.forall (%matrix) in ({stack}) {{
        %begin = arith.muli %matrix, %size : index
{loops}      }} {{mapping = [#iree_codegen.workgroup_mapping<x>]}}
      return
    }}
""",
    )


def _loop(run: Run, element: str, value: str, tensor: str) -> str:
    width = gcd(run.length, _VECTOR)
    vector, piece = f"vector<{width}x{element}>", f"tensor<{width}x{element}>"
    name = run.start  # no two runs have the same
    return f"""\
        %start_{name} = arith.constant {run.start} : index
        %length_{name} = arith.constant {run.length} : index
        %count_{name} = arith.constant {run.repeats} : index
        %stride_{name} = arith.constant {run.stride} : index
        %width_{name} = arith.constant {width} : index
        %values_{name} = arith.constant dense<{value}> : {vector}
        scf.for %run = %zero to %count_{name} step %one {{
          %skipped = arith.muli %run, %stride_{name} : index
          %inside = arith.addi %skipped, %start_{name} : index
          %first = arith.addi %begin, %inside : index
          scf.for %offset = %zero to %length_{name} step %width_{name} {{
            %at = arith.addi %first, %offset : index
            %empty = tensor.empty() : {piece}
            %piece = vector.transfer_write %values_{name}, %empty[%zero] {{in_bounds = [true]}} : {vector}, {piece}
            iree_tensor_ext.dispatch.tensor.store %piece, %image, offsets = [%at], sizes = [{width}], strides = [1]
              : {piece} -> {tensor}
          }}
        }}
"""
