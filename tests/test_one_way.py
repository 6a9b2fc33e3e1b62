"""What must be done in one place is done there alone: writing files, reading JSON from outside, starting processes."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# Of each act, the calls that are it, and the files that may make them. Beside `runtime.system.files` these write into a
# folder that is theirs alone: a workspace.
ACTS = {
    "write": (
        {"write_text", "write_bytes", "savez", "save", "savefig", "tofile", "dump"},
        {
            "runtime/system/files.py",
            "runtime/compiler/job.py",
            "runtime/compiler/pipeline.py",
            "runtime/profile/record.py",
            "runtime/data/demo/embedded.py",
        },
    ),
    "make temporary files": (
        {"mkdtemp", "mkstemp", "NamedTemporaryFile", "TemporaryDirectory"},
        {"runtime/system/files.py", "runtime/compiler/compile.py", "runtime/profile/record.py"},
    ),
    "read JSON": ({"loads", "load_json"}, {"runtime/system/files.py", "runtime/profile/record.py"}),
    "start processes": ({"Popen", "check_output", "check_call"}, {"runtime/system/child.py"}),
    "lock": ({"flock", "lockf"}, {"runtime/system/files.py"}),
}
# The same word for something else: a checkpoint's own, numbers and pictures made in memory, TOML.
OTHERWISE = {
    "write": {"safetensors.numpy", "figure", "np"},
    "read JSON": {"tomllib"},
}


def modules() -> list[str]:
    return sorted(
        str(path.relative_to(ROOT))
        for folder in ("netspec", "emit", "runtime")
        for path in (ROOT / folder).rglob("*.py")
    )


@cache
def calls(module: str) -> list[ast.Call]:
    """Each call of a module."""
    nodes = ast.walk(ast.parse((ROOT / module).read_text(encoding="utf-8")))
    return [node for node in nodes if isinstance(node, ast.Call)]


def methods(module: str, names: set[str]) -> Iterator[tuple[str, str, int]]:
    """Each call of a method of these names: its name, what it is called on, and its line."""
    for node in calls(module):
        if isinstance(node.func, ast.Attribute) and node.func.attr in names:
            yield node.func.attr, ast.unparse(node.func.value), node.lineno


@pytest.mark.parametrize("act", ACTS)
def test_an_act_is_made_in_its_place_alone(act: str) -> None:
    names, places = ACTS[act]
    found = [
        f"{module}:{line}: {on}.{name}"
        for module in modules()
        if module not in places
        for name, on, line in methods(module, names)
        if on not in OTHERWISE.get(act, ())
    ]
    assert found == []


def test_files_are_opened_for_writing_in_one_place_alone() -> None:
    found = []
    for module in modules():
        if module in ("runtime/system/files.py", "runtime/compiler/job.py"):
            continue
        for node in calls(module):
            if ast.unparse(node.func).rpartition(".")[2] == "open":
                modes = [each.value for each in node.args if isinstance(each, ast.Constant)]
                found += [f"{module}:{node.lineno}" for mode in modes if set(str(mode)) & set("wax+")]
                found += [f"{module}:{node.lineno}" for each in node.args if "O_CREAT" in ast.unparse(each)]
    assert found == []
