"""Explains Python's errors in a spec file in the language's terms, with what to write instead."""

import inspect
import re
import sys
from pathlib import Path

from netspec.advice import did_you_mean
from netspec.language import NetSpec, TrainConfig
from netspec.layers import LAYERS
from netspec.text import shown

_CONSTRUCTORS: dict[str, type] = {**LAYERS, "NetSpec": NetSpec, "TrainConfig": TrainConfig}
_LONGEST = 300
_MOST_WRITTEN = 16  # parameters that are written with their defaults


def explained(wrong: BaseException, folder: Path) -> str:
    """An error as the end of a sentence. `folder`: the spec file's."""
    text = _text(wrong)
    return (
        (_of_import(wrong, text, folder) if isinstance(wrong, ImportError) else None)
        or (_of_name(wrong, text) if isinstance(wrong, (NameError, AttributeError)) else None)
        or (_of_call(text) if isinstance(wrong, TypeError) else None)
        or f"the file raised {shown(type(wrong).__name__)}{': ' + text if text else ''}"
    )


def _text(wrong: BaseException) -> str:
    try:
        return shown(" ".join(str(wrong).split())[:_LONGEST], _LONGEST)
    except Exception:  # a spec file may define an exception whose text raises
        return ""


def _of_import(wrong: ImportError, text: str, folder: Path) -> str | None:
    top, _, below = str(wrong.name or "").partition(".")
    if top == "netspec":
        match = re.match(r"cannot import name '(\w+)'", text)
        name = match[1] if match else shown(below)
        return f"netspec has no {name!r}{_suggestion(name)}"
    in_folder = top and ((folder / f"{top}.py").is_file() or (folder / top).is_dir())
    taken = getattr(sys.modules.get(top), "__file__", None)
    if in_folder and taken and not Path(taken).is_relative_to(folder):
        return f"{text}: what is installed under the name {shown(top)} comes before the file beside the spec; rename it"
    if isinstance(wrong, ModuleNotFoundError) and top:
        where = f"neither installed for {shown(sys.executable)} nor beside the spec"
        return f"there is no module {shown(wrong.name)!r}: {where}"
    return None


def _of_name(wrong: NameError | AttributeError, text: str) -> str | None:
    if isinstance(wrong, AttributeError) and getattr(wrong.obj, "__name__", None) != "netspec":
        return None
    name = str(wrong.name or "")
    if isinstance(wrong, NameError) and name in _CONSTRUCTORS:
        return f"{name} is not imported; write `from netspec import {name}`"
    what = "netspec has no" if isinstance(wrong, AttributeError) else "there is no"
    return f"{what} {shown(repr(name))}{_suggestion(name)}" if name else None


def _suggestion(name: str) -> str:
    """The nearest name, or else all of them."""
    return did_you_mean(name, _CONSTRUCTORS) or f"; choose from {', '.join(_CONSTRUCTORS)}"


def _of_call(text: str) -> str | None:
    """The error in the arguments of a constructor of the language."""
    call = re.match(r"(\w+)\.__init__\(\) (.*)", text)
    constructor = _CONSTRUCTORS.get(call[1]) if call else None
    if call is None or constructor is None:
        return None
    parameters = inspect.signature(constructor).parameters
    what = call[2].rstrip(".")
    if match := re.match(r"got an unexpected keyword argument '([^']*)'", what):
        what = f"has no {match[1]!r}{did_you_mean(match[1], parameters)}"
    elif match := re.match(r"takes (?:from \d+ to )?(\d+) positional arguments? but (\d+)", what):
        what = f"takes {_counted(int(match[1]) - 1)}, received {int(match[2]) - 1}"  # without `self`
    elif match := re.match(r"missing \d+ required (?:positional |keyword-only )?arguments?: (.*)", what):
        what = f"lacks {match[1]}"
    elif match := re.match(r"got multiple values for argument '([^']*)'", what):
        what = f"received {match[1]!r} twice, by its place and by its name"
    if len(parameters) > _MOST_WRITTEN:
        return f"{call[1]} {what}; its fields are {', '.join(parameters)}"
    written = ", ".join(_written(parameter) for parameter in parameters.values())
    return f"{call[1]} {what}; write {call[1]}({written})"


def _counted(number: int) -> str:
    return f"at most {number} arguments" if number > 1 else ("one argument" if number else "no argument")


def _written(parameter: inspect.Parameter) -> str:
    needed = parameter.default is parameter.empty
    return parameter.name if needed else f"{parameter.name}={parameter.default!r}"
