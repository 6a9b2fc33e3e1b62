"""What all tests share."""

import signal

import pytest

from runtime.compiler import job

# A shell's background job, nohup and some CI runners ignore these signals, and so would every process started here.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

# In tests a program whose passes fail, or whose result IREE rejects, is an error, without the fallback.
job.FALLS_BACK = False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that needs the unbroken run is no fast one: its programs have to be compiled first."""
    for item in items:
        if isinstance(item, pytest.Function) and "compiled" in item.fixturenames:
            item.add_marker(pytest.mark.ordinary)
