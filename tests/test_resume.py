"""A part of the slow tests that was stopped goes on where it stood."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.ordinary

ROOT = Path(__file__).parent.parent
TRIAL = """
import pathlib
import pytest

@pytest.mark.parametrize("number", range(4))
def test_number(number):
    log = pathlib.Path(__file__).with_name("log")
    with log.open("a") as file:
        print(number, file=file)
    assert number != 2 or pathlib.Path(__file__).with_name("mended").exists()
"""


def run(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.resume", "--passed", "kept/passed", *options]
    environment = {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "PATH": ""}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_what_has_passed_is_left_out_when_a_part_is_run_again_and_all_of_it_is_run_once_all_has(tmp_path: Path) -> None:
    (tmp_path / "test_trial.py").write_text(TRIAL)
    log = tmp_path / "log"
    assert run(tmp_path, "-n", "2").returncode == 1
    assert sorted(log.read_text().split()) == ["0", "1", "2", "3"]
    (tmp_path / "mended").touch()
    log.unlink()
    again = run(tmp_path)
    assert (again.returncode, log.read_text().split()) == (0, ["2"]), again.stdout
    assert not (tmp_path / "kept/passed").exists()
    log.unlink()
    assert run(tmp_path).returncode == 0
    assert log.read_text().split() == ["0", "1", "2", "3"]


def test_a_part_that_is_not_there_is_refused_with_the_names_of_those_that_are() -> None:
    ran = subprocess.run(
        [sys.executable, "bin/test", "slow", "nonsense"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stdout) == (1, "")
    assert (
        "there is no part nonsense of the slow tests: choose one of networks, mutations, random-programs" in ran.stderr
    )
