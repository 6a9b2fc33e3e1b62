"""Group executables: put a program's functions into a few, which LLVM makes machine code of side by side.

    flow.executable private @f_dispatch_0 { .. @f_0 .. }         flow.executable private @group_0 { .. @f_0 .. @f_2 .. }
    flow.executable private @f_dispatch_1 { .. @f_1 .. }    →    flow.executable private @group_1 { .. @f_1 .. }
    flow.executable private @f_dispatch_2 { .. @f_2 .. }
    flow.dispatch @f_dispatch_2::@f_2(..)                        flow.dispatch @group_0::@f_2(..)

IREE links all of them into one, whose code LLVM makes with one core, a fifth of the time that a program takes to
compile. Code of its own for each of hundreds costs more than that: each has a library of functions linked in. What this
pass has put together is compiled without linking (`job.py`).
"""

from iree.compiler import ir

from runtime.compiler.passes.ir import (
    Operation,
    dispatches,
    erase,
    executables,
    functions_of,
    insert_executables,
    move,
    redirect,
    walk,
)
from runtime.compiler.tiling.cpu import CpuTarget

GROUPS = 4
_EMPTY = "flow.executable private @{} {{\n  builtin.module {{\n  }}\n}}\n"
_OPERATIONS = ["flow.executable.export", "builtin.module", "flow.executable_end"]


def run(module: Operation, target: CpuTarget) -> int:
    """Share functions out by how many operations they have, among at most `GROUPS` executables.

    A program stays as it is whose executables hold anything else than functions and their exports.
    """
    ungrouped = executables(module)
    if not ungrouped or not all(map(_is_plain, ungrouped)):
        return 0
    sizes: list[int] = [0] * min(GROUPS, len(ungrouped))
    members: list[list[Operation]] = [[] for _ in sizes]
    for executable in ungrouped:
        group = sizes.index(min(sizes))
        sizes[group] += sum(1 for function in functions_of(executable) for _ in walk(function))
        members[group].append(executable)
    insert_executables(module, [_EMPTY.format(_name(group)) for group in range(len(members))])
    group_of = {}
    for number, (executable, parts) in enumerate(zip(executables(module), members, strict=False)):
        inner = _inner(executable)
        for part in parts:
            for function in functions_of(part):
                group_of[ir.StringAttr(function.attributes["sym_name"]).value] = _name(number)
                move(function, ir.InsertionPoint(inner.regions[0].blocks[0]))
            for export in _exports(part):
                move(export, ir.InsertionPoint(inner))
    for name, dispatch in dispatches(module):
        redirect(dispatch, group_of[name], name)
    for executable in ungrouped:
        erase(executable)
    return len(ungrouped)


def _name(group: int) -> str:
    return f"group_{group}"


def _is_plain(executable: Operation) -> bool:
    parts = [op.operation for op in executable.regions[0].blocks[0].operations]
    names = [op.name for op in parts]
    inner = _inner(executable)
    return (
        sorted(set(names)) == sorted(_OPERATIONS)
        and names.count("builtin.module") == 1
        and not len(inner.attributes)
        and set(executable.attributes) == {"sym_name", "sym_visibility"}
        and all(op.operation.name == "func.func" for op in inner.regions[0].blocks[0].operations)
    )


def _inner(executable: Operation) -> Operation:
    (inner,) = (op for op in executable.regions[0].blocks[0].operations if op.operation.name == "builtin.module")
    return inner.operation


def _exports(executable: Operation) -> list[Operation]:
    parts = executable.regions[0].blocks[0].operations
    return [op.operation for op in parts if op.operation.name == "flow.executable.export"]
