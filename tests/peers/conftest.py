"""Keras on JAX, which is there, before anything imports it."""

import os

os.environ.setdefault("KERAS_BACKEND", "jax")
