"""Puts a program's executables into a few, which the compiler makes machine code of side by side.

IREE links all of them into one, whose code LLVM then makes with one core, a fifth of the time that a program takes to
compile. Code of its own for each of hundreds costs more than that: each has a library of functions linked in.

What is read here is the textual form that IREE's flow phase has in one release, 3.13.0.
"""

import re

from runtime.compiler.passes.ir import parts_of

GROUPS = 4
UNLINKED = "--iree-hal-link-executables=false"  # what a program in groups is compiled with
_NAME = re.compile(r" *flow\.executable private @(\w+) \{\n")
_MODULE = "    builtin.module {\n"
_END = "    }"
_CLOSED = re.compile(r"(?: loc\(.*\))?\n  \}(?: loc\(.*\))?\n")  # what is behind the module, of which nothing is kept
_DISPATCHED = re.compile(r"(?<=flow\.dispatch @)\w+(?=::)")


def with_groups(program: str) -> str:
    """A program of IREE's flow phase with its functions in at most GROUPS executables, of about as much text each.

    One stays as it is whose executables hold anything else.
    """
    before, executables, behind = parts_of(program)
    exports, functions = ([""] * GROUPS for _ in range(2))
    group_of = {}
    for executable in executables:
        found = _NAME.match(executable)
        head, module, rest = executable.partition(_MODULE)
        body, _, behind_it = rest.rpartition(_END)
        if not (found and module and _CLOSED.fullmatch(behind_it)):
            return program
        group = min(range(GROUPS), key=lambda each: len(functions[each]))
        exports[group] += head[found.end() :]
        functions[group] += body
        group_of[found[1]] = f"group_{group}"
    groups = [
        f"  flow.executable private @group_{group} {{\n{exported}{_MODULE}{body}{_END}\n  }}\n"
        for group, (exported, body) in enumerate(zip(exports, functions, strict=True))
        if body
    ]
    return "".join((before, *groups, _DISPATCHED.sub(lambda name: group_of.get(name[0], name[0]), behind)))
