"""Makes `logits.json`, in an environment with torch, timm and torchvision: `python -m tests.runtime.weights.goldens`.

What torchvision and timm give for weights that are drawn by name: some logits of two pictures, their norm, and how far
f32 is from f64 there.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import timm
import torch
import torchvision

from tests.runtime.weights.drawn import drawn, pictures
from tests.runtime.weights.peers import PEERS, Peer

FILE = Path(__file__).with_name("logits.json")
MEAN, STD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])


def main() -> None:
    """Ask every peer of PyTorch's."""
    found = {str(peer): golden(peer) for peer in PEERS if peer.library != "keras"}
    FILE.write_text(json.dumps(found, indent=1) + "\n")


def golden(peer: Peer) -> dict[str, Any]:
    """The first eight logits of each picture."""
    if peer.library == "torchvision":
        model = torchvision.models.get_model(peer.name, weights=None)
    else:
        model = timm.create_model(peer.name)
    for name, tensor in model.state_dict().items():  # which is the model's own memory
        if not name.endswith("num_batches_tracked"):
            tensor.copy_(torch.from_numpy(drawn(name, tuple(tensor.shape))))
    model.eval()
    images = torch.from_numpy(((pictures() / 255 - MEAN) / STD).transpose(0, 3, 1, 2))
    with torch.inference_mode():
        short = model(images.float()).numpy()
        long = model.double()(images).numpy()
    own = float(np.linalg.norm(short - long) / np.linalg.norm(long))
    print(f"{peer}: {own:.1e}", file=sys.stderr)
    return {
        "logits": [[float(f"{x:.9g}") for x in row[:8]] for row in long],
        "norm": float(np.linalg.norm(long)),
        "own": own,
    }


if __name__ == "__main__":
    main()
