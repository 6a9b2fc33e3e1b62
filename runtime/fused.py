"""Has the three convolutions of an inverted residual, of one image, computed together (`runtime/block.py`).

The images in between have several times the channels, and so go through no memory.

What is read here is the textual form that IREE's flow phase has in one release, 3.13.0.
"""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from runtime.block import COLUMNS, PIXELS, ROWS, Behind, Block, Chain, Shape, Sizes, Step, plan_of, renamed
from runtime.flow import DISPATCH, FUNCTION, MAP, OPERATION, RESHAPED, parts_of
from runtime.nest import MULTIPLIED, Value
from runtime.panels import turned_kernels, turnings
from runtime.ways import Rules

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
_FILL = re.compile(r" *(?P<result>%\w+) = flow\.tensor\.splat (?P<number>%\w+) : tensor<\w+>.*\n")
_ZERO = re.compile(r"^ *(?P<name>%\w+) = arith\.constant 0\.0+e\+00 : f32", re.MULTILINE)
_WINDOW = re.compile(r"d0(?: \* (?P<down>\d+))? \+ d3, d1(?: \* (?P<across>\d+))? \+ d4, d2")
_CONVOLVED = ("d3, d4, d2", "d0, d1, d2")
_WIDEST = 5  # window


class _Stage(NamedTuple):
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


class _Found(NamedTuple):
    """An inverted residual as it is dispatched: its last dispatch and that one's line, and the lines of the others."""

    last: re.Match[str]
    line: int
    others: tuple[int, ...]
    chain: Chain
    stages: tuple[_Stage, _Stage, _Stage]


def with_fused(program: str, rules: Rules | None, workers: int) -> str:
    """A program of IREE's flow phase in which inverted residuals of one image are dispatches of their own.

    One stays whose images in between are read elsewhere too, or whose sizes do not fit; so do all without rules for it.

    Args:
        workers: how many there are to share a dispatch.
    """
    before, executables, behind = parts_of(program)
    if rules is None or rules.blocks is None:
        return program
    names = [found[1] if (found := FUNCTION.search(each)) else "" for each in executables]
    stages = {name: stage for name, each in zip(names, executables, strict=True) if (stage := _stage(each))}
    lines = behind.splitlines(keepends=True)
    blocks: dict[tuple[object, ...], Block] = {}
    for each in _chains(lines, stages, turnings(names, executables)):
        shape, last = _shape(each), each.last
        plan = plan_of(shape, rules.blocks, workers) if shape else None
        if shape is None or plan is None:
            continue
        kind = (shape, *((step.kernel.sizes, step.behind, *step.others) for step in each.chain.steps))
        if kind not in blocks:
            sizes = "x".join(map(str, shape[:5]))
            name = f"{last['function'].partition('_matmul')[0]}_block{len(blocks)}_{sizes}"
            blocks[kind] = Block(name, shape, plan, each.chain, rules.blocks)
        made = blocks[kind].call(last["result"], each.chain)
        lines[each.line] = "".join(f"{last['indent']}{line}{last['place']}" for line in made)
        for other in each.others:
            lines[other] = ""
    text = "".join(lines)
    kept = [each for name, each in zip(names, executables, strict=True) if not name or f"@{name}(" in text]
    return "".join((before, *(block.executables for block in blocks.values()), *kept, text))


def _stage(executable: str) -> _Stage | None:
    """What an executable computes, if that is a product or a convolution and at most something done to its numbers."""
    operations, loads, stores = (list(kind.finditer(executable)) for kind in (OPERATION, _LOAD, _STORE))
    statements = _STATEMENT.findall(executable)
    simple = set(statements) <= _KNOWN and statements.count(_LOADING) == len(loads)
    if not simple or len(stores) != 1 or len(operations) not in (1, 2):
        return None
    (store,), (first, *rest) = stores, operations
    sizes = {each["value"]: _numbers(each["sizes"]) for each in loads}
    places = {each["value"]: int(each["argument"]) for each in loads}
    whole = all(sizes[each["value"]] == _numbers(each["whole"]) for each in loads)
    operands = _operands(first)
    if not whole or len(operands) != 3 or not set(operands[:2]) <= places.keys():
        return None
    if operations[-1][2] != store["value"] or not _multiplies(executable, first):
        return None
    behind = None
    if rest:
        known = {**places, first[2]: -1}
        *given, _ = _operands(rest[0])
        if not set(given) <= known.keys() or rest[0][3]:
            return None
        names, lines, made = _body(executable, rest[0])
        constants = tuple((each["name"], each["text"]) for each in _CONSTANT.finditer(executable))
        axes = MAP.findall(rest[0][4])
        behind = Behind(
            tuple(zip(map(known.__getitem__, given), axes, strict=False)), names[:-1], lines, made, constants
        )
    shapes = (sizes[operands[0]], sizes[operands[1]], _numbers(store["sizes"]))
    at = (places[operands[0]], places[operands[1]])
    return _Stage(
        tuple(MAP.findall(first[4])), shapes, at, behind, _numbers(store["offsets"]), _numbers(store["whole"])
    )


def _operands(operation: re.Match[str]) -> list[str]:
    """The names of what an operation is given, and of what it writes to."""
    return [name for side in (6, 7) for name in operation[side].partition(" : ")[0].split(", ")]


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


def _numbers(text: str) -> Sizes:
    return tuple(int(each) for each in re.split(r"x|, ", text))


def _chains(lines: list[str], stages: Mapping[str, _Stage], given: Mapping[str, str]) -> Iterator[_Found]:
    """Three dispatches of which each reads what the one before it makes, which nothing else does.

    Args:
        given: the executables that make kernels of panels.
    """
    text = "".join(lines)
    calls = {found["result"]: (at, found) for at, line in enumerate(lines) if (found := DISPATCH.fullmatch(line))}
    reshaped = {found["result"]: (at, found) for at, line in enumerate(lines) if (found := RESHAPED.fullmatch(line))}
    known = {name: stage for name, (_, call) in calls.items() if (stage := stages.get(call["function"]))}
    zeros = {each["name"] for each in _ZERO.finditer(text)}
    empty = {found["result"] for line in lines if (found := _FILL.fullmatch(line)) and found["number"] in zeros}
    kernels = turned_kernels(lines, given)

    def once(name: str) -> bool:
        return len(re.findall(rf"{name}\b", text)) == 2

    def step(name: str) -> tuple[Value, Step]:
        (_, call), stage = calls[name], known[name]
        pairs = zip(call["operands"].split(", "), call["types"].split(", "), strict=True)
        operands = [Value(each, _numbers(re.sub(r"tensor<|x[a-z]\w*>", "", kind))) for each, kind in pairs]
        image, kernel = (operands[at] for at in stage.operands)
        if turned := kernels.get(kernel.name):
            kernel = Value(turned["operands"], _numbers(given[turned["function"]].removesuffix("xf32")))
        others = {at: operands[at] for at, _ in (stage.behind.operands if stage.behind else ()) if at >= 0}
        return image, Step(kernel, stage.behind, others)

    for name in known:
        rows, last = step(name)
        if rows.name not in reshaped or not once(rows.name):
            continue
        middle = reshaped[rows.name][1]["source"]
        if middle not in known or not once(middle):
            continue
        padded, second = step(middle)
        if padded.name not in known or not once(padded.name) or calls[padded.name][1]["results"] not in empty:
            continue
        image, first = step(padded.name)
        line, call = calls[name]
        others = (reshaped[rows.name][0], calls[middle][0], calls[padded.name][0])
        yield _Found(
            call, line, others, Chain(image, (first, second, last)), (known[padded.name], known[middle], known[name])
        )


def _shape(found: _Found) -> Shape | None:
    """The sizes of what three stages compute; None where they are no inverted residual."""
    first, second, last = found.stages
    window = _WINDOW.fullmatch(second.maps[0])
    if window is None or window["down"] != window["across"] or second.maps[1:] != _CONVOLVED:
        return None
    if first.maps != PIXELS or last.maps != ROWS:
        return None
    (tall, wide, channels), (size, across, _), (rows, columns, _) = second.sizes
    (height, width, inner), _, (*_, made) = first.sizes
    (many, summed), (_, outputs), _ = last.sizes
    top, left, begin = first.offsets
    kernels = [step.kernel.sizes for step in (found.chain.steps[0], found.chain.steps[2])]
    fits = (
        (many, summed, made, across, begin) == (rows * columns, channels, channels, size, 0)
        and (first.whole, second.whole, last.whole) == (second.sizes[0], second.sizes[2], last.sizes[2])
        and all(_reads(stage.behind, "d0, d1, d2", {"d2"}) for stage in (first, second))
        and _reads(last.behind, "d0, d1", {"d0, d1", "d1"})
        and size <= _WIDEST
        and channels % COLUMNS == 0
        and outputs % (COLUMNS // 2) == 0
        and all(len(each) == 2 or each[2:] == (COLUMNS,) for each in kernels)
    )
    stride = int(window["down"] or 1)
    shape = Shape(height, width, inner, channels, outputs, size, stride, top, left, tall, wide, rows, columns)
    return shape if fits else None


def _reads(behind: Behind | None, whole: str, others: set[str]) -> bool:
    """Whether what is done reads a product by its axes, and other operands by some of them."""
    return behind is None or all(axes == whole if at < 0 else axes in others for at, axes in behind.operands)
