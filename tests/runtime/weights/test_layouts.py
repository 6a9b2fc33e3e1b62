"""Other libraries' names for our networks: keys, shapes and order as their own state dicts have them."""

import json
from hashlib import sha256

import numpy as np
import pytest

from netspec import NetSpec, convBn, dense, globalAvgPool
from netspec.errors import InputError
from netspec.language import with_classes
from runtime.networks import open_spec
from runtime.system.paths import bundled
from runtime.weights.layouts import layouts, layouts_for
from runtime.weights.layouts.tensors import BATCHES
from tests.runtime.weights.files import ours, tensors
from tests.runtime.weights.peers import KEYS, PEERS, Peer

GOLDEN = json.loads(KEYS.read_text())


def test_the_keys_of_every_peer_are_known() -> None:
    assert set(GOLDEN) == {str(peer) for peer in PEERS}
    assert {peer.spec.partition(":")[0] for peer in PEERS} == set(bundled()) - {"tiny"}


@pytest.mark.parametrize("peer", PEERS, ids=str)
def test_names_shapes_and_order_are_those_of_the_library_itself(peer: Peer) -> None:
    net = with_classes(open_spec(peer.spec, width=peer.width).net, 1000)
    library = "torchvision" if peer.name.startswith("resnet") else peer.library
    rows = [[tensor.theirs, list(tensor.shape)] for tensor in tensors(net, library)]
    found = {"tensors": len(rows), "sha256": sha256(json.dumps(rows).encode()).hexdigest()[:16]}
    assert found == GOLDEN[str(peer)], rows[:20]
    assert not any(BATCHES in name for name, _ in rows)


@pytest.mark.parametrize("spec", ["mobilenet_v3:small", "mobilenet_v4:hybrid_medium", "efficientnet_v2:s", "resnet18"])
def test_axes_are_turned_there_and_back(spec: str) -> None:
    net = open_spec(spec).net
    arrays = ours(net)
    for _, listed in layouts_for(net):
        assert {tensor.ours for tensor in listed} == set(arrays)
        for tensor in listed:
            theirs = tensor.to_theirs(arrays[tensor.ours])
            assert theirs.shape == tensor.shape
            assert theirs.flags.c_contiguous
            np.testing.assert_array_equal(tensor.to_ours(theirs), arrays[tensor.ours])


def test_a_kernel_s_axes_are_outputs_inputs_height_width() -> None:
    net = open_spec("mobilenet_v3:small").net
    by_name = {tensor.ours: tensor for tensor in tensors(net, "timm")}
    kernel = np.arange(3 * 3 * 3 * 16, dtype=np.float32).reshape(3, 3, 3, 16)
    assert by_name["stem_weight"].to_theirs(kernel)[5, 2, 0, 1] == kernel[0, 1, 2, 5]
    depthwise = np.arange(9 * 16, dtype=np.float32).reshape(3, 3, 1, 16)
    assert by_name["block1_dw_weight"].to_theirs(depthwise)[7, 0, 2, 1] == depthwise[2, 1, 0, 7]
    dense = np.arange(576 * 1024, dtype=np.float32).reshape(576, 1024)
    assert by_name["dense1_weight"].to_theirs(dense)[9, 4, 0, 0] == dense[4, 9]


def test_a_network_of_no_family_has_no_names_elsewhere() -> None:
    with pytest.raises(InputError, match=r"Tiny: no library is known here that has such a network: expected one of"):
        layouts_for(
            NetSpec("Tiny", [convBn(3, 8, 3, 1, "same"), globalAvgPool(), dense(8, 5, "identity")], 8, 8, "relu")
        )


def test_every_library_has_a_file_of_its_own() -> None:
    assert {layout.library for layout in layouts()} == {"torchvision", "timm", "keras", "efficientnet-pytorch"}
