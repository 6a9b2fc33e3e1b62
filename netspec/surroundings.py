"""What may stand in the way of NetSpec's own packages, found before anything of them is loaded."""

import os
from importlib.util import find_spec
from pathlib import Path

from netspec.errors import NetSpecError
from netspec.text import shown

# The names that `pip install .` puts beside `netspec`, and that somebody else may use too.
OURS = ("emit", "runtime", "specs")
# What is loaded from elsewhere, by the name of its module.
NEEDED = ("numpy", "iree", "PIL", "safetensors", "rich", "matplotlib", "jax", "jaxlib", "click")
HOME = Path(__file__).resolve().parents[1]


def check_surroundings() -> None:
    """Raises NetSpecError where another package has one of our names, or PYTHONPATH puts others before ours."""
    for name in OURS:
        _check_ours(name)
    for entry in filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep)):
        _check_entry(Path(entry))


def _check_ours(name: str) -> None:
    found = find_spec(name)
    if found is None or found.origin is None:
        raise NetSpecError(f"{name}, a package of NetSpec, is missing in {shown(HOME)}: install NetSpec again.")
    file = Path(found.origin)
    if file.resolve().parent == HOME / name and "NetSpec" in file.read_text(encoding="utf-8", errors="replace"):
        return
    raise NetSpecError(
        f"Python finds another package of the name {name}, {shown(file)}, where NetSpec has one of its own "
        f"({shown(HOME / name)}): remove that package, or install NetSpec into an environment of its own."
    )


def _check_entry(folder: Path) -> None:
    """A folder of PYTHONPATH, which Python looks into first, may hold other packages than were installed with us."""
    if HOME.is_relative_to(folder.absolute()) or HOME.is_relative_to(folder.resolve()):
        return
    found = [name for name in NEEDED if (folder / name).is_dir() or (folder / f"{name}.py").is_file()]
    if found:
        raise NetSpecError(
            f"PYTHONPATH has {shown(folder)}, whose {', '.join(found)} would be loaded in place of what NetSpec was "
            "installed with: start netspec with PYTHONPATH unset (env -u PYTHONPATH netspec ...)."
        )
