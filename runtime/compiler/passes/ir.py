"""IREE's flow phase through its own Python bindings: its executables, its dispatches, and the helpers that change them.

Misuse of the bindings ends the process instead of raising: an operation that is erased while something uses it, one
that is moved and belongs nowhere. So a pass erases, moves and inserts by the helpers of this file alone.
"""

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from typing import Any, NamedTuple

from iree.compiler import ir
from iree.compiler.dialects import flow, tensor

from runtime.compiler.tiling.names import kind_and_sizes

LOAD, STORE = "iree_tensor_ext.dispatch.tensor.load", "iree_tensor_ext.dispatch.tensor.store"

Operation = Any  # `ir.Operation`, or one of the classes that the bindings have for its kind
Value = Any  # `ir.Value`


def parse(text: str) -> Operation:
    """A module of the flow phase. Needs an `ir.Context`; raises `ir.MLIRError`.

    The compiler reads its standard input, and locations decide bytes: so the text is called that here, too.
    """
    return ir.Operation.parse(text, source_name="<stdin>")


def printed(module: Operation) -> str:
    """The module as `iree-compile` prints it, with locations."""
    return str(module.get_asm(enable_debug_info=True, use_local_scope=True))


@dataclass(frozen=True)
class Kernel:
    """An executable of one function: what a dispatch runs."""

    executable: Operation
    func: Operation

    @property
    def name(self) -> str:
        """The function's, by which it is dispatched."""
        return str(ir.StringAttr(self.func.attributes["sym_name"]).value)

    @property
    def executable_name(self) -> str:
        """The executable's, by which it is dispatched as well."""
        return str(ir.StringAttr(self.executable.attributes["sym_name"]).value)

    @property
    def kind(self) -> str:
        """What IREE says of it in its name: `elementwise`, `reduction`, `matmul_like`, `conv`, ...; only of f32."""
        return kind_and_sizes(self.name)[0]

    @property
    def body(self) -> Any:
        """The function's block."""
        return self.func.regions[0].blocks[0]

    def ops(self, name: str) -> list[Operation]:
        """The operations of a kind in the function's block, in order."""
        return [op for op in self.body.operations if op.operation.name == name]

    def retype(self, binding: Value, kind: Any) -> None:
        """Change the type of one of the function's arguments."""
        binding.set_type(kind)
        inputs = [argument.type for argument in self.body.arguments]
        self.func.attributes["function_type"] = ir.TypeAttr.get(ir.FunctionType.get(inputs, []))

    def rename(self, name: str) -> None:
        """Change the function's name and its export's; the caller renames what dispatches it."""
        old = self.name
        for op in self.executable.regions[0].blocks[0].operations:
            if op.operation.name == "flow.executable.export" and ir.StringAttr(op.attributes["sym_name"]).value == old:
                op.attributes["sym_name"] = ir.StringAttr.get(name)
                op.attributes["function_ref"] = ir.FlatSymbolRefAttr.get(name)
        self.func.attributes["sym_name"] = ir.StringAttr.get(name)


def kernels(module: Operation) -> list[Kernel]:
    """The executables of one function each, in order."""
    pairs = [(executable, functions_of(executable)) for executable in executables(module)]
    return [Kernel(executable, functions[0]) for executable, functions in pairs if len(functions) == 1]


def executables(module: Operation) -> list[Operation]:
    """All executables, in order."""
    return [op.operation for op in module.regions[0].blocks[0].operations if op.operation.name == "flow.executable"]


def functions_of(executable: Operation) -> list[Operation]:
    """The functions of an executable."""
    inner = [op.operation for op in executable.regions[0].blocks[0].operations if op.operation.name == "builtin.module"]
    return [op.operation for nested in inner for op in nested.regions[0].blocks[0].operations]


def dispatches(module: Operation) -> list[tuple[str, Any]]:
    """Every dispatch, with the name of the function that it runs, in order."""
    found = []
    for function in module.regions[0].blocks[0].operations:
        if function.operation.name in ("util.func", "util.initializer"):
            for block in function.operation.regions[0].blocks:
                for op in block.operations:
                    if op.operation.name == "flow.dispatch":
                        found.append((function_of(op), op))
    return found


def function_of(dispatch: Any) -> str:
    """The name of the function that a dispatch runs."""
    return str(dispatch.entry_points[0]).rpartition("@")[2]


def redirect(dispatch: Any, executable: str, function: str) -> None:
    """Have a dispatch run another function."""
    dispatch.operation.attributes["entry_points"] = entry_point(executable, function)


def entry_point(executable: str, function: str) -> Any:
    """The attribute by which a dispatch names what it runs."""
    return ir.ArrayAttr.get([ir.SymbolRefAttr.get([executable, function])])


def dispatch(results: Sequence[Any], executable: str, operands: Sequence[Value], tied: int | None = None) -> Any:
    """A dispatch of an executable of one function of the same name, at the insertion point.

    Args:
        results: their types.
        tied: the operand that its one result is written into.
    """
    into = None if tied is None else ir.ArrayAttr.get([ir.IntegerAttr.get(ir.IndexType.get(), tied)])
    entry = entry_point(executable, executable)
    return flow.DispatchOp(list(results), [], entry, list(operands), [], [], tied_operands=into)


def tied_operand(dispatch: Any) -> Value | None:
    """The operand that a dispatch's one result is written into, if it is."""
    tied = [ir.IntegerAttr(operand).value for operand in dispatch.tied_operands or ()]
    return dispatch.operands[tied[0]] if len(tied) == 1 and tied[0] >= 0 else None


def replace(op: Operation, values: Sequence[Value]) -> None:
    """Have others used instead of an operation's results, and erase it."""
    for old, new in zip(op.operation.results, values, strict=True):
        old.replace_all_uses_with(new)
    erase(op)


def erase(op: Operation) -> None:
    """Erase an operation that nothing uses. Raises ValueError where something does."""
    if any(True for result in op.operation.results for _ in result.uses):
        raise ValueError(f"{op.operation.name} is still used: it cannot be erased")
    op.operation.erase()


def move(op: Operation, place: Any) -> None:
    """Move an operation to an insertion point, which may lie within another."""
    place.insert(op.operation.detach_from_parent())


def insert_executables(module: Operation, texts: Sequence[str]) -> None:
    """Put new executables, quoted as text, before those that are there, in order. Raises `ir.MLIRError`."""
    others = executables(module)
    place = ir.InsertionPoint(others[0]) if others else ir.InsertionPoint.at_block_begin(module.regions[0].blocks[0])
    for text in texts:
        place.insert(ir.Operation.parse(text, source_name="<stdin>", context=module.context))


def erase_undispatched(module: Operation, names: Set[str]) -> None:
    """Erase those of some executables, by their functions' names, that nothing dispatches any more."""
    called = {name for name, _ in dispatches(module)}
    for kernel in kernels(module):
        if kernel.name in names - called:
            erase(kernel.executable)


def executable_text(name: str, function: str) -> str:
    """An executable of one function as text. Its work is divided as the function's own loops say."""
    return f"""\
flow.executable private @{name} {{
  flow.executable.export public @{name} workgroups() -> (index, index, index) {{
    %x, %y, %z = iree_tensor_ext.dispatch.workgroup_count_from_slice()
    flow.return %x, %y, %z : index, index, index
  }}
  builtin.module {{
{function}  }}
}}
"""


def used_once(value: Value) -> bool:
    """Whether one operand in all is this value."""
    return len(list(value.uses)) == 1


def owner(value: Value, name: str = "") -> Operation | None:
    """The operation that a value is a result of; None for a block's argument, and where it is not of the kind asked."""
    op = value.owner if isinstance(value, ir.OpResult) else None
    return op if op is not None and name in ("", op.name) else None


def binding_type(value: Value) -> tuple[str, Any]:
    """Access and tensor type of a dispatch binding: `readwrite`, `tensor<32x112x112x96xf32>`."""
    access, _, kind = str(value.type).removeprefix("!iree_tensor_ext.dispatch.tensor<")[:-1].partition(":")
    return access, ir.RankedTensorType(ir.Type.parse(kind, value.context))


def binding_of(access: str, tensor_type: Any) -> Any:
    """The type of a dispatch binding, of access and tensor type: what `binding_type` takes apart."""
    return ir.Type.parse(f"!iree_tensor_ext.dispatch.tensor<{access}:{tensor_type}>", tensor_type.context)


class Box(NamedTuple):
    """Where in a binding a tensor is loaded from or stored, axis by axis."""

    offsets: list[int]
    sizes: list[int]
    strides: list[int]


def box_of(op: Operation) -> Box | None:
    """The box of a load or a store; None where some of it is known at run time alone."""
    box = Box(*(list(op.attributes[f"static_{part}"]) for part in Box._fields))
    return box if all(number >= 0 for part in box for number in part) else None


def set_box(op: Operation, box: Box) -> None:
    """Have a load or a store, whose box is known, use another."""
    for name, numbers in _static(box).items():
        op.attributes[name] = numbers


def load(binding: Value, box: Box, kind: Any) -> Value:
    """Load a tensor of a type, which may lack axes of one that the box has, at the insertion point."""
    segments = ir.DenseI32ArrayAttr.get([1, 0, 0, 0, 0])
    return ir.Operation.create(LOAD, [kind], [binding], {**_static(box), "operandSegmentSizes": segments}).results[0]


def store(value: Value, binding: Value, box: Box) -> None:
    """Store a tensor, which may lack axes of one that the box has, at the insertion point."""
    segments = ir.DenseI32ArrayAttr.get([1, 1, 0, 0, 0, 0])
    ir.Operation.create(STORE, [], [value, binding], {**_static(box), "operandSegmentSizes": segments})


def _static(box: Box) -> dict[str, Any]:
    return {f"static_{part}": ir.DenseI64ArrayAttr.get(numbers) for part, numbers in box._asdict().items()}


def shape_of(value: Value) -> list[int]:
    """A tensor's sizes."""
    return list(ir.RankedTensorType(value.type).shape)


# Loops of a `linalg.generic`.


def maps_of(op: Operation) -> list[Any]:
    """Its indexing maps, one an operand."""
    return [attribute.value for attribute in op.attributes["indexing_maps"]]


def loops_of(place: Any) -> tuple[int, ...] | None:
    """The loops that a map's results are, where each is a loop by itself."""
    dims = [expression.position for expression in place.results if isinstance(expression, ir.AffineDimExpr)]
    return tuple(dims) if len(dims) == len(place.results) else None


def loop_sizes(op: Operation) -> list[int]:
    """The trip count of each loop, read off the operands that it indexes alone; 0 where none is."""
    sizes: dict[int, int] = {}
    for value, place in zip(op.operands, maps_of(op), strict=True):
        for axis, expression in enumerate(place.results):
            if isinstance(expression, ir.AffineDimExpr):
                sizes[expression.position] = shape_of(value)[axis]
    return [sizes.get(loop, 0) for loop in range(maps_of(op)[0].n_dims)]


def reductions(op: Operation) -> int:
    """How many of its loops sum."""
    return sum("reduction" in str(kind) for kind in op.attributes["iterator_types"])


# What becomes of an operand's axis, given the operand's number, the axis, its loop and its size: loops of the new
# operation, and their sizes.
Split = Callable[[int, int, int, int], list[tuple[int, int]]]


def with_axes(op: Operation, more: int, split: Split) -> Operation:
    """A `linalg.generic` with `more` parallel loops in front: operands are expanded before it, results collapsed."""
    inputs, maps = len(op.opview.inputs), maps_of(op)
    loops = maps[0].n_dims + more
    operands, new_maps, groups, types = [], [], [], []
    with ir.InsertionPoint(op), op.location:
        for number, (value, place) in enumerate(zip(op.operands, maps, strict=True)):
            kind = ir.RankedTensorType(value.type)
            parts = [
                _split(expression, place.n_dims, more, kind.shape[axis], axis, number, split)
                for axis, expression in enumerate(place.results)
            ]
            flat = [part for axis in parts for part in axis]
            new = ir.RankedTensorType.get([size for _, size in flat], kind.element_type)
            group = _groups(parts)
            operands.append(value if new == kind else tensor.ExpandShapeOp(new, value, group, [], new.shape).result)
            new_maps.append(ir.AffineMapAttr.get(ir.AffineMap.get(loops, 0, [expression for expression, _ in flat])))
            groups.append(group)
            types.append(new)
        parallel = ir.Attribute.parse("#linalg.iterator_type<parallel>")
        attributes = {name: op.attributes[name] for name in op.attributes}
        attributes["indexing_maps"] = ir.ArrayAttr.get(new_maps)
        attributes["iterator_types"] = ir.ArrayAttr.get([parallel] * more + list(op.attributes["iterator_types"]))
        new_op = ir.Operation.create("linalg.generic", types[inputs:], operands, attributes, regions=1)
        op.regions[0].blocks[0].append_to(new_op.regions[0])
        collapsed = [
            new if new.type == old.type else tensor.CollapseShapeOp(old.type, new, group).result
            for old, new, group in zip(op.results, new_op.results, groups[inputs:], strict=True)
        ]
    replace(op, collapsed)
    return new_op


def _groups(parts: Sequence[Sequence[object]]) -> list[list[int]]:
    """Which axes of the larger shape belong together: `[[0], [1, 2]]`."""
    groups, start = [], 0
    for part in parts:
        groups.append(list(range(start, start + len(part))))
        start += len(part)
    return groups


def _split(
    expression: Any, loops: int, more: int, size: int, axis: int, operand: int, split: Split
) -> list[tuple[Any, int]]:
    """An axis's new expressions. Loops that an expression adds up (a window's) move as one."""
    if isinstance(expression, ir.AffineDimExpr):
        return [(ir.AffineDimExpr.get(loop), part) for loop, part in split(operand, axis, expression.position, size)]
    moved = [split(operand, axis, loop, size) for loop in range(loops)]
    before = [(ir.AffineDimExpr.get(loop), part) for loop, part in moved[0][:-1]]
    dims = [ir.AffineDimExpr.get(parts[-1][0]) for parts in moved]
    return [*before, (expression.compose(ir.AffineMap.get(loops + more, 0, dims)), size)]


def walk(op: Operation, name: str | None = None) -> list[Operation]:
    """The operations of a kind, or all, within one: listed first, so that they may be replaced meanwhile."""
    matching: list[Operation] = []

    def visit(inner: Any) -> Any:
        if name is None or inner.name == name:
            matching.append(inner)
        return ir.WalkResult.ADVANCE

    op.operation.walk(visit, ir.WalkOrder.PRE_ORDER)
    return matching
