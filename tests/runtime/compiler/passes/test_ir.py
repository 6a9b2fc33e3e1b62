"""The text of IREE's flow phase falls into parts and is whole again."""

import pytest

from runtime.compiler.passes.ir import executable_of, parts_of

ONE, OTHER = (executable_of(name, f"      func.func @{name}() {{\n      }}\n") for name in ("one", "other"))
CALLER = "  util.func public @f() {\n  }\n"


@pytest.mark.parametrize("before", ["", "module @f {\n", "module @f {\n  util.global private @g : i32\n"])
@pytest.mark.parametrize("behind", ["", CALLER, f"{CALLER}}}\n"])
def test_parts_are_the_whole(before: str, behind: str) -> None:
    assert parts_of(f"{before}{ONE}{OTHER}{behind}") == (before, [ONE, OTHER], behind)


@pytest.mark.parametrize(
    "program", ["", f"module @f {{\n{CALLER}}}\n", f"module @f {{\n{ONE}{CALLER}{OTHER}{CALLER}}}\n"]
)
def test_a_program_of_another_build_has_no_parts(program: str) -> None:
    assert parts_of(program) == (program, [], "")
