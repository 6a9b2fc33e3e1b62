"""Rewrites of IREE's flow phase, one a file."""
