"""What a kernel computes: a matmul or convolution, and its epilogue.

    %x = dispatch.tensor.load %arg0 ..                          operands  (0, 1)
    %k = dispatch.tensor.load %arg1 ..                          loops     (0, 2), (2, 1), (0, 1)
    %b = dispatch.tensor.load %arg2 ..                     →    epilogue  inputs  (-1, (0, 1)), (2, (1,))
    %y = linalg.generic .. ins(%x, %k) outs(zeros)                        body    %y0 = "arith.addf"(%x0, %x1) ..
    %z = linalg.generic .. ins(%y, %b) { addf .. }
    dispatch.tensor.store %z, %arg3 ..

Also: which matrices are unpacked from packed weights before they are read.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from iree.compiler import ir

from runtime.compiler.passes.ir import (
    LOAD,
    STORE,
    Kernel,
    Operation,
    Value,
    binding_type,
    box_of,
    function_of,
    loops_of,
    maps_of,
    owner,
    reductions,
    shape_of,
    walk,
)
from runtime.compiler.passes.loop_nest import Loops, Sizes, constant_name

_KNOWN = {"arith.constant", LOAD, STORE, "tensor.empty", "linalg.fill", "linalg.generic", "func.return"}
_UNPACKED: tuple[Loops, Loops] = (0, 1, 2), (1, 0, 2)  # the axes of packed weights, and of the matrix's rows


class Epilogue(NamedTuple):
    """The elementwise operations after a matmul or convolution. Equal epilogues have equal text.

    Args:
        inputs: of each, the dispatch's operand (-1: the matmul's or convolution's result), and the loops of its axes.
        names: of the inputs' numbers in the body.
        body: the operations, as text.
        result: the name of the number that it yields.
        constants: of the kernel, `6.000000e+00 : f32`; in the body, each has the name that `constant_name` says.
    """

    inputs: tuple[tuple[int, Loops], ...]
    names: tuple[str, ...]
    body: tuple[str, ...]
    result: str
    constants: tuple[str, ...]

    @property
    def operands(self) -> list[int]:
        """The dispatch's operands that it reads beside the result."""
        return list(dict.fromkeys(operand for operand, _ in self.inputs if operand >= 0))


class Contraction(NamedTuple):
    """A matmul or convolution that sums from zero, of operands that are read in full, and its epilogue.

    Args:
        op: its `linalg.generic`.
        loops: of the axes of its image, its weights and its result; None where loops are added up, as a window's are.
        sizes: of those three.
        operands: which of the dispatch's the first two are.
        offsets, stored_into: where the result is stored, and the sizes of what it is stored into.
    """

    op: Operation
    loops: tuple[Loops | None, ...]
    sizes: tuple[Sizes, Sizes, Sizes]
    operands: tuple[int, int]
    epilogue: Epilogue | None
    offsets: Sizes
    stored_into: Sizes


class Region(NamedTuple):
    """What a load or a store reads or writes, and the sizes of the binding that holds it."""

    offsets: Sizes
    sizes: Sizes
    within: Sizes


def contraction_of(kernel: Kernel) -> Contraction | None:
    """What a kernel computes, if that is one matmul or convolution of f32 and at most an epilogue."""
    loads, stores, generics = (kernel.ops(kind) for kind in (LOAD, STORE, "linalg.generic"))
    if len(stores) != 1 or len(generics) not in (1, 2) or not _is_plain(kernel):
        return None
    (op, *rest), result, box = generics, stores[0].operands[0], region_of(stores[0])
    if box is None or box.sizes != tuple(shape_of(result)) or not all(map(_is_read_in_full, loads)):
        return None
    if not sums_products(op) or result != generics[-1].results[0]:
        return None
    operands = {load.results[0]: operand_of(load) for load in loads}
    image, weights, _ = op.operands
    if image not in operands or weights not in operands:
        return None
    epilogue = _epilogue(kernel, rest[0], {**operands, op.results[0]: -1}) if rest else None
    if rest and epilogue is None:
        return None
    return Contraction(
        op,
        tuple(loops_of(axes) for axes in maps_of(op)),
        (tuple(shape_of(image)), tuple(shape_of(weights)), box.sizes),
        (operands[image], operands[weights]),
        epilogue,
        box.offsets,
        box.within,
    )


def region_of(access: Operation) -> Region | None:
    """What a load reads, or a store writes; None where that is known at run time alone, has gaps, or is not of f32."""
    _, binding = binding_type(access.operands[-1])
    box = box_of(access)
    if box is None or set(box.strides) - {1} or not isinstance(binding.element_type, ir.F32Type):
        return None
    return Region(tuple(box.offsets), tuple(box.sizes), tuple(binding.shape))


def operand_of(access: Operation) -> int:
    """The dispatch's operand that a load reads, or a store writes."""
    return int(ir.BlockArgument(access.operands[-1]).arg_number)


def is_zero(value: Value) -> bool:
    """Whether a value is the constant 0 of f32, which -0 is not."""
    constant = owner(value)
    if constant is None or constant.name != "arith.constant":
        return False
    return bool(constant.attributes["value"] == ir.Attribute.parse("0.0 : f32", value.context))


def sums_products(op: Operation) -> bool:
    """Whether a `linalg.generic` adds up the products of its two inputs, from zero."""
    if len(op.operands) != 3 or len(op.results) != 1:
        return False
    fill = owner(op.operands[2])
    if fill is None or fill.name != "linalg.fill" or not is_zero(fill.operands[0]):
        return False
    block = op.regions[0].blocks[0]
    steps = [step.operation for step in block.operations]
    if [step.name for step in steps] != ["arith.mulf", "arith.addf", "linalg.yield"]:
        return False
    multiplication, total, _ = steps
    one, other, out = block.arguments
    operands = [list(step.operands) for step in steps]
    exact = ir.Attribute.parse("#arith.fastmath<none>", op.context)
    return operands == [[one, other], [out, multiplication.results[0]], [total.results[0]]] and all(
        step.attributes["fastmath"] == exact for step in (multiplication, total)
    )


def _is_read_in_full(load: Operation) -> bool:
    box, (access, _) = region_of(load), binding_type(load.operands[0])
    if box is None or access != "readonly" or any(box.offsets):
        return False
    return box.sizes == box.within == tuple(shape_of(load.results[0]))


def _is_plain(kernel: Kernel) -> bool:
    """Whether a kernel's operations are all of those that are understood, and none counts loops."""
    names = {op.operation.name for op in kernel.body.operations}
    return names <= _KNOWN and not walk(kernel.func, "linalg.index")


def _epilogue(kernel: Kernel, op: Operation, operands: Mapping[Value, int]) -> Epilogue | None:
    """A `linalg.generic` as an epilogue; None where it is not elementwise, or reads anything else than `operands`."""
    *axes, result_axes = (loops_of(place) for place in maps_of(op))
    if reductions(op) or len(op.results) != 1 or result_axes != tuple(range(len(shape_of(op.results[0])))):
        return None
    read = [operands[value] for value in op.operands[:-1] if value in operands]
    inputs = tuple((operand, loops) for operand, loops in zip(read, axes, strict=False) if loops is not None)
    if len(inputs) != len(axes):
        return None
    names = tuple(f"%x{at}" for at in range(len(inputs)))
    constants = [constant.results[0] for constant in kernel.ops("arith.constant")]
    constants = [constant for constant in constants if isinstance(constant.type, ir.F32Type)]
    numbers = [str(constant.owner.attributes["value"]) for constant in constants]
    known = dict(zip(constants, map(constant_name, numbers), strict=True))
    # Of an input that comes twice, one name is enough.
    known |= {
        argument: names[inputs.index(pair)]
        for argument, pair in zip(op.regions[0].blocks[0].arguments, inputs, strict=False)
    }
    body = _body(op, known)
    return body and Epilogue(inputs, names, *body, tuple(numbers))


def _body(op: Operation, known: Mapping[Value, str]) -> tuple[tuple[str, ...], str] | None:
    """The body of a `linalg.generic` as text, and the name of its result; None where it reads what has no name."""
    *steps, end = (step.operation for step in op.regions[0].blocks[0].operations)
    if any(len(step.results) != 1 or len(step.regions) for step in steps):
        return None
    names = {**known, **{step.results[0]: f"%y{at}" for at, step in enumerate(steps)}}
    if any(value not in names for step in (*steps, end) for value in step.operands):
        return None
    return tuple(_text_of(step, names) for step in steps), names[end.operands[0]]


def _text_of(op: Operation, names: Mapping[Value, str]) -> str:
    """An operation without regions as text, with these names for numbers."""
    operands = ", ".join(names[operand] for operand in op.operands)
    kinds = ", ".join(str(operand.type) for operand in op.operands)
    attributes = ", ".join(f"{name} = {op.attributes[name]}" for name in op.attributes)
    result = op.results[0]
    return f'{names[result]} = "{op.name}"({operands}) {{{attributes}}} : ({kinds}) -> {result.type}'


# Packed weights `[panels, inner, columns]`: a matrix `[inner, panels · columns]`, some columns after the others.


def unpacks(kernel: Kernel) -> bool:
    """Whether a kernel does nothing but transpose packed weights to `[inner, panels, columns]`, to be a matrix."""
    ops = [op for op in walk(kernel.func) if op.name.startswith("linalg.")]
    if [op.name for op in ops] != ["linalg.generic", "linalg.yield"]:
        return False
    op, end = ops
    block = op.regions[0].blocks[0]
    copies = len(op.operands) == 2 and list(end.operands) == [block.arguments[0]]
    return copies and not reductions(op) and tuple(loops_of(axes) for axes in maps_of(op)) == _UNPACKED


def packed_weights(matrix: Value, unpacking: AbstractSet[str]) -> Value | None:
    """The packed weights that a matrix `[inner, columns]` is unpacked from, by one of the functions `unpacking`."""
    reshape = owner(matrix)
    if reshape is None or reshape.name != "flow.tensor.reshape":
        return None
    dispatch = owner(reshape.operands[0])
    if dispatch is None or dispatch.name != "flow.dispatch" or function_of(dispatch.opview) not in unpacking:
        return None
    packed, *others = dispatch.operands
    sizes = shape_of(packed)
    if others or len(sizes) != 3 or shape_of(matrix) != [sizes[1], sizes[0] * sizes[2]]:
        return None
    return packed
