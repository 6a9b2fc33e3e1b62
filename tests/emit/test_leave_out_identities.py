"""What gives its input back is in no program: what drops in training alone, and what drops nothing."""

import pytest

from emit.expand import expand
from emit.graph import IMAGES, Graph
from emit.ops.add import Add
from emit.ops.convolution import Convolution
from emit.ops.dropout import Dropout
from emit.ops.stochastic_depth import StochasticDepth
from emit.programs import ENTRY_POINTS, emit, graph_of
from emit.rewrites.leave_out_identities import without_identities
from emit.windows import Window
from specs.tiny import tiny, tinyConfig
from tests.drawing import drawing

POINT = Window(1, 1, "same")


def chained() -> Graph:
    """Two that drop, one after the other, on a branch; and one behind the output."""
    graph = Graph((4, 4, 3))
    graph.add("entry", Convolution(3, 2, POINT), (IMAGES,), 0)
    graph.add("branch", Convolution(2, 2, POINT), ("entry",), 0)
    graph.add("dropped", Dropout(0.5), ("branch",), 0)
    graph.add("deep", StochasticDepth(0.5), ("dropped",), 0)
    graph.add("sum", Add(), ("entry", "deep"), 0)
    graph.add("last", Dropout(0.5), ("sum",), 0)
    graph.output("logits", "last")
    return graph


def test_what_read_an_identity_reads_that_ones_input_and_so_does_an_output() -> None:
    lean = without_identities(chained(), training=False)
    assert list(lean.nodes) == ["entry", "branch", "sum"]
    assert lean.nodes["sum"].inputs == ("entry", "branch")
    assert lean.outputs == {"logits": "sum"}


def test_in_training_what_drops_stays() -> None:
    graph = chained()
    lean = without_identities(graph, training=True)
    assert (lean.nodes, lean.outputs) == (graph.nodes, graph.outputs)


@pytest.mark.parametrize("entry_point", ["evaluate", "predict"])
def test_evaluation_and_inference_are_those_of_the_network_that_drops_nothing(entry_point: str) -> None:
    plain = emit(entry_point, tiny, tinyConfig)
    with drawing():
        assert emit(entry_point, tiny, tinyConfig).text == plain.text
        assert emit(entry_point, tiny, tinyConfig).manifest == plain.manifest


def test_a_network_whose_rates_are_0_is_the_network_without() -> None:
    plain = {each: emit(each, tiny, tinyConfig) for each in ENTRY_POINTS}
    with drawing(dropout=0.0, depth=0.0):
        for entry_point in ENTRY_POINTS:
            assert emit(entry_point, tiny, tinyConfig).text == plain[entry_point].text
        assert list(graph_of("train_step", tiny, tinyConfig).nodes) == list(expand(tiny).nodes)


def test_a_step_takes_seed_and_first_example_only_where_it_draws() -> None:
    roles = {"seed", "first_example"}
    assert not roles & {entry.role for entry in emit("train_step", tiny, tinyConfig).manifest.arguments}
    with drawing():
        arguments = emit("train_step", tiny, tinyConfig).manifest.arguments
    assert [(entry.name, entry.role, entry.shape, entry.dtype) for entry in arguments[3:5]] == [
        ("seed", "seed", (2,), "ui32"),
        ("first_example", "first_example", (), "i32"),
    ]
