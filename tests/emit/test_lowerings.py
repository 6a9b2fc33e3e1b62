"""Every lowering in which an op can be emitted is tried, is obeyed where it is asked for, and is right."""

from dataclasses import fields, replace

import pytest

from emit.graph import IMAGES, Graph
from emit.hlo import Block
from emit.lowerings import Choice, Lowerings
from emit.op import Call
from emit.ops.batch_norm import BatchNorm
from emit.ops.convolution import Convolution
from emit.ops.relu import Relu
from emit.walk import takes_affine
from emit.windows import Window
from tests.ops.harness import WHOLE, Case, check_numbers, emitted, tables

ALL = [case for table in tables().values() for case in table.numeric]

# `panel_columns` is no op's: `test_fold` and `test_inference` try it.
OTHERS = ("chosen", "on_choice", "panel_columns")


@pytest.mark.parametrize("field", [each.name for each in fields(Lowerings) if each.name not in OTHERS])
def test_every_rule_for_a_form_is_tried_in_two_values_at_least(field: str) -> None:
    assert len({getattr(case.lowerings, field) for case in ALL}) >= 2


def choices_of(case: Case) -> list[Choice]:
    found: list[Choice] = []
    emitted(replace(case, lowerings=replace(case.lowerings, on_choice=found.append)), "f64")
    return found


FAMILIES = ("channel_sum", "depthwise_images", "kernel_gradient", "parts", "product_pieces", "winograd")
ASKED = [(case, choice) for case in ALL if case.training for choice in choices_of(case)]


@pytest.mark.ordinary
@pytest.mark.parametrize("family", FAMILIES)
def test_every_form_that_may_be_chosen_gives_the_oracle_s_numbers(family: str) -> None:
    """Each answer of a family, on several of the odd shapes above, whatever the rule says."""
    of_family = [(case, choice) for case, choice in ASKED if choice.family == family]
    differing = 0
    for case, choice in of_family[:: max(1, len(of_family) // 8)]:
        chosen = [
            replace(case, lowerings=replace(case.lowerings, chosen={str(choice): each})) for each in choice.options
        ]
        differing += len({emitted(each, "f64").text for each in chosen}) == len(choice.options)
        for each in chosen:
            check_numbers(each)
    assert differing  # an answer is obeyed


def test_no_family_of_forms_is_left_out() -> None:
    assert {choice.family for _, choice in ASKED} == set(FAMILIES)


def test_an_answer_that_a_choice_does_not_have_counts_for_nothing() -> None:
    case, choice = next(each for each in ASKED if each[1].family == "channel_sum")
    text = emitted(case, "f64").text
    for chosen in ({str(choice): "sideways"}, {f"{choice}x1": "whole"}, {f"other {choice}": "staged"}):
        assert emitted(replace(case, lowerings=replace(case.lowerings, chosen=chosen)), "f64").text == text


def test_parts_of_a_cotangent_go_on_to_the_only_reader_of_a_convolution_that_takes_them() -> None:
    lowerings = replace(WHOLE, affine_pixels=1)
    graph = Graph((2, 3, 2))
    graph.add("wide", Convolution(2, 6, Window(1, 1, "same")), (IMAGES,), 0)
    graph.add("norm", BatchNorm(6), ("wide",), 0)
    calls = {"wide": Call((Block().argument("x", (1, 2, 3, 2)),), lowerings=lowerings)}
    assert takes_affine(graph, "wide", calls)
    assert not takes_affine(graph, "wide", {"wide": replace(calls["wide"], lowerings=WHOLE)})
    assert not takes_affine(graph, IMAGES, calls)
    graph.add("other", Relu(), ("wide",), 0)
    assert not takes_affine(graph, "wide", calls)
