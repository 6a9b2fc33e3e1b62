"""The processor that the passes rewrite a program for."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from runtime.compiler.tiling.rules import Blocks, Pixelwise, Rules, Strategy, Tile


@dataclass(frozen=True)
class CpuTarget:
    """A processor, and how programs are tiled for it.

    Args:
        tiles: of matmuls and convolutions, by shape; they go before the rules.
        rules: for shapes without a tile; None: IREE's own tiles, and none of our kernels.
        threads: how many share the work of one image.
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
        shape: Tile(tuple(tile["outer"]), tuple(tile["vector"]), tile["inner"], tile["peeled"])
        for shape, tile in plain["tiles"].items()
    }
    return CpuTarget(tiles, plain["rules"] and _rules(plain["rules"]), plain["threads"])


def _rules(plain: Mapping[str, Any]) -> Rules:
    values: dict[str, Any] = {
        name: _strategies(value) if isinstance(value, list) else value for name, value in plain.items()
    }
    values["pixelwise"] = Pixelwise(
        **plain["pixelwise"] | {"strategies": _strategies(plain["pixelwise"]["strategies"])}
    )
    values["blocks"] = plain["blocks"] and Blocks(**plain["blocks"])
    return Rules(**values)


def _strategies(plain: list[dict[str, Any]]) -> tuple[Strategy, ...]:
    return tuple(Strategy(**fields) for fields in plain)
