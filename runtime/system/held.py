"""Signals held back for a moment in which nothing can answer them."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

_STOPPING = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}


@contextmanager
def signals_held() -> Iterator[None]:
    """Answer what asks to stop at the end: for the loading of extension modules, which may abort when interrupted."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
