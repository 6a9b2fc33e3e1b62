"""Checks, before they are imported, that NetSpec's packages are not shadowed by others."""

import os
from importlib.util import find_spec
from pathlib import Path

from netspec.errors import NetSpecError
from netspec.text import shown

# Top-level packages installed with `netspec`, whose names others may use too.
OURS = ("emit", "runtime", "specs")
# Modules of other projects that are imported.
NEEDED = ("numpy", "iree", "PIL", "safetensors", "rich", "matplotlib", "jax", "jaxlib", "click")
HOME = Path(__file__).resolve().parents[1]


def check_surroundings() -> None:
    """Raises NetSpecError where another package has one of our names, or PYTHONPATH puts others before ours."""
    for name in OURS:
        _check_ours(name)
    for entry in filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep)):
        _check_entry(Path(entry))


def _check_ours(name: str) -> None:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise NetSpecError(f"{name}, a package of NetSpec, is missing in {shown(HOME)}: install NetSpec again.")
    file = Path(spec.origin)
    if file.resolve().parent == HOME / name and "NetSpec" in file.read_text(encoding="utf-8", errors="replace"):
        return
    raise NetSpecError(
        f"Python finds another package of the name {name}, {shown(file)}, where NetSpec has one of its own "
        f"({shown(HOME / name)}): remove that package, or install NetSpec into an environment of its own."
    )


def _check_entry(folder: Path) -> None:
    """Raises NetSpecError where a folder of PYTHONPATH shadows packages that NetSpec needs."""
    if HOME.is_relative_to(folder.absolute()) or HOME.is_relative_to(folder.resolve()):
        return
    shadowing = [name for name in NEEDED if (folder / name).is_dir() or (folder / f"{name}.py").is_file()]
    if shadowing:
        raise NetSpecError(
            f"PYTHONPATH has {shown(folder)}, whose {', '.join(shadowing)} would be loaded in place of what NetSpec "
            "was installed with: start netspec with PYTHONPATH unset (env -u PYTHONPATH netspec ...)."
        )
