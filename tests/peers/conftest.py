"""Keras on JAX, which is there, before anything imports it."""

import os

import pytest

os.environ.setdefault("KERAS_BACKEND", "jax")


def pytest_configure(config: pytest.Config) -> None:
    """Keras 3.15 does not yet follow NumPy 2 in copying."""
    config.addinivalue_line("filterwarnings", "ignore:__array__ implementation:DeprecationWarning")
