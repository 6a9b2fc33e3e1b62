"""A run's folder: what was asked, the programs, metrics, checkpoints, and the curve."""

import csv
import io
import json
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import MISSING, Field, asdict, dataclass, fields
from pathlib import Path
from typing import Any

from emit.program import Program
from netspec.errors import InputError, SpecError
from netspec.language import NetSpec, TrainConfig
from netspec.plain import config_from_plain, net_from_plain
from runtime.checkpoint import Checkpoint, Position, load, save
from runtime.files import exclusive, remove_leftovers, write_whole

LAST, BEST, METRICS, CONFIG = "last.safetensors", "best.safetensors", "metrics.csv", "config.json"


@dataclass(frozen=True)
class Row:
    """One epoch's metrics. Losses are means over images; the rate is that of the epoch's last step.

    Of the epoch's `seconds`, the device had nothing to do for `waiting_seconds` because no batch was ready.
    """

    epoch: int
    step: int
    learning_rate: float
    train_loss: float
    val_loss: float
    val_accuracy: float
    seconds: float
    images_per_second: float
    waiting_seconds: float = float("nan")  # runs of before it was measured


class Run:
    """One run's folder. Every file in it is whole at every moment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows: list[Row] = []

    @property
    def last(self) -> Path:
        """The newest checkpoint."""
        return self.folder / LAST

    @property
    def best(self) -> Path:
        """The checkpoint with the best validation accuracy, the first of equals."""
        return self.folder / BEST

    def check_vacant(self) -> None:
        """Raises InputError when the folder holds a run, or is none."""
        if self.last.exists():
            raise InputError(
                f"{self.folder}: holds a run already ({LAST}); go on with it by --resume auto, or choose another "
                "--output."
            )
        if self.folder.exists() and not self.folder.is_dir():
            raise InputError(f"{self.folder}: expected a folder for the run, found a file.")

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Make the folder and keep other processes out of it. Raises InputError when one is in it."""
        made = [path for path in (self.folder, *self.folder.parents) if not path.exists()]
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = self.folder / ".lock"
        with exclusive(lock, self._taken):
            remove_leftovers(self.folder)
            try:
                yield
            finally:
                with suppress(OSError):  # a run that never began leaves nothing
                    if [path.name for path in self.folder.iterdir()] == [lock.name]:
                        lock.unlink()
                    for path in made:
                        path.rmdir()

    def _taken(self) -> None:
        raise InputError(f"{self.folder}: another process is training in it; wait for it, or choose another --output.")

    def create(self, *, source: str, config: Mapping[str, Any], programs: Sequence[Program], resumed: bool) -> None:
        """Write what is known before the first step."""
        if not resumed:
            for stale in (METRICS, BEST, "curve.png"):
                (self.folder / stale).unlink(missing_ok=True)
        self._write("spec.py", source)
        self._write(CONFIG, json.dumps(config, indent=2) + "\n")
        for program in programs:
            name = program.manifest.entry_point
            self._write(f"{name}.mlir", program.text)
            self._write(f"{name}.json", json.dumps(program.manifest.to_plain(), indent=1) + "\n")

    def resume(self, checkpoint: Checkpoint, source: Path) -> Position:
        """Take up the metrics of the epochs behind a checkpoint, and the best one, from the folder it lies in."""
        path = source.parent / METRICS
        if path.is_file():
            self.rows = [row for row in _read_rows(path) if row.epoch <= checkpoint.position.epoch]
        best = source.parent / BEST
        if best.is_file() and not self.best.exists():
            write_whole(self.best, best.read_bytes())
        return checkpoint.position

    def record(self, row: Row) -> None:
        """Add an epoch to the metrics."""
        self.rows.append(row)
        text = io.StringIO()
        writer = csv.DictWriter(text, [field.name for field in fields(Row)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(row) for row in self.rows)
        self._write(METRICS, text.getvalue())

    def keep(self, checkpoint: Checkpoint, *, best: bool = False) -> None:
        """Write the last checkpoint, and before it the best: a kill between the two repeats the epoch and both."""
        if best:
            save(self.best, checkpoint)
        save(self.last, checkpoint)

    def _write(self, name: str, text: str) -> None:
        write_whole(self.folder / name, text.encode())


def new_folder(name: str) -> Path:
    """`runs/<network>-<date>-<time>`, with a number behind it when that is taken."""
    stem = f"{slug(name)}-{time.strftime('%Y%m%d-%H%M%S')}"
    path, count = Path("runs") / stem, 1
    while path.exists():
        count += 1
        path = Path("runs") / f"{stem}-{count}"
    return path


def newest(name: str) -> Path | None:
    """The newest folder under `runs` of a network that has a checkpoint."""
    named = re.compile(re.escape(slug(name)) + r"-\d{8}-\d{6}(-\d+)?")
    found = [path.parent for path in Path("runs").glob(f"*/{LAST}") if named.fullmatch(path.parent.name)]
    return max(found, key=lambda path: (path / LAST).stat().st_mtime, default=None)


def find_checkpoint(path: Path) -> Path:
    """A checkpoint file as it is; of a run's folder, the last."""
    return path / LAST if path.is_dir() else path


def read_checkpoint(path: Path) -> Checkpoint:
    """The checkpoint that a file or a run's folder names."""
    return load(find_checkpoint(path))


def read_used(folder: Path) -> tuple[NetSpec, TrainConfig]:
    """The network and the recipe that a run's folder says it trained. Raises InputError."""
    path = folder / CONFIG
    try:
        used = json.loads(path.read_text(encoding="utf-8"))
        return net_from_plain(used["net"]), config_from_plain(used["config"])
    except OSError as wrong:
        raise InputError(f"{path}: cannot be read: {wrong.strerror}.") from None
    except (ValueError, KeyError, TypeError) as wrong:
        raise InputError(f"{path}: expected what train wrote, found {type(wrong).__name__}: {wrong}.") from None
    except SpecError as wrong:
        raise InputError(f"{path}: {wrong}") from None


def slug(name: str) -> str:
    """A network's name as part of a file name."""
    return "".join(letter if letter.isalnum() else "-" for letter in name.lower()[:50]).strip("-") or "run"


def _asked(field: Field[Any]) -> bool:
    return field.default is MISSING


def _read_rows(path: Path) -> list[Row]:
    try:
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            known = [
                field.name for field in fields(Row)[2:] if field.name in (reader.fieldnames or ()) or _asked(field)
            ]
            return [
                Row(int(entry["epoch"]), int(entry["step"]), *(float(entry[name]) for name in known))
                for entry in reader
            ]
    except (KeyError, ValueError, TypeError, csv.Error) as wrong:
        raise InputError(f"{path}: expected the metrics that train wrote, found {wrong}; move the file away.") from None
