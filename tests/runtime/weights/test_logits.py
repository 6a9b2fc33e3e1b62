"""Imported weights give the logits of the library's own network: by XLA in f32, beside what `goldens.py` made."""

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from emit.programs import emit
from netspec import TrainConfig
from netspec.language import with_classes
from netspec.preprocessing import HOUSE
from runtime.cli.networks import open_spec
from runtime.report import Report
from runtime.verify.reference import Reference, subfunction
from runtime.weights.importing import Request, imported
from tests.runtime.weights.drawn import PIXELS, drawn, pictures
from tests.runtime.weights.files import tensors, write
from tests.runtime.weights.peers import PEERS, Peer

GOLDEN = json.loads(Path(__file__).with_name("logits.json").read_text())
TORCH = [peer for peer in PEERS if peer.library != "keras"]
# One of each family, and both of TensorFlow's conventions, in the ordinary tests; all in the slow ones.
SOME = {"torchvision mobilenet_v3_small", "timm mobilenetv4_conv_small", "timm tf_efficientnet_lite0", "timm resnet18"}


def marks(peer: Peer) -> list[pytest.MarkDecorator]:
    return [pytest.mark.ordinary] if str(peer) in SOME else [pytest.mark.slow, pytest.mark.imports]


@pytest.mark.parametrize("peer", [pytest.param(peer, marks=marks(peer), id=str(peer)) for peer in TORCH])
def test_the_logits_are_those_of_the_library_itself(peer: Peer, tmp_path: Path) -> None:
    net = with_classes(open_spec(peer.spec, width=peer.width).net, 1000)
    library = "torchvision" if peer.name.startswith("resnet") else peer.library
    state = {tensor.theirs: drawn(tensor.theirs, tensor.shape) for tensor in tensors(net, library)}
    path = write(tmp_path / "w.safetensors", state)
    request = Request(path, net, TrainConfig(), peer.source, adopt=True)  # type: ignore[arg-type]
    checkpoint = imported(request, Report(live=False, stream=io.StringIO()))
    program = emit(
        "evaluate",
        replace(checkpoint.net, imageH=PIXELS, imageW=PIXELS, preprocessing=HOUSE),
        replace(checkpoint.config, batchSize=2),
    )
    logits = program.landmarks.outputs["head"]
    reference = Reference(subfunction(program.module.functions[0], [logits]))
    found = reference({"images": pictures(), **checkpoint.tensors})[logits]
    golden = GOLDEN[str(peer)]
    tolerance = max(1e-5, 4 * golden["own"])
    difference = np.linalg.norm(found[:, :8] - np.array(golden["logits"]))
    assert difference < tolerance * np.linalg.norm(golden["logits"])
    assert abs(np.linalg.norm(found) - golden["norm"]) < tolerance * golden["norm"]


def test_every_peer_has_a_golden() -> None:
    assert set(GOLDEN) == {str(peer) for peer in TORCH}
    assert {str(peer) for peer in TORCH} > SOME
