"""From a program's text to a vmfb: targets, compilation, passes over IREE's flow phase, tiling."""
