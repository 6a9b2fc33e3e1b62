"""Fuse the inverted residuals of one image: three convolutions, 1×1, depthwise and 1×1, become one dispatch.

    %image = flow.tensor.splat %zero                       %y:3 = flow.dispatch @f_dispatch_2_block0_14x14x32x96x32(..)
    %wide = flow.dispatch @expand(%x, ..) -> %image    →   %parts = flow.tensor.reshape %y#0
    %deep = flow.dispatch @depthwise(%wide, ..)            %z = flow.dispatch @f_dispatch_2_block0_.._sum(%parts, ..)
    %rows = flow.tensor.reshape %deep
    %z = flow.dispatch @project(%rows, ..)

The images in between have several times the channels, and so go through no memory. The kernel is that of
`inverted_residual_kernel.py`; the second dispatch adds up what threads computed of some channels each.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, NamedTuple

from iree.compiler import ir
from iree.compiler.dialects import flow, linalg

from runtime.compiler.passes.inverted_residual_kernel import COLUMNS, PIXELS, ROWS, Block, Layer, Shape, plan_of
from runtime.compiler.passes.ir import (
    Operation,
    Value,
    dispatch,
    dispatches,
    erase,
    erase_undispatched,
    function_of,
    insert_executables,
    kernels,
    maps_of,
    owner,
    replace,
    shape_of,
    tied_operand,
    used_once,
)
from runtime.compiler.passes.loop_nest import Loops, Sizes
from runtime.compiler.passes.match import Contraction, Epilogue, contraction_of, is_zero, packed_weights, unpacks
from runtime.compiler.tiling.cpu import CpuTarget

_WIDEST = 5  # window


class _Convolution(NamedTuple):
    """A dispatch of a convolution: what it computes, of which image, with which operands."""

    dispatch: Any
    contraction: Contraction
    image: Value
    layer: Layer[Value]


class _Chain(NamedTuple):
    """Three convolutions of which each is the only reader of the one before it."""

    first: _Convolution
    second: _Convolution
    last: _Convolution

    @property
    def layers(self) -> list[Layer[Sizes]]:
        """Their sizes."""
        layers = (convolution.layer for convolution in self)
        return [layer.of(tuple(shape_of(operand)) for operand in layer.operands) for layer in layers]


@dataclass(frozen=True)
class _Functions:
    """What a program's functions compute, by name, and those that unpack packed weights."""

    contractions: Mapping[str, Contraction]
    unpacking: AbstractSet[str]


def run(module: Operation, target: CpuTarget) -> int:
    """Fuse inverted residuals, shared by the target's threads; none without rules for it.

    One stays whose images in between are read elsewhere too, or whose sizes do not fit.
    """
    blocks, count = target.rules.blocks if target.rules else None, 0
    if blocks is None:
        return 0
    functions = _functions(module)
    fused: dict[object, Block] = {}
    replaced: set[str] = set()
    for name, op in dispatches(module):
        chain = _chain(op, functions)
        shape = chain and _shape(chain)
        plan = shape and plan_of(shape, blocks, target.threads)
        if chain is None or shape is None or plan is None:
            continue
        kind = (shape, *chain.layers)
        if kind not in fused:
            sizes = "x".join(map(str, shape[:5]))
            block_name = f"{name.partition('_matmul')[0]}_block{len(fused)}_{sizes}"
            fused[kind] = Block(block_name, shape, plan, chain.layers, blocks)
        replaced |= {function_of(convolution.dispatch) for convolution in chain}
        _replace(chain, fused[kind])
        count += 1
    insert_executables(module, [text for block in fused.values() for text in block.executables])
    erase_undispatched(module, replaced)
    return count


def _functions(module: Operation) -> _Functions:
    contractions = {kernel.name: computed for kernel in kernels(module) if (computed := contraction_of(kernel))}
    return _Functions(contractions, {kernel.name for kernel in kernels(module) if unpacks(kernel)})


def _chain(op: Any, functions: _Functions) -> _Chain | None:
    """The three convolutions of which a dispatch is the last; the first writes into a padded image of zeros."""
    last = _convolution(op, functions)
    reshape = last and owner(last.image)
    if last is None or reshape is None or reshape.name != "flow.tensor.reshape" or not used_once(last.image):
        return None
    second = _only_read_by_next(reshape.operands[0], functions)
    first = second and _only_read_by_next(second.image, functions)
    if first is None or second is None or not _is_zeros(tied_operand(first.dispatch)):
        return None
    return _Chain(first, second, last)


def _only_read_by_next(image: Value, functions: _Functions) -> _Convolution | None:
    """The convolution that an image is the result of, if that is read once."""
    op = owner(image)
    if op is None or op.name != "flow.dispatch" or not used_once(image):
        return None
    return _convolution(op.opview, functions)


def _convolution(op: Any, functions: _Functions) -> _Convolution | None:
    contraction = functions.contractions.get(function_of(op))
    if contraction is None:
        return None
    image, weights = (op.operands[operand] for operand in contraction.operands)
    if contraction.loops[1] in (PIXELS[1], ROWS[1]):
        weights = packed_weights(weights, functions.unpacking) or weights
    epilogue = contraction.epilogue
    others = tuple((operand, op.operands[operand]) for operand in (epilogue.operands if epilogue else ()))
    return _Convolution(op, contraction, image, Layer(weights, epilogue, others))


def _is_zeros(image: Value | None) -> bool:
    fill = None if image is None else owner(image)
    return fill is not None and fill.name == "flow.tensor.splat" and is_zero(fill.operands[0])


def _shape(chain: _Chain) -> Shape | None:
    """The sizes of what three convolutions compute; None where they are no inverted residual."""
    first, second, last = (convolution.contraction for convolution in chain)
    stride = _stride(second)
    if stride is None or first.loops != PIXELS or last.loops != ROWS:
        return None
    (tall, wide, channels), (window, across, _), (rows, columns, _) = second.sizes
    (height, width, inner), _, (*_, expanded) = first.sizes
    (pixels, summed), (_, outputs), _ = last.sizes
    top, left, begin = first.offsets
    weights = [shape_of(convolution.layer.weights) for convolution in (chain.first, chain.last)]
    fits = (
        (pixels, summed, expanded, across, begin) == (rows * columns, channels, channels, window, 0)
        and (first.stored_into, second.stored_into, last.stored_into)
        == (second.sizes[0], second.sizes[2], last.sizes[2])
        and all(_reads(contraction.epilogue, (0, 1, 2), {(2,)}) for contraction in (first, second))
        and _reads(last.epilogue, (0, 1), {(0, 1), (1,)})
        and (first.sizes[2], last.sizes[2]) == ((height, width, channels), (pixels, outputs))
        and not any(conv.contraction.operands[0] in dict(conv.layer.others) for conv in chain)
        and window <= _WIDEST
        and channels % COLUMNS == 0
        and outputs % (COLUMNS // 2) == 0
        and all(len(sizes) == 2 or sizes[2:] == [COLUMNS] for sizes in weights)
    )
    shape = Shape(height, width, inner, channels, outputs, window, stride, top, left, tall, wide, rows, columns)
    return shape if fits else None


def _stride(contraction: Contraction) -> int | None:
    """Of a depthwise convolution of one image, the same down and across; None of anything else."""
    op = contraction.op
    if contraction.loops != (None, (3, 4, 2), (0, 1, 2)) or not linalg.isa_convolution_op(op):
        return None
    stride, *_ = linalg.infer_convolution_dimensions(op).strides
    row, column, channel, down, across = (ir.AffineDimExpr.get(loop) for loop in range(5))
    window = ir.AffineMap.get(5, 0, [row * stride + down, column * stride + across, channel])
    return int(stride) if maps_of(op)[0] == window else None


def _reads(epilogue: Epilogue | None, result: Loops, others: AbstractSet[Loops]) -> bool:
    """Whether an epilogue reads the result by its own axes, and other operands by some of them."""
    return epilogue is None or all(
        loops == result if operand < 0 else loops in others for operand, loops in epilogue.inputs
    )


def _replace(chain: _Chain, block: Block) -> None:
    """Dispatch the block instead of three convolutions."""
    last = chain.last.dispatch
    operands = [chain.first.image, *(operand for convolution in chain for operand in convolution.layer.operands)]
    operands = operands[: len(block.inputs)]  # those of the last epilogue may be the second executable's
    with ir.InsertionPoint(last), last.location:
        narrowed = [
            value if tuple(shape_of(value)) == sizes else _reshaped(value, sizes)
            for value, sizes in zip(operands, block.inputs, strict=True)
        ]
        result, *_ = dispatch([_type(sizes) for sizes in block.results], block.name, narrowed).results
        if block.parts == 1:
            result = _reshaped(result, block.result)
        else:
            parts = _reshaped(result, (block.parts, *block.result))
            others = (other for _, other in chain.last.layer.others)
            result = dispatch([_type(block.result)], f"{block.name}_sum", [parts, *others]).results[0]
    reshape = owner(chain.last.image)
    replace(last, [result])
    for op in (reshape, chain.second.dispatch, chain.first.dispatch):
        erase(op)


def _reshaped(value: Value, sizes: Sizes) -> Value:
    return flow.TensorReshapeOp(_type(sizes), value, [], []).result


def _type(sizes: Sizes) -> Any:
    return ir.RankedTensorType.get(sizes, ir.F32Type.get())
