"""Spec files: Python that the user chose to run, defining one network and one recipe."""

import contextlib
import importlib
import runpy
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from netspec.check import check_config, check_net
from netspec.errors import SpecError
from netspec.explain import explained
from netspec.language import NetSpec, TrainConfig
from netspec.text import shown

T = TypeVar("T")


@dataclass(frozen=True)
class Spec:
    """A loaded spec file. `has_recipe`: whether it defines a recipe; else `config` is `TrainConfig()`."""

    net: NetSpec
    config: TrainConfig
    source: str
    has_recipe: bool = True


def load_spec(path: str | Path) -> Spec:
    """Run a spec file and check what it defines. Raises SpecError.

    It can import files of its own folder; installed packages come first.
    """
    path = Path(path)
    try:
        if path.is_dir():
            raise SpecError(f"{shown(path)}: expected a spec file (.py), received a folder.")
        if not path.is_file():
            raise SpecError(f"{shown(path)}: there is no such spec file.")
        source = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise SpecError(f"{shown(path)}: expected Python in UTF-8, received other bytes; is it a spec file?") from None
    except OSError as wrong:
        raise SpecError(f"{shown(path)}: cannot be read: {wrong.strerror}.") from None
    if "\0" in source:  # some releases of Python 3.11 call this a ValueError of the file, others a SyntaxError
        raise SpecError(f"{shown(path)}: not valid Python: source code string cannot contain null bytes.")
    with _importable(path.absolute().parent):
        names = _run(path)
    nets, configs = _defined(path, names, NetSpec), _defined(path, names, TrainConfig)
    if not nets:
        raise SpecError(f"{shown(path)}: expected one NetSpec, found none; define a network: name = NetSpec(...).")
    net, config = nets[0], configs[0] if configs else TrainConfig()
    try:
        check_net(net)
        check_config(config)
    except SpecError as wrong:
        raise SpecError(f"{shown(path)}: {wrong}") from None
    return Spec(net, config, source, bool(configs))


@contextmanager
def _importable(folder: Path) -> Iterator[None]:
    """Make modules of a folder importable, after all others; undone at the end, imported modules included."""
    paths, modules, bytecode = list(sys.path), set(sys.modules), sys.dont_write_bytecode
    if str(folder) not in paths:
        sys.path.append(str(folder))
    sys.dont_write_bytecode = True
    importlib.invalidate_caches()
    try:
        yield
    finally:
        # The spec may have added some of its own.
        added = {str(Path(entry).absolute()) for entry in sys.path if isinstance(entry, str) and entry not in paths}
        sys.path[:], sys.dont_write_bytecode = paths, bytecode
        for entry in added:
            sys.path_importer_cache.pop(entry, None)
        new = {name.partition(".")[0] for name in sys.modules if name not in modules}
        theirs = {name for name in new - modules if _places(name) & added}
        for name in [name for name in sys.modules if name.partition(".")[0] in theirs]:
            del sys.modules[name]


def _places(name: str) -> set[str]:
    """The entries of the search path that a module was found in."""
    spec = getattr(sys.modules.get(name), "__spec__", None)
    locations = list(getattr(spec, "submodule_search_locations", None) or filter(None, [getattr(spec, "origin", None)]))
    return {str(Path(location).absolute().parent) for location in locations}


def _run(path: Path) -> dict[str, object]:
    try:
        with contextlib.redirect_stdout(sys.stderr):  # standard output is the command's own
            return runpy.run_path(str(path), run_name="netspec_spec")
    except KeyboardInterrupt:
        raise
    except SyntaxError as wrong:
        file = shown(wrong.filename or path)
        position = f"{file}, line {wrong.lineno}" if wrong.lineno else file
        raise SpecError(f"{position}: not valid Python: {shown(wrong.msg)}.") from None
    except BaseException as wrong:  # whatever a user's file raises, SystemExit included, is reported as its error
        raise SpecError(f"{_place(path)}: {explained(wrong, path.absolute().parent)}.") from None


def _place(path: Path) -> str:
    """File and line of the error being handled; also those of a file beside the spec that raised it."""
    frames = traceback.extract_tb(sys.exc_info()[2])
    lines = [frame.lineno for frame in frames if frame.filename == str(path)]
    position = f"{shown(path)}, line {lines[-1]}" if lines else shown(path)
    last = Path(frames[-1].filename)
    beside = last.name != path.name and last.parent == path.absolute().parent
    return f"{position}, {shown(last.name)}, line {frames[-1].lineno}" if beside else position


def _defined(path: Path, names: dict[str, object], kind: type[T]) -> list[T]:
    """The one object of a kind that a spec file defines, under any number of names; none where it defines none."""
    objects = {id(value): (name, value) for name, value in names.items() if isinstance(value, kind)}
    if len(objects) > 1:
        listed = shown(", ".join(str(name) for name, _ in objects.values()))
        raise SpecError(
            f"{shown(path)}: expected one {kind.__name__}, found {len(objects)} ({listed}); keep one a file."
        )
    return [value for _, value in objects.values()]
