"""Checks that two contenders compute the same, before any is timed."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from benchmarks.job import Job
from netspec.errors import NetSpecError

Results = Mapping[str, Any]

FIRST_LOSS, LATER_LOSS = 1e-4, 1e-3
# Rounding may put a number on either side of an activation's kink: compared with f64, a gradient's norm was up to 1.3 %
# off in PyTorch, 0.8 % in netspec and 0.3 % in JAX (MobileNetV2, 64 and 224 pixels), 6 % in PyTorch and 1 % in netspec
# (MnasNet-A1, b32@224). Adam's v is its square, and off by more: there 18 % in PyTorch and 3 % in netspec.
M, V, NORM = 1e-1, 2e-1, 1e-3
# What later losses may be apart, of how far they are from the first: in ResNet-101, b8@224, whose loss falls from 2.86
# to 1.64 in two steps, PyTorch is 1.7e-2 off f64, which is 1.4 % of that, and netspec 1.0e-2.
MOVED = 2e-2
# Share of the largest norm of a kind of tensor, the least denominator of relative errors. A batch norm's β that another
# batch norm subtracts has the gradient 0, and its value is rounding alone.
SMALLEST = 1e-4
PROBABILITY = 1e-4


def agreement(job: Job, name: str, ours: Results, theirs: Results) -> str:
    """The difference of a peer's results from ours, in words. Raises NetSpecError when it is too large."""
    return (_training if job.kind == "train" else _prediction)(f"{job}: {name}", ours, theirs)


def _training(who: str, ours: Results, theirs: Results) -> str:
    """Losses step by step, and the norm of every tensor of the state after the first step.

    The first loss depends on the forward pass alone; the moments' norms on the gradients; later losses on the
    optimizer.
    """
    largest_loss = 0.0
    for step, (mine, other) in enumerate(zip(ours["losses"], theirs["losses"], strict=True), 1):
        moved = abs(other - theirs["losses"][0])
        allowed = FIRST_LOSS if step == 1 else max(LATER_LOSS, MOVED * moved / abs(other))
        off = _relative(mine, other)
        largest_loss = max(largest_loss, off)
        if not off <= allowed:
            raise NetSpecError(
                f"{who} and netspec do not compute the same: the loss of step {step} is {other:.6g} there and "
                f"{mine:.6g} here, {off:.1e} apart where {allowed:.1g} is allowed; nothing was timed."
            )
    names = sorted(ours["norms"].keys() ^ theirs["norms"].keys())
    if names:
        raise NetSpecError(f"{who} and netspec do not hold the same state: only one has {', '.join(names[:3])}.")
    largest_norm = 0.0
    scales = _scales(ours["norms"])
    for name, mine in ours["norms"].items():
        off = _relative(mine, theirs["norms"][name], SMALLEST * scales[_kind(name)])
        largest_norm = max(largest_norm, off)
        allowed = {"m": M, "v": V}.get(_kind(name), NORM)
        if not off <= allowed:
            raise NetSpecError(
                f"{who} and netspec do not compute the same: after one step the norm of {name} is "
                f"{theirs['norms'][name]:.6g} there and {mine:.6g} here, {off:.1e} apart where {allowed:g} is allowed; "
                "nothing was timed."
            )
    losses, norms = ours["losses"], ours["norms"]
    return (
        f"losses of {len(losses)} steps ({losses[0]:.4f} to {losses[-1]:.4f}) within {largest_loss:.1e}, "
        f"norms of {len(norms)} tensors within {largest_norm:.1e}"
    )


def _prediction(who: str, ours: Results, theirs: Results) -> str:
    """The largest difference of any probability; also checks that probabilities are not trivial."""
    mine, other = np.array(ours["probabilities"]), np.array(theirs["probabilities"])
    if mine.shape != other.shape:
        raise NetSpecError(f"{who} gives probabilities of shape {other.shape}, netspec of shape {mine.shape}.")
    off = float(np.abs(mine - other).max())
    if not off <= PROBABILITY:
        raise NetSpecError(
            f"{who} and netspec do not compute the same: a probability is {off:.1e} off where {PROBABILITY:g} is "
            "allowed; nothing was timed."
        )
    if mine.max() - mine.min() < 100 * PROBABILITY or mine.max() > 1 - 100 * PROBABILITY:
        raise NetSpecError(
            f"{who}: the probabilities go from {mine.min():.4f} to {mine.max():.4f}; comparing results that are all "
            "alike, or certain, says nothing."
        )
    return f"probabilities from {mine.min():.3f} to {mine.max():.3f} within {off:.1e}"


def _scales(norms: Mapping[str, float]) -> dict[str, float]:
    """The largest norm of each kind of tensor."""
    return {kind: max(norm for name, norm in norms.items() if _kind(name) == kind) for kind in map(_kind, norms)}


def _kind(name: str) -> str:
    """`weight`, `gamma`, ..., or for a moment `m` or `v`."""
    return name.rsplit("_", 1)[-1]


def _relative(one: float, other: float, least: float = 0.0) -> float:
    largest = max(abs(one), abs(other), least)
    return abs(one - other) / largest if largest else 0.0
