"""NetSpec compared with its peers, measured interleaved. `README.md` says what is measured and how."""
