"""Fuse im2col: a weight gradient of few channels reads the image itself, instead of patches that are gathered from it.

    %0 = flow.dispatch @copy_0(%image, %empty) -> %empty        %dw = flow.dispatch @f_patches_64x48x32x256(%image, %dy)
    %1 = flow.dispatch @copy_1(%image, %0) -> %0            →
    %patches = flow.tensor.reshape %1
    %dw = flow.dispatch @f_matmul_like_64x48x32x256(%patches, %dy)

The patches are several times the image, and are written by a copy for each tap of the window. Here the matmuls that
read them read the image instead, at each of those taps, a line at a time.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from iree.compiler import ir

from runtime.compiler.passes.inverted_residual_kernel import COLUMNS
from runtime.compiler.passes.ir import (
    LOAD,
    STORE,
    Kernel,
    Operation,
    Value,
    binding_type,
    dispatch,
    dispatches,
    erase,
    erase_undispatched,
    function_of,
    insert_executables,
    kernels,
    owner,
    replace,
    shape_of,
    used_once,
)
from runtime.compiler.passes.loop_nest import MULTIPLIED, Carried, Index, Loops, Nest, Sizes, Tensor
from runtime.compiler.passes.match import Contraction, contraction_of, operand_of, region_of
from runtime.compiler.tiling.cpu import CpuTarget
from runtime.compiler.tiling.rules import Blocks

_SUMS: tuple[Loops, ...] = (0, 3, 1), (0, 3, 2), (0, 1, 2)  # of a stack of matmuls that sum over rows
_LINE_SUMS: tuple[Loops, ...] = (2, 0), (2, 1), (0, 1)  # of one line
_FEW = 16  # channels: with more, matmuls are worth their copies


class _Copy(NamedTuple):
    """Where an image is read from, and the first of its channels among the patches'."""

    row: int
    column: int
    channel: int


class _Patches(NamedTuple):
    """Patches `[N, height, width, taps · channels]`, what gathers them, and the copies of the image by order."""

    image: Value
    sizes: Sizes
    copies: tuple[_Copy, ...]
    ops: tuple[Operation, ...]


def run(module: Operation, target: CpuTarget) -> int:
    """Have matmuls of patches of few channels read images; none without rules for such kernels.

    One stays that has no whole number of lines in each of its pieces, or whose patches are read elsewhere too.
    """
    blocks = target.rules.blocks if target.rules else None
    copies = {kernel.name: copy for kernel in kernels(module) if (copy := _copy(kernel))} if blocks else {}
    if blocks is None or not copies:
        return 0
    reading: dict[str, list[Any]] = {}
    for name, op in dispatches(module):
        reading.setdefault(name, []).append(op)
    texts: list[str] = []
    replaced: set[str] = set()
    for kernel in kernels(module):
        matmul, ops = contraction_of(kernel), reading.get(kernel.name, [])
        patches = _patches(ops[0].operands[0], copies) if matmul and len(ops) == 1 else None
        if matmul is None or patches is None or not _fits(matmul, patches):
            continue
        name = kernel.name.replace("_matmul_like_", "_patches_")
        texts.append(_Gradient(patches, matmul, blocks).executable(name))
        replaced |= {kernel.name, *(function_of(op) for op in patches.ops[1:])}
        _replace(ops[0], patches, name)
    insert_executables(module, texts)
    erase_undispatched(module, replaced)
    return len(texts)


def _copy(kernel: Kernel) -> _Copy | None:
    """What a kernel copies, if it does nothing else: an image's channels and lines, of all images, into patches."""
    ops = [op.operation for op in kernel.body.operations if op.operation.name != "arith.constant"]
    if [op.name for op in ops] != [LOAD, STORE, "func.return"] or ops[1].operands[0].owner != ops[0]:
        return None
    (image, patches), (access, _) = map(region_of, ops[:2]), binding_type(ops[1].operands[1])
    if image is None or patches is None or access != "readwrite" or [*map(operand_of, ops[:2])] != [0, 1]:
        return None
    if len(image.sizes) != 4 or not image.sizes == patches.sizes == (*patches.within[:3], image.within[3]):
        return None
    if image.offsets[0] or image.offsets[3] or any(patches.offsets[:3]):
        return None
    return _Copy(image.offsets[1], image.offsets[2], patches.offsets[3])


def _patches(matrices: Value, copies: Mapping[str, _Copy]) -> _Patches | None:
    """How the left operand of a stack of matmuls is gathered, if by copies of one image that fill it."""
    reshape = owner(matrices)
    if reshape is None or reshape.name != "flow.tensor.reshape" or not used_once(matrices):
        return None
    value, ops = reshape.operands[0], []
    while (op := owner(value)) and op.name == "flow.dispatch" and function_of(op.opview) in copies:
        if not used_once(value):
            return None
        ops.append(op.opview)
        value = op.operands[1]
    if not ops or any(op.operands[0] != ops[0].operands[0] for op in ops):
        return None
    image, sizes = ops[0].operands[0], tuple(shape_of(value))
    taps = tuple(copies[function_of(op)] for op in reversed(ops))
    filled = sorted(tap.channel for tap in taps) == list(range(0, sizes[3], shape_of(image)[3]))
    return _Patches(image, sizes, taps, (reshape, *ops)) if filled else None


def _fits(matmul: Contraction, patches: _Patches) -> bool:
    """Whether a kernel computes matmuls of some lines of the image each, and nothing else."""
    if (matmul.loops, matmul.epilogue, matmul.operands) != (_SUMS, None, (0, 1)):
        return False
    _, rows, columns = matmul.sizes[0]
    return (
        matmul.stored_into == matmul.sizes[2]
        and rows % patches.sizes[2] == 0
        and columns == patches.sizes[3]
        and shape_of(patches.image)[3] <= _FEW
        and matmul.sizes[1][2] % COLUMNS == 0
    )


def _replace(matmul: Any, patches: _Patches, name: str) -> None:
    with ir.InsertionPoint(matmul), matmul.location:
        new = dispatch([matmul.results[0].type], name, [patches.image, matmul.operands[1]])
    replace(matmul, list(new.results))
    for op in patches.ops:
        erase(op)


class _Gradient:
    """The kernel of a stack of matmuls, each of some lines of the image, whose patches it does not gather."""

    def __init__(self, patches: _Patches, matmul: Contraction, blocks: Blocks) -> None:
        self._nest, self._patches, self._matmul, self._blocks = Nest(), patches, matmul, blocks
        self._image = tuple(shape_of(patches.image))
        self._lines = matmul.sizes[0][1] // patches.sizes[2]  # of the image, to a matmul

    def executable(self, name: str) -> str:
        """As text."""
        stack, *_ = self._matmul.sizes[2]

        def threads(inputs: Carried) -> Carried:
            return self._nest.forall(stack, [self._matmul.sizes[2]], lambda *thread: self._thread(inputs, *thread))

        return self._nest.executable(name, [self._image, self._matmul.sizes[1]], threads)

    def _thread(self, inputs: Carried, number: Index, into: Carried) -> None:
        """One matmul, and its place in the result."""
        nest, sizes = self._nest, self._matmul.sizes[2]
        own = nest.slice(into[0], [number, 0, 0], [1, *sizes[1:]], 2)
        zeros = self._tiles(own, 0, sizes[1], lambda row, size, column, tile: nest.zeros(tile))
        sums = nest.loop(0, self._lines, 1, zeros, lambda line, sums: self._line(inputs, number, line, sums))
        nest.insert_parallel([(sums, into[0], [number, 0, 0])])

    def _line(self, inputs: Carried, number: Index, line: Index, sums: Tensor) -> Tensor:
        """What a line of the image adds, at each tap of the window."""
        nest, (image, cotangent) = self._nest, inputs
        _, height, width, _ = self._patches.sizes
        batch, row = nest.divided(nest.plus(nest.times(number, self._lines), line), height)
        pixel = nest.times(line, width)
        for copy in self._patches.copies:

            def tile(first: Index, size: int, column: Index, sums: Tensor, copy: _Copy = copy) -> Tensor:
                start = [batch, nest.plus(row, copy.row), copy.column, first]
                pixels = nest.slice(image, start, [1, 1, width, size], 2)
                other = nest.slice(cotangent, [number, pixel, column], [1, width, COLUMNS], 2)
                return nest.generic(_LINE_SUMS, 1, [pixels, other], sums, MULTIPLIED, nest.annotation(2, width))

            sums = self._tiles(sums, copy.channel, self._image[3], tile)
        return sums

    def _tiles(
        self, sums: Tensor, first: int, rows: int, compute: Callable[[Index, int, Index, Tensor], Tensor]
    ) -> Tensor:
        """Sums with each tile of so many rows replaced.

        Args:
            compute: a tile from its first row, counted from `first`, its rows, its first column, and the tile as it is.
        """
        nest = self._nest

        def strip(count: Index, carried: Tensor) -> Tensor:
            column = nest.times(count, COLUMNS)

            def tile(row: Index, size: int, carried: Tensor) -> Tensor:
                start = [nest.plus(row, first), column]
                before = nest.slice(carried, start, [size, COLUMNS], 2)
                return nest.insert(compute(row, size, column, before), carried, start)

            return nest.tiled_loop(rows, self._blocks.pixels, carried, tile)

        return nest.loop(0, sums.sizes[1] // COLUMNS, 1, sums, strip)
