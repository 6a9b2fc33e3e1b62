"""The machine that this runs on: files, the cache, processes, CPUs, what is installed."""
