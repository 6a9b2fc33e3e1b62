"""A program's executables come in a few groups, and every number is as it was."""

import re
from pathlib import Path

import numpy as np
import pytest

from emit import hlo
from emit.hlo import Block
from emit.program import Program
from runtime.compiler.passes.flow_text import executable_of, parts_of
from runtime.compiler.passes.group_executables import GROUPS, with_groups
from tests.runtime.compiler.passes.rewritten import found
from tests.runtime.compiler.programs import giving


def program(lines: dict[str, int]) -> str:
    """A program of functions with so many lines, each dispatched once."""
    line = "        line\n"
    executables = [
        executable_of(name, f"      func.func @{name}() {{\n{line * many}      }}\n") for name, many in lines.items()
    ]
    calls = [f"    %{name} = flow.dispatch @{name}::@{name}() : () -> tensor<4xf32>\n" for name in lines]
    return "".join(("module @f {\n", *executables, "  util.func public @f() {\n", *calls, "  }\n}\n"))


def contents(executable: str) -> set[str]:
    exported = set(re.findall(r"flow\.executable\.export public @(\w+)", executable))
    assert exported == set(re.findall(r"func\.func @(\w+)", executable))
    return exported


def test_functions_are_shared_out_by_length_and_dispatched_where_they_are() -> None:
    lines = {"a": 90, "b": 30, "c": 30, "d": 30, "e": 31, "f": 32, "g": 1, "h": 1}
    before, groups, behind = parts_of(with_groups(program(lines)))
    assert before == "module @f {\n"
    assert [contents(each) for each in groups] == [{"a"}, {"b", "e"}, {"c", "f"}, {"d", "g", "h"}]
    dispatched = dict(re.findall(r"flow\.dispatch @(\w+)::@(\w+)\(", behind))
    assert len(re.findall("flow.dispatch", behind)) == len(lines)
    for name, group in {function: group for group, function in dispatched.items()}.items():
        assert f"flow.executable private @{group} {{" in next(each for each in groups if name in contents(each))


def test_few_functions_make_fewer_groups_and_none_makes_none() -> None:
    few, none = program({"a": 1, "b": 1}), program({})
    located = few.replace("\n    }\n  }\n", '\n    } loc("f":1:1)\n  } loc(callsite("f":1:1 at "f":2:3))\n')
    assert located != few
    for each in (few, located):
        assert len(parts_of(with_groups(each)).executables) == 2
    assert with_groups(none) == none


@pytest.mark.parametrize(
    ("known", "strange"),
    [
        ("    builtin.module {\n", "    builtin.module attributes {} {\n"),
        ("private @a {\n", "private @a attributes {} {\n"),
        ("  flow.executable private @b", "  util.global private @number : i32\n  flow.executable private @b"),
    ],
)
def test_a_program_with_anything_else_stays(known: str, strange: str) -> None:
    few = program({"a": 1, "b": 1})
    assert known in few
    other = few.replace(known, strange, 1)
    assert with_groups(other) == other


def chain() -> Program:
    """A program of more dispatches than there are groups."""
    block = Block()
    x = block.argument("x", (8, 8))
    results = [x]
    for _ in range(GROUPS + 1):
        product = hlo.dot(results[-1], x, (1, 0))
        results.append(hlo.maximum(product, block.constant(float(len(results)), product.shape)))
    return giving(block, "predict", tuple(results[1:]), x)


@pytest.mark.ordinary
def test_every_number_is_as_it_was(shared: Path) -> None:
    alone, before = found(chain(), shared, without="with_groups")
    text, after = found(chain(), shared)
    called = r"stream\.cmd\.dispatch @(\w+)::@(\w+)"
    assert len({group for group, _ in re.findall(called, alone)}) > GROUPS
    assert {group for group, _ in re.findall(called, text)} == {f"group_{group}" for group in range(GROUPS)}
    assert [name for _, name in re.findall(called, text)] == [name for _, name in re.findall(called, alone)]
    for one, other in zip(before, after, strict=True):
        assert np.array_equal(one, other)
