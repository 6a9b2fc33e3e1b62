"""Imported weights give the logits of the library's own network: by XLA in f32, beside what the peers gave."""

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from emit.programs import emit
from netspec import TrainConfig
from netspec.language import with_classes
from netspec.preprocessing import HOUSE
from runtime.checkpoint import Checkpoint
from runtime.networks import open_spec
from runtime.report import Report
from runtime.verify.reference import Reference, subfunction
from runtime.weights.importing import Request, imported
from tests.runtime.weights import files, keras_files
from tests.runtime.weights.drawn import drawn, pictures
from tests.runtime.weights.peers import LOGITS, PEERS, Peer

GOLDEN = json.loads(LOGITS.read_text())
# One of each family, and both of TensorFlow's conventions, in the ordinary tests; all in the slow ones.
SOME = {
    "torchvision mobilenet_v3_small",
    "timm mobilenetv4_conv_small",
    "timm tf_efficientnet_lite0",
    "timm resnet18",
    "keras MobileNet 100",
    "keras MobileNetV3Small",
}


def marks(peer: Peer) -> list[pytest.MarkDecorator]:
    return [pytest.mark.ordinary] if str(peer) in SOME else [pytest.mark.slow, pytest.mark.imports]


def checkpoint_of(peer: Peer, path: Path) -> Checkpoint:
    """What a file is imported as, under the source's conventions."""
    net = with_classes(open_spec(peer.spec, width=peer.width).net, 1000)
    request = Request(path, net, TrainConfig(), peer.source, adopt=True)  # type: ignore[arg-type]
    return imported(request, Report(live=False, stream=io.StringIO()))


def logits_of(checkpoint: Checkpoint, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """What a checkpoint gives for images of another size, too."""
    count, height, width, _ = images.shape
    net = replace(checkpoint.net, imageH=height, imageW=width)
    program = emit("evaluate", net, replace(checkpoint.config, batchSize=count))
    logits = program.landmarks.outputs["head"]
    reference = Reference(subfunction(program.module.functions[0], [logits]))
    return reference({"images": images, **checkpoint.tensors})[logits]


def file_of(peer: Peer, folder: Path) -> Path:
    """Weights that are drawn by name, as a file of the peer's."""
    net = with_classes(open_spec(peer.spec, width=peer.width).net, 1000)
    library = "torchvision" if peer.name.startswith("resnet") else peer.library
    state = {tensor.theirs: drawn(tensor.theirs, tensor.shape) for tensor in files.tensors(net, library)}
    if library == "keras":
        return keras_files.written(folder / "w.h5", state)
    return files.write(folder / "w.safetensors", state)


@pytest.mark.parametrize("peer", [pytest.param(peer, marks=marks(peer), id=str(peer)) for peer in PEERS])
def test_the_logits_are_those_of_the_library_itself(peer: Peer, tmp_path: Path) -> None:
    checkpoint = checkpoint_of(peer, file_of(peer, tmp_path))
    if peer.library != "keras":
        checkpoint = replace(checkpoint, net=replace(checkpoint.net, preprocessing=HOUSE))
    found = logits_of(checkpoint, pictures(peer.pixels))
    golden = GOLDEN[str(peer)]
    tolerance = max(1e-5, 4 * golden["own"])
    difference = np.linalg.norm(found[:, :8] - np.array(golden["logits"]))
    assert difference < tolerance * np.linalg.norm(golden["logits"])
    assert abs(np.linalg.norm(found) - golden["norm"]) < tolerance * golden["norm"]


def test_every_peer_has_a_golden() -> None:
    assert set(GOLDEN) == {str(peer) for peer in PEERS} > SOME
