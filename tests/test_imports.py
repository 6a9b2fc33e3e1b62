"""Which folder may know of which: the contracts of import-linter in pyproject.toml."""

import subprocess
import sys
from pathlib import Path


def test_each_folder_imports_only_what_stands_above_it() -> None:
    command = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run(
        [sys.executable, "-c", command], cwd=Path(__file__).parents[1], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout
