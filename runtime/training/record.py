"""The record of a run: the request, and where the run started and went on (`config.json`), and its spec (`spec.py`)."""

import platform
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from netspec import __version__
from netspec.language import TrainConfig
from netspec.listing import listing
from netspec.plain import net_to_plain
from runtime.compiler.target import Target
from runtime.system.packages import release
from runtime.training import run as runs
from runtime.training.prepare import Prepared
from runtime.training.resume import Opened, Origin

PACKAGES = ("iree-base-compiler", "iree-base-runtime", "numpy", "pillow", "safetensors")
# What the record of a resumed run says of every time that it went on.
_EACH_TIME = ("data", "teacher", "target", "versions", "machine", "command")


@dataclass(frozen=True)
class Record:
    """What a run's folder says of it: `config.json` as plain data, and `spec.py` as text."""

    config: dict[str, Any]
    spec: str


def record_of(opened: Opened, prepared: Prepared, *, data: Path, target: Target) -> Record:
    """The record of a run, new or resumed. The arguments by name are those of `Job`."""
    record = _record(opened.weights, prepared, data, target)
    if opened.resumed is not None:
        record = _resumed_record(record, opened.resumed, prepared.config)
    heading = f"What this run of netspec {__version__} trains, as it was asked for."
    return Record(record, listing(prepared.net, prepared.config, heading))


def _record(weights: Origin | None, prepared: Prepared, data: Path, target: Target) -> dict[str, Any]:
    record = {
        "net": net_to_plain(prepared.net),
        "config": asdict(prepared.config),
        "seed": prepared.config.seed,
        "classes": list(prepared.images.classes),
        **_circumstances(data, target),
    }
    if (teacher := prepared.teacher) is not None:
        record["teacher"] = {**teacher.to_plain(), "net": net_to_plain(teacher.net)}
    if weights is not None:
        record["weights"] = {
            "from": str(weights.source.absolute()),
            "epoch": weights.checkpoint.position.epoch,
            "images": weights.checkpoint.images,
            **({"origin": dict(prepared.origin)} if prepared.origin is not None else {}),
        }
    return record


def _circumstances(data: Path, target: Target) -> dict[str, Any]:
    return {
        "data": str(data.resolve()),
        "target": {"backend": target.backend, "chip": target.chip, "flags": list(target.flags)},
        "versions": {
            "netspec": __version__,
            "python": platform.python_version(),
            **{name: release(name) for name in PACKAGES},
        },
        "machine": f"{platform.system()} {platform.machine()}",
        "command": sys.argv,
    }


def _resumed_record(record: dict[str, Any], resumed: Origin, config: TrainConfig) -> dict[str, Any]:
    """The record of a resumed run: the earlier record, and under `resumed` where and how it went on."""
    folder, position = resumed.source.parent, resumed.checkpoint.position
    known = runs.read_record(folder) if runs.is_run(folder) else record
    earlier = known.get("resumed", [])
    resumption = {
        "from": str(resumed.source.absolute()),
        "epoch": position.epoch,
        "step": position.step,
        "epochs": config.epochs,
        "epochs_before": resumed.checkpoint.config.epochs,
        **{name: record[name] for name in _EACH_TIME if name in record},
    }
    return {
        **known,
        "config": asdict(config),
        "resumed": [*(earlier if isinstance(earlier, list) else []), resumption],
    }
