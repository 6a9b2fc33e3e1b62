"""Has the three convolutions of an inverted residual, of one image, computed together (`inverted_residual_kernel.py`).

The images in between have several times the channels, and so go through no memory.

What is read here is the textual form that IREE's flow phase has in one release, 3.13.0.
"""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from runtime.compiler.passes.flow_text import DISPATCH, RESHAPED, by_result, names_of, parts_of, still_called
from runtime.compiler.passes.inverted_residual_kernel import COLUMNS, PIXELS, ROWS, Block, Chain, Shape, Step, plan_of
from runtime.compiler.passes.loop_nest import Value
from runtime.compiler.passes.match import Behind, Stage, numbers_of, stage_of
from runtime.compiler.passes.packed_kernels import turned_kernels, turnings
from runtime.compiler.tiling.rules import Rules

_FILL = re.compile(r" *(?P<result>%\w+) = flow\.tensor\.splat (?P<number>%\w+) : tensor<\w+>.*\n")
_ZERO = re.compile(r"^ *(?P<name>%\w+) = arith\.constant 0\.0+e\+00 : f32", re.MULTILINE)
_WINDOW = re.compile(r"d0(?: \* (?P<down>\d+))? \+ d3, d1(?: \* (?P<across>\d+))? \+ d4, d2")
_CONVOLVED = ("d3, d4, d2", "d0, d1, d2")
_WIDEST = 5  # window


class _Found(NamedTuple):
    """An inverted residual as it is dispatched: its last dispatch and that one's line, and the lines of the others."""

    last: re.Match[str]
    line: int
    others: tuple[int, ...]
    chain: Chain
    stages: tuple[Stage, Stage, Stage]


def with_fused(program: str, rules: Rules | None, workers: int) -> str:
    """A program of IREE's flow phase in which inverted residuals of one image are dispatches of their own.

    One stays whose images in between are read elsewhere too, or whose sizes do not fit; so do all without rules for it.

    Args:
        workers: how many there are to share a dispatch.
    """
    before, executables, behind = parts_of(program)
    if rules is None or rules.blocks is None:
        return program
    names = names_of(executables)
    stages = {name: stage for name, each in zip(names, executables, strict=True) if (stage := stage_of(each))}
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
        calls = blocks[kind].call(last["result"], each.chain)
        lines[each.line] = "".join(f"{last['indent']}{line}{last['place']}" for line in calls)
        for other in each.others:
            lines[other] = ""
    if not blocks:
        return program
    text = "".join(lines)
    made = (block.executables for block in blocks.values())
    return "".join((before, *made, *still_called(executables, behind, text), text))


def _chains(lines: list[str], stages: Mapping[str, Stage], given: Mapping[str, str]) -> Iterator[_Found]:
    """Three dispatches of which each reads what the one before it makes, which nothing else does.

    Args:
        given: the executables that make kernels of panels.
    """
    text = "".join(lines)
    calls, reshaped = by_result(DISPATCH, lines), by_result(RESHAPED, lines)
    known = {name: stage for name, (_, call) in calls.items() if (stage := stages.get(call["function"]))}
    zeros = {each["name"] for each in _ZERO.finditer(text)}
    empty = {found["result"] for line in lines if (found := _FILL.fullmatch(line)) and found["number"] in zeros}
    kernels = turned_kernels(lines, given)

    def once(name: str) -> bool:
        return len(re.findall(rf"{name}\b", text)) == 2

    def step(name: str) -> tuple[Value, Step]:
        (_, call), stage = calls[name], known[name]
        pairs = zip(call["operands"].split(", "), call["types"].split(", "), strict=True)
        operands = [Value(each, numbers_of(re.sub(r"tensor<|x[a-z]\w*>", "", kind))) for each, kind in pairs]
        image, kernel = (operands[at] for at in stage.operands)
        if turned := kernels.get(kernel.name):
            kernel = Value(turned["operands"], numbers_of(given[turned["function"]].removesuffix("xf32")))
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
        and (first.sizes[2], last.sizes[2]) == ((height, width, channels), (many, outputs))
        and not any(
            stage.operands[0] in step.others for stage, step in zip(found.stages, found.chain.steps, strict=True)
        )
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
