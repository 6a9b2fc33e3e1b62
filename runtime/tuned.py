"""What `netspec tune` found on this machine, in the user's cache: a file for each processor, by kind and program."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from emit.forms import AS_RULED, Chosen
from emit.program import Program, emit
from netspec.errors import InputError
from netspec.language import NetSpec, TrainConfig
from runtime import paths
from runtime.files import write_whole
from runtime.host import host
from runtime.target import Target

KINDS = ("tiles", "forms")


def own_file() -> Path:
    """Where what was found with this machine's processor is kept."""
    return paths.tuned_cache() / f"{hashlib.sha256(host().encode()).hexdigest()[:16]}.json"


def read(kind: str) -> dict[str, dict[str, Any]]:
    """What was found of a kind, by program: plain data. Raises InputError when the file is none of ours."""
    try:
        text = own_file().read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    try:
        return {entry_point: dict(found.items()) for entry_point, found in json.loads(text)[kind].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as wrong:
        raise refused(wrong) from None


def keep(kind: str, entry_point: str, found: Mapping[str, Any]) -> Path:
    """Add to what was found of a kind for a program. The file is replaced whole."""
    file = own_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    tables = {each: read(each) for each in KINDS}
    tables[kind][entry_point] = dict(sorted((tables[kind].get(entry_point, {}) | dict(found)).items()))
    plain = {"processor": host().splitlines()[0]} | {
        each: dict(sorted(table.items())) for each, table in tables.items()
    }
    write_whole(file, (json.dumps(plain, indent=1) + "\n").encode())
    return file


def refused(wrong: Exception) -> InputError:
    """What is said of a file that does not hold what `tune` writes."""
    return InputError(
        f"{own_file()}: expected the tables of netspec tune, found {wrong!r}; remove the file, and tune again."
    )


def chosen_forms(target: Target, entry_point: str) -> Chosen:
    """The forms that were fastest for a program on this machine. Raises InputError."""
    if target.backend != "cpu" or target.chip != "host":
        return AS_RULED
    found = read("forms").get(entry_point, {})
    if not all(isinstance(answer, str | int) for answer in found.values()):
        raise refused(ValueError(str(found)[:100]))
    return found


def program_for(entry_point: str, net: NetSpec, config: TrainConfig, target: Target) -> Program:
    """The program of an entry point, in the forms that are fastest on a target as far as was measured.

    Raises SpecError, and InputError.
    """
    return emit(entry_point, net, config, backend=target.backend, chosen=chosen_forms(target, entry_point))
