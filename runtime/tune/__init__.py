"""Measures which lowerings and tiles are fastest on this machine."""
