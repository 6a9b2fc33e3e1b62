"""NetSpec's bundled networks, one file each."""
