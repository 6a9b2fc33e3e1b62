"""A plugin of pytest's: what has passed is written to a file as it passes, and is left out when the run begins again.

    pytest -p tests.resume --passed FILE

The file goes when all have passed. Whether it is of the same code is for the caller to know: see `bin/test`.
"""

from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--passed", type=Path, help="a file of the tests that have passed; they are left out")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    passed = _read(config)
    left_out = [item for item in items if item.nodeid in passed]
    items[:] = [item for item in items if item.nodeid not in passed]
    config.hook.pytest_deselected(items=left_out)


def pytest_report_header(config: pytest.Config) -> str | None:
    passed = _read(config)
    return f"resumed: {len(passed)} tests have passed before" if passed else None


class _Keeper:
    """Of the process that reports: with xdist, not one of its workers."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and report.passed:
            with self._file.open("a", encoding="utf-8") as file:
                file.write(f"{report.nodeid}\n")

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        if exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            self._file.unlink(missing_ok=True)


def pytest_configure(config: pytest.Config) -> None:
    file = config.getoption("passed")
    if file is not None and not hasattr(config, "workerinput"):
        file.parent.mkdir(parents=True, exist_ok=True)
        config.pluginmanager.register(_Keeper(file))


def _read(config: pytest.Config) -> set[str]:
    file = config.getoption("passed")
    return set(file.read_text(encoding="utf-8").splitlines()) if file is not None and file.is_file() else set()
