"""The manifest: names, roles, shapes and types of a program's arguments and results, in order.

It is written beside the text; any host can drive the program from it. A step that draws random numbers has a `seed` of
two words of 32 bits, the low one first, and takes as `first_example` the place of its first image in the global batch.
`preprocessing` says how a file becomes the argument `images`, exactly enough to be done elsewhere to the same digits.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from emit.op import Init

Role = Literal[
    "images",
    "labels",
    "share",
    "teacher",
    "learning_rate",
    "seed",
    "first_example",
    "parameter",
    "slot",
    "step",
    "part",
    "statistic",
    "average",
    "loss",
    "loss_sum",
    "correct",
    "probabilities",
]
STATE: tuple[Role, ...] = ("parameter", "slot", "step", "part", "statistic", "average")


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
            plain = vars(item) | {"init": item.init and vars(item.init)}
            return {key: value for key, value in plain.items() if value is not None}

        return {
            "entry_point": self.entry_point,
            "network": self.network,
            "preprocessing": self.preprocessing,
            "arguments": [entry(item) for item in self.arguments],
            "results": [entry(item) for item in self.results],
        }

    def to_text(self) -> str:
        """JSON, an argument or a result a line."""

        def lines(items: Sequence[dict[str, Any]]) -> str:
            return "[\n  " + ",\n  ".join(json.dumps(item) for item in items) + "\n ]"

        plain = self.to_plain()
        listed = {name: lines(plain.pop(name)) for name in ("arguments", "results")}
        rest = {name: json.dumps(value, indent=1).replace("\n", "\n ") for name, value in plain.items()}
        return "{\n" + ",\n".join(f' "{name}": {text}' for name, text in (rest | listed).items()) + "\n}\n"
