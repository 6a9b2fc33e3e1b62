"""Batch norm folded into the convolution before it: which, and what becomes of the graph."""

from emit.expand import expand
from emit.graph import IMAGES, Graph, size
from emit.ops.add import Add
from emit.ops.batch_norm import BatchNorm
from emit.ops.convolution import Convolution
from emit.ops.depthwise import Depthwise
from emit.programs import emit
from emit.rewrites.fold_batch_norm import folded
from emit.windows import Window
from specs.mobilenet_v2 import mobilenetV2, mobilenetV2Config
from specs.resnet34 import resnet34

POINT = Window(1, 1, "same")


def test_no_batch_norm_of_the_bundled_networks_is_left() -> None:
    for net, norms in ((mobilenetV2(), 52), (resnet34, 36)):
        graph, lean = expand(net), folded(expand(net))
        assert sum(isinstance(node.op, BatchNorm) for node in graph.nodes.values()) == norms
        assert not any(isinstance(node.op, BatchNorm) for node in lean.graph.nodes.values())
        assert len(lean.norms) == norms
        assert lean.graph.statistics() == []
        # A bias takes the place of γ and β.
        assert size(lean.graph.parameters()) == size(graph.parameters()) - sum(
            node.op.channels for node in graph.nodes.values() if isinstance(node.op, BatchNorm)
        )
        assert sum(map(lean.graph.macs, lean.graph.nodes.values())) == sum(map(graph.macs, graph.nodes.values()))


def test_each_batch_norm_goes_to_the_convolution_that_it_reads() -> None:
    lean = folded(expand(mobilenetV2()))
    assert {node.name: norm.name for node, norm in lean.norms.items()} == {
        node.name: f"{node.name}_bn" for node in lean.norms
    }
    assert lean.graph.nodes["stem_relu6"].inputs == ("stem",)
    assert isinstance(lean.graph.nodes["block2_1_dw"].op, Depthwise)


def test_a_convolution_that_another_node_reads_too_keeps_its_batch_norm() -> None:
    graph = Graph((4, 4, 3))
    graph.add("a", Convolution(3, 2, POINT), (IMAGES,), 0)
    graph.add("norm", BatchNorm(2), ("a",), 0)
    graph.add("sum", Add(), ("a", "norm"), 0)
    lean = folded(graph)
    assert lean.norms == {}
    assert lean.graph.nodes == graph.nodes


def test_a_batch_norm_without_a_convolution_before_it_stays() -> None:
    graph = Graph((4, 4, 3))
    graph.add("norm", BatchNorm(3), (IMAGES,), 0)
    graph.add("a", Convolution(3, 2, POINT), ("norm",), 0)
    graph.add("norm_a", BatchNorm(2), ("a",), 0)
    graph.add("twice", BatchNorm(2), ("norm_a",), 0)
    lean = folded(graph)
    assert list(lean.graph.nodes) == ["norm", "a", "twice"]
    assert lean.graph.nodes["twice"].inputs == ("a",)


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
