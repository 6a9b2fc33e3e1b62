"""Weights in from the peers' own files, and back: their logits, with statistics as training leaves them."""

from collections import OrderedDict
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import safetensors.torch
import torch

from netspec.preprocessing import HOUSE
from runtime.weights.exporting import export
from tests.peers import models
from tests.runtime.weights.drawn import pictures
from tests.runtime.weights.peers import PEERS, Peer
from tests.runtime.weights.test_logits import checkpoint_of, logits_of

TORCH = [peer for peer in PEERS if peer.library != "keras"]
KERAS = [peer for peer in PEERS if peer.library == "keras"]


def trained(peer: Peer) -> torch.nn.Module:
    """A network whose statistics are those of noise, and whose norms are no identities."""
    torch.manual_seed(0)
    model = models.torch_model(peer)
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = 0.7
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.normal_(module.bias, 0, 0.3)
    model.train()
    with torch.no_grad():
        for _ in range(3):
            model(torch.randn(8, 3, 128, 128))
    return model.eval()


@pytest.mark.parametrize("peer", TORCH, ids=str)
def test_a_state_dict_gives_its_own_logits_and_goes_back_strictly(peer: Peer, tmp_path: Path) -> None:
    model = trained(peer)
    safetensors.torch.save_file(model.state_dict(), tmp_path / "theirs.safetensors")
    checkpoint = checkpoint_of(peer, tmp_path / "theirs.safetensors")
    images = pictures(128)
    short, long = models.torch_logits(model, images, checkpoint.net.preprocessing)
    found = logits_of(checkpoint, images)
    assert models.distance(found, long) < max(1e-5, 4 * models.distance(short, long))

    list(export(checkpoint, peer.library, tmp_path / "ours.safetensors"))
    back = models.torch_model(peer)
    state: Any = safetensors.torch.load_file(tmp_path / "ours.safetensors")
    if "mnasnet" in peer.name and peer.library == "torchvision":
        state = versioned(state)
    back.load_state_dict(state, strict=True)
    again, _ = models.torch_logits(back.eval(), images, checkpoint.net.preprocessing)
    np.testing.assert_array_equal(again, short)


def versioned(state: dict[str, Any]) -> Any:
    """With the version that torchvision's MNASNet asks for, which a safetensors file has no place for."""
    told = OrderedDict(state)
    told._metadata = {"": {"version": 2}}  # type: ignore[attr-defined]
    return told


@pytest.mark.parametrize("suffix", [".h5", ".weights.h5", ".keras"])
@pytest.mark.parametrize("peer", KERAS, ids=str)
def test_a_file_of_keras_gives_its_own_logits(peer: Peer, suffix: str, tmp_path: Path) -> None:
    keras.utils.set_random_seed(0)
    model = models.keras_model(peer, peer.pixels)
    draw = np.random.default_rng(3)
    for variable in model.weights:
        if "moving" in variable.path or variable.path.endswith(("gamma", "beta")):
            variable.assign(draw.uniform(0.5, 1.5, variable.shape))
    path = tmp_path / f"net{suffix}"
    if suffix == ".weights.h5":
        model.save_weights(path)
    else:
        model.save(path)
    images = pictures(peer.pixels)
    checkpoint = checkpoint_of(peer, path)
    assert checkpoint.net.preprocessing != HOUSE
    expected = models.keras_logits(model, peer, images)
    assert models.distance(logits_of(checkpoint, images), expected) < 1e-5
