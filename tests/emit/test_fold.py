"""Batch norms and layer scales folded into the convolution before them: which, and what becomes of the graph."""

import pytest

from emit.expand import expand
from emit.graph import IMAGES, Graph, size
from emit.op import Op
from emit.ops.add import Add
from emit.ops.batch_norm import BatchNorm
from emit.ops.convolution import Convolution
from emit.ops.depthwise import Depthwise
from emit.ops.layer_scale import LayerScale
from emit.programs import emit
from emit.rewrites.fold_scales import folded
from emit.windows import Window
from specs.mobilenet_v2 import mobilenetV2, mobilenetV2Config
from specs.resnet34 import resnet34

POINT = Window(1, 1, "same")


def test_no_batch_norm_of_the_bundled_networks_is_left() -> None:
    for net, norms in ((mobilenetV2(), 52), (resnet34, 36)):
        graph, lean = expand(net), folded(expand(net))
        assert sum(isinstance(node.op, BatchNorm) for node in graph.nodes.values()) == norms
        assert not any(isinstance(node.op, BatchNorm) for node in lean.graph.nodes.values())
        assert len(lean.after) == norms
        assert lean.graph.statistics() == []
        # A bias takes the place of γ and β.
        assert size(lean.graph.parameters()) == size(graph.parameters()) - sum(
            node.op.channels for node in graph.nodes.values() if isinstance(node.op, BatchNorm)
        )
        assert sum(map(lean.graph.macs, lean.graph.nodes.values())) == sum(map(graph.macs, graph.nodes.values()))


def test_each_batch_norm_goes_to_the_convolution_that_it_reads() -> None:
    lean = folded(expand(mobilenetV2()))
    assert all([each.name for each in taken] == [f"{node.name}_bn"] for node, taken in lean.after.items())
    assert lean.graph.nodes["stem_relu6"].inputs == ("stem",)
    assert isinstance(lean.graph.nodes["block2_1_dw"].op, Depthwise)


def test_a_convolution_that_another_node_reads_too_keeps_its_batch_norm() -> None:
    graph = Graph((4, 4, 3))
    graph.add("a", Convolution(3, 2, POINT), (IMAGES,), 0)
    graph.add("norm", BatchNorm(2), ("a",), 0)
    graph.add("sum", Add(), ("a", "norm"), 0)
    lean = folded(graph)
    assert lean.after == {}
    assert lean.graph.nodes == graph.nodes


def test_a_batch_norm_that_1x1_convolutions_alone_read_goes_to_them() -> None:
    graph = Graph((4, 4, 3))
    graph.add("norm", BatchNorm(3), (IMAGES,), 0)
    graph.add("a", Convolution(3, 2, POINT), ("norm",), 0)
    graph.add("b", Convolution(3, 2, Window(1, 2, "same")), ("norm",), 0)
    lean = folded(graph)
    assert list(lean.graph.nodes) == ["a", "b"]
    assert {node.name: norm.name for node, norm in lean.before.items()} == {"a": "norm", "b": "norm"}
    assert all(isinstance(node.op, Convolution) and node.op.bias for node in lean.graph.nodes.values())


@pytest.mark.parametrize(
    "other",
    [
        Convolution(3, 3, Window(3, 1, "same")),
        Convolution(3, 3, POINT, groups=3),
        Depthwise(3, POINT),
        LayerScale(3, 1.0),
    ],
    ids=["which sees padding", "in groups", "depthwise", "which is none"],
)
def test_a_batch_norm_that_another_op_reads_too_stays(other: Op) -> None:
    graph = Graph((4, 4, 3))
    graph.add("norm", BatchNorm(3), (IMAGES,), 0)
    graph.add("a", Convolution(3, 3, POINT), ("norm",), 0)
    graph.add("other", other, ("norm",), 0)
    graph.add("sum", Add(), ("a", "other"), 0)
    lean = folded(graph)
    assert lean.graph.nodes == graph.nodes


def test_all_that_scales_a_convolution_is_folded_and_what_only_scales_brings_no_bias() -> None:
    graph = Graph((4, 4, 3))
    graph.add("a", Convolution(3, 3, POINT), (IMAGES,), 0)
    graph.add("a_scale", LayerScale(3, 0.1), ("a",), 0)
    graph.add("b", Depthwise(3, Window(3, 1, "same")), ("a_scale",), 0)
    graph.add("b_bn", BatchNorm(3), ("b",), 0)
    graph.add("b_scale", LayerScale(3, 0.1), ("b_bn",), 0)
    graph.add("sum", Add(), ("a_scale", "b_scale"), 0)
    graph.add("sum_scale", LayerScale(3, 0.1), ("sum",), 0)
    lean = folded(graph)
    nodes = lean.graph.nodes
    assert list(nodes) == ["a", "b", "sum", "sum_scale"]
    assert nodes["sum"].inputs == ("a", "b")
    assert isinstance(nodes["a"].op, Convolution)
    assert isinstance(nodes["b"].op, Depthwise)
    assert (nodes["a"].op.bias, nodes["b"].op.bias) == (False, True)


def test_a_scale_that_another_node_reads_before_it_is_normalised_is_the_last_one_folded() -> None:
    graph = Graph((4, 4, 3))
    graph.add("a", Convolution(3, 3, POINT), (IMAGES,), 0)
    graph.add("scale", LayerScale(3, 0.1), ("a",), 0)
    graph.add("norm", BatchNorm(3), ("scale",), 0)
    graph.add("sum", Add(), ("scale", "norm"), 0)
    assert list(folded(graph).graph.nodes) == ["a", "norm", "sum"]


def test_an_output_of_the_graph_is_not_folded_away() -> None:
    graph = Graph((4, 4, 3))
    graph.add("a", Convolution(3, 3, POINT), (IMAGES,), 0)
    graph.add("scale", LayerScale(3, 0.1), ("a",), 0)
    graph.output("features", "a")
    assert list(folded(graph).graph.nodes) == ["a", "scale"]


def test_predict_takes_kernels_of_pointwise_convolutions_in_panels_on_the_cpu_alone() -> None:
    taken = {}
    for backend in ("cpu", "cuda"):
        program = emit("predict", mobilenetV2(), mobilenetV2Config, backend=backend)
        taken[backend] = {entry.name: entry.shape for entry in program.manifest.named("parameter")}
        assert program.text.count("stablehlo.transpose") == (31 if backend == "cpu" else 0)
    changed = {name for name, shape in taken["cuda"].items() if taken["cpu"][name] != shape}
    pointwise = {name for name in taken["cuda"] if name.endswith(("expand_weight", "project_weight", "conv1_weight"))}
    # 24 columns are no panels of 16, and 16 are one.
    assert pointwise - changed == {
        f"{name}_weight" for name in ("block1_1_project", "block2_1_project", "block2_2_project")
    }
    for name in changed:
        *ones, inputs, outputs = taken["cuda"][name]
        assert ones == [1, 1]
        assert taken["cpu"][name] == (outputs // 16, inputs, 16)
