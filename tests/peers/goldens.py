"""Makes `tests/runtime/weights/keys.json` and `logits.json`: `python -m tests.peers.goldens`, or of some `.. keras`.

By peer: a hash of its tensors' names and shapes; for weights that are drawn by name, some logits of two pictures, their
norm, and how far f32 is from f64 there.
"""

import json
import sys
from hashlib import sha256
from typing import Any

import jax
import numpy as np
import torch

from netspec.preprocessing import HOUSE
from tests.peers import models
from tests.runtime.weights.drawn import drawn, pictures
from tests.runtime.weights.peers import KEYS, LOGITS, PEERS, Peer


def main() -> None:
    """Ask every peer, or those whose names have one of the words on the command line; the others' stay."""
    words = sys.argv[1:] or [""]
    for file, asked in ((KEYS, keys), (LOGITS, logits)):
        kept = json.loads(file.read_text())
        asked_of = [peer for peer in PEERS if any(word in str(peer) for word in words)]
        found = kept | {str(peer): asked(peer) for peer in asked_of}
        file.write_text(json.dumps({str(peer): found[str(peer)] for peer in PEERS}, indent=1) + "\n")


def keys(peer: Peer) -> dict[str, Any]:
    """How many tensors, and a hash of their names and shapes."""
    rows = models.rows(peer)
    return {"tensors": len(rows), "sha256": sha256(json.dumps(rows).encode()).hexdigest()[:16]}


def logits(peer: Peer) -> dict[str, Any]:
    """The first eight logits of each picture."""
    short, long = (_keras if peer.library == "keras" else _torch)(peer)
    own = models.distance(short, long)
    print(f"{peer}: {own:.1e}", file=sys.stderr)
    return {
        "logits": [[float(f"{x:.9g}") for x in row[:8]] for row in long],
        "norm": float(np.linalg.norm(long)),
        "own": own,
    }


def _torch(peer: Peer) -> tuple[models.Logits, models.Logits]:
    model = models.torch_model(peer)
    for name, tensor in model.state_dict().items():  # which is the model's own memory
        if not name.endswith("num_batches_tracked"):
            tensor.copy_(torch.from_numpy(drawn(name, tuple(tensor.shape))))
    return models.torch_logits(model, pictures(peer.pixels), HOUSE)


def _keras(peer: Peer) -> tuple[models.Logits, models.Logits]:
    found = []
    with jax.enable_x64(True):
        for dtype in ("float32", "float64"):
            model = models.keras_model(peer, peer.pixels, dtype)
            for variable in model.weights:
                variable.assign(drawn(variable.path, tuple(variable.shape)))
            found.append(models.keras_logits(model, peer, pictures(peer.pixels)))
    return found[0], found[1]


if __name__ == "__main__":
    main()
