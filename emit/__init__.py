"""NetSpec's compiler: a checked network in, readable StableHLO text and its manifest out.

Pure: no file, clock or device is read.
"""
