"""Executables on devices."""
