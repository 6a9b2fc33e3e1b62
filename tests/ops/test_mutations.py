"""Mutations are applied for real, leave no trace, and the product itself passes what catches them."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from emit.op import REGISTRY
from runtime.verify.cases import by_family, general_cases
from runtime.verify.rules import check_rules
from tests.ops.mutations import BLIND, CERTAINTIES, Mutation, all_mutations, applied, caught_by

MUTATIONS = {str(mutation): mutation for mutation in all_mutations()}


@pytest.mark.slow
@pytest.mark.mutations
@pytest.mark.parametrize("certainty", CERTAINTIES)
def test_the_product_itself_is_not_caught(certainty: str) -> None:
    assert caught_by(certainty) is None


def test_no_two_mutations_of_a_module_have_one_name() -> None:
    assert len(MUTATIONS) == len(all_mutations())


@pytest.mark.parametrize("name", ["hlo.elementwise: operands swapped", "images: a wrong digit in a deviation"])
def test_a_mutation_leaves_no_trace(name: str) -> None:
    mutation = MUTATIONS[name]
    module = import_module(mutation.module)

    def trace() -> dict[str, Any]:
        return {name: getattr(value, "__code__", value) for name, value in vars(module).items()}

    before, registered = trace(), dict(REGISTRY)
    with applied(mutation):
        assert trace() != before
    assert trace() == before
    assert registered == REGISTRY


def test_every_wrong_version_fits_the_code_and_names_nothing_that_is_not_there(tmp_path: Path) -> None:
    """Otherwise it would be no edit, or be refused by Python, and show nothing."""
    for number, mutation in enumerate(MUTATIONS.values()):
        edited = Path(str(import_module(mutation.module).__file__)).read_text(encoding="utf-8")
        for old, new in mutation.edits:
            assert edited.count(old) == 1, f"{mutation}: occurs {edited.count(old)} times: {old}"
            edited = edited.replace(old, new)
        (tmp_path / f"{number}.py").write_text(edited, encoding="utf-8")
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "F821", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert len(list(tmp_path.iterdir())) == len(MUTATIONS)


def test_an_edit_that_no_longer_fits_is_refused() -> None:
    with pytest.raises(AssertionError, match="occurs 0 times"), applied(Mutation("", "emit.walk", (("gone", ""),))):
        pass


def test_the_rules_run_no_code_of_modules_they_are_not_asked_about() -> None:
    ran = set()

    def note(frame: FrameType, event: str, argument: object) -> None:
        ran.add(frame.f_globals.get("__name__"))

    cases = {(type(case.op), case.lowering): case for case in general_cases()}.values()
    before = sys.getprofile()
    sys.setprofile(note)
    try:
        assert all(check.passed for check in check_rules(cases, by_family))
    finally:
        sys.setprofile(before)
    assert {"emit.ops.dense", "emit.hlo.program"} <= ran
    assert not ran & BLIND["rule"]
