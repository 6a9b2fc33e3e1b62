"""Loops over tensors as text, for executables of our own: slices, what is computed of them, and where that is put back.

The text is that of one release of IREE, 3.13.0.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from runtime.compiler.passes.flow_text import executable_of
from runtime.compiler.tiling.lowering import compilation_info, lowering_config
from runtime.compiler.tiling.rules import Tile, largest_divisor

_BOUND = "!iree_tensor_ext.dispatch.tensor"
_UNROLLED = 8
ZERO = "%zero"  # what sums begin with; every nest has it

Sizes = tuple[int, ...]
Index = int | str  # known, or the name of one that a loop counts


class Value(NamedTuple):
    """A tensor by its name."""

    name: str
    sizes: Sizes

    @property
    def type(self) -> str:
        """As it is written."""
        return f"tensor<{'x'.join(map(str, self.sizes))}xf32>"


Carried = list[Value]


class Nest:
    """A function of tensors that is written line by line. A loop carries the tensors that are written to within it."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._depth = 4
        self._names = 0
        self._indices: set[int] = set()
        self._constants: dict[str, str] = {}
        self._led = False

    def line(self, text: str) -> None:
        """Write one."""
        self._lines.append(f"{'  ' * self._depth}{text}\n")

    def constant(self, text: str) -> str:
        """The name of a number that is known, such as `arith.constant 6.0 : f32`."""
        return self._constants.setdefault(text, f"%number_{len(self._constants)}")

    def told(self, parallel: int, inner: int) -> str:
        """What an operation is told that sums over an axis of so many. The first is told how all are compiled, too."""
        unrolled = largest_divisor(inner, _UNROLLED, 1) or 1
        tile = Tile((0,) * parallel, (0,) * parallel, unrolled)
        if self._led:
            return f"lowering_config = {lowering_config(tile, 1)}"
        self._led = True
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

    def over(self, one: Index, other: int) -> tuple[Index, Index]:
        """How often another fits into one, and what is left."""
        quotient = one if other == 1 else self._index("divui", one, other, lambda: int(one) // other)
        return quotient, 0 if other == 1 else self._index("remui", one, other, lambda: int(one) % other)

    def slice(
        self, source: Value, offsets: Sequence[Index], sizes: Sequence[int], kept: int, strides: Sequence[int] = ()
    ) -> Value:
        """A part of a tensor, of which the last `kept` axes stay; those before them are one long."""
        value = self._value(tuple(sizes[len(sizes) - kept :]))
        self.line(f"{value.name} = tensor.extract_slice {_part(source, offsets, sizes, strides)} to {value.type}")
        return value

    def put(self, part: Value, into: Value, offsets: Sequence[Index]) -> Value:
        """A tensor with a part of it replaced."""
        value = self._value(into.sizes)
        self.line(f"{value.name} = tensor.insert_slice {_placed(part, into, offsets)}")
        return value

    def empty(self, sizes: Sizes) -> Value:
        """A tensor of no known numbers."""
        value = self._value(sizes)
        self.line(f"{value.name} = tensor.empty() : {value.type}")
        return value

    def zeros(self, place: Value) -> Value:
        """Zeros in the place of a tensor."""
        value = self._value(place.sizes)
        self.line(f"{value.name} = linalg.fill ins({ZERO} : f32) outs({place.name} : {place.type}) -> {value.type}")
        return value

    def loop(
        self, start: Index, stop: Index, step: int, carried: Carried, body: Callable[[Index, Carried], Carried]
    ) -> Carried:
        """What is carried, after the body was run for each number. A loop that runs once is none."""
        if isinstance(start, int) and isinstance(stop, int) and stop <= start + step:
            return body(start, carried) if stop > start else carried
        counter, within = self._name(), [self._value(each.sizes) for each in carried]
        bounds = " to ".join(map(self._known, (start, stop)))
        pairs = ", ".join(f"{one.name} = {other.name}" for one, other in zip(within, carried, strict=True))
        types = ", ".join(each.type for each in carried)
        results = self._names
        self._names += 1
        self.line(
            f"%all{results}:{len(carried)} = scf.for {counter} = {bounds} step {self._known(step)} "
            f"iter_args({pairs}) -> ({types}) {{"
        )
        self._depth += 1
        made = body(counter, within)
        self.line(f"scf.yield {', '.join(each.name for each in made)} : {types}")
        self._depth -= 1
        self.line("}")
        return [Value(f"%all{results}#{at}", each.sizes) for at, each in enumerate(carried)]

    def each(self, start: Index, stop: Index, step: int, whole: Value, body: Callable[[Index, Value], Value]) -> Value:
        """A loop that carries one tensor."""
        (done,) = self.loop(start, stop, step, [whole], lambda at, carried: [body(at, carried[0])])
        return done

    def tiled(self, size: int, most: int, whole: Value, body: Callable[[Index, int, Value], Value]) -> Value:
        """Loops over so many, in pieces of at most `most`: as few as can be, and of nearly one size."""
        few, more = divmod(size, -(-size // most))
        middle = more * (few + 1)

        def loop(start: int, stop: int, many: int, whole: Value) -> Value:
            return self.each(start, stop, many, whole, lambda at, whole: body(at, many, whole))

        whole = loop(0, middle, few + 1, whole) if middle else whole
        return loop(middle, size, few, whole)

    def generic(
        self,
        maps: Sequence[str],
        summed: int,
        given: Sequence[Value],
        place: Value,
        body: Sequence[str],
        told: str = "",
    ) -> Value:
        """An operation of loops, of which the last are summed over.

        Args:
            maps: which loops run along the axes of what is given, and of the place: `"d0, d2"`.
            body: its first line names what is given and the place's number; its last yields the result.
        """
        parallel = len(place.sizes)
        loops = ", ".join(f"d{axis}" for axis in range(parallel + summed))
        kinds = ", ".join(['"parallel"'] * parallel + ['"reduction"'] * summed)
        value = self._value(place.sizes)
        written = ", ".join(f"affine_map<({loops}) -> ({each})>" for each in maps)
        self.line(
            f"{value.name} = linalg.generic {{indexing_maps = [{written}], iterator_types = [{kinds}]}} "
            f"ins({', '.join(each.name for each in given)} : {', '.join(each.type for each in given)}) "
            f"outs({place.name} : {place.type}) {f'attrs = {{{told}}} ' if told else ''}{{"
        )
        for text in body:
            self.line(text)
        self.line(f"}} -> {value.type}")
        return value

    def shared(self, count: int, sizes: Sequence[Sizes], body: Callable[[Index, Carried], None]) -> Carried:
        """Tensors that so many workers write, each what the body says at `give`."""
        places = [self.empty(each) for each in sizes]
        counter, within = self._name(), [self._value(each) for each in sizes]
        pairs = ", ".join(f"{one.name} = {other.name}" for one, other in zip(within, places, strict=True))
        types = ", ".join(each.type for each in places)
        results = self._names
        self._names += 1
        self.line(
            f"%all{results}:{len(sizes)} = scf.forall ({counter}) in ({count}) shared_outs({pairs}) -> ({types}) {{"
        )
        self._depth += 1
        body(counter, within)
        self._depth -= 1
        self.line("} {mapping = [#iree_codegen.workgroup_mapping<x>]}")
        return [Value(f"%all{results}#{at}", each) for at, each in enumerate(sizes)]

    def give(self, parts: Sequence[tuple[Value, Value, Sequence[Index]]]) -> None:
        """A worker's parts of what all write: each a part, the whole and where it belongs."""
        self.line("scf.forall.in_parallel {")
        for part, into, offsets in parts:
            self.line(f"  tensor.parallel_insert_slice {_placed(part, into, offsets)}")
        self.line("}")

    def executable(self, name: str, given: Sequence[Sizes], body: Callable[[Carried], Carried]) -> str:
        """An executable that loads what it is given, and stores what the body makes of it."""
        loaded = [Value(f"%given{at}", sizes) for at, sizes in enumerate(given)]
        made = body(loaded)
        arguments = [f"%a{at}: {_BOUND}<readonly:{each.type}>" for at, each in enumerate(loaded)]
        arguments += [f"%r{at}: {_BOUND}<writeonly:{each.type}>" for at, each in enumerate(made)]
        indent = "  " * 4
        head = [f"      func.func @{name}({', '.join(arguments)}) {{\n", f"{indent}{ZERO} = arith.constant 0.0 : f32\n"]
        head += [f"{indent}%index_{each} = arith.constant {each} : index\n" for each in sorted(self._indices)]
        head += [f"{indent}{name} = {text}\n" for text, name in self._constants.items()]
        for at, each in enumerate(loaded):
            bound = f"{_BOUND}<readonly:{each.type}>"
            head.append(f"{indent}{each.name} = {_moved('load', '', f'%a{at}', each)} : {bound} -> {each.type}\n")
        tail = [
            f"{indent}{_moved('store', f'{each.name}, ', f'%r{at}', each)} : {each.type} -> "
            f"{_BOUND}<writeonly:{each.type}>\n"
            for at, each in enumerate(made)
        ]
        return executable_of(name, "".join((*head, *self._lines, *tail, f"{indent}return\n      }}\n")))

    def _name(self) -> str:
        self._names += 1
        return f"%v{self._names}"

    def _value(self, sizes: Sizes) -> Value:
        return Value(self._name(), sizes)

    def _known(self, index: Index) -> str:
        if isinstance(index, str):
            return index
        self._indices.add(index)
        return f"%index_{index}"

    def _index(self, what: str, one: Index, other: Index, known: Callable[[], int]) -> Index:
        if isinstance(one, int) and isinstance(other, int):
            return known()
        name = self._name()
        self.line(f"{name} = arith.{what} {self._known(one)}, {self._known(other)} : index")
        return name


def head(names: Sequence[str]) -> str:
    """The first line of an operation's body: what the numbers it is given are called, and what is in their place."""
    return f"^bb0({', '.join(f'{name}: f32' for name in (*names, '%place'))}):"


# The body of an operation that adds up products of two numbers.
MULTIPLIED = (
    head(("%one", "%other")),
    "%product = arith.mulf %one, %other : f32",
    "%sum = arith.addf %place, %product : f32",
    "linalg.yield %sum : f32",
)


def multiplied(count: int) -> list[str]:
    """The body of an operation that adds up so many numbers, each times another: those come behind all the first."""
    names = [f"%{kind}{at}" for kind in ("one", "other") for at in range(count)]
    lines = [head(names), "%sum0 = arith.mulf %one0, %other0 : f32"]
    for at in range(1, count):
        lines.append(f"%product{at} = arith.mulf %one{at}, %other{at} : f32")
        lines.append(f"%sum{at} = arith.addf %sum{at - 1}, %product{at} : f32")
    return [*lines, f"linalg.yield %sum{count - 1} : f32"]


def renamed(line: str, names: Mapping[str, str]) -> str:
    """A line with other names."""
    return re.sub(r"%\w+", lambda each: names.get(each[0], each[0]), line)


def dispatched(name: str, operands: Sequence[Value]) -> str:
    """What dispatches an executable of one function, up to the types of what it makes."""
    names, types = (", ".join(each) for each in zip(*((value.name, value.type) for value in operands), strict=True))
    return f"flow.dispatch @{name}::@{name}({names}) : ({types})"


def _part(whole: Value, offsets: Sequence[Index], sizes: Sequence[int], strides: Sequence[int]) -> str:
    return f"{whole.name}{_box(offsets, sizes, strides)} : {whole.type}"


def _placed(part: Value, into: Value, offsets: Sequence[Index]) -> str:
    sizes = [1] * (len(into.sizes) - len(part.sizes)) + list(part.sizes)
    return f"{part.name} into {into.name}{_box(offsets, sizes, ())} : {part.type} into {into.type}"


def _box(offsets: Sequence[Index], sizes: Sequence[int], strides: Sequence[int]) -> str:
    return " ".join(f"[{', '.join(map(str, each))}]" for each in (offsets, sizes, strides or [1] * len(sizes)))


def _moved(how: str, value: str, place: str, whole: Value) -> str:
    axes = len(whole.sizes)
    return (
        f"iree_tensor_ext.dispatch.tensor.{how} {value}{place}, offsets = {[0] * axes}, sizes = {list(whole.sizes)}, "
        f"strides = {[1] * axes}"
    )
