"""What is kept of the peers for the ordinary tests is what they give."""

import json

import numpy as np
import pytest

from tests.peers import goldens
from tests.runtime.weights.peers import KEYS, LOGITS, PEERS, Peer

NAMES, ANSWERS = json.loads(KEYS.read_text()), json.loads(LOGITS.read_text())


@pytest.mark.parametrize("peer", PEERS, ids=str)
def test_names_and_shapes_are_those_that_are_kept(peer: Peer) -> None:
    assert goldens.keys(peer) == NAMES[str(peer)]


@pytest.mark.parametrize("peer", PEERS, ids=str)
def test_logits_are_those_that_are_kept(peer: Peer) -> None:
    found, kept = goldens.logits(peer), ANSWERS[str(peer)]
    np.testing.assert_allclose(found["logits"], kept["logits"], rtol=0, atol=1e-9 * kept["norm"])
    assert found["norm"] == pytest.approx(kept["norm"], rel=1e-9)
    assert kept["own"] / 3 < found["own"] < kept["own"] * 3
