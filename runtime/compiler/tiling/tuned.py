"""Results of `netspec tune` on this machine, in the user's cache: a file for each processor, by kind and program."""

import hashlib
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from emit.lowerings import BY_RULE, Chosen, Option
from emit.program import Program
from emit.programs import emit
from netspec.language import NetSpec, TrainConfig
from netspec.text import shown
from runtime.compiler.target import Target
from runtime.system import cache, paths
from runtime.system.host import host

KINDS = ("tiles", "forms")  # as the file says them: `forms` are lowerings
Tables = dict[str, dict[str, dict[str, Any]]]  # by kind, program, and shape or choice

_INSTEAD = "the rules are used until netspec tune is run again"


def own_file() -> Path:
    """The file of this machine's processor.

    Not the name that it had before files of the cache were sealed: those are left alone.
    """
    return paths.tuned_cache() / f"tables-{hashlib.sha256(host().encode()).hexdigest()[:16]}.json"


def read(kind: str, parse: Callable[[str, Any], Any]) -> dict[str, dict[str, Any]]:
    """The results of a kind, by program, each entry as `parse` (of its name and plain data) returns it.

    Where the file is damaged, or `parse` raises, that is reported and there are none. Raises FileError when the file is
    not the user's own, or cannot be read.
    """
    tables = _tables(_fetched())
    try:
        return {
            entry_point: {name: parse(name, plain) for name, plain in entries.items()}
            for entry_point, entries in tables[kind].items()
        }
    except (ValueError, KeyError, TypeError, AttributeError) as wrong:
        _refuse(wrong)
        return {}


def keep(kind: str, entry_point: str, results: Mapping[str, Any]) -> Path:
    """Add results of a kind for a program, one process at a time; their file. Raises FileError."""
    file = own_file()
    with cache.locked("tuned", file.parent, _say, "waiting for another process that keeps what it tuned ..."):
        tables = _tables(_fetched())
        tables[kind][entry_point] = dict(sorted((tables[kind].get(entry_point, {}) | dict(results)).items()))
        ordered = {name: dict(sorted(programs.items())) for name, programs in tables.items()}
        cache.keep_json(file, {"processor": host().splitlines()[0]} | ordered)
    return file


def _fetched() -> object:
    return cache.fetch_json(own_file(), _say, _INSTEAD)


def _tables(content: object) -> Tables:
    """The tables of a file's content; empty ones where it is something else, which is reported."""
    if content is None:
        return {kind: {} for kind in KINDS}
    try:
        return {
            kind: {entry_point: dict(entries.items()) for entry_point, entries in content[kind].items()}  # type: ignore[index]
            for kind in KINDS
        }
    except (KeyError, TypeError, AttributeError) as wrong:
        _refuse(wrong)
        return {kind: {} for kind in KINDS}


def _refuse(wrong: Exception) -> None:
    reason = f"{type(wrong).__name__}: {shown(wrong)}"
    _say(f"{shown(own_file())}: expected the tables of netspec tune, found another content ({reason}); {_INSTEAD}")


def _say(text: str) -> None:
    # Tables are read within a compilation, where there is no report.
    print(f"netspec: {text}", file=sys.stderr, flush=True)


def chosen_lowerings(target: Target, entry_point: str) -> Chosen:
    """The lowerings that were fastest for a program on this machine."""
    if target.backend != "cpu" or target.chip != "host":
        return BY_RULE
    return read("forms", _option).get(entry_point, {})


def _option(choice: str, plain: Any) -> Option:
    if isinstance(plain, bool) or not isinstance(plain, str | int):
        raise ValueError(f"{choice}: {plain!r}")
    return plain


def program_for(entry_point: str, net: NetSpec, config: TrainConfig, target: Target) -> Program:
    """The program of an entry point, with the lowerings measured as fastest on a target.

    Raises SpecError, and FileError.
    """
    return emit(entry_point, net, config, backend=target.backend, chosen=chosen_lowerings(target, entry_point))
