"""The launchers and the README of a checkout."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

import netspec.__main__
from netspec import load_spec
from netspec.surroundings import OURS
from specs.mobilenet_v2 import mobilenetV2, mobilenetV2Config

ROOT = Path(__file__).parent.parent


def test_what_lies_in_the_users_folder_is_not_imported(tmp_path: Path) -> None:
    for name in ("runtime", "specs", "emit", "netspec"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('imported')\n")
    (tmp_path / "random.py").write_text("raise SystemExit('imported')\n")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-P", "-m", "netspec", "summary", "tiny"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert "batch norms" in done.stdout
    assert '"-P", "-m"' in (ROOT / "bin/environment.py").read_text()


def test_every_file_that_the_readmes_name_is_there() -> None:
    for readme in (ROOT / "README.md", ROOT / "docs/README.md"):
        text = readme.read_text()
        for link in re.findall(r"\]\((?!http)([^)#]+)\)", text):
            assert (readme.parent / link).exists(), link
        assert not re.findall(r"@[A-Z]+@", text)


def test_the_spec_in_the_readme_is_the_bundled_one_and_needs_no_recipe(tmp_path: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    (tmp_path / "spec.py").write_text(blocks[0])
    spec = load_spec(tmp_path / "spec.py")
    assert (spec.net, spec.config, spec.has_recipe) == (mobilenetV2(), mobilenetV2Config, False)


def test_the_command_of_an_installation_is_the_front_door_and_its_packages_are_those_that_are_looked_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["project"]["scripts"] == {"netspec": "netspec.__main__:main"}
    assert callable(netspec.__main__.main)
    included = project["tool"]["setuptools"]["packages"]["find"]["include"]
    assert {name.removesuffix("*") for name in included} == {"netspec", *OURS}


def test_the_lock_files_pin_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    assert {file.stem for file in (ROOT / "bin/lock").glob("*.txt")} == {"run", *extras}
    extras["dev"] += extras["weights"]
    extras["peers"] += extras["dev"]
    for name, asked in {"run": [], **extras}.items():
        locked = (ROOT / f"bin/lock/{name}.txt").read_text()
        pins = [*project["dependencies"], *asked]
        assert len(pins) >= 10
        assert [pin for pin in pins if f"{pin} " not in locked] == [], name


def test_a_foreign_package_of_one_of_our_names_is_reported_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "runtime").mkdir()
    (tmp_path / "runtime/__init__.py").write_text("raise SystemExit('imported')\n")
    done = started(tmp_path, "summary", "tiny", PYTHONPATH=f"{tmp_path}{os.pathsep}{ROOT}")
    assert done.returncode == 1
    assert done.stderr == (
        f"netspec: Python finds another package of the name runtime, {tmp_path}/runtime/__init__.py, where NetSpec has "
        f"one of its own ({ROOT}/runtime): remove that package, or install NetSpec into an environment of its own.\n"
    )


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda file: file.write_text('"""Somebody else\'s."""\n'), "Python finds another package of the name emit, "),
        (lambda file: file.unlink(), "emit, a package of NetSpec, is missing in "),
    ],
)
def test_a_package_of_ours_that_another_one_has_overwritten_is_reported(
    damage: Callable[[Path], object], said: str, tmp_path: Path
) -> None:
    for name in ("netspec", "emit", "runtime", "specs"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    assert started(tmp_path, "--version", PYTHONPATH=str(tmp_path)).returncode == 0
    damage(tmp_path / "emit/__init__.py")
    done = started(tmp_path, "--version", PYTHONPATH=str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.startswith(f"netspec: {said}")


def test_another_numpy_in_the_search_path_is_reported_before_it_is_loaded(tmp_path: Path) -> None:
    other = foreign_numpy(tmp_path)
    done = started(tmp_path, "summary", "tiny", PYTHONPATH=f"{other}{os.pathsep}{ROOT}")
    assert done.returncode == 1
    assert done.stderr == (
        f"netspec: PYTHONPATH has {other}, whose numpy would be loaded in place of what NetSpec was installed with: "
        "start netspec with PYTHONPATH unset (env -u PYTHONPATH netspec ...).\n"
    )


def test_the_launcher_of_a_checkout_leaves_the_search_path_of_the_shell_out(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(foreign_numpy(tmp_path)), "NETSPEC_CACHE": str(tmp_path / "cache")}
    command = [str(ROOT / "bin/netspec"), "emit", "tiny", "evaluate"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("// Tiny: ")


def foreign_numpy(folder: Path) -> Path:
    other = folder / "opt/ros/dist-packages"
    (other / "numpy").mkdir(parents=True)
    (other / "numpy/__init__.py").write_text("raise SystemExit('another Python has loaded this')\n")
    return other


def started(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "netspec", *arguments]
    environment = {**os.environ, **variables}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
