"""NetSpec's machine: compiles programs with IREE, feeds them with images, and drives the training session."""
