"""The loss with a teacher, and its gradient, beside torch's `kl_div` of logits, in f64."""

import jax.numpy as jnp
import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812

from emit.losses.cross_entropy import CrossEntropy
from emit.losses.distillation import Distillation
from tests.ops.harness import Case, run
from tests.peers.models import distance

ROWS, CLASSES = 6, 7


@pytest.mark.parametrize(("weight", "temperature"), [(0.3, 1.0), (0.5, 2.0), (0.9, 20.0), (1.0, 0.5)])
def test_a_teacher_s_part_is_torch_s_of_its_logits(weight: float, temperature: float) -> None:
    source = np.random.default_rng(7)
    logits, taught = (3 * source.standard_normal((ROWS, CLASSES)) for _ in range(2))
    labels = source.integers(0, CLASSES, ROWS).astype(np.int32)
    z, theirs = torch.tensor(logits, requires_grad=True), torch.tensor(taught)
    soft, softer = (F.log_softmax(each / temperature, dim=1) for each in (z, theirs))
    divergence = F.kl_div(soft, softer, reduction="batchmean", log_target=True)
    of_labels = F.cross_entropy(z, torch.tensor(labels).long(), label_smoothing=0.1)
    loss = (1 - weight) * of_labels + weight * temperature**2 * divergence
    loss.backward()

    op, shapes = Distillation(CrossEntropy(0.1), weight, temperature), ((ROWS, CLASSES), (ROWS,), (ROWS, CLASSES))
    probabilities = F.softmax(theirs, dim=1).numpy()
    found, gradient = run(Case(op, shapes, jnp.zeros), logits, labels, probabilities, np.array(1.0))
    assert float(found) == pytest.approx(loss.item(), rel=1e-12)
    assert z.grad is not None
    assert distance(gradient, z.grad.numpy()) < 1e-12
