"""Loop nests over tensors as text, for new kernels: slices, what is computed of them, and where that is inserted.

    nest.loop(0, 64, 8, image, body)  →  %all1:1 = scf.for %v1 = %index_0 to %index_64 step %index_8
                                                          iter_args(%v2 = %image) -> (tensor<64x16xf32>) { .. }

The text is that of IREE 3.13.0, which reads and verifies it.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from runtime.compiler.passes.ir import executable_text
from runtime.compiler.tiling.lowering import compilation_info, lowering_config
from runtime.compiler.tiling.rules import Tile, largest_divisor

_BINDING = "!iree_tensor_ext.dispatch.tensor"
_UNROLLED = 8
ZERO = "%zero"  # what sums begin with; every nest has it

Sizes = tuple[int, ...]
Loops = tuple[int, ...]  # along a tensor's axes, outermost first
Index = int | str  # known, or the name of one that a loop counts


class Tensor(NamedTuple):
    """A tensor by its name in the text."""

    name: str
    sizes: Sizes

    @property
    def type(self) -> str:
        """As it is written."""
        return f"tensor<{'x'.join(map(str, self.sizes))}xf32>"


Carried = list[Tensor]


class Nest:
    """A function of tensors that is written line by line. A loop carries the tensors that are written to within it."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._depth = 3
        self._names = 0
        self._indices: set[int] = set()
        self._constants: dict[str, str] = {}
        self._has_root = False

    def line(self, text: str) -> None:
        """Write one."""
        self._lines.append(f"{'  ' * self._depth}{text}\n")

    def constant(self, number: str) -> None:
        """Define the constant `constant_name(number)`."""
        self._constants[constant_name(number)] = f"arith.constant {number}"

    def annotation(self, parallel: int, inner: int) -> str:
        """The attribute that unrolls an operation which sums over an axis of so many.

        The first is the root of the executable: its attribute says how all of it is compiled.
        """
        unrolled = largest_divisor(inner, _UNROLLED, 1) or 1
        tile = Tile((0,) * parallel, (0,) * parallel, unrolled)
        if self._has_root:
            return f"lowering_config = {lowering_config(tile, 1)}"
        self._has_root = True
        return f"compilation_info = {compilation_info(tile, 1)}"

    def plus(self, one: Index, other: Index) -> Index:
        """one + other."""
        return self._index("addi", one, other, lambda: int(one) + int(other)) if one and other else one or other

    def times(self, one: Index, other: Index) -> Index:
        """one · other."""
        if 0 in (one, other) or 1 in (one, other):
            return 0 if 0 in (one, other) else other if one == 1 else one
        return self._index("muli", one, other, lambda: int(one) * int(other))

    def minus(self, one: Index, other: Index) -> Index:
        """one - other."""
        return self._index("subi", one, other, lambda: int(one) - int(other)) if other else one

    def least(self, one: Index, other: Index) -> Index:
        """The smaller of two."""
        return self._index("minsi", one, other, lambda: min(int(one), int(other)))

    def most(self, one: Index, other: Index) -> Index:
        """The larger of two."""
        return self._index("maxsi", one, other, lambda: max(int(one), int(other)))

    def divided(self, one: Index, other: int) -> tuple[Index, Index]:
        """Quotient and remainder."""
        quotient = one if other == 1 else self._index("divui", one, other, lambda: int(one) // other)
        return quotient, 0 if other == 1 else self._index("remui", one, other, lambda: int(one) % other)

    def slice(
        self, source: Tensor, offsets: Sequence[Index], sizes: Sequence[int], kept: int, strides: Sequence[int] = ()
    ) -> Tensor:
        """A part of a tensor, of which the last `kept` axes stay; those before them are one long."""
        part = self._tensor(tuple(sizes[len(sizes) - kept :]))
        box = _box(offsets, sizes, strides)
        self.line(f"{part.name} = tensor.extract_slice {source.name}{box} : {source.type} to {part.type}")
        return part

    def insert(self, part: Tensor, into: Tensor, offsets: Sequence[Index]) -> Tensor:
        """A tensor with a part of it replaced."""
        result = self._tensor(into.sizes)
        self.line(f"{result.name} = tensor.insert_slice {_inserted(part, into, offsets)}")
        return result

    def empty(self, sizes: Sizes) -> Tensor:
        """A tensor of no known numbers."""
        result = self._tensor(sizes)
        self.line(f"{result.name} = tensor.empty() : {result.type}")
        return result

    def zeros(self, into: Tensor) -> Tensor:
        """A tensor filled with zeros."""
        result = self._tensor(into.sizes)
        self.line(f"{result.name} = linalg.fill ins({ZERO} : f32) outs({into.name} : {into.type}) -> {result.type}")
        return result

    def loop_of_many(
        self, start: Index, stop: Index, step: int, carried: Carried, body: Callable[[Index, Carried], Carried]
    ) -> Carried:
        """What is carried, after the body was run for each number. A loop that runs once is none."""
        if isinstance(start, int) and isinstance(stop, int) and stop <= start + step:
            return body(start, carried) if stop > start else carried
        counter, within = self._name(), [self._tensor(tensor.sizes) for tensor in carried]
        bounds = " to ".join(map(self._known, (start, stop)))
        pairs = ", ".join(f"{one.name} = {other.name}" for one, other in zip(within, carried, strict=True))
        types = ", ".join(tensor.type for tensor in carried)
        results = self._results()
        self.line(
            f"{results}:{len(carried)} = scf.for {counter} = {bounds} step {self._known(step)} "
            f"iter_args({pairs}) -> ({types}) {{"
        )
        self._depth += 1
        yielded = body(counter, within)
        self.line(f"scf.yield {', '.join(tensor.name for tensor in yielded)} : {types}")
        self._depth -= 1
        self.line("}")
        return [Tensor(f"{results}#{at}", tensor.sizes) for at, tensor in enumerate(carried)]

    def loop(
        self, start: Index, stop: Index, step: int, carried: Tensor, body: Callable[[Index, Tensor], Tensor]
    ) -> Tensor:
        """A loop that carries one tensor."""
        (result,) = self.loop_of_many(start, stop, step, [carried], lambda at, tensors: [body(at, tensors[0])])
        return result

    def tiled_loop(self, size: int, most: int, carried: Tensor, body: Callable[[Index, int, Tensor], Tensor]) -> Tensor:
        """Loops over so many, in tiles of at most `most`: as few as can be, and of nearly one size."""
        few, more = divmod(size, -(-size // most))
        middle = more * (few + 1)

        def loop(start: int, stop: int, tile: int, carried: Tensor) -> Tensor:
            return self.loop(start, stop, tile, carried, lambda at, tensor: body(at, tile, tensor))

        carried = loop(0, middle, few + 1, carried) if middle else carried
        return loop(middle, size, few, carried)

    def generic(
        self,
        maps: Sequence[Loops],
        reductions: int,
        inputs: Sequence[Tensor],
        into: Tensor,
        body: Sequence[str],
        annotation: str = "",
    ) -> Tensor:
        """A `linalg.generic`, whose last loops are reductions.

        Args:
            maps: the loops of each input's axes, and of the result's.
            body: its first line names the numbers of the inputs and of the result; its last yields.
        """
        parallel = len(into.sizes)
        loops = _loops(range(parallel + reductions))
        kinds = ", ".join(['"parallel"'] * parallel + ['"reduction"'] * reductions)
        result = self._tensor(into.sizes)
        written = ", ".join(f"affine_map<({loops}) -> ({_loops(axes)})>" for axes in maps)
        self.line(
            f"{result.name} = linalg.generic {{indexing_maps = [{written}], iterator_types = [{kinds}]}} "
            f"ins({', '.join(tensor.name for tensor in inputs)} : {', '.join(tensor.type for tensor in inputs)}) "
            f"outs({into.name} : {into.type}) {f'attrs = {{{annotation}}} ' if annotation else ''}{{"
        )
        for text in body:
            self.line(text)
        self.line(f"}} -> {result.type}")
        return result

    def forall(self, threads: int, sizes: Sequence[Sizes], body: Callable[[Index, Carried], None]) -> Carried:
        """Tensors that so many threads write, each what the body says at `insert_parallel`."""
        empty = [self.empty(shape) for shape in sizes]
        counter, within = self._name(), [self._tensor(shape) for shape in sizes]
        pairs = ", ".join(f"{one.name} = {other.name}" for one, other in zip(within, empty, strict=True))
        types = ", ".join(tensor.type for tensor in empty)
        results = self._results()
        self.line(
            f"{results}:{len(sizes)} = scf.forall ({counter}) in ({threads}) shared_outs({pairs}) -> ({types}) {{"
        )
        self._depth += 1
        body(counter, within)
        self._depth -= 1
        self.line("} {mapping = [#iree_codegen.workgroup_mapping<x>]}")
        return [Tensor(f"{results}#{at}", shape) for at, shape in enumerate(sizes)]

    def insert_parallel(self, parts: Sequence[tuple[Tensor, Tensor, Sequence[Index]]]) -> None:
        """A thread's parts of what all write: the part, the tensor that all write, and the part's offsets there."""
        self.line("scf.forall.in_parallel {")
        for part, into, offsets in parts:
            self.line(f"  tensor.parallel_insert_slice {_inserted(part, into, offsets)}")
        self.line("}")

    def executable(self, name: str, inputs: Sequence[Sizes], body: Callable[[Carried], Carried]) -> str:
        """An executable that loads its inputs, and stores what the body computes of them."""
        loaded = [Tensor(f"%input{at}", sizes) for at, sizes in enumerate(inputs)]
        results = body(loaded)
        arguments = [f"%a{at}: {_BINDING}<readonly:{tensor.type}>" for at, tensor in enumerate(loaded)]
        arguments += [f"%r{at}: {_BINDING}<writeonly:{tensor.type}>" for at, tensor in enumerate(results)]
        indent = "  " * 3
        head = [f"    func.func @{name}({', '.join(arguments)}) {{\n", f"{indent}{ZERO} = arith.constant 0.0 : f32\n"]
        head += [f"{indent}%index_{index} = arith.constant {index} : index\n" for index in sorted(self._indices)]
        head += [f"{indent}{constant} = {text}\n" for constant, text in self._constants.items()]
        for at, tensor in enumerate(loaded):
            binding = f"{_BINDING}<readonly:{tensor.type}>"
            head.append(
                f"{indent}{tensor.name} = {_access('load', '', f'%a{at}', tensor)} : {binding} -> {tensor.type}\n"
            )
        tail = [
            f"{indent}{_access('store', f'{tensor.name}, ', f'%r{at}', tensor)} : {tensor.type} -> "
            f"{_BINDING}<writeonly:{tensor.type}>\n"
            for at, tensor in enumerate(results)
        ]
        return executable_text(name, "".join((*head, *self._lines, *tail, f"{indent}return\n    }}\n")))

    def _name(self) -> str:
        self._names += 1
        return f"%v{self._names}"

    def _results(self) -> str:
        self._names += 1
        return f"%all{self._names}"

    def _tensor(self, sizes: Sizes) -> Tensor:
        return Tensor(self._name(), sizes)

    def _known(self, index: Index) -> str:
        if isinstance(index, str):
            return index
        self._indices.add(index)
        return f"%index_{index}"

    def _index(self, op: str, one: Index, other: Index, known: Callable[[], int]) -> Index:
        if isinstance(one, int) and isinstance(other, int):
            return known()
        name = self._name()
        self.line(f"{name} = arith.{op} {self._known(one)}, {self._known(other)} : index")
        return name


def constant_name(number: str) -> str:
    """What a constant such as `6.000000e+00 : f32` is called in a nest: by its value, so that all agree on it."""
    return f"%cst_{number.partition(' ')[0].replace('+', '')}"


def head(names: Sequence[str]) -> str:
    """The first line of an operation's body: what the numbers of its inputs are called, and that of its result."""
    return f"^bb0({', '.join(f'{name}: f32' for name in (*names, '%out'))}):"


# The body of an operation that adds up products of two numbers.
MULTIPLIED = (
    head(("%one", "%other")),
    "%product = arith.mulf %one, %other : f32",
    "%sum = arith.addf %out, %product : f32",
    "linalg.yield %sum : f32",
)


def multiplied(count: int) -> list[str]:
    """The body of an operation that adds up so many numbers, each times another: those come after all the first."""
    names = [f"%{kind}{at}" for kind in ("one", "other") for at in range(count)]
    lines = [head(names), "%sum0 = arith.mulf %one0, %other0 : f32"]
    for at in range(1, count):
        lines.append(f"%product{at} = arith.mulf %one{at}, %other{at} : f32")
        lines.append(f"%sum{at} = arith.addf %sum{at - 1}, %product{at} : f32")
    return [*lines, f"linalg.yield %sum{count - 1} : f32"]


def _loops(loops: Sequence[int]) -> str:
    return ", ".join(f"d{loop}" for loop in loops)


def _inserted(part: Tensor, into: Tensor, offsets: Sequence[Index]) -> str:
    sizes = [1] * (len(into.sizes) - len(part.sizes)) + list(part.sizes)
    return f"{part.name} into {into.name}{_box(offsets, sizes, ())} : {part.type} into {into.type}"


def _box(offsets: Sequence[Index], sizes: Sequence[int], strides: Sequence[int]) -> str:
    return " ".join(f"[{', '.join(map(str, part))}]" for part in (offsets, sizes, strides or [1] * len(sizes)))


def _access(kind: str, value: str, binding: str, tensor: Tensor) -> str:
    axes = len(tensor.sizes)
    return (
        f"iree_tensor_ext.dispatch.tensor.{kind} {value}{binding}, offsets = {[0] * axes}, "
        f"sizes = {list(tensor.sizes)}, strides = {[1] * axes}"
    )
