"""Image folders in, batches out: scanned, decoded once into a cache on disk, shuffled, augmented, prefetched."""
