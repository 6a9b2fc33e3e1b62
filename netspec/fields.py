"""Fields of the language's dataclasses: declared by annotation, checked here."""

import dataclasses
import math
import sys
import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from netspec.advice import did_you_mean
from netspec.errors import SpecError
from netspec.text import shown


@dataclass(frozen=True)
class Between:
    """Bounds of a number, as part of its annotation. `below` and `above` exclude their ends."""

    least: float
    most: float = math.inf
    below: float = math.inf
    above: float = -math.inf

    def holds(self, value: float) -> bool:
        """Whether a number is within the bounds. NaN never is."""
        return self.least <= value <= self.most and value < self.below and value > self.above

    def __str__(self) -> str:
        low = f"above {self.above:g}" if self.above > -math.inf else f"at least {self.least:g}"
        if self.below < math.inf:
            return f"{low} and below {self.below:g}"
        return f"{low} and at most {self.most:g}" if self.most < math.inf else low


def problem(annotation: Any, value: object) -> str | None:
    """The error of a value, "expected ..., received ..."; None when it is valid."""
    if _fits(annotation, value):
        return None
    return f"expected {_words(annotation)}, received {_shown(value)}"


def annotations(cls: type) -> dict[str, Any]:
    """The annotations of a dataclass's fields, in order, with their bounds."""
    hints = get_type_hints(cls, include_extras=True)
    return {field.name: hints[field.name] for field in dataclasses.fields(cls)}


def parse(annotation: Any, text: str) -> object:
    """Parse a value from a command line. Raises ValueError, which says what was expected."""
    lowered = text.strip().lower()
    some = [each for each in get_args(annotation) if each is not type(None)]
    if get_origin(annotation) in (Union, types.UnionType) and len(some) == 1:
        if lowered == "none":
            return None
        base = some[0]
    else:
        base = annotation
    base = get_args(base)[0] if get_origin(base) is Annotated else base
    value: object = text
    if get_origin(base) is Sequence:
        value = _numbers(text)
    elif base is bool:
        value = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}.get(lowered, text)
    elif base in (int, float):
        try:
            value = base(text)
        except ValueError:
            value = text
    if wrong := problem(annotation, value):
        raise ValueError(wrong)
    return value


def _numbers(text: str) -> object:
    """`0.5,0.5,0.5`, also in brackets, as a tuple; the text itself where it is none."""
    try:
        return tuple(float(each) for each in text.strip("[]() ").split(","))
    except ValueError:
        return text


def parse_fields(cls: type, settings: Mapping[str, str]) -> dict[str, Any]:
    """Values of a dataclass's fields from texts, as on a command line. Raises SpecError."""
    known, values = annotations(cls), {}
    for name, text in settings.items():
        if name not in known:
            raise SpecError(
                f"{cls.__name__} has no field {shown(repr(name))}{did_you_mean(name, known)}: choose one of "
                f"{', '.join(known)}."
            )
        try:
            values[name] = parse(known[name], text)
        except ValueError as wrong:
            raise SpecError(f"{cls.__name__}.{name}: {wrong}.") from None
    return values


def _fits(annotation: Any, value: object) -> bool:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        if not _fits(arguments[0], value):
            return False
        return isinstance(value, (int, float)) and all(bound.holds(value) for bound in arguments[1:])
    if origin is Literal:
        fits = any(isinstance(value, type(choice)) and value == choice for choice in arguments)
        return fits and not isinstance(value, bool)
    if origin in (Union, types.UnionType):
        return any(_fits(member, value) for member in arguments)
    if origin in (tuple, Sequence):
        return isinstance(value, tuple) and all(_fits(arguments[0], member) for member in value)
    if annotation is float:
        # Compared, not converted: a whole number may be too large for a float. NaN compares false.
        return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= sys.float_info.max
    if annotation is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, annotation)


_NAMES = {int: "a whole number", float: "a number", bool: "True or False", str: "a text", type(None): "None"}


def _words(annotation: Any) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return f"{_words(arguments[0])} {' and '.join(map(str, arguments[1:]))}"
    if origin is Literal:
        if all(isinstance(choice, int) for choice in arguments):
            return " or ".join(map(str, arguments))
        return "one of " + ", ".join(f'"{choice}"' for choice in arguments)
    if origin in (Union, types.UnionType):
        return " or ".join(_words(member) for member in arguments)
    if origin in (tuple, Sequence):
        return f"a list of {_plural(arguments[0])}"
    return _NAMES.get(annotation) or str(annotation.__name__)


def _plural(annotation: Any) -> str:
    if get_origin(annotation) is Annotated:
        number, *bounds = get_args(annotation)
        return f"{'whole ' if number is int else ''}numbers {' and '.join(map(str, bounds))}"
    return f"lists of {_plural(get_args(annotation)[0])}" if get_args(annotation) else f"{annotation.__name__.lower()}s"


def _shown(value: object, limit: int = 60) -> str:
    try:
        text = repr(value)
    except Exception:  # a spec file may define a class whose repr raises
        text = "a value that cannot be shown"
    text = shown(text if len(text) <= limit else text[:limit] + "...")
    return text if isinstance(value, (int, float, str, bool, type(None))) else f"{text} ({type(value).__name__})"
