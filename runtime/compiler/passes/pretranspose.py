"""Has a matrix that a product reads along its rows turned before, once, by a dispatch of its own.

On the way back an image is multiplied by a kernel's transpose, of which IREE makes a product that reads the kernel as
it lies: each piece of it is turned in registers, and anew for every few rows of the image.

What is read here is the textual form that IREE's flow phase has in one release, 3.13.0.
"""

import re
from typing import NamedTuple

from runtime.compiler.passes.flow_text import DISPATCH, FUNCTION, executable_of, parts_of

_PRODUCT = re.compile(
    r"linalg\.generic \{indexing_maps = \[affine_map<\(d0, d1, d2\) -> \(d0, d2\)>, "
    r"affine_map<\(d0, d1, d2\) -> \((d1, d2)\)>, affine_map<\(d0, d1, d2\) -> \(d0, d1\)>\], "
    r"iterator_types = \[.*?\]\} ins\(%\w+, (%\w+) : tensor<(\d+)x\w+>, tensor<((\d+)x(\d+))x(\w+)>\)"
)
_ENOUGH = 64  # rows of the image: with fewer there is little to save


class _Matrix(NamedTuple):
    """One that is to be turned, of a dispatch: which operand it is, its rows and columns."""

    operand: int
    rows: str
    columns: str
    element: str

    @property
    def before(self) -> str:
        return f"tensor<{self.rows}x{self.columns}x{self.element}>"

    @property
    def after(self) -> str:
        return f"tensor<{self.columns}x{self.rows}x{self.element}>"

    @property
    def turning(self) -> str:
        """The executable that turns it."""
        return f"turned_{self.rows}x{self.columns}x{self.element}"


def with_turned(program: str) -> str:
    """A program of IREE's flow phase in which products read their second matrix as they use it, along its columns.

    A product stays where its matrix is made in the same dispatch, or read there once more.
    """
    before, executables, behind = parts_of(program)
    found: dict[str, _Matrix] = {}
    for place, executable in enumerate(executables):
        executables[place], matrix = _reading(executable)
        if matrix and (name := FUNCTION.search(executable)):
            found[name[1]] = matrix
    lines: list[str] = []
    for line in behind.splitlines(keepends=True):
        call = DISPATCH.fullmatch(line)
        matrix = found.get(call["function"]) if call else None
        if call and matrix:
            number = f"%turned_{len(lines)}"
            operands, types = (call[each].split(", ") for each in ("operands", "types"))
            lines.append(
                f"{call['indent']}{number} = flow.dispatch @{matrix.turning}::@{matrix.turning}"
                f"({operands[matrix.operand]}) : ({matrix.before}) -> {matrix.after}{call['place']}"
            )
            operands[matrix.operand], types[matrix.operand] = number, matrix.after
            head, tail = line[: call.start("operands")], line[call.end("types") :]
            line = f"{head}{', '.join(operands)}) : ({', '.join(types)}{tail}"
        lines.append(line)
    makers = {matrix.turning: _executable(matrix) for matrix in found.values()}
    return "".join((before, *makers.values(), *executables, *lines))


def _reading(executable: str) -> tuple[str, _Matrix | None]:
    """An executable that reads its second matrix turned, and which that is; or as it is."""
    product = _PRODUCT.search(executable)
    if product is None or int(product[3]) < _ENOUGH:
        return executable, None
    _, value, _, sizes, rows, columns, element = product.groups()
    load = re.search(
        rf"{value} = iree_tensor_ext\.dispatch\.tensor\.load %arg(\d+), offsets = \[0, 0\], "
        rf"sizes = \[{rows}, {columns}\], strides = \[1, 1\] : \S+:tensor<{sizes}x{element}>> -> \S+",
        executable,
    )
    used = [len(re.findall(rf"{name}\b", executable)) for name in (value, f"%arg{load[1]}")] if load else []
    if load is None or used != [2, 2]:
        return executable, None
    turned = f"{columns}x{rows}"
    changes = [(product.span(1), "d2, d1"), (product.span(4), turned)]
    now = load[0].replace(sizes, turned).replace(f"[{rows}, {columns}]", f"[{columns}, {rows}]")
    changes.append((load.span(), now))
    argument = re.compile(rf"%arg{load[1]}: \S+:tensor<({sizes})x{element}>>").search(executable)
    if argument is None:
        return executable, None
    changes.append((argument.span(1), turned))
    for (start, end), text in sorted(changes, reverse=True):
        executable = executable[:start] + text + executable[end:]
    return executable, _Matrix(int(load[1]), rows, columns, element)


def _executable(matrix: _Matrix) -> str:
    name, kind = matrix.turning, "!iree_tensor_ext.dispatch.tensor"
    given, made = f"{kind}<readonly:{matrix.before}>", f"{kind}<writeonly:{matrix.after}>"
    function = f"""\
      func.func @{name}(%given: {given}, %made: {made}) {{
        %matrix = iree_tensor_ext.dispatch.tensor.load %given, offsets = [0, 0],
          sizes = [{matrix.rows}, {matrix.columns}], strides = [1, 1] : {given} -> {matrix.before}
        %empty = tensor.empty() : {matrix.after}
        %turned = linalg.generic {{
          indexing_maps = [affine_map<(d0, d1) -> (d1, d0)>, affine_map<(d0, d1) -> (d0, d1)>],
          iterator_types = ["parallel", "parallel"]
        }} ins(%matrix : {matrix.before}) outs(%empty : {matrix.after}) {{
        ^bb0(%number: {matrix.element}, %place: {matrix.element}):
          linalg.yield %number : {matrix.element}
        }} -> {matrix.after}
        iree_tensor_ext.dispatch.tensor.store %turned, %made, offsets = [0, 0],
          sizes = [{matrix.columns}, {matrix.rows}], strides = [1, 1] : {matrix.after} -> {made}
        return
      }}
"""
    return executable_of(name, function)
