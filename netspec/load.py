"""Spec files: a program that its user chose to run, from which one network and one recipe are taken."""

import runpy
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from netspec.check import check_config, check_net
from netspec.errors import SpecError
from netspec.language import NetSpec, TrainConfig

T = TypeVar("T")


@dataclass(frozen=True)
class Spec:
    """What a spec file says."""

    net: NetSpec
    config: TrainConfig
    source: str


def load_spec(path: Path) -> Spec:
    """Run a spec file and check what it defines. Raises SpecError."""
    if path.is_dir():
        raise SpecError(f"{path}: expected a spec file (.py), received a folder.")
    if not path.is_file():
        raise SpecError(f"{path}: there is no such spec file.")
    try:
        source = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise SpecError(f"{path}: expected Python in UTF-8, received other bytes; is it a spec file?") from None
    except OSError as wrong:
        raise SpecError(f"{path}: cannot be read: {wrong.strerror}.") from None
    if "\0" in source:  # some releases of Python 3.11 call this a ValueError of the file, others a SyntaxError
        raise SpecError(f"{path}: not valid Python: source code string cannot contain null bytes.")
    names = _run(path)
    net = _only(path, names, NetSpec, "a network: name = NetSpec(...)")
    config = _only(path, names, TrainConfig, "a recipe: config = TrainConfig(...)")
    try:
        check_net(net)
        check_config(config)
    except SpecError as wrong:
        raise SpecError(f"{path}: {wrong}") from None
    return Spec(net, config, source)


def _run(path: Path) -> dict[str, object]:
    try:
        return runpy.run_path(str(path), run_name="netspec_spec")
    except KeyboardInterrupt:
        raise
    except SyntaxError as wrong:
        place = f"{path}, line {wrong.lineno}" if wrong.lineno else str(path)
        raise SpecError(f"{place}: not valid Python: {wrong.msg}.") from None
    except BaseException as wrong:  # whatever a user's file raises, SystemExit included, is told as its mistake
        frames = traceback.extract_tb(sys.exc_info()[2])
        lines = [frame.lineno for frame in frames if frame.filename == str(path)]
        place = f"{path}, line {lines[-1]}" if lines else str(path)
        text = _text(wrong)
        raise SpecError(f"{place}: the file raised {type(wrong).__name__}{': ' + text if text else ''}.") from None


def _text(wrong: BaseException) -> str:
    try:
        return " ".join(str(wrong).split())[:300]
    except Exception:  # a spec file may define an exception whose text raises
        return ""


def _only(path: Path, names: dict[str, object], kind: type[T], wanted: str) -> T:
    found = {id(value): (name, value) for name, value in names.items() if isinstance(value, kind)}
    if not found:
        raise SpecError(f"{path}: expected one {kind.__name__}, found none; define {wanted}.")
    if len(found) > 1:
        listed = ", ".join(name for name, _ in found.values())
        raise SpecError(f"{path}: expected one {kind.__name__}, found {len(found)} ({listed}); keep one a file.")
    return next(iter(found.values()))[1]
