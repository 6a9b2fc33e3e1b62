"""Spec files: Python that the user chose to run, defining networks and one recipe.

A file's networks are its NetSpec values. Where it has none they are its functions that are annotated with `-> NetSpec`
and whose parameters all have defaults; the parameter `width`, where there is one, is what `--width` sets. A name that
begins with `_` is no network's.
"""

import contextlib
import importlib
import inspect
import runpy
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import FunctionType
from typing import TypeVar, cast

from netspec.advice import did_you_mean
from netspec.check import check_config, check_net
from netspec.errors import SpecError
from netspec.explain import explained
from netspec.fields import problem
from netspec.language import NetSpec, TrainConfig, Width
from netspec.text import shown

Network = NetSpec | Callable[..., NetSpec]
T = TypeVar("T")


@dataclass(frozen=True)
class Spec:
    """A network of a spec file and its recipe, checked.

    `has_recipe`: whether the file defines a recipe; else `config` is `TrainConfig()`.
    """

    net: NetSpec
    config: TrainConfig
    source: str
    has_recipe: bool = True


def load_spec(path: str | Path, network: str | None = None, width: float | None = None) -> Spec:
    """Run a spec file and check its network, or the one of this name, of this width. Raises SpecError.

    It can import files of its own folder; installed packages come first. A network of another width than its own has
    that in its name.
    """
    path = Path(path)
    source = _read(path)
    with _importable(path.absolute().parent):
        names = _run(path)
        name, found = _chosen(path, _networks(path, names), network)
        net = _built(path, name, found, width)
    config = _recipe(path, names)
    try:
        check_net(net)
        check_config(config or TrainConfig())
    except SpecError as wrong:
        raise SpecError(f"{shown(path)}: {wrong}") from None
    return Spec(net, config or TrainConfig(), source, config is not None)


def list_networks(path: str | Path) -> dict[str, bool]:
    """The names of a spec file's networks, in its order, and whether each has a width. Raises SpecError."""
    path = Path(path)
    _read(path)
    with _importable(path.absolute().parent):
        networks = _networks(path, _run(path))
    return {name: "width" in _parameters(found) for name, found in networks.items()}


def _read(path: Path) -> str:
    """The text of a spec file. Raises SpecError."""
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
    return source


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
    with _reported(path):
        return runpy.run_path(str(path), run_name="netspec_spec")


@contextmanager
def _reported(path: Path) -> Iterator[None]:
    """Report what a spec file raises as its error. Raises SpecError."""
    try:
        with contextlib.redirect_stdout(sys.stderr):  # standard output is the command's own
            yield
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


def _networks(path: Path, names: dict[str, object]) -> dict[str, Network]:
    """The networks of a spec file, each under the first of its names. Raises SpecError where there is none."""
    public = {name: value for name, value in names.items() if name[:1] != "_"}
    values = _distinct({name: value for name, value in public.items() if isinstance(value, NetSpec)})
    if values:
        return cast(dict[str, Network], values)
    functions = {name: value for name, value in public.items() if inspect.isfunction(value) and _gives_network(value)}
    needed = {name: _needed(function) for name, function in functions.items()}
    networks = _distinct({name: function for name, function in functions.items() if not needed[name]})
    if networks:
        return cast(dict[str, Network], networks)
    for name, function in functions.items():
        raise SpecError(
            f"{_line(path, function)}: expected a network's function to have a default for every parameter, found none "
            f"for {needed[name][0]}; write def {shown(name)}({needed[name][0]}=...)."
        )
    raise SpecError(
        f"{shown(path)}: expected a NetSpec, found none; define a network: name = NetSpec(...), or, with a width, "
        f"{_with_width('name')}."
    )


def _chosen(path: Path, networks: dict[str, Network], name: str | None) -> tuple[str, Network]:
    """The network of a name, or the only one. Raises SpecError."""
    listed = ", ".join(map(shown, networks))
    if name is None and len(networks) == 1:
        return next(iter(networks.items()))
    if name is None:
        raise SpecError(
            f"{shown(path)}: has {len(networks)} networks: choose one by its name after a colon, as in "
            f"{shown(path.stem)}:{shown(next(iter(networks)))}, of {listed}."
        )
    if name not in networks:
        raise SpecError(
            f"{shown(path)}: has no network {shown(repr(name))}{did_you_mean(name, networks)}: choose one of {listed}."
        )
    return name, networks[name]


def _built(path: Path, name: str, network: Network, width: float | None) -> NetSpec:
    """The NetSpec of a network. Raises SpecError."""
    if width is not None:
        if wrong := problem(Width, width):
            raise SpecError(f"{shown(path)}: width: {wrong}.")
        if "width" not in _parameters(network):
            raise SpecError(
                f"{shown(path)}: {shown(name)} has no width: leave --width out, or write its channels in the spec as "
                f"they depend on one: {_with_width(shown(name))}."
            )
    if isinstance(network, NetSpec):
        return network
    with _reported(path):
        net: object = network() if width is None else network(width=width)
    if not isinstance(net, NetSpec):
        raise SpecError(
            f"{_line(path, network)}: expected {shown(name)}() to return a NetSpec, received "
            f"{shown(type(net).__name__)}."
        )
    if width is None or not isinstance(net.name, str):
        return net
    own = _parameters(network)["width"].default
    same = isinstance(own, (int, float)) and own == width
    return net if same else replace(net, name=f"{net.name} {width:g}")


def _with_width(name: str) -> str:
    return f"def {name}(width: float = 1.0) -> NetSpec: return NetSpec(...)"


def _recipe(path: Path, names: dict[str, object]) -> TrainConfig | None:
    """The one recipe of a spec file, under any number of names. Raises SpecError where there are several."""
    recipes = _distinct({name: value for name, value in names.items() if isinstance(value, TrainConfig)})
    if len(recipes) > 1:
        listed = shown(", ".join(recipes))
        raise SpecError(f"{shown(path)}: expected one TrainConfig, found {len(recipes)} ({listed}); keep one a file.")
    return next(iter(recipes.values()), None)


def _distinct(named: dict[str, T]) -> dict[str, T]:
    """Each object once, under the first of its names."""
    first: dict[int, str] = {}
    for name, value in named.items():
        first.setdefault(id(value), name)
    return {name: named[name] for name in first.values()}


def _gives_network(function: FunctionType) -> bool:
    """Whether a function is annotated with `-> NetSpec`, also as a text."""
    annotation = function.__annotations__.get("return")
    return annotation is NetSpec or (isinstance(annotation, str) and annotation.rpartition(".")[2] == "NetSpec")


def _parameters(network: Network) -> Mapping[str, inspect.Parameter]:
    """Those of a network's function."""
    if isinstance(network, NetSpec):
        return {}
    try:
        return inspect.signature(network).parameters
    except (TypeError, ValueError):  # a spec file may give a function another signature
        return {}


def _needed(function: Network) -> list[str]:
    """The parameters that have no default."""
    several = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    parameters = _parameters(function).values()
    return [each.name for each in parameters if each.default is each.empty and each.kind not in several]


def _line(path: Path, function: Network) -> str:
    """File and line of a function; the file alone where that is another's."""
    code = getattr(function, "__code__", None)
    return f"{shown(path)}, line {code.co_firstlineno}" if code and code.co_filename == str(path) else shown(path)
