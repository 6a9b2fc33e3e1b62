"""One line of a verification: the statement, how it was checked, and the result."""

from dataclasses import dataclass
from typing import Literal

from runtime.verify.op import Theorem

Certainty = Literal["rule", "whole", "number"]


@dataclass(frozen=True)
class Check:
    """The result of one check. The field names are keys of the certificate.

    Args:
        certainty: `rule` (an op, exactly), `whole` (a program, by construction) or `number` (on the device).
        subject: an op and its sizes, a program, a tensor.
        identity: the statement.
        theorem: the same statement in the Lean development.
        arithmetic: the arithmetic it was computed in.
        extent: shapes, number of cases, number of operations.
        passed: whether it holds.
        found: the bound or error found; of a failure, a sentence that says what is wrong.
        seconds: the time it took.
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
