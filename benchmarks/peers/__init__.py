"""The peers, one file each: the network of `benchmarks.network` in their own terms."""
