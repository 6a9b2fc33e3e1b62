"""A run folder: the request, the programs, metrics, checkpoints, and the curve."""

import csv
import io
import math
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import MISSING, Field, asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from emit.program import Program
from emit.programs import ENTRY_POINTS
from netspec.errors import InputError, SpecError, TrainingError
from netspec.language import NetSpec, TrainConfig
from netspec.plain import config_from_plain, net_from_plain, net_to_plain
from netspec.text import shown
from runtime.checkpoint import Checkpoint, Position, load, read_header, save
from runtime.system.files import (
    errors_about,
    exclusive,
    json_text,
    output_folder,
    parse_json,
    read_text,
    read_whole,
    remove_leftovers,
    write_whole,
)
from runtime.system.paths import slug

LAST, BEST, LOCK = "last.safetensors", "best.safetensors", ".lock"
CONFIG, SPEC, METRICS, CURVE = "config.json", "spec.py", "metrics.csv", "curve.png"
# Every file that a run overwrites.
NAMES = (
    *(CONFIG, SPEC, METRICS, CURVE, LAST, BEST),
    *(f"{program}.{kind}" for program in ENTRY_POINTS for kind in ("mlir", "json", "vmfb")),
)
# Which checkpoint of a run folder is used. A kill in the first epoch, between writing best and last, leaves best alone.
TO_USE, TO_RESUME = (BEST, LAST), (LAST, BEST)
LONGEST_RECORD = 2**26  # bytes
LENGTH = ("epochs", "warmupEpochs")  # fields of a recipe that may change when a run is resumed
_MOST = 2.0**63  # bound of numbers in metrics.csv


@dataclass(frozen=True)
class Row:
    """One epoch's metrics. Losses are means over images; the rate is that of the epoch's last step.

    The validation is with averages of the parameters, where the recipe keeps those; `plain_accuracy` is without.

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
    # In metrics from before they were measured.
    waiting_seconds: float = float("nan")
    plain_accuracy: float = float("nan")


class Run:
    """One run folder. Every file in it is complete at every moment.

    `recorded` is called with all rows when one is added.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows: list[Row] = []
        self.recorded: Callable[[Sequence[Row]], None] = lambda rows: None
        self._identity: tuple[int, int] | None = None  # of the folder that was claimed

    @property
    def last(self) -> Path:
        """The newest checkpoint."""
        return self.folder / LAST

    @property
    def best(self) -> Path:
        """The checkpoint with the best validation accuracy, the first of equals."""
        return self.folder / BEST

    def check_vacant(self) -> None:
        """Raises InputError when a new run would overwrite anything in the folder, or when it is not a folder."""
        with errors_about(self.folder, "read"):
            if self.folder.exists() and not self.folder.is_dir():
                raise InputError(f"{shown(self.folder)}: expected a folder for the run, found a file.")
        self.check_ours()
        for name in (LAST, BEST):
            if os.path.lexists(self.folder / name):
                raise InputError(
                    f"{shown(self.folder)}: holds a run already ({name}); go on with it by --resume auto, or choose "
                    "another --output."
                )

    def check_ours(self) -> None:
        """Raises InputError when the folder has files that a run would overwrite, and is not a run folder."""
        taken = [name for name in NAMES if os.path.lexists(self.folder / name)]
        if taken and not is_run(self.folder):
            raise InputError(
                f"{shown(self.folder)}: holds {taken[0]}, which a run would write over, and is no run's folder (it has "
                f"no {CONFIG} of a run): choose another --output."
            )

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Make the folder and keep other processes out of it. Raises InputError when one is in it, FileError."""
        lock = self.folder / LOCK
        with output_folder(self.folder):
            ours = not os.path.lexists(lock)
            with exclusive(lock, self._taken):
                if is_run(self.folder):
                    remove_leftovers(self.folder)
                self._identity = self._current_identity()
                try:
                    yield
                finally:
                    with suppress(OSError):  # a run that never began leaves nothing
                        if ours and [path.name for path in self.folder.iterdir()] == [lock.name]:
                            lock.unlink()

    def _current_identity(self) -> tuple[int, int] | None:
        """Device and inode of the folder at the run's path now; None where there is none."""
        try:
            status = self.folder.stat()
        except OSError:
            return None
        return status.st_dev, status.st_ino

    def _check_not_moved(self) -> None:
        """Raises TrainingError when the folder was moved: another run may be at its path by now."""
        if self._identity is not None and self._current_identity() != self._identity:
            raise TrainingError(
                f"{shown(self.folder)}: this run's folder was moved or removed while it ran; nothing more is written. "
                "Go on from where it is now: --resume with its path."
            )

    def _taken(self) -> None:
        raise InputError(
            f"{shown(self.folder)}: another process is training in it; wait for it, or choose another --output."
        )

    def begin(self, record: Mapping[str, Any], spec: str, *, resumed: bool) -> None:
        """Write the record and the spec before the first step. The record is first: it marks a run folder."""
        remove_leftovers(self.folder)
        self._write(CONFIG, json_text(record, 2) + "\n")
        if not resumed:
            for stale in (METRICS, CURVE):
                with errors_about(self.folder / stale, "removed"):
                    (self.folder / stale).unlink(missing_ok=True)
        self._write(SPEC, spec)

    def add_program(self, program: Program, executable: bytes | None = None) -> None:
        """Write a program's text and manifest, and its executable if given: all that a host needs to run it."""
        name = program.manifest.entry_point
        self._write(f"{name}.mlir", program.text, synced=False)
        self._write(f"{name}.json", program.manifest.to_text(), synced=False)
        path = self.folder / f"{name}.vmfb"
        if executable is not None:
            write_whole(path, executable, synced=False)
        else:  # an executable that is there may be of another text
            with errors_about(path, "removed"):
                path.unlink(missing_ok=True)

    def resume(self, checkpoint: Checkpoint, source: Path) -> Position:
        """Read the metrics of the completed epochs, and copy the best checkpoint, from the checkpoint's folder."""
        path = source.parent / METRICS
        if os.path.lexists(path):
            self.rows = [row for row in read_rows(path) if row.epoch <= checkpoint.position.epoch]
        best = source.parent / BEST
        if os.path.lexists(best) or (checkpoint.position.best >= 0 and is_run(source.parent)):
            _check_best(best, checkpoint)
        if not os.path.lexists(self.best) and best.exists():
            load(best)
            write_whole(self.best, read_whole(best))
        return checkpoint.position

    def has_curve(self) -> bool:
        """Whether there is a picture, not older than the metrics: a kill may leave one of fewer epochs."""
        picture, metrics = self.folder / CURVE, self.folder / METRICS
        return picture.exists() and not (metrics.exists() and metrics.stat().st_mtime_ns > picture.stat().st_mtime_ns)

    def record(self, row: Row) -> None:
        """Add an epoch to the metrics. Raises TrainingError."""
        self._check_not_moved()
        self.rows.append(row)
        text = io.StringIO()
        writer = csv.DictWriter(text, [field.name for field in fields(Row)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(row) for row in self.rows)
        self._write(METRICS, text.getvalue())
        self.recorded(self.rows)

    def keep(self, checkpoint: Checkpoint, *, best: bool = False) -> None:
        """Write the last checkpoint, and before it the best: a kill between the two repeats the epoch and both."""
        self._check_not_moved()
        if best:
            save(self.best, checkpoint)
        save(self.last, checkpoint)

    def _write(self, name: str, text: str, *, synced: bool = True) -> None:
        write_whole(self.folder / name, text.encode(), synced=synced)


def newest(name: str) -> Path | None:
    """The newest folder under `runs` of a network that has a checkpoint."""
    named = re.compile(re.escape(slug(name)) + r"-\d{8}-\d{6}(-\d+)?")
    checkpoints = [path for path in Path("runs").glob(f"*/{LAST}") if named.fullmatch(path.parent.name)]
    return max(checkpoints, key=lambda path: path.lstat().st_mtime).parent if checkpoints else None


def find_checkpoint(path: Path, order: Sequence[str]) -> Path:
    """The path of a checkpoint: a file itself, or in a run folder the first that exists of `order`."""
    if not path.is_dir():
        return path
    return next((path / name for name in order if os.path.lexists(path / name)), path / order[0])


def same_folder(one: Path, other: Path) -> bool:
    """Whether two paths lead to one folder; the first need not exist."""
    return os.path.realpath(one) == os.path.realpath(other)


def is_run(folder: Path) -> bool:
    """Whether a folder is one that `train` wrote, of this version or of an older one."""
    try:
        versions = read_record(folder).get("versions")
    except InputError:
        return False
    return isinstance(versions, dict) and "netspec" in versions


def read_record(folder: Path) -> dict[str, Any]:
    """The record of a run folder (`config.json`). Raises InputError."""
    path = folder / CONFIG
    try:
        record = parse_json(read_text(path, LONGEST_RECORD))
        json_text(record)  # a run that goes on writes it again
    except (ValueError, RecursionError) as wrong:
        raise InputError(f"{shown(path)}: expected what train wrote, found no JSON: {shown(wrong)}.") from None
    if not isinstance(record, dict) or not {"net", "config"} <= record.keys():
        raise InputError(f"{shown(path)}: expected what train wrote, with net and config, found something else.")
    return record


def read_used(folder: Path) -> tuple[NetSpec, TrainConfig]:
    """The network and the recipe of a run folder.

    Raises InputError, also where its checkpoint is of another network.
    """
    record = read_record(folder)
    try:
        net, config = net_from_plain(record["net"]), config_from_plain(record["config"])
    except (SpecError, RecursionError, ValueError) as wrong:
        raise InputError(f"{shown(folder / CONFIG)}: {shown(wrong, 500)}") from None
    checkpoint = find_checkpoint(folder, TO_USE)
    if os.path.lexists(checkpoint):
        check_record(folder, record, checkpoint, read_header(checkpoint))
    return net, config


def _check_best(path: Path, last: Checkpoint) -> None:
    """Raises InputError unless a run's best checkpoint is there, and of the same run as its last.

    It may be of a later epoch: a kill between the two writes leaves that, and the epoch is repeated.
    """
    best = read_header(path)
    same = (best.net, best.classes, _lasting(best.config)) == (last.net, last.classes, _lasting(last.config))
    # A fingerprint of the images says its format before a colon; an early run that was resumed has both formats.
    if best.images.rpartition(":")[0] == last.images.rpartition(":")[0]:
        same = same and best.images == last.images
    if not same:
        raise InputError(
            f"{shown(path)}: is of another run than {LAST} beside it; put the right one back, or begin a new run from "
            "it (--weights)."
        )


def _lasting(config: TrainConfig) -> TrainConfig:
    """A recipe without what a run may change when it goes on: how long it is."""
    return replace(config, epochs=2, warmupEpochs=0)


def check_record(folder: Path, record: Mapping[str, Any], path: Path, checkpoint: Checkpoint) -> None:
    """Raises InputError where a run's record and a checkpoint in its folder have another network, recipe or classes."""
    plain = parse_json(json_text(asdict(_lasting(checkpoint.config))))
    recipe = record.get("config")
    if record.get("net") != parse_json(json_text(net_to_plain(checkpoint.net))):
        different = "network"
    elif not isinstance(recipe, dict) or any(
        name in recipe and recipe[name] != value for name, value in plain.items() if name not in LENGTH
    ):
        different = "recipe"
    elif record.get("classes", list(checkpoint.classes)) != list(checkpoint.classes):
        different = "classes"
    else:
        return
    raise InputError(
        f"{shown(folder / CONFIG)}: expected what {path.name} beside it is of, found another {different}; put the "
        "right file back."
    )


def _is_required(field: Field[Any]) -> bool:
    return field.default is MISSING


def _check_row(row: Row) -> None:
    """Raises ValueError for numbers that no epoch has."""
    for field in fields(row):
        value = getattr(row, field.name)
        unknown = math.isnan(value) and not _is_required(field)  # it was not measured yet
        if not unknown and not 0 <= value < (1 + 1e-9 if field.name.endswith("_accuracy") else _MOST):
            raise ValueError(f"{field.name}={value}")


def read_rows(path: Path) -> list[Row]:
    """The rows of a `metrics.csv`. Raises InputError."""
    try:
        reader = csv.DictReader(io.StringIO(read_text(path, LONGEST_RECORD), newline=""))
        known = [
            field.name for field in fields(Row)[2:] if field.name in (reader.fieldnames or ()) or _is_required(field)
        ]
        rows = [
            Row(int(entry["epoch"]), int(entry["step"]), *(float(entry[name]) for name in known)) for entry in reader
        ]
        for row in rows:
            _check_row(row)
        return rows
    except (KeyError, ValueError, TypeError, csv.Error) as wrong:
        raise InputError(
            f"{shown(path)}: expected the metrics that train wrote, found {shown(wrong)}; move the file away."
        ) from None
