"""Every pass on the cases of its `.mlir` file: what it makes of them, and what it leaves as it is.

A case of `<pass>.mlir`, in IREE's flow phase:

    // case: a maximum with a constant
    // target: {"rules": "avx512"}        (may be left out)
    // before
    module { .. }
    // after                              (or, after the case's other lines: // unchanged, and the module)
    module { .. }

Modules are compared as they are printed, without locations: neither the names of values nor indents count.

What differs little from something that the file has above it, written out, is written as the difference:

    // case: a minimum with a constant
    // before
    // as: a maximum with a constant       (the module of that case: in a before its before, in an after its after)
    // - arith.maximumf                    (this text of it, one or more lines, is replaced wherever it is ...
    // + arith.minimumf                    ... by this; a + alone removes it)
    // after                               (without `as`: the case's own before, with replacements)
    // - %3 = arith.minimumf %in, %cst : f32
    // + %over = arith.cmpf olt, %cst, %in : f32
    // + %3 = arith.select %over, %cst, %in : f32

Replacements are made in order, and what is to be replaced must be there. Within a module, `// as: @name` is the last
executable of that name that is written out above, and replacements may follow it.
"""

import importlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import pytest
from iree.compiler import ir

from runtime.compiler.passes.ir import parse
from runtime.compiler.pipeline import PASSES
from runtime.compiler.tiling.cpu import CpuTarget
from runtime.compiler.tiling.rules import RULES_AVX2, RULES_AVX512, Tile

HERE = Path(__file__).parent
AS, OLD, NEW = "// as: ", "// -", "// +"
RULES = {"avx512": RULES_AVX512, "avx2": RULES_AVX2, None: None}


@dataclass(frozen=True)
class Case:
    step: str
    title: str
    target: CpuTarget
    before: str
    after: str | None  # None: it stays

    def __str__(self) -> str:
        return f"{self.step}: {self.title}"


def cases(step: str) -> list[Case]:
    path = HERE / f"{step}.mlir"
    found = []
    befores: dict[str, list[str]] = {}
    afters: dict[str, list[str]] = {}
    kernels: dict[str, list[str]] = {}
    for text in path.read_text(encoding="utf-8").split("// case: ")[1:] if path.exists() else ():
        title, _, rest = text.partition("\n")
        target, plain = CpuTarget(), {}
        if rest.startswith("// target: "):
            line, _, rest = rest.partition("\n")
            plain = json.loads(line.removeprefix("// target: "))
            tiles = {
                shape: Tile(tuple(tile[0]), tuple(tile[1]), *tile[2:]) for shape, tile in plain.get("tiles", {}).items()
            }
            target = CpuTarget(tiles, RULES[plain.get("rules")], plain.get("threads", 1))
        kind, _, rest = rest.partition("\n")
        before, mark, after = rest.partition("// after\n")
        assert (kind, bool(mark)) in (("// unchanged", False), ("// before", True)), f"{path.name}: {title}"
        kernels |= executables(before)
        old = written_out(before, befores | kernels)
        kernels |= executables(after)
        new = written_out(after, afters | kernels, old)
        befores |= {title: old} if is_whole(before) else {}
        afters |= {title: new} if is_whole(after) else {}
        found.append(Case(step, title, target, "\n".join(old), "\n".join(new) if mark else None))
    return found


def is_whole(text: str) -> bool:
    """Whether a module is written out already."""
    return not any(line.strip().startswith((AS, OLD, NEW)) for line in text.splitlines())


def written_out(text: str, known: Mapping[str, Sequence[str]], own: Sequence[str] = ()) -> list[str]:
    """The lines of a module. `known`: what `as` may name; `own`: what replacements without `as` are made in."""
    parts: list[tuple[Sequence[str], list[str]]] = []  # lines, and the replacements in them
    for line in map(str.strip, text.splitlines()):
        if line.startswith(AS):
            name = line.removeprefix(AS)
            assert name in known, f"not written out above: {name}"
            parts.append((known[name], []))
        elif line.startswith((OLD, NEW)):
            parts = parts or [(own, [])]
            parts[-1][1].append(line)
        else:
            parts.append(([line], []))
    return [line for lines, edits in parts for line in replaced(lines, edits)]


def replaced(lines: Sequence[str], edits: Sequence[str]) -> list[str]:
    """Lines after replacements: each is one or more lines marked OLD, and then as many as wanted marked NEW."""
    text = "\n".join(lines)
    groups = groupby(edits, lambda line: line[: len(OLD)])
    sides = [(mark, "\n".join(line.removeprefix(mark).strip() for line in group)) for mark, group in groups]
    for (_, old), (mark, new) in zip(sides[::2], sides[1::2], strict=True):
        assert mark == NEW, f"a line of {OLD} is missing before {new}"
        assert old in text, f"not there to be replaced: {old}"
        text = text.replace(old, new)
    return text.split("\n")


def executables(text: str) -> dict[str, list[str]]:
    """The executables that are written out in a module, `@name` → lines."""
    found: dict[str, list[str]] = {}
    name, depth = "", 0
    for line in map(str.strip, text.splitlines()):
        if line.startswith("flow.executable private @"):
            name, depth = line.split()[2], 0
            found[name] = []
        if name:
            found[name].append(line)
            depth += line.count("{") - line.count("}")
            name = name if depth else ""
    return found


def canonical(text: str) -> str:
    with ir.Context():
        return str(parse(text).get_asm(use_local_scope=True))


@pytest.mark.parametrize("case", [case for step in PASSES for case in cases(step)], ids=str)
def test_a_pass_makes_of_a_case_what_its_file_says(case: Case) -> None:
    with ir.Context():
        module = parse(case.before)
        count = importlib.import_module(f"runtime.compiler.passes.{case.step}").run(module, case.target)
        module.operation.verify()
        found = str(module.get_asm(use_local_scope=True))
    assert found == canonical(case.before if case.after is None else case.after)
    assert (count > 0) == (case.after is not None)


@pytest.mark.parametrize("step", PASSES)
def test_every_pass_has_cases_that_change_and_cases_that_stay(step: str) -> None:
    found = cases(step)
    assert any(case.after is None for case in found), f"{HERE / step}.mlir has no case that stays (// unchanged)"
    assert any(case.after is not None for case in found), f"{HERE / step}.mlir has no case that changes (// after)"


def test_every_file_of_cases_is_of_a_pass_in_the_pipeline() -> None:
    assert {path.stem for path in HERE.glob("*.mlir")} == set(PASSES), "PASSES of runtime/compiler/pipeline.py"


@pytest.mark.parametrize("step", PASSES)
def test_a_pass_shows_what_it_does(step: str) -> None:
    text = importlib.import_module(f"runtime.compiler.passes.{step}").__doc__ or ""
    assert "→" in text
