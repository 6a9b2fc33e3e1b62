"""The launchers and the README of a checkout."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_what_lies_in_the_users_folder_is_not_imported(tmp_path: Path) -> None:
    for name in ("runtime", "specs", "emit", "netspec"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('imported')\n")
    (tmp_path / "random.py").write_text("raise SystemExit('imported')\n")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-P", "-m", "netspec.cli", "summary", "tiny"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert "batch norms" in done.stdout
    assert '"-P", "-m"' in (ROOT / "bin/environment.py").read_text()


def test_every_file_that_the_readmes_name_is_there() -> None:
    for readme in (ROOT / "README.md", ROOT / "docs/README.md"):
        text = readme.read_text()
        for link in re.findall(r"\]\((?!http)([^)#]+)\)", text):
            assert (readme.parent / link).exists(), link
        assert not re.findall(r"@[A-Z]+@", text)


def test_the_lock_files_pin_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    locked = (ROOT / "bin/lock/dev.txt").read_text()
    assert len(asked) >= 14
    assert [pin for pin in asked if f"{pin} " not in locked] == []
