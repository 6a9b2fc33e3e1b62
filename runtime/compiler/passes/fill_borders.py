"""Has of a padded image the border alone filled, where IREE fills the whole of it before the image is written into it.

A dispatch of its own fills the border; it runs beside whatever came before, as the fill did, and writes a few percent
of what the fill wrote.

What is read here is the textual form that IREE's flow phase has in one release, 3.13.0.
"""

import re
from dataclasses import dataclass
from math import gcd, prod

from runtime.compiler.passes.flow_text import DISPATCH, FUNCTION, executable_of, parts_of

_STORE = re.compile(
    r"iree_tensor_ext\.dispatch\.tensor\.store %[\w#]+, (%\w+), offsets = \[([\d, ]+)\], sizes = \[([\d, ]+)\], "
    r"strides = \[(?:1, )*1\] : tensor<\S+> -> !iree_tensor_ext\.dispatch\.tensor<readwrite:tensor<([\dx]+)x(\w+)>>"
)
_CONSTANT = re.compile(r" *(%\w+) = arith\.constant (\S+) : ")
_FILL = re.compile(r" *(%\w+) = flow\.tensor\.splat (%\w+) : (tensor<\S+>)")
_REGISTER = 16  # numbers written at once


@dataclass(frozen=True)
class _Run:
    """Numbers that lie side by side, `times` times, every `stride`."""

    start: int
    length: int
    times: int = 1
    stride: int = 1


@dataclass(frozen=True)
class _Box:
    """Where in a tensor a dispatch writes: `sizes` from `offsets` of `shape`.

    Rows and columns of a matrix may be padded, each of them several numbers; the tensor is a stack of such matrices.
    """

    shape: tuple[int, ...]
    offsets: tuple[int, ...]
    sizes: tuple[int, ...]
    element: str

    @property
    def type(self) -> str:
        return f"tensor<{'x'.join(map(str, self.shape))}x{self.element}>"

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

    def border(self) -> list[_Run]:
        """What it leaves of one matrix: before its rows, between them and behind them."""
        axis = self.rows
        rows, columns, *rest = self.shape[axis:]
        (above, left), (height, width) = self.offsets[axis : axis + 2], self.sizes[axis : axis + 2]
        number = prod(rest)
        row, first = columns * number, (above * columns + left) * number
        end = first + (height - 1) * row + width * number
        runs = (
            _Run(0, first),
            _Run(first + width * number, (columns - width) * number, height - 1, row),
            _Run(end, rows * row - end),
        )
        return [run for run in runs if run.length and run.times]


def with_borders(program: str) -> str:
    """A program of IREE's flow phase in which fills of padded images have become fills of their borders.

    A fill stays where what is written into it is no box, or is read there, or is padded along axes that lie apart.
    """
    before, executables, behind = parts_of(program)
    boxes = dict(box for each in executables if (box := _written(each)))
    values: dict[str, str] = {}
    fills: dict[str, tuple[str, str]] = {}
    made: dict[tuple[_Box, str], str] = {}
    lines: list[str] = []
    for line in behind.splitlines(keepends=True):
        if found := _CONSTANT.match(line):
            values[found[1]] = found[2]
        elif found := _FILL.match(line):
            fills[found[1]] = (values.get(found[2], ""), found[3])
        elif found := DISPATCH.fullmatch(line):
            names = ("indent", "function", "operands", "results", "place")
            indent, function, operands, target, place = found.group(*names)
            value, kind = fills.get(target, ("", ""))
            image = boxes.get(function)
            if image and value and kind == image.type and operands.split(", ").count(target) == 1:
                name = made.setdefault((image, value), f"border_{len(made)}_{'x'.join(map(str, image.shape))}")
                border = f"%border_{len(lines)}"
                lines += [f"{indent}{each}{place}" for each in _filled(border, name, image, len(lines))]
                line = re.sub(rf"{target}\b", border, line)
        lines.append(line)
    borders = (_executable(name, *key) for key, name in made.items())
    return "".join((before, *borders, *executables, *lines))


def _written(executable: str) -> tuple[str, _Box] | None:
    """The function of an executable, and where it writes, if nothing else is done with what it writes to."""
    name, stores = FUNCTION.search(executable), _STORE.findall(executable)
    if name is None or len(stores) != 1:
        return None
    target, *numbers, element = stores[0]
    offsets, sizes, shape = (tuple(map(int, re.findall(r"\d+", each))) for each in numbers)
    box = _Box(shape, offsets, sizes, element)
    used = len(re.findall(rf"{target}\b", executable))
    return (name[1], box) if used == 2 and box.fits else None


def _filled(border: str, name: str, box: _Box, site: int) -> tuple[str, ...]:
    """Makes room for a padded image and fills its border.

    Each has a number of its own, which nothing needs, as IREE would make one of two that are alike, and copy it.
    """
    flat = f"tensor<{prod(box.shape)}x{box.element}>"
    room, number, whole = (f"%{part}_{site}" for part in ("room", "site", "whole"))
    return (
        f"{number} = arith.constant {site} : i32",
        f"{room} = flow.tensor.empty : {flat}",
        f"{whole} = flow.dispatch @{name}::@{name}({room}, {number}) : ({flat}, i32) -> {room}",
        f"{border} = flow.tensor.reshape {whole} : {flat} -> {box.type}",
    )


def _executable(name: str, box: _Box, value: str) -> str:
    """What fills the borders of a stack of matrices with a value, a matrix by a worker."""
    numbers = prod(box.shape)
    stack = prod(box.shape[: box.rows])
    tensor = f"!iree_tensor_ext.dispatch.tensor<readwrite:tensor<{numbers}x{box.element}>>"
    loops = "".join(_loop(run, box.element, value, tensor, part) for part, run in enumerate(box.border()))
    function = f"""\
      func.func @{name}(%room: {tensor}, %site: i32) attributes {{
        translation_info = #iree_codegen.translation_info<pipeline = #iree_cpu.pipeline<Default>>
      }} {{
        %zero = arith.constant 0 : index
        %one = arith.constant 1 : index
        %size = arith.constant {numbers // stack} : index
        scf.forall (%matrix) in ({stack}) {{
          %begin = arith.muli %matrix, %size : index
{loops}        }} {{mapping = [#iree_codegen.workgroup_mapping<x>]}}
        return
      }}
"""
    return executable_of(name, function)


def _loop(run: _Run, element: str, value: str, tensor: str, part: int) -> str:
    wide = gcd(run.length, _REGISTER)
    vector, piece = f"vector<{wide}x{element}>", f"tensor<{wide}x{element}>"
    return f"""\
          %start_{part} = arith.constant {run.start} : index
          %length_{part} = arith.constant {run.length} : index
          %times_{part} = arith.constant {run.times} : index
          %stride_{part} = arith.constant {run.stride} : index
          %wide_{part} = arith.constant {wide} : index
          %values_{part} = arith.constant dense<{value}> : {vector}
          scf.for %time = %zero to %times_{part} step %one {{
            %jump = arith.muli %time, %stride_{part} : index
            %inside = arith.addi %jump, %start_{part} : index
            %first = arith.addi %begin, %inside : index
            scf.for %done = %zero to %length_{part} step %wide_{part} {{
              %at = arith.addi %first, %done : index
              %empty = tensor.empty() : {piece}
              %piece = vector.transfer_write %values_{part}, %empty[%zero] {{in_bounds = [true]}} : {vector}, {piece}
              iree_tensor_ext.dispatch.tensor.store %piece, %room, offsets = [%at], sizes = [{wide}], strides = [1]
                : {piece} -> {tensor}
            }}
          }}
"""
