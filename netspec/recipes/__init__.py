"""Recipes as data: TOML files with fields of `TrainConfig`, and what they are in the key `about`.

Fields that a file leaves out have their defaults. The files in this folder are chosen by their names.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, fields
from importlib.resources import files
from pathlib import Path
from typing import Any

from netspec.advice import did_you_mean
from netspec.check import check_config
from netspec.errors import SpecError
from netspec.fields import annotations, problem
from netspec.language import TrainConfig
from netspec.text import shown

LONGEST = 2**16  # bytes of a file


@dataclass(frozen=True)
class Recipe:
    """A recipe with its name, and where it comes from in a sentence."""

    name: str
    about: str
    config: TrainConfig

    def changes(self) -> dict[str, Any]:
        """The fields that are not the defaults."""
        given = {field.name: getattr(self.config, field.name) for field in fields(TrainConfig)}
        return {name: value for name, value in given.items() if value != getattr(TrainConfig(), name)}


def bundled_recipes() -> Iterator[Recipe]:
    """Those of this folder, in the order of their names."""
    for path in sorted(_folder().glob("*.toml")):
        yield _parsed(path.stem, path, path.read_bytes())


def find_recipe(text: str) -> Recipe:
    """A recipe by the name of a bundled one, or by the path of a TOML file. Raises SpecError."""
    path = Path(text)
    if path.suffix != ".toml" and len(path.parts) == 1:
        names = [each.stem for each in sorted(_folder().glob("*.toml"))]
        if text not in names:
            raise SpecError(
                f"--recipe {shown(text)}: there is no such recipe{did_you_mean(text, names)}: choose one of "
                f"{', '.join(names)}, or a file that ends in .toml."
            )
        path = _folder() / f"{text}.toml"
    try:
        if not path.is_file():
            raise SpecError(f"{shown(path)}: there is no such recipe file.")
        with path.open("rb") as file:
            content = file.read(LONGEST + 1)
    except OSError as wrong:
        raise SpecError(f"{shown(path)}: cannot be read: {wrong.strerror}.") from None
    if len(content) > LONGEST:
        raise SpecError(f"{shown(path)}: expected a recipe of at most {LONGEST} bytes, found a longer file.")
    return _parsed(path.stem, path, content)


def _folder() -> Path:
    return Path(str(files(__name__)))


def _parsed(name: str, path: Path, content: bytes) -> Recipe:
    """Raises SpecError."""
    try:
        found = tomllib.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as wrong:
        raise SpecError(f"{shown(path)}: expected TOML, found something else: {shown(wrong)}.") from None
    about, known = found.pop("about", ""), annotations(TrainConfig)
    if not isinstance(about, str):
        raise SpecError(f"{shown(path)}: about: expected a text, received {shown(repr(about))}.")
    for field, value in found.items():
        if field not in known:
            raise SpecError(
                f"{shown(path)}: TrainConfig has no field {shown(repr(field))}{did_you_mean(field, known)}: choose one "
                f"of {', '.join(known)}."
            )
        value = tuple(value) if isinstance(value, list) else value
        if expected := problem(known[field], value):
            raise SpecError(f"{shown(path)}: {field}: {expected}.")
        found[field] = value
    try:
        config = TrainConfig(**found)
        check_config(config)
    except SpecError as wrong_recipe:
        raise SpecError(f"{shown(path)}: {wrong_recipe}") from None
    return Recipe(name, about, config)
