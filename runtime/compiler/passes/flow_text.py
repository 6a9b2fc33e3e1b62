"""The text of IREE's flow phase (3.13.0): executables, and the functions that dispatch them."""

import re
from collections.abc import Sequence
from typing import NamedTuple

_EXECUTABLE, _CALLER = "  flow.executable private ", "  util.func "
# The function of an executable, and a line that dispatches it.
FUNCTION = re.compile(r"^ *func\.func @(\w+)\(", re.MULTILINE)
DISPATCH = re.compile(
    r"(?P<indent> *)(?P<result>%\w+)(?::\d+)? = flow\.dispatch @\w+::@(?P<function>\w+)\((?P<operands>[^)]*)\) : "
    r"\((?P<types>[^)]*)\) -> (?P<results>.*?)(?P<place>(?: loc\(.*)?\n)"
)
RESHAPED = re.compile(r" *(?P<result>%\w+) = flow\.tensor\.reshape (?P<source>%\w+) : tensor<\w+> -> tensor<\w+>.*\n")
# An operation of loops up to its body: indent, result, how many, maps, iterators, inputs, outputs, attributes.
OPERATION = re.compile(
    r"^( *)(%\w+)(:\d+)? = linalg\.generic \{indexing_maps = \[(.*?)\], iterator_types = \[(.*?)\]\} "
    r"ins\((.*?)\) outs\((.*?)\) (attrs =  \{)?",
    re.MULTILINE,
)
MAP = re.compile(r"affine_map<\(.*?\) -> \((.*?)\)>")
_END = re.compile(r"^  \}.*\n", re.MULTILINE)


class Parts(NamedTuple):
    """The text of a program of one function: what is before its executables, each of them, and what is behind them."""

    before: str
    executables: list[str]
    behind: str


def parts_of(program: str) -> Parts:
    """Where a program has no executables, or several functions with executables of their own, all is before them."""
    before, *others = f"\n{program}".split(f"\n{_EXECUTABLE}")
    executables = [f"{_EXECUTABLE}{each}\n" for each in others]
    if not executables or any(f"\n{_CALLER}" in each for each in executables[:-1]):
        return Parts(program, [], "")
    executables[-1] = executables[-1][:-1]
    end = _END.search(executables[-1])
    at = end.end() if end else len(executables[-1])
    return Parts(f"{before}\n"[1:], [*executables[:-1], executables[-1][:at]], executables[-1][at:])


def by_result(kind: re.Pattern[str], lines: Sequence[str]) -> dict[str, tuple[int, re.Match[str]]]:
    """The lines of a kind, by the name of what they make: their places among all, and what they say."""
    return {found["result"]: (at, found) for at, line in enumerate(lines) if (found := kind.fullmatch(line))}


def names_of(executables: Sequence[str]) -> list[str]:
    """The names of the executables' functions; of one without a function, none."""
    return [found[1] if (found := FUNCTION.search(each)) else "" for each in executables]


def still_called(executables: Sequence[str], before: str, now: str) -> list[str]:
    """The executables without those that were dispatched before and are not now."""
    gone = {name for name in names_of(executables) if f"@{name}(" in before and f"@{name}(" not in now}
    return [each for name, each in zip(names_of(executables), executables, strict=True) if name not in gone]


def executable_of(name: str, function: str) -> str:
    """The text of an executable of one function, whose work is divided as the function's own loops say."""
    return f"""\
  flow.executable private @{name} {{
    flow.executable.export public @{name} workgroups() -> (index, index, index) {{
      %x, %y, %z = iree_tensor_ext.dispatch.workgroup_count_from_slice()
      flow.return %x, %y, %z : index, index, index
    }}
    builtin.module {{
{function}    }}
  }}
"""
