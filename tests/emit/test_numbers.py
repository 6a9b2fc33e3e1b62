"""Counts that are known from elsewhere: torchvision's and timm's parameters and multiply-accumulates at 224 pixels."""

import pytest

from emit.expand import expand
from emit.graph import Graph, size
from netspec.language import NetSpec, with_classes
from specs.mobilenet_v2 import mobilenetV2
from specs.resnet34 import resnet34
from specs.tiny import tiny


def macs(graph: Graph) -> int:
    return sum(graph.macs(node) for node in graph.nodes.values())


@pytest.mark.parametrize(
    ("net", "classes", "parameters", "operations"),
    [
        (mobilenetV2(), 10, 2_236_682, 299_507_072),
        (mobilenetV2(), 1000, 3_504_872, 300_774_272),
        (resnet34, 10, 21_289_802, 3_663_254_528),
        (resnet34, 1000, 21_797_672, 3_663_761_408),
    ],
)
def test_a_network_has_as_many_parameters_and_macs_as_torchvision_counts(
    net: NetSpec, classes: int, parameters: int, operations: int
) -> None:
    graph = expand(with_classes(net, classes))
    assert size(graph.parameters()) == parameters
    assert macs(graph) == operations


@pytest.mark.parametrize(
    ("net", "tensors", "norms", "statistics"), [(mobilenetV2(), 158, 52, 34_112), (resnet34, 110, 36, 17_024)]
)
def test_a_network_has_as_many_tensors_and_batch_norms(net: NetSpec, tensors: int, norms: int, statistics: int) -> None:
    graph = expand(net)
    assert len(graph.parameters()) == tensors
    assert sum(node.op.kind == "batch_norm" for node in graph.nodes.values()) == norms
    assert len(graph.statistics()) == 2 * norms
    assert size(graph.statistics()) == statistics


@pytest.mark.parametrize("net", [mobilenetV2(), resnet34, tiny])
def test_weights_of_convolutions_and_dense_layers_decay_and_nothing_else_does(net: NetSpec) -> None:
    for name, tensor in expand(net).parameters():
        assert tensor.decays == name.endswith("_weight"), name
        assert tensor.decays == (len(tensor.shape) > 1), name


def test_parameters_are_named_after_the_document_s_blocks() -> None:
    names = [name for name, _ in expand(mobilenetV2()).parameters()]
    assert names[:6] == [
        "stem_weight",
        "stem_bn_gamma",
        "stem_bn_beta",
        "block1_1_dw_weight",
        "block1_1_dw_bn_gamma",
        "block1_1_dw_bn_beta",
    ]
    assert "block1_1_expand_weight" not in names
    assert names[-2:] == ["head_weight", "head_bias"]
    shortcuts = [name for name, _ in expand(resnet34).parameters() if name.endswith("shortcut_weight")]
    assert shortcuts == [f"block{stage}_1_shortcut_weight" for stage in (2, 3, 4)]


def test_a_block_adds_its_input_where_stride_and_channels_allow() -> None:
    adds = [node.name for node in expand(mobilenetV2()).nodes.values() if node.op.kind == "add"]
    expected = {2: (2,), 3: (2, 3), 4: (2, 3, 4), 5: (2, 3), 6: (2, 3)}
    assert adds == [f"block{stage}_{block}_add" for stage, blocks in expected.items() for block in blocks]
    assert sum(node.op.kind == "add" for node in expand(resnet34).nodes.values()) == 16


def test_initial_weights_are_he_normal_over_the_fan_out() -> None:
    tensors = dict(expand(mobilenetV2()).parameters())
    assert tensors["stem_weight"].init.value == pytest.approx((2 / (9 * 32)) ** 0.5)
    assert tensors["block2_1_expand_weight"].init.value == pytest.approx((2 / 96) ** 0.5)
    assert tensors["head_weight"].init.value == 0.01
    assert {tensors[name].init.value for name in tensors if name.endswith("_gamma")} == {1.0}
    assert {tensors[name].init.value for name in tensors if name.endswith(("_beta", "_bias"))} == {0.0}
