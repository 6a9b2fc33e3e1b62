"""The manifest: names, roles, shapes and types of a program's arguments and results, in order.

It is written beside the text; any host can drive the program from it.
"""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from emit.op import Init

Role = Literal[
    "images",
    "labels",
    "learning_rate",
    "parameter",
    "slot",
    "step",
    "statistic",
    "loss",
    "loss_sum",
    "correct",
    "probabilities",
]
STATE: tuple[Role, ...] = ("parameter", "slot", "step", "statistic")


@dataclass(frozen=True)
class Entry:
    """One argument or result. `init` says how state starts; None for what is not state."""

    name: str
    role: Role
    shape: tuple[int, ...]
    dtype: str
    init: Init | None = None


@dataclass(frozen=True)
class Manifest:
    """What a host needs to know of one program."""

    entry_point: str
    network: str
    arguments: tuple[Entry, ...]
    results: tuple[Entry, ...]
    preprocessing: dict[str, Any] = field(default_factory=dict)

    def state(self) -> tuple[Entry, ...]:
        """The arguments that live on the device from call to call."""
        return tuple(entry for entry in self.arguments if entry.role in STATE)

    def named(self, role: Role) -> tuple[Entry, ...]:
        """The arguments with a role."""
        return tuple(entry for entry in self.arguments if entry.role == role)

    def to_plain(self) -> dict[str, Any]:
        """JSON-ready; entries without an `init` leave it out."""

        def entry(item: Entry) -> dict[str, Any]:
            return {key: value for key, value in asdict(item).items() if value is not None}

        return {
            "entry_point": self.entry_point,
            "network": self.network,
            "preprocessing": self.preprocessing,
            "arguments": [entry(item) for item in self.arguments],
            "results": [entry(item) for item in self.results],
        }
