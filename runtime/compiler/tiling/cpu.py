"""What the passes know of the processor that they rewrite a program for."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from runtime.compiler.tiling.rules import Blocks, Pixelwise, Rules, Tile, Way


@dataclass(frozen=True)
class CpuTarget:
    """A processor, as the passes see it.

    Args:
        tiles: of matmuls and convolutions, by shape; they go before the rules.
        rules: for what has no tile of its own; None: IREE's own choice, and no kernels of ours.
        threads: that share the work of one image.
    """

    tiles: Mapping[str, Tile] = field(default_factory=dict)
    rules: Rules | None = None
    threads: int = 1

    def to_plain(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "tiles": {shape: asdict(tile) for shape, tile in sorted(self.tiles.items())},
            "rules": self.rules and asdict(self.rules),
            "threads": self.threads,
        }


def from_plain(plain: Mapping[str, Any]) -> CpuTarget:
    """What `to_plain` gave."""
    tiles = {
        shape: Tile(tuple(each["outer"]), tuple(each["vector"]), each["inner"], each["peeled"])
        for shape, each in plain["tiles"].items()
    }
    return CpuTarget(tiles, plain["rules"] and _rules(plain["rules"]), plain["threads"])


def _rules(plain: Mapping[str, Any]) -> Rules:
    values: dict[str, Any] = {name: _ways(value) if isinstance(value, list) else value for name, value in plain.items()}
    values["pixelwise"] = Pixelwise(**plain["pixelwise"] | {"ways": _ways(plain["pixelwise"]["ways"])})
    values["blocks"] = plain["blocks"] and Blocks(**plain["blocks"])
    return Rules(**values)


def _ways(plain: list[dict[str, Any]]) -> tuple[Way, ...]:
    return tuple(Way(**each) for each in plain)
