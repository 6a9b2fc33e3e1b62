"""An op has one home in each of three places, and what is missing there is named."""

import pytest

from emit.activation import Activation
from emit.op import REGISTRY
from netspec.activations import ACTIVATIONS
from runtime.verify.ops import DEFINITIONS
from tests.ops.harness import ROOT, golden_path, tables

TABLES = tables()


def kinds(folder: str, prefix: str = "") -> set[str]:
    return {file.stem.removeprefix(prefix) for file in (ROOT / folder).glob(f"{prefix}*.py")} - {"__init__"}


@pytest.mark.parametrize("kind", sorted(REGISTRY))
def test_an_op_has_all_that_shows_it_to_be_right(kind: str) -> None:
    op = REGISTRY[kind]
    for part in ("shape", "forward", "vjp", "macs"):
        assert not getattr(getattr(op, part), "__isabstractmethod__", False)
        assert getattr(op, part).__doc__, f"{kind}.{part} says nothing"
    assert kind in DEFINITIONS, f"{kind} has no second definition: runtime/verify/ops/{kind}.py"
    assert DEFINITIONS[kind].cases, f"{kind} has no general cases in runtime/verify/ops/{kind}.py"
    assert kind in TABLES, f"{kind} has no tests: a subclass of OpTests in tests/ops/test_{kind}.py"
    for what in ("numeric", "golden", "invalid", "wrong"):
        assert getattr(TABLES[kind], what, None), f"{kind} has no `{what}` in tests/ops/test_{kind}.py"
    tried = [case.op for case in (*TABLES[kind].numeric, *TABLES[kind].goldens().values())]
    assert {type(each) for each in (*tried, *(case.op for case in DEFINITIONS[kind].cases))} == {op}
    for name in (*(f"{name}.mlir" for name in TABLES[kind].goldens()), f"{kind}.md"):
        assert golden_path(name).is_file(), f"tests/golden/{name} is missing: NETSPEC_REWRITE_GOLDEN=1 writes it"


def test_an_op_is_in_the_file_of_its_name() -> None:
    assert kinds("emit/ops") | kinds("emit/losses") == set(REGISTRY)
    for kind, op in REGISTRY.items():
        assert op.__module__ in (f"emit.ops.{kind}", f"emit.losses.{kind}")


def test_nothing_is_left_of_an_op_that_is_gone() -> None:
    assert set(DEFINITIONS) == set(REGISTRY)
    texts = {f"{name}.mlir" for table in TABLES.values() for name in table.goldens()} | {"tiny_evaluate.mlir"}
    assert {file.name for file in golden_path("").glob("*")} == texts | {f"{kind}.md" for kind in REGISTRY}
    assert kinds("tests/ops", "test_") - {"mutations", "completeness"} == set(REGISTRY)


def test_the_activations_of_the_language_are_the_ops_that_say_so() -> None:
    ops = {kind for kind, op in REGISTRY.items() if issubclass(op, Activation)}
    assert ops == set(ACTIVATIONS), "netspec/activations.py has a row for each activation in emit/ops, and no other"
