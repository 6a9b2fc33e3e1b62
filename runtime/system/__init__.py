"""The machine that this runs on: files, the cache, processes, CPUs, installed packages."""
