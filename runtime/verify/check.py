"""One line of a verification: what was checked, how, and what came out."""

from dataclasses import dataclass
from typing import Literal

from runtime.verify.op import Theorem

Certainty = Literal["rule", "whole", "number"]


@dataclass(frozen=True)
class Check:
    """One thing that was checked.

    Args:
        certainty: `rule` (an op, exactly), `whole` (a program, by construction) or `number` (on the device).
        subject: what was checked: an op and its sizes, a program, a tensor.
        identity: what must hold.
        theorem: what the Lean development has of it.
        arithmetic: what it was computed in.
        extent: over what: shapes, number of cases, number of operations.
        passed: whether it holds.
        found: the bound or error that was found; of a failure, a sentence that says what is wrong.
        seconds: how long it took.
    """

    certainty: Certainty
    subject: str
    identity: str
    arithmetic: str
    extent: str
    passed: bool
    found: str
    seconds: float
    theorem: Theorem | None = None
