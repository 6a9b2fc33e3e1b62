"""NetSpec beside its peers, in one run. `README.md` says what is measured and how."""
