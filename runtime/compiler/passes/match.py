"""What an executable of IREE's computes, where that is one product or convolution.

What is read here is the textual form that IREE's flow phase has in one release, 3.13.0.
"""

import re
from typing import NamedTuple

from runtime.compiler.passes.flow_text import MAP, OPERATION
from runtime.compiler.passes.loop_nest import MULTIPLIED, Sizes, renamed

_LOAD = re.compile(
    r"^ *(?P<value>%\w+) = iree_tensor_ext\.dispatch\.tensor\.load %arg(?P<argument>\d+), offsets = \[(?:0, )*0\], "
    r"sizes = \[(?P<sizes>[\d, ]+)\], strides = \[(?:1, )*1\] : \S+<readonly:tensor<(?P<whole>[\dx]+)xf32>> -> ",
    re.MULTILINE,
)
_STORE = re.compile(
    r"iree_tensor_ext\.dispatch\.tensor\.store (?P<value>%\w+), %arg\d+, offsets = \[(?P<offsets>[\d, ]+)\], "
    r"sizes = \[(?P<sizes>[\d, ]+)\], strides = \[(?:1, )*1\] : \S+ -> \S+<\w+:tensor<(?P<whole>[\dx]+)xf32>>"
)
_CONSTANT = re.compile(r"^ *(?P<name>%cst\w*) = (?P<text>arith\.constant \S+ : f32)", re.MULTILINE)
_STATEMENT = re.compile(r"^ {8}%\w+(?::\d+)? = ([\w.]+)", re.MULTILINE)
_LOADING = "iree_tensor_ext.dispatch.tensor.load"
_KNOWN = {"arith.constant", _LOADING, "tensor.empty", "linalg.fill", "linalg.generic"}


class Behind(NamedTuple):
    """What is done to each number of a product: to which operands, each with its axes (-1: to the product itself).

    The lines say it, with their names for those operands' numbers, the result's name, and the constants they name.
    """

    operands: tuple[tuple[int, str], ...]
    names: tuple[str, ...]
    lines: tuple[str, ...]
    made: str
    constants: tuple[tuple[str, str], ...]


class Stage(NamedTuple):
    """A dispatch of one product or depthwise convolution, and of what is done to its numbers.

    Args:
        maps, sizes: the axes and sizes of its image, its kernel and its result.
        operands: which of the dispatch's the first two are.
        offsets, whole: where its result is written, and into what.
    """

    maps: tuple[str, ...]
    sizes: tuple[Sizes, Sizes, Sizes]
    operands: tuple[int, int]
    behind: Behind | None
    offsets: Sizes
    whole: Sizes


def stage_of(executable: str) -> Stage | None:
    """What an executable computes, if that is a product or a convolution and at most something done to its numbers."""
    operations, loads, stores = (list(kind.finditer(executable)) for kind in (OPERATION, _LOAD, _STORE))
    statements = _STATEMENT.findall(executable)
    simple = set(statements) <= _KNOWN and statements.count(_LOADING) == len(loads) and "linalg.index" not in executable
    if not simple or len(stores) != 1 or len(operations) not in (1, 2):
        return None
    (store,), (first, *rest) = stores, operations
    sizes = {each["value"]: numbers_of(each["sizes"]) for each in loads}
    places = {each["value"]: int(each["argument"]) for each in loads}
    whole = all(sizes[each["value"]] == numbers_of(each["whole"]) for each in loads)
    operands = _operands(first)
    if not whole or len(operands) != 3 or not set(operands[:2]) <= places.keys():
        return None
    if (
        operations[-1][2] != store["value"]
        or not _multiplies(executable, first)
        or not _from_zero(executable, operands[2])
    ):
        return None
    behind = None
    if rest:
        known = {**places, first[2]: -1}
        *given, _ = _operands(rest[0])
        if not set(given) <= known.keys() or rest[0][3]:
            return None
        *axes, result = MAP.findall(rest[0][4])
        if "reduction" in rest[0][5] or result != ", ".join(f"d{axis}" for axis in range(rest[0][5].count('"') // 2)):
            return None
        names, lines, made = _body(executable, rest[0])
        constants = tuple((each["name"], each["text"]) for each in _CONSTANT.finditer(executable))
        bound = {*names[:-1], *(line.partition(" = ")[0] for line in lines), *(name for name, _ in constants)}
        if not {each for line in (*lines, made) for each in re.findall(r"%\w+", line)} <= bound:
            return None
        pairs = tuple(zip(map(known.__getitem__, given), axes, strict=True))
        behind = Behind(pairs, names[:-1], lines, made, constants)
    shapes = (sizes[operands[0]], sizes[operands[1]], numbers_of(store["sizes"]))
    at = (places[operands[0]], places[operands[1]])
    return Stage(
        tuple(MAP.findall(first[4])), shapes, at, behind, numbers_of(store["offsets"]), numbers_of(store["whole"])
    )


def _operands(operation: re.Match[str]) -> list[str]:
    """The names of what an operation is given, and of what it writes to."""
    return [name for side in (6, 7) for name in operation[side].partition(" : ")[0].split(", ")]


def _from_zero(executable: str, name: str) -> bool:
    """Whether a value is a tensor filled with 0."""
    filled = re.search(rf"{name} = linalg\.fill ins\((%\w+) : f32\)", executable)
    return bool(filled and re.search(rf"{filled[1]} = arith\.constant 0\.0+e\+00 : f32", executable))


def _multiplies(executable: str, operation: re.Match[str]) -> bool:
    """Whether it adds up the products of its two operands."""
    names, lines, made = _body(executable, operation)
    own = [line.partition(" = ")[0] for line in lines]
    if len(own) != 2 or made != own[1]:
        return False
    known = dict(zip((*names, *own), ("%one", "%other", "%place", "%product", "%sum"), strict=True))
    return [renamed(line, known) for line in lines] == list(MULTIPLIED[1:3])


def _body(executable: str, operation: re.Match[str]) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """What an operation does to numbers: their names, the lines, and the name of the result."""
    _, head, *lines = executable[operation.end() :].splitlines()
    bare = [line.partition(" loc(")[0].strip() for line in lines]
    end = next(at for at, line in enumerate(bare) if line.startswith("linalg.yield"))
    return tuple(re.findall(r"(%\w+): f32", head)), tuple(bare[:end]), bare[end].split()[1]


def numbers_of(text: str) -> Sizes:
    """Sizes as they are written: `4x3` or `4, 3`."""
    return tuple(int(each) for each in re.split(r"x|, ", text))
