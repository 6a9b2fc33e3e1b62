"""Every wrong version is caught: see `mutations`. A sample of them, one a kind, is among the fast tests."""

import sys
from importlib import import_module
from types import FrameType
from typing import Any

import pytest

from emit.op import REGISTRY
from runtime.verify.cases import by_family, general_cases
from runtime.verify.rules import check_rules
from tests.runtime.verify.mutations import BLIND, CERTAINTIES, MUTATIONS, Mutation, applied, catch, caught_by

SAMPLE = {
    "ops.relu: relu passes at the kink, ≥ for >",
    "ops.batch_norm: dx without the way through μ",
    "losses.cross_entropy: dz without the factor 1/N",
    "ops.depthwise: dk of the first piece alone",
    "walk: fan-in: the first cotangent alone",
    "walk: the statistics that come back are the old ones",
    "optimizer: Adam: no bias correction of m",
    "hlo.printer: a pad's before and behind swapped",
}


@pytest.mark.parametrize(
    "mutation",
    [pytest.param(each, marks=() if str(each) in SAMPLE else pytest.mark.ordinary) for each in MUTATIONS],
    ids=str,
)
def test_a_wrong_version_is_caught(mutation: Mutation) -> None:
    assert catch(mutation) is not None, "neither the rules nor the whole nor the text show it"


@pytest.mark.ordinary
@pytest.mark.parametrize("certainty", CERTAINTIES)
def test_the_product_itself_is_not_caught(certainty: str) -> None:
    assert caught_by(certainty) is None


def test_the_sample_is_of_the_table() -> None:
    assert {str(each) for each in MUTATIONS} >= SAMPLE


@pytest.mark.parametrize("name", ["hlo.elementwise: operands swapped", "program: a wrong digit in a deviation"])
def test_a_mutation_leaves_no_trace(name: str) -> None:
    (mutation,) = (each for each in MUTATIONS if str(each) == name)
    module = import_module(mutation.module)

    def trace() -> dict[str, Any]:
        return {name: getattr(value, "__code__", value) for name, value in vars(module).items()}

    before, registered = trace(), dict(REGISTRY)
    with applied(mutation):
        assert trace() != before
    assert trace() == before
    assert registered == REGISTRY


def test_an_edit_that_no_longer_fits_is_refused() -> None:
    with pytest.raises(AssertionError, match="occurs 0 times"), applied(Mutation("", "emit.walk", (("gone", ""),))):
        pass


def test_the_rules_run_no_code_of_modules_they_are_not_asked_about() -> None:
    ran = set()

    def note(frame: FrameType, event: str, argument: object) -> None:
        ran.add(frame.f_globals.get("__name__"))

    cases = {(type(case.op), case.form): case for case in general_cases()}.values()
    before = sys.getprofile()
    sys.setprofile(note)
    try:
        assert all(check.passed for check in check_rules(cases, by_family))
    finally:
        sys.setprofile(before)
    assert {"emit.ops.dense", "emit.hlo.program"} <= ran
    assert not ran & BLIND["rule"]
