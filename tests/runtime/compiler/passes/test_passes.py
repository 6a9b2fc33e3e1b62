"""Every pass on the cases of its `.mlir` file: what it makes of them, and what it leaves as it is.

A case of `<pass>.mlir`, in IREE's flow phase:

    // case: a maximum with a constant
    // target: {"rules": "avx512"}        (may be left out)
    // before
    module { .. }
    // after                              (or, after the case's other lines: // unchanged, and the module)
    module { .. }

Modules are compared as they are printed, without locations: the names of values do not count.
"""

import importlib
import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from iree.compiler import ir

from runtime.compiler.passes.ir import parse
from runtime.compiler.pipeline import PASSES
from runtime.compiler.tiling.cpu import CpuTarget
from runtime.compiler.tiling.rules import RULES_AVX2, RULES_AVX512, Tile

HERE = Path(__file__).parent
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
        if rest.startswith("// unchanged\n"):
            found.append(Case(step, title, target, rest.removeprefix("// unchanged\n"), None))
        else:
            assert rest.startswith("// before\n"), f"{path.name}: {title}"
            before, mark, after = rest.removeprefix("// before\n").partition("// after\n")
            assert mark, f"{path.name}: {title}"
            found.append(Case(step, title, target, before, after))
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
